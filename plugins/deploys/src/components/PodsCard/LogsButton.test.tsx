import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor } from '@testing-library/react';
import { setupServer } from 'msw/node';
import { renderOrders, serveOrders } from '../../__testUtils__';
import { PodsCard } from './PodsCard';

const server = setupServer();
registerMswTestHooks(server);

// In a file of its own: decisions of the permission framework are remembered between the tests of a file.
describe('the button Logs', () => {
  it('is hidden from whoever may never read logs', async () => {
    serveOrders(server);
    renderOrders(<PodsCard />, { mayReadLogs: false });
    expect(await screen.findByText('orders-blue-1')).toBeInTheDocument();
    await waitFor(() =>
      expect(
        screen.queryByRole('button', { name: 'Logs' }),
      ).not.toBeInTheDocument(),
    );
    expect(
      screen.getAllByRole('button', { name: 'Copy kubectl exec line' }),
    ).not.toHaveLength(0);
  });
});

import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { setupServer } from 'msw/node';
import {
  aRun,
  aRunsState,
  minutesAgo,
  renderOrders,
  serveOrders,
} from '../../__testUtils__';
import { DeployContent } from './DeployContent';

const server = setupServer();
registerMswTestHooks(server);

const strip = () => screen.queryByRole('region', { name: 'Run #412' });

describe('the strip of a run', () => {
  it('stays with the result when the run ends, until it is put away', async () => {
    const backend = serveOrders(server, {
      runs: aRunsState({ active: [aRun()] }),
    });
    const { signals } = renderOrders(<DeployContent />);
    await waitFor(() => expect(strip()).toHaveTextContent('Running'));
    backend.runs = aRunsState({
      hash: 'r2',
      recent: [
        aRun({
          status: 'failed',
          cause: 'The pods of prod-blue crash',
          finishedAt: minutesAgo(0),
        }),
      ],
    });
    act(() => signals.ring('runs:entity:x1', { hash: 'r2' }));
    await waitFor(() => expect(strip()).toHaveTextContent('Failed'));
    expect(strip()).toHaveTextContent('The pods of prod-blue crash');
    await userEvent.click(
      screen.getByRole('button', { name: 'Put run #412 away' }),
    );
    expect(strip()).not.toBeInTheDocument();
  });

  it('is not there for a run that had ended before', async () => {
    serveOrders(server, {
      runs: aRunsState({
        recent: [aRun({ status: 'succeeded', finishedAt: minutesAgo(1) })],
      }),
    });
    renderOrders(<DeployContent />);
    expect(await screen.findByText(/#412 Ship v5\.3\.25/)).toBeInTheDocument();
    expect(strip()).not.toBeInTheDocument();
  });
});

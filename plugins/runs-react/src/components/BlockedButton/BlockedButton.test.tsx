import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { lockBlocker } from '../../__testUtils__';
import { renderWithRuns } from '../../__testUtils__/renderWithRuns';
import { BlockedButton } from './BlockedButton';

const allowed = { title: 'Hotfix', visible: true, allowed: true, blockers: [] };

describe('BlockedButton', () => {
  it('is a plain button when nothing blocks', async () => {
    const onClick = jest.fn();
    renderWithRuns(
      <BlockedButton action={allowed} onClick={onClick}>
        Hotfix…
      </BlockedButton>,
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Hotfix…' }),
    );
    expect(onClick).toHaveBeenCalledTimes(1);
    expect(screen.queryByText('Why?')).not.toBeInTheDocument();
  });

  it('stays when blocked, says why and who can change that, and lists all of it', async () => {
    const onClick = jest.fn();
    renderWithRuns(
      <BlockedButton
        action={{
          ...allowed,
          allowed: false,
          blockers: [
            lockBlocker,
            {
              type: 'sync-window',
              what: 'Sync window closed',
              why: 'No syncs on Saturdays.',
              liftedBy: ['an admin of Argo CD'],
            },
          ],
        }}
        onClick={onClick}
      >
        Hotfix…
      </BlockedButton>,
    );
    const button = await screen.findByRole('button', { name: 'Hotfix…' });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(
      'Locked: Black Friday rehearsal. Can be lifted by omar. And 1 more.',
    );

    await userEvent.hover(button.parentElement!);
    expect(await screen.findByRole('tooltip')).toHaveTextContent(
      'Locked: Black Friday rehearsal. Can be lifted by omar.',
    );

    await userEvent.tab();
    const why = screen.getByRole('button', {
      name: 'Why? Hotfix is not possible now',
    });
    expect(why).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    const dialog = await screen.findByRole('dialog', {
      name: 'Hotfix is not possible now',
    });
    expect(within(dialog).getByText('Sync window closed')).toBeInTheDocument();
    expect(within(dialog).getByText('omar').closest('a')).toHaveAttribute(
      'href',
      '/catalog/default/user/omar',
    );
    expect(within(dialog).getByText(/an admin of Argo CD/)).toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    expect(onClick).not.toHaveBeenCalled();
  });

  it('leads to the reasons itself where there is no room for a link beside it', async () => {
    const onClick = jest.fn();
    renderWithRuns(
      <BlockedButton
        compact
        action={{
          title: 'Opening a terminal',
          allowed: false,
          blockers: [
            {
              type: 'permission',
              what: 'Not permitted',
              why: 'You may not open terminals there.',
              ask: ['group:default/storefront'],
            },
          ],
        }}
        onClick={onClick}
      >
        Terminal
      </BlockedButton>,
    );
    const button = await screen.findByRole('button', { name: 'Terminal' });
    expect(screen.getAllByRole('button')).toEqual([button]);
    expect(button).toHaveAttribute('aria-disabled', 'true');
    expect(button).toHaveAccessibleDescription(
      'Not permitted: You may not open terminals there. Ask storefront for it.',
    );
    await userEvent.tab();
    await userEvent.keyboard('{Enter}');
    const dialog = await screen.findByRole('dialog', {
      name: 'Opening a terminal is not possible now',
    });
    expect(within(dialog).getByText('storefront').closest('a')).toHaveAttribute(
      'href',
      '/catalog/default/group/storefront',
    );
    expect(onClick).not.toHaveBeenCalled();
  });

  it('is hidden from somebody who could never use it', async () => {
    renderWithRuns(
      <div>
        <BlockedButton
          action={{ ...allowed, visible: false, allowed: false }}
          onClick={jest.fn()}
        />
        rest of the card
      </div>,
    );
    await screen.findByText('rest of the card');
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });

  it('is disabled without a reason while nothing is known', async () => {
    renderWithRuns(
      <BlockedButton action={undefined} onClick={jest.fn()}>
        Hotfix…
      </BlockedButton>,
    );
    expect(
      await screen.findByRole('button', { name: 'Hotfix…' }),
    ).toBeDisabled();
    expect(screen.queryByText('Why?')).not.toBeInTheDocument();
  });
});

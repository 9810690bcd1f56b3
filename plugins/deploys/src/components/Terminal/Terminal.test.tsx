import {
  TerminalOptions,
  TerminalServerMessage,
} from '@switchyard/backstage-plugin-deploys-common';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { aPod, aWorkload, ORDERS } from '../../__testUtils__';
import {
  TerminalApi,
  terminalApiRef,
  TerminalConnection,
  TerminalListener,
} from '../../api';
import { ArrangedPod } from '../PodsCard/arrangePods';
import { TerminalButtons, TerminalHost } from '.';

const screens: FakeScreen[] = [];

/** What of xterm is used; jsdom has no sizes that the real one could fit into. */
class FakeScreen {
  cols = 80;
  rows = 24;
  options: Record<string, unknown> = {};
  written = '';
  textarea = document.createElement('textarea');
  type: (text: string) => void = () => {};
  disposed = false;
  constructor() {
    screens.push(this);
  }
  loadAddon() {}
  open(element: HTMLElement) {
    element.append(this.textarea);
  }
  onData(listener: (text: string) => void) {
    this.type = listener;
  }
  onResize() {}
  attachCustomKeyEventHandler() {}
  write(data: Uint8Array) {
    this.written += new TextDecoder().decode(data);
  }
  reset() {
    this.written = '';
  }
  focus() {
    this.textarea.focus();
  }
  dispose() {
    this.disposed = true;
  }
}
jest.mock('@xterm/xterm', () => ({
  Terminal: jest.fn(() => new FakeScreen()),
}));
jest.mock('@xterm/addon-fit', () => ({
  FitAddon: class {
    fit() {}
  },
}));

class FakeTerminals implements TerminalApi {
  options: TerminalOptions = {
    enabled: true,
    idleMinutes: 10,
    maxMinutes: 60,
    shells: ['sh'],
    commands: [
      {
        name: 'Files',
        description: 'What lies in a folder',
        command: ['ls'],
        arguments: [{ name: 'folder', pattern: '/[a-z]+', optional: false }],
      },
    ],
    reasonOptionalIn: ['development'],
  };
  error: Error | undefined;
  asked: Array<Parameters<TerminalApi['open']>> = [];
  connections: Array<jest.Mocked<TerminalConnection>> = [];

  getOptions = async () => this.options;
  open = async (...args: Parameters<TerminalApi['open']>) => {
    if (this.error) throw this.error;
    this.asked.push(args);
    const connection = { type: jest.fn(), resize: jest.fn(), close: jest.fn() };
    this.connections.push(connection);
    return connection;
  };
  get listener(): TerminalListener {
    return this.asked[this.asked.length - 1][2];
  }
  say(message: TerminalServerMessage) {
    act(() => this.listener.onMessage(message));
  }
  show(text: string) {
    act(() => this.listener.onOutput(new TextEncoder().encode(text), 'stdout'));
  }
  end(
    message: string,
    reason: 'idle' | 'pod-gone' | 'exit',
    exitCode?: number,
  ) {
    this.say({ type: 'ended', reason, message, exitCode });
    act(() => this.listener.onClose());
  }
}

const opened: Extract<TerminalServerMessage, { type: 'opened' }> = {
  type: 'opened',
  container: 'orders',
  command: ['sh'],
  endsInSeconds: 3600,
};

function render(
  api: FakeTerminals,
  options: { environment?: string; allowed?: boolean; consent?: boolean } = {},
) {
  const {
    environment = 'production',
    allowed = true,
    consent = true,
  } = options;
  const place = { environment, cluster: 'prod-blue', visible: true };
  const grant = allowed
    ? { ...place, allowed: true as const }
    : {
        ...place,
        allowed: false as const,
        why: 'You may not open terminals here.',
        ask: ['group:default/storefront'],
      };
  const pod = aPod('orders-1');
  const arranged: ArrangedPod = {
    key: pod.uid,
    pod,
    condition: 'ready',
    cluster: 'prod-blue',
    workload: aWorkload([pod]),
    consent: { given: consent, why: 'Application orders names no entity' },
    logs: { ...place, allowed: true },
    stale: false,
  };
  const view = renderInTestApp(
    <TerminalHost
      entityRef={ORDERS}
      state={{ terminals: [grant], commands: [grant] }}
    >
      <TerminalButtons pod={arranged} />
    </TerminalHost>,
    { apis: [[terminalApiRef, api]] },
  );
  return view;
}

beforeEach(() => {
  screens.length = 0;
  global.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  } as never;
});

describe('a terminal', () => {
  async function openTerminal(api: FakeTerminals) {
    await userEvent.click(
      await screen.findByRole('button', { name: 'Terminal' }),
    );
    const dialog = await screen.findByRole('dialog', {
      name: 'Terminal in orders-1',
    });
    await within(dialog).findByText(/Ends after 10 minutes without a key/);
    await userEvent.type(
      within(dialog).getByLabelText(/^Reason/),
      'checkout is slow',
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Open terminal' }),
    );
    await waitFor(() => expect(api.asked).toHaveLength(1));
    return dialog;
  }

  it('asks for a reason, connects, shows and types, and says why it ended', async () => {
    const api = new FakeTerminals();
    render(api);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Terminal' }),
    );
    const button = await screen.findByRole('button', { name: 'Open terminal' });
    expect(button).toBeDisabled();
    await userEvent.click(
      screen.getByRole('button', { name: 'Close terminal' }),
    );
    const dialog = await openTerminal(api);
    const [place, request] = api.asked[0];
    expect([place, request]).toEqual([
      {
        entityRef: ORDERS,
        cluster: 'prod-blue',
        namespace: 'storefront',
        pod: 'orders-1',
      },
      { kind: 'terminal', container: 'orders', reason: 'checkout is slow' },
    ]);
    expect(within(dialog).getByRole('status')).toHaveTextContent('Connecting');
    api.say(opened);
    expect(within(dialog).getByRole('status')).toHaveTextContent('Connected');
    const terminal = screens[screens.length - 1];
    expect(api.connections[0].resize).toHaveBeenCalledWith({
      columns: 80,
      rows: 24,
    });
    api.show('/app $ ');
    expect(terminal.written).toBe('/app $ ');
    act(() => terminal.type('ls\r'));
    expect(api.connections[0].type).toHaveBeenCalledWith('ls\r');
    api.say({ type: 'idle-soon', endsInSeconds: 60 });
    expect(within(dialog).getByRole('status')).toHaveTextContent(
      'Ends in a minute',
    );
    api.end('Ended: idle for 10 minutes', 'idle');
    expect(within(dialog).getByRole('status')).toHaveTextContent(
      'Ended: idle for 10 minutes',
    );
    // What was shown stays, nothing is opened by itself.
    expect(terminal.written).toBe('/app $ ');
    expect(terminal.options.disableStdin).toBe(true);
    expect(api.asked).toHaveLength(1);
    expect(
      within(dialog).getByRole('button', { name: 'Open again' }),
    ).toBeEnabled();
  });

  it('keeps what runs when Escape is pressed, and ends it when it is closed', async () => {
    const api = new FakeTerminals();
    render(api);
    const dialog = await openTerminal(api);
    api.say(opened);
    await userEvent.keyboard('{Escape}');
    expect(dialog).toBeInTheDocument();
    expect(api.connections[0].close).not.toHaveBeenCalled();
    await userEvent.click(
      within(dialog).getByRole('button', {
        name: 'End the session and close',
      }),
    );
    await waitFor(() => expect(dialog).not.toBeInTheDocument());
    expect(api.connections[0].close).toHaveBeenCalled();
    expect(screens.every(each => each.disposed)).toBe(true);
  });

  it('says what the backend refuses, and what it cannot know', async () => {
    const api = new FakeTerminals();
    render(api, { environment: 'development' });
    api.error = new Error('The pod orders-1 is gone');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Terminal' }),
    );
    const button = await screen.findByRole('button', { name: 'Open terminal' });
    await waitFor(() => expect(button).toBeEnabled());
    await userEvent.click(button);
    expect(
      await screen.findByText(/The pod orders-1 is gone/),
    ).toBeInTheDocument();
    api.error = undefined;
    await userEvent.click(button);
    await waitFor(() => expect(api.asked).toHaveLength(1));
    act(() => api.listener.onClose());
    expect(screen.getByRole('status')).toHaveTextContent(
      'The connection to the portal broke',
    );
  });

  it.each([
    [{ allowed: false }, /You may not open terminals here/],
    [{ consent: false }, /Application orders names no entity/],
  ])('is disabled with the reason: %j', async (options, why) => {
    render(new FakeTerminals(), options);
    const button = await screen.findByRole('button', { name: 'Terminal' });
    expect(button).toHaveAttribute('aria-disabled', 'true');
    expect(button).toHaveAccessibleDescription(why);
  });
});

describe('a command', () => {
  it('is chosen from the list, filled in, run, and shown', async () => {
    const api = new FakeTerminals();
    render(api, { environment: 'development' });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Command' }),
    );
    const dialog = await screen.findByRole('dialog', {
      name: 'Run a command in orders-1',
    });
    await userEvent.click(
      await within(dialog).findByRole('button', { name: /^Command/ }),
    );
    await userEvent.click(await screen.findByRole('option', { name: 'Files' }));
    const run = within(dialog).getByRole('button', { name: 'Run Files' });
    const folder = within(dialog).getByLabelText('folder');
    await userEvent.type(folder, '-R');
    expect(run).toBeDisabled();
    await userEvent.clear(folder);
    await userEvent.type(folder, '/app');
    expect(within(dialog).getByText('ls /app')).toBeInTheDocument();
    await userEvent.click(run);
    await waitFor(() => expect(api.asked).toHaveLength(1));
    expect(api.asked[0][1]).toEqual({
      kind: 'command',
      command: 'Files',
      arguments: { folder: '/app' },
      container: 'orders',
    });
    api.say({ ...opened, command: ['ls', '/app'] });
    api.show('dist\n');
    api.end('It ended with exit code 1', 'exit', 1);
    expect(within(dialog).getByLabelText('Output')).toHaveTextContent('dist');
    expect(within(dialog).getByRole('status')).toHaveTextContent(
      'It ended with exit code 1',
    );
  });
});

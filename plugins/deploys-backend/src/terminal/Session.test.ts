import http from 'node:http';
import { AddressInfo } from 'node:net';
import { AuthService } from '@backstage/backend-plugin-api';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { NotAllowedError } from '@backstage/errors';
import {
  TERMINAL_PROTOCOL,
  TerminalServerMessage,
} from '@switchyard/backstage-plugin-deploys-common';
import { ExecSession, Executor } from '@switchyard/fleet-node/exec';
import { OpenHandles } from '@switchyard/sandbox';
import express from 'express';
import { WebSocket } from 'ws';
import { FakeFleet } from '../tests/FakeFleet';
import { Door } from './Door';
import { Sessions } from './Sessions';
import { SessionTimings } from './sessionTimings';
import { GrantedSession, TerminalService } from './TerminalService';

const ORIGIN = 'http://localhost:3000';
const GRANTED: GrantedSession = {
  intent: {
    kind: 'terminal',
    entityRef: 'component:default/orders',
    environment: 'production',
    cluster: 'prod-blue',
    namespace: 'storefront',
    pod: 'orders-1',
    podUid: 'uid-1',
    container: 'orders',
  },
  commands: [['sh']],
  isTerminal: true,
  maxMs: 60_000,
  idleMs: 60_000,
};

/** A process that lives until it is ended, and says what it hears. */
function fakeExecutor() {
  const executor: Executor = {
    open: async ({ signal }) => {
      let end = () => {};
      const ended = new Promise<void>(resolve => {
        end = resolve;
      });
      signal.addEventListener('abort', end, { once: true });
      const session: ExecSession = {
        output: (async function* output() {
          yield { stream: 'stdout' as const, data: Buffer.from('$ ') };
          await ended;
        })(),
        ended: ended.then(() => ({ by: 'connection' })),
        write: async () => {},
        resize: () => {},
        close: end,
      };
      return session;
    },
  };
  return executor;
}

describe('a session', () => {
  const handles = OpenHandles.watch();
  const stops: Array<() => Promise<void>> = [];

  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await handles.expectNothingLeft();
  });
  afterAll(() => handles.stop());

  async function setUp(
    options: {
      timings?: Partial<SessionTimings>;
      auth?: Partial<AuthService>;
      expiresInMs?: number;
      admitMs?: number;
    } = {},
  ) {
    const audit: Array<Record<string, unknown>> = [];
    const auth = mockServices.auth();
    const authenticate = jest.fn(async (token: string) => {
      const credentials = await auth.authenticate(token);
      const { expiresInMs } = options;
      return expiresInMs === undefined
        ? credentials
        : { ...credentials, expiresAt: new Date(Date.now() + expiresInMs) };
    });
    const check = jest.fn<Promise<void>, []>(async () => {});
    const sessions = Sessions.create({
      auditor: mockServices.auditor.mock({
        createEvent: async () => ({
          success: async ({ meta } = {}) => {
            audit.push(meta!);
          },
          fail: async ({ error }) => {
            audit.push({ error: String(error) });
          },
        }),
      }),
      auth: { ...auth, isPrincipal: auth.isPrincipal, authenticate } as any,
      executor: fakeExecutor(),
      fleet: new FakeFleet(),
      logger: mockServices.logger.mock(),
      terminals: {
        redeem: async () => GRANTED,
        check,
      } as unknown as TerminalService,
      timings: options.timings,
    });
    const door = Door.create({
      auth: {
        isPrincipal: auth.isPrincipal,
        authenticate,
        ...options.auth,
      } as any,
      origins: [ORIGIN],
      logger: mockServices.logger.mock(),
      enter: sessions.enter,
      admitMs: options.admitMs,
    });
    const app = express().use(door.middleware, (_req, res) => res.json({}));
    const server = http.createServer(app);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    // The first request sets the door up.
    await new Promise<void>((resolve, reject) => {
      http
        .get({ port, host: '127.0.0.1', agent: false }, response => {
          response.resume().once('end', resolve);
        })
        .once('error', reject);
    });
    const stop = async () => {
      door.close();
      await sessions.stop();
      await new Promise(resolve => server.close(resolve));
    };
    stops.push(stop);
    return { audit, authenticate, check, sessions, port, stop };
  }

  function connect(port: number) {
    const token = Buffer.from(mockCredentials.user.token()).toString(
      'base64url',
    );
    const socket = new WebSocket(
      `ws://127.0.0.1:${port}/api/deploys/v1/terminal`,
      [TERMINAL_PROTOCOL, 'ticket.one', `token.${token}`],
      { origin: ORIGIN },
    );
    const messages: TerminalServerMessage[] = [];
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) messages.push(JSON.parse(data.toString()));
    });
    const closed = new Promise<number>(resolve => socket.on('close', resolve));
    const status = new Promise<number>(resolve => {
      socket.on('open', () => resolve(101));
      socket.on('unexpected-response', (_, response) => {
        response.destroy();
        resolve(response.statusCode!);
      });
      socket.on('error', () => resolve(0));
    });
    const said = (type: TerminalServerMessage['type']) =>
      messages.find(message => message.type === type);
    return {
      socket,
      status,
      closed,
      said,
      say: (message: object) => socket.send(JSON.stringify(message)),
      async opened() {
        while (!said('opened')) await pause();
      },
    };
  }

  it('is ended where the browser vanished without a word, by the second sign of life that is missing', async () => {
    const world = await setUp({ timings: { pingMs: 150 } });
    const browser = connect(world.port);
    await browser.opened();
    // Lives on as long as pings are answered.
    await pause(700);
    expect(world.sessions.count).toBe(1);
    // The machine fell asleep: its socket is open, and nobody reads.
    (browser.socket as any)._socket.pause();
    while (world.sessions.count > 0) await pause();
    expect(world.audit).toMatchObject([{ ended: 'left' }]);
    browser.socket.terminate();
    await browser.closed;
  });

  it('asks for a new token in time, and lasts with it', async () => {
    const world = await setUp({
      expiresInMs: 1_500,
      timings: { renewBeforeMs: 1_450, tokenMs: 0 },
    });
    const browser = connect(world.port);
    await browser.opened();
    const startedAt = Date.now();
    while (Date.now() - startedAt < 2_000) {
      while (!browser.said('renew')) await pause();
      browser.say({ type: 'token', token: mockCredentials.user.token() });
      await pause(100);
      expect(browser.said('ended')).toBeUndefined();
    }
    // Each new token has everything asked anew.
    expect(world.check.mock.calls.length).toBeGreaterThan(3);
    browser.socket.close();
    await browser.closed;
  });

  it.each([
    ['none comes', undefined],
    ['it is another person’s', mockCredentials.user.token('user:default/omar')],
    ['it is none', 'nonsense'],
  ])('ends with the sign-in of its person where %s', async (_, token) => {
    const world = await setUp({
      expiresInMs: token ? undefined : 200,
      timings: { renewBeforeMs: 150 },
    });
    const browser = connect(world.port);
    await browser.opened();
    if (token) browser.say({ type: 'token', token });
    await browser.closed;
    expect(browser.said('ended')).toMatchObject({
      reason: 'signed-out',
      message: 'Your sign-in ended',
    });
    expect(world.audit).toMatchObject([{ ended: 'signed-out' }]);
  });

  it('examines one token of a stream of them', async () => {
    const world = await setUp();
    const browser = connect(world.port);
    await browser.opened();
    world.authenticate.mockClear();
    for (let index = 0; index < 200; index += 1) {
      browser.say({ type: 'token', token: mockCredentials.user.token() });
    }
    browser.say({ type: 'nonsense' });
    await browser.closed;
    expect(world.authenticate).toHaveBeenCalledTimes(1);
    expect(world.check.mock.calls.length).toBeLessThanOrEqual(1);
  });

  it.each([
    ['is taken away', new NotAllowedError('Not any more'), 'Not any more'],
    [
      'cannot be asked for twice',
      new Error('connect ECONNREFUSED 10.0.0.1'),
      'Whether you may use this cannot be asked at the moment',
    ],
  ])('ends when the right %s', async (_, error, message) => {
    const world = await setUp({ timings: { recheckMs: 50 } });
    const browser = connect(world.port);
    await browser.opened();
    world.check.mockRejectedValue(error);
    await browser.closed;
    expect(browser.said('ended')).toMatchObject({
      reason: 'permission',
      message,
    });
  });

  it('ends with the backend, also while it is being let in', async () => {
    const world = await setUp();
    const browser = connect(world.port);
    await browser.opened();
    await world.stop();
    stops.splice(0);
    await browser.closed;
    expect(browser.said('ended')).toMatchObject({ reason: 'shutdown' });

    const hanging = await setUp({ auth: { authenticate: forEver } });
    const visitor = connect(hanging.port);
    await pause(50);
    await hanging.stop();
    stops.splice(0);
    await expect(visitor.status).resolves.toBe(0);
  });

  it('is refused when nobody says in time whose token it is', async () => {
    const world = await setUp({ auth: { authenticate: forEver }, admitMs: 50 });
    const browser = connect(world.port);
    await expect(browser.status).resolves.toBe(503);
  });
});

function forEver(): Promise<never> {
  return new Promise(() => {});
}

function pause(ms = 10): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

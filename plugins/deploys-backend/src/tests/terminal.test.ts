import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import signalsPlugin from '@backstage/plugin-signals-backend';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  TERMINAL_PROTOCOL,
  TerminalServerMessage,
} from '@switchyard/backstage-plugin-deploys-common';
import { SandboxHandle, startSandbox } from '@switchyard/sandbox';
import { Knex } from 'knex';
import request from 'supertest';
import { WebSocket } from 'ws';
import { deploysPlugin } from '../plugin';
import {
  clustersOf,
  configOf,
  eventually,
  readComponents,
} from './sandboxWorld';

jest.setTimeout(120_000);

const ORIGIN = 'http://localhost:3000';
const DANA = 'user:default/dana';
const OMAR = 'user:default/omar';
const GUEST = 'user:default/guest';

interface AuditEntry {
  eventId: string;
  status: 'initiated' | 'succeeded' | 'failed';
  meta: Record<string, unknown>;
}

type Replica = Awaited<ReturnType<typeof startTestBackend>>;

describe('terminals in the sandbox', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let dir: string;
  let sandbox: SandboxHandle;
  let knex: Knex;
  let components: Entity[];
  let replicas: Replica[];
  const audit: AuditEntry[] = [];

  async function startReplica(terminal: object = {}): Promise<Replica> {
    const config = configOf(sandbox);
    const replica = await startTestBackend({
      features: [
        deploysPlugin,
        signalsPlugin,
        clustersOf(sandbox),
        mockServices.rootConfig.factory({
          data: {
            ...config,
            app: { baseUrl: ORIGIN },
            switchyard: {
              ...config.switchyard,
              terminal: {
                enabled: true,
                reasonOptionalIn: ['development'],
                commands: [
                  {
                    name: 'list',
                    command: ['ls', '-l'],
                    arguments: [{ name: 'folder', pattern: '/[a-z]+' }],
                  },
                  { name: 'count', command: ['seq', '300000'] },
                  {
                    name: 'wait',
                    command: ['sleep', '6000'],
                    timeoutSeconds: 0.3,
                  },
                ],
                ...terminal,
              },
            },
          },
        }),
        mockServices.permissions.mock({
          authorizeConditional: async (queries, options: any) =>
            queries.map(() => ({
              result:
                options.credentials.principal.userEntityRef === GUEST
                  ? AuthorizeResult.DENY
                  : AuthorizeResult.ALLOW,
            })) as any,
        }).factory,
        catalogServiceMock.factory({ entities: components }),
        createServiceFactory({
          service: coreServices.database,
          deps: {},
          factory: () => ({ getClient: async () => knex }),
        }),
        createServiceFactory({
          service: coreServices.auditor,
          deps: {},
          factory: () => ({
            createEvent: async ({ eventId, meta = {} }) => {
              const note = (
                status: AuditEntry['status'],
                more: Record<string, unknown> = {},
              ) => audit.push({ eventId, status, meta: { ...meta, ...more } });
              note('initiated');
              return {
                success: async options => {
                  note('succeeded', options?.meta);
                },
                fail: async options => {
                  note('failed', options.meta);
                },
              };
            },
          }),
        }),
      ],
    });
    await eventually(async () => {
      const { body } = await request(replica.server).get(
        '/api/deploys/v1/fleet',
      );
      const live = [...body.clusters, ...body.argoInstances].filter(
        ({ state }) => state === 'live',
      );
      if (live.length !== 5) throw new Error('The fleet is not connected yet');
    });
    return replica;
  }

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'deploys-terminal-'));
    sandbox = await startSandbox({ dir });
    components = await readComponents(sandbox.catalog);
    knex = await databases.init('POSTGRES_18');
    replicas = [await startReplica(), await startReplica()];
  });
  afterAll(async () => {
    for (const replica of replicas ?? []) await replica.stop();
    await sandbox?.close();
    await rm(dir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    // What an earlier test closed may still be written down.
    await eventually(() => {
      const begun = audit.filter(({ status }) => status === 'initiated');
      if (audit.length !== 2 * begun.length)
        throw new Error('A session is still open');
    });
    audit.length = 0;
  });

  async function podOf(cluster: string): Promise<string> {
    const { body } = await request(replicas[0].server).get(
      '/api/deploys/v1/entities/component/default/orders/state',
    );
    const { workloads } = body.deployments.find(
      (each: { cluster: string }) => each.cluster === cluster,
    );
    return workloads[0].pods.find((pod: { ready: boolean }) => pod.ready).name;
  }

  async function ask(
    body: object,
    options: {
      replica?: Replica;
      person?: string;
      entity?: string;
      cluster?: string;
      pod?: string;
    } = {},
  ) {
    const { cluster = 'dev', entity = 'orders', person = DANA } = options;
    const { server } = options.replica ?? replicas[0];
    const pod = options.pod ?? (await podOf(cluster));
    return request(server)
      .post(
        `/api/deploys/v1/entities/component/default/${entity}/pods/${cluster}/storefront/${pod}/terminal-tickets`,
      )
      .set('authorization', mockCredentials.user.header(person))
      .send(body);
  }

  async function ticketFor(
    body: object,
    options: Parameters<typeof ask>[1] = {},
  ) {
    const response = await ask(body, options);
    expect([response.status, response.body.error]).toEqual([201, undefined]);
    return response.body.ticket as string;
  }

  function connect(
    ticket: string,
    options: {
      replica?: Replica;
      person?: string;
      origin?: string;
      protocols?: string[];
    } = {},
  ) {
    const { replica = replicas[0], person = DANA, origin = ORIGIN } = options;
    const socket = new WebSocket(
      `ws://localhost:${replica.server.port()}/api/deploys/v1/terminal`,
      options.protocols ?? [
        TERMINAL_PROTOCOL,
        `ticket.${ticket}`,
        tokenOf(mockCredentials.user.token(person)),
      ],
      { origin },
    );
    let text = '';
    const messages: TerminalServerMessage[] = [];
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) text += data.subarray(1).toString('utf8');
      else messages.push(JSON.parse(data.toString()));
    });
    const status = new Promise<number>(resolve => {
      socket.on('open', () => resolve(101));
      socket.on('unexpected-response', (_, response) => {
        response.destroy();
        resolve(response.statusCode!);
      });
      socket.on('error', () => {});
    });
    const closed = new Promise<void>(resolve =>
      socket.on('close', () => resolve()),
    );
    return {
      socket,
      status,
      text: () => text,
      type: (keys: string) =>
        socket.send(Buffer.concat([Buffer.of(0), Buffer.from(keys)])),
      say: (message: object) => socket.send(JSON.stringify(message)),
      until: (wanted: string) =>
        eventually(() => {
          if (!text.includes(wanted)) throw new Error(`There is ${text}`);
        }),
      async end() {
        await closed;
        return messages.find(({ type }) => type === 'ended');
      },
    };
  }

  async function open(options: Parameters<typeof ask>[1] = {}) {
    const ticket = await ticketFor(
      { kind: 'terminal', reason: 'a look' },
      options,
    );
    const session = connect(ticket, options);
    await session.until('/app $ ');
    return session;
  }

  const written = (eventId: string) =>
    audit.filter(entry => entry.eventId === eventId);

  it('takes at one replica the ticket of the other, and gives a shell that the image has', async () => {
    const ticket = await ticketFor(
      { kind: 'terminal', reason: 'checkout is slow' },
      { cluster: 'prod-blue', replica: replicas[0] },
    );
    const session = connect(ticket, { replica: replicas[1] });
    await session.until('/app $ ');
    expect(session.socket.protocol).toBe(TERMINAL_PROTOCOL);
    session.say({ type: 'resize', columns: 99, rows: 33 });
    session.type('stty size\r');
    await session.until('33 99');
    session.type('echo canary-of-mine\r');
    session.type('exit 3\r');
    expect(await session.end()).toEqual({
      type: 'ended',
      reason: 'exit',
      message: 'It ended with exit code 3',
      exitCode: 3,
    });
    const [begun, ended] = written('terminal-session');
    expect(begun).toEqual({
      eventId: 'terminal-session',
      status: 'initiated',
      meta: {
        user: DANA,
        entityRef: 'component:default/orders',
        environment: 'production',
        cluster: 'prod-blue',
        namespace: 'storefront',
        pod: expect.stringMatching(/^orders-/),
        container: 'orders',
        reason: 'checkout is slow',
      },
    });
    expect(ended.meta).toMatchObject({
      ended: 'exit',
      exitCode: 3,
      seconds: expect.any(Number),
      bytesIn: 'stty size\recho canary-of-mine\rexit 3\r'.length,
      bytesOut: expect.any(Number),
    });
    expect(JSON.stringify(audit)).not.toContain('canary-of-mine');
  });

  it('runs a command of the list, with its arguments, and writes down which', async () => {
    const session = connect(
      await ticketFor({
        kind: 'command',
        command: 'list',
        arguments: { folder: '/app' },
      }),
    );
    expect(await session.end()).toMatchObject({ reason: 'exit', exitCode: 0 });
    expect(session.text()).toBe('dist\nnode_modules\npackage.json\n');
    expect(written('command-run').map(({ meta }) => meta.command)).toEqual([
      ['ls', '-l', '/app'],
      ['ls', '-l', '/app'],
    ]);
    const failing = connect(
      await ticketFor({
        kind: 'command',
        command: 'list',
        arguments: { folder: '/none' },
      }),
    );
    expect(await failing.end()).toMatchObject({ reason: 'exit', exitCode: 1 });
    expect(failing.text()).toContain('No such file or directory');
  });

  it('ends a command that writes too much or lasts too long', async () => {
    const loud = connect(
      await ticketFor({ kind: 'command', command: 'count' }),
    );
    expect(await loud.end()).toMatchObject({ reason: 'output-limit' });
    const long = connect(await ticketFor({ kind: 'command', command: 'wait' }));
    expect(await long.end()).toMatchObject({ reason: 'time-limit' });
  });

  it.each([
    ['another person’s', { person: OMAR }, async () => {}],
    [
      'a used one',
      {},
      async (ticket: string) => {
        const first = connect(ticket, { replica: replicas[1] });
        await first.until('/app $ ');
        first.socket.close();
      },
    ],
    [
      'an expired one',
      {},
      async () => {
        await knex('deploys_terminal_tickets').update({ expires_at: 1 });
      },
    ],
  ])('does not take %s', async (_, options, before) => {
    const ticket = await ticketFor({ kind: 'terminal' });
    await before(ticket);
    const session = connect(ticket, options);
    expect(await session.end()).toEqual({
      type: 'ended',
      reason: 'refused',
      message: 'This was opened before, or too long ago. Open it anew.',
    });
    expect(
      written('terminal-session').filter(({ status }) => status === 'failed'),
    ).toHaveLength(1);
  });

  it('keeps no ticket in the clear, and none for ever', async () => {
    const ticket = await ticketFor({ kind: 'terminal' });
    const rows = await knex('deploys_terminal_tickets');
    expect(JSON.stringify(rows)).not.toContain(ticket);
    await knex('deploys_terminal_tickets').update({ expires_at: 1 });
    await ticketFor({ kind: 'terminal' });
    expect(await knex('deploys_terminal_tickets')).toHaveLength(1);
  });

  it.each([
    [
      'production without a reason',
      { kind: 'terminal' },
      { cluster: 'prod-blue' },
      400,
      'Give a reason: production asks for one',
    ],
    [
      'a shell that is none',
      { kind: 'terminal', shell: 'python' },
      {},
      400,
      "The shell 'python' is none of bash, sh",
    ],
    [
      'a command that is not in the list',
      { kind: 'command', command: 'env' },
      {},
      400,
      "There is no command 'env' here",
    ],
    [
      'an argument that does not match',
      {
        kind: 'command',
        command: 'list',
        arguments: { folder: '/app; cat /etc' },
      },
      {},
      400,
      "The argument 'folder' of 'list' must match /[a-z]+",
    ],
    [
      'an option as argument',
      { kind: 'command', command: 'list', arguments: { folder: '-R' } },
      {},
      400,
      "The argument 'folder'",
    ],
    [
      'an argument that is none',
      { kind: 'command', command: 'count', arguments: { x: '1' } },
      {},
      400,
      "has no argument 'x'",
    ],
    [
      'a container that is not there',
      { kind: 'terminal', container: 'none' },
      {},
      404,
      'The pod has no container none',
    ],
    [
      'a pod that is not the entity’s',
      { kind: 'terminal' },
      { pod: 'none' },
      404,
      'This entity has no pod',
    ],
    [
      'an entity that is not there',
      { kind: 'terminal' },
      { entity: 'none' },
      404,
      'The catalog has no component:default/none',
    ],
    [
      'a target that has not agreed',
      { kind: 'terminal', reason: 'x' },
      { entity: 'intruder', cluster: 'prod-blue' },
      403,
      '',
    ],
    [
      'who may open none',
      { kind: 'terminal' },
      { person: GUEST, entity: 'none' },
      403,
      'it needs the permission deploys.terminal.use',
    ],
    [
      'who may run none',
      { kind: 'command', command: 'list' },
      { person: GUEST },
      403,
      'it needs the permission deploys.command.run',
    ],
    ['what is no request', { kind: 'both' }, {}, 400, ''],
  ])('refuses %s', async (_, body, options, status, message) => {
    const response = await ask(body, options);
    expect([response.status, response.body.error.message]).toEqual([
      status,
      expect.stringContaining(message),
    ]);
    expect(written('terminal-ticket').map(each => each.status)).toEqual([
      'initiated',
      'failed',
    ]);
  });

  it('lets in only pages of the portal, with a ticket and a token', async () => {
    const ticket = await ticketFor({ kind: 'terminal' });
    const statusOf = async (options: Parameters<typeof connect>[1]) =>
      connect(ticket, options).status;
    expect(await statusOf({ origin: 'http://evil.example.com' })).toBe(403);
    const token = tokenOf(mockCredentials.user.token(DANA));
    const all = [TERMINAL_PROTOCOL, `ticket.${ticket}`, token];
    for (const missing of all) {
      const protocols = all.filter(each => each !== missing);
      expect(await statusOf({ protocols })).toBe(400);
    }
    expect(
      await statusOf({ protocols: [...all.slice(0, 2), tokenOf('other')] }),
    ).toBe(401);
    expect(
      await statusOf({
        protocols: [
          ...all.slice(0, 2),
          tokenOf(mockCredentials.service.token()),
        ],
      }),
    ).toBe(401);
    // None of them has used it up.
    const session = connect(ticket);
    await session.until('/app $ ');
    session.socket.close();
  });

  it('leaves the web sockets of signals alone', async () => {
    const { server } = replicas[0];
    const answers = async () => {
      const socket = new WebSocket(
        `ws://localhost:${server.port()}/api/signals`,
      );
      const opened = await new Promise<boolean>(resolve => {
        socket.on('open', () => resolve(true));
        socket.on('error', () => {});
        setTimeout(() => resolve(false), 500);
      });
      socket.terminate();
      if (!opened) throw new Error('Signals do not answer');
    };
    // The first one sets the listener of signals up and is left without an answer, with and without terminals.
    await eventually(answers);
    const session = await open();
    await answers();
    session.socket.close();
    await session.end();
    expect(session.text()).toContain('/app $ ');
  });

  it.each([
    ['the browser', 'left', async (session: any) => session.socket.terminate()],
    [
      'the cluster',
      'connection',
      async () => {
        await fault({ fault: 'cluster-down', target: 'dev', on: true });
        await fault({ fault: 'cluster-down', target: 'dev', on: false });
      },
    ],
    [
      'the end of the pod',
      'pod-gone',
      async (_: unknown, pod: string) => deletePod(pod),
    ],
  ])('ends by %s and leaves nothing open', async (_, reason, cut) => {
    await eventually(() => podOf('dev'));
    const pod = await podOf('dev');
    const before = timers();
    const session = await open({ pod });
    await cut(session, pod);
    await session.end();
    await eventually(() => {
      const ends = written('terminal-session').map(({ meta }) => meta.ended);
      expect(ends).toEqual([undefined, reason]);
    });
    await eventually(() => expect(timers()).toBeLessThanOrEqual(before + 2));
  });

  it('ends what is idle, and with the backend', async () => {
    const replica = await startReplica({ idleMinutes: 0.02 });
    try {
      await eventually(() => podOf('dev'));
      const idle = await open({ replica });
      expect(await idle.end()).toMatchObject({
        reason: 'idle',
        message: 'Ended: idle for 1 seconds',
      });
    } finally {
      await replica.stop();
    }
    const last = await startReplica();
    const session = await open({ replica: last });
    await last.stop();
    expect(await session.end()).toMatchObject({
      reason: 'shutdown',
      message: 'The portal restarts; open it again in a moment',
    });
    expect(
      written('terminal-session').filter(
        ({ status }) => status === 'succeeded',
      ),
    ).toHaveLength(2);
  });

  it('is not there unless it is switched on', async () => {
    const replica = await startReplica({ enabled: false });
    try {
      const { body } = await request(replica.server).get(
        '/api/deploys/v1/entities/component/default/orders/state',
      );
      expect([body.terminals, body.commands]).toEqual([undefined, undefined]);
      const response = await ask({ kind: 'terminal' }, { replica });
      expect(response.status).toBe(404);
    } finally {
      await replica.stop();
    }
    const { body } = await request(replicas[0].server).get(
      '/api/deploys/v1/entities/component/default/orders/state',
    );
    expect(body.terminals).toHaveLength(body.logs.length);
    expect(body.commands).toHaveLength(body.logs.length);
  });

  function timers(): number {
    return process.getActiveResourcesInfo().filter(each => each === 'Timeout')
      .length;
  }

  async function fault(body: object) {
    const response = await fetch(`${sandbox.faults.url}/api/faults`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  }

  async function deletePod(pod: string) {
    const { url, tokens } = sandbox.clusters.find(
      ({ name }) => name === 'dev',
    )!;
    await fetch(`${url}/api/v1/namespaces/storefront/pods/${pod}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${tokens.admin}` },
    });
  }
});

function tokenOf(token: string): string {
  return `token.${Buffer.from(token).toString('base64url')}`;
}

import dns from 'node:dns';
import { IncomingMessage, ServerResponse } from 'node:http';
import { mockServices } from '@backstage/backend-test-utils';
import { OpenHandles } from '@switchyard/sandbox';
import { generate } from 'selfsigned';
import { DefaultFleet } from '../service/DefaultFleet';
import { FakeApiServer } from '../tests/FakeApiServer';
import { eventually } from '../tests/eventually';
import { deployment, event, node, pod } from '../tests/objects';
import { FleetCluster } from '../types';
import { retryAfterMsOf } from '../http/retryAfter';
import { WATCHED_KINDS } from './kinds';

const BEAT_MS = 30;
const FAST = {
  connectTimeoutMs: 1_500,
  answerTimeoutMs: 1_500,
  bodyTimeoutMs: 1_500,
  backoffBaseMs: 20,
  backoffMaxMs: 60,
  steadyWatchMs: 400,
  watchPauseMaxMs: 40,
  notReadableRetryMs: 80,
  unknownKindRetryMs: 80,
  heartbeatMs: BEAT_MS,
  heartbeatTimeoutMs: 1_000,
  clusterSourceMs: 30,
};
const PODS = '/api/v1/pods';

describe('a cluster in trouble', () => {
  const handles = OpenHandles.watch();
  let server: FakeApiServer;
  let other: FakeApiServer;
  let fleet: DefaultFleet;
  let cluster: FleetCluster;

  beforeEach(async () => {
    server = new FakeApiServer();
    other = new FakeApiServer();
    await server.start();
    await other.start();
    server.put('Pod', pod('a'));
    other.put('Pod', pod('green'));
    cluster = {
      name: 'prod-blue',
      url: server.url,
      credential: async () => ({ token: 'token-1' }),
    };
  });

  afterEach(async () => {
    fleet.stop();
    await server.stop();
    await other.stop();
    await handles.expectNothingLeft();
  });
  afterAll(() => handles.stop());

  function start(
    timings: Partial<typeof FAST> = {},
    { ownThread = true }: { ownThread?: boolean } = {},
  ) {
    fleet = DefaultFleet.create({
      argo: [],
      ownThread,
      logger: mockServices.logger.mock({
        child: () => mockServices.logger.mock(),
      }),
      timings: { kubernetes: { ...FAST, ...timings } },
    });
    fleet.setClusterSource(async () => [
      cluster,
      { ...cluster, name: 'prod-green', url: other.url, caData: undefined },
    ]);
  }

  const status = (name = 'prod-blue') =>
    fleet.clusters().find(each => each.name === name);
  const isLive = () => status()?.state === 'live';
  const names = (name = 'prod-blue') =>
    fleet
      .pods({ cluster: name })
      .map(each => each.name)
      .sort();
  const lists = () =>
    server.requestsTo('Pod').filter(each => !each.includes('watch=true'));
  const watches = () =>
    server.requestsTo('Pod').filter(each => each.includes('watch=true'));

  /** As many heartbeats as that long has; with a busy processor it takes longer. */
  async function beats(count: number) {
    const beatsOf = () =>
      other.requests.filter(each => each === '/version').length;
    const before = beatsOf();
    await eventually(() => beatsOf() >= before + count);
  }

  /** What another cluster shows goes on being fresh. */
  async function expectOthersFresh() {
    const name = `green-${Math.random().toString(36).slice(2, 8)}`;
    other.put('Pod', pod(name));
    await eventually(() => names('prod-green').includes(name));
    expect(status('prod-green')?.state).toBe('live');
  }

  async function expectHealed() {
    server.put('Pod', pod('healed'));
    await eventually(() => names().includes('healed'));
    await eventually(isLive);
    await eventually(() => status()?.problem === undefined);
    expect(names()).toContain('a');
  }

  const answers =
    (code: number, headers: Record<string, string> = {}) =>
    (_request: IncomingMessage, response: ServerResponse) => {
      response
        .writeHead(code, { ...headers, 'content-type': 'application/json' })
        .end(JSON.stringify({ kind: 'Status', code, message: 'at 10.0.0.1' }));
      return true;
    };

  it('that answers 500 keeps its last state, and is asked ever less', async () => {
    start();
    await eventually(isLive);
    server.fault = answers(500);
    server.endWatches();
    await eventually(() => status()?.state === 'unreachable');
    expect(status()?.problem).toBe(
      'prod-blue answers with errors (HTTP status 500)',
    );
    expect(names()).toEqual(['a']);
    await expectOthersFresh();
    server.fault = () => false;
    await expectHealed();
  });

  it('that is too busy is left alone for as long as it asks for', async () => {
    start();
    await eventually(isLive);
    const busy = answers(429, { 'retry-after': '2' });
    server.fault = (request, response) =>
      request.url!.startsWith(PODS) && busy(request, response);
    server.requests.length = 0;
    const from = Date.now();
    server.endWatches();
    await eventually(() => server.requestsTo('Pod').length === 1);
    // Not unreachable yet: what is known is seconds old.
    await eventually(
      () => isLive() && status()?.problem === 'prod-blue is too busy to answer',
    );
    await beats(30);
    expect(server.requestsTo('Pod').length).toBeLessThanOrEqual(
      1 + (Date.now() - from) / 2_000,
    );
    expect(names()).toEqual(['a']);
    await expectOthersFresh();
    server.fault = () => false;
    await expectHealed();
  });

  it('that cuts every watch is followed without lists, not in a tight loop, and says that changes come late', async () => {
    start();
    await eventually(isLive);
    await eventually(() => server.watchesOf('Pod') === 1);
    const cutter = setInterval(() => server.endWatches(), 25);
    try {
      server.requests.length = 0;
      await eventually(
        () =>
          status()?.problem ===
          'prod-blue breaks watches off: changes are seen some seconds late',
      );
      expect(isLive()).toBe(true);
      server.requests.length = 0;
      const from = Date.now();
      await beats(40);
      expect(lists()).toEqual([]);
      // Between two of them it waits for 20 to 40 ms.
      expect(watches().length).toBeLessThanOrEqual(
        2 + (Date.now() - from) / 20,
      );
      server.put('Pod', pod('late'));
      await eventually(() => names().includes('late'));
      await expectOthersFresh();
    } finally {
      clearInterval(cutter);
    }
    await expectHealed();
  });

  it.each([
    ['as an event', 200],
    ['as an answer', 410],
  ])(
    'that forgets at once where watches were, %s, is not listed in a storm',
    async (_, code) => {
      start();
      await eventually(isLive);
      const storm: typeof server.fault = (request, response) => {
        if (!request.url!.startsWith(`${PODS}?watch`)) return false;
        const object = { kind: 'Status', code: 410, reason: 'Expired' };
        response.writeHead(code, { 'content-type': 'application/json' });
        response.end(
          code === 200
            ? `${JSON.stringify({ type: 'ERROR', object })}\n`
            : JSON.stringify(object),
        );
        return true;
      };
      server.fault = storm;
      server.endWatches();
      await eventually(() => status()?.state === 'unreachable');
      expect(status()?.problem).toBe(
        'prod-blue forgets changes before they can be read: it is read anew less and less often',
      );
      await beats(10);
      server.requests.length = 0;
      const from = Date.now();
      // It is read all the same, now and then.
      server.put('Pod', pod('late'));
      await eventually(() => names().includes('late'));
      await beats(40);
      expect(status()?.state).toBe('unreachable');
      // Between two of them it waits for 120 to 240 ms.
      expect(lists().length).toBeLessThanOrEqual(3 + (Date.now() - from) / 120);
      await expectOthersFresh();
      server.fault = () => false;
      await expectHealed();
    },
  );

  it('that sends bookmarks only is live, and resumed from the last of them', async () => {
    start();
    await eventually(isLive);
    await eventually(() => server.watchesOf('Pod') === 1);
    let version = '';
    for (let index = 0; index < 200; index += 1) {
      version = server.bookmark('Pod');
    }
    await eventually(
      () =>
        status()?.kinds.find(({ kind }) => kind === 'Pod')?.resourceVersion ===
        version,
    );
    server.requests.length = 0;
    server.endWatches();
    await eventually(() => watches().length === 1);
    expect(watches()[0]).toContain(`resourceVersion=${version}`);
    expect(lists()).toEqual([]);
    await expectHealed();
  });

  it('with objects that lack everything shows those that do not', async () => {
    for (const { kind } of WATCHED_KINDS) {
      for (const [index, part] of [
        {},
        { spec: null, status: null },
        { spec: {}, status: {} },
        { spec: 'odd', status: [] },
        { spec: { containers: null }, status: { containerStatuses: null } },
        { metadata: { labels: null, annotations: null } },
      ].entries()) {
        const uid = `${kind}-${index}`;
        server.put(kind, {
          ...part,
          metadata: { uid, name: uid.toLowerCase(), namespace: 'storefront' },
        });
      }
    }
    server.put('Deployment', deployment('orders'));
    server.put('Node', node('node-1', 'eu-1a'));
    start();
    await eventually(isLive);
    await eventually(
      () => !status()?.kinds.some(({ state }) => state !== 'live'),
    );
    expect(fleet.workloads({ name: 'orders' })).toHaveLength(1);
    expect(names()).toContain('pod-0');
    await eventually(() => fleet.pods({ name: 'a' })[0].zone === 'eu-1a');
    await expectHealed();
  });

  it('with objects of 5 MB is read in smaller pages, and gives them back whole', async () => {
    const filling = (index: number) =>
      `${index}`.repeat(5 * 1024 * 1024).slice(0, 5 * 1024 * 1024);
    for (let index = 0; index < 7; index += 1) {
      const metadata = { annotations: { filling: filling(index) } };
      const huge = pod(`huge-${index}`, { metadata });
      server.put('Pod', huge);
    }
    // A page of all is more than is held at once.
    start({ bodyTimeoutMs: 20_000, answerTimeoutMs: 20_000 });
    await eventually(isLive, { timeoutMs: 50_000 });
    expect(names()).toHaveLength(8);
    expect(lists().map(each => /limit=(\d+)/.exec(each)?.[1])).toContain('2');
    server.put(
      'Pod',
      pod('huge-0', { metadata: { annotations: { filling: filling(7) } } }),
    );
    const object = (): any =>
      fleet.object({ cluster: 'prod-blue', uid: 'uid-huge-0' });
    await eventually(
      () => object().metadata.annotations.filling === filling(7),
    );
    await expectHealed();
  });

  it.each([-10, 10])(
    'whose clock is %d minutes off shows events and pods in its own order, and takes its credential',
    async minutes => {
      const at = (seconds: number) =>
        new Date(Date.now() + minutes * 60_000 + seconds * 1_000).toISOString();
      // By our clock it has ended already, or was made in the future.
      const expiresAt = new Date(Date.now() + minutes * 60_000 + 300_000);
      let asked = 0;
      cluster.credential = async () => {
        asked += 1;
        return { token: 'token-1', expiresAt };
      };
      const about = { kind: 'Pod', name: 'a', uid: 'uid-a' };
      for (const [name, seconds] of [
        ['second', -10],
        ['third', 0],
        ['first', -20],
      ] as const) {
        server.put('Event', event(name, { about, lastTimestamp: at(seconds) }));
      }
      server.put('Pod', pod('b', { metadata: { creationTimestamp: at(0) } }));
      start();
      await eventually(isLive);
      await eventually(
        () =>
          fleet
            .eventsAbout({ cluster: 'prod-blue', uid: 'uid-a' })
            .map(({ name }) => name)
            .join() === 'first,second,third',
      );
      expect(fleet.pods({ name: 'b' })[0].createdAt).toBeDefined();
      await beats(10);
      expect(asked).toBeLessThanOrEqual(2);
      expect(status()?.problem).toBeUndefined();
      await expectHealed();
    },
  );

  it('whose token ends and is not renewed says so, and goes on with a new one', async () => {
    let token = 'token-1';
    cluster.credential = async () => ({ token });
    start();
    await eventually(isLive);
    server.tokens.clear();
    server.endWatches();
    await eventually(
      () =>
        status()?.problem === 'prod-blue does not accept the credential' &&
        status()?.state === 'unreachable',
    );
    expect(names()).toEqual(['a']);
    await expectOthersFresh();
    token = 'token-2';
    server.tokens.add('token-2');
    await expectHealed();
  });

  describe('with certificates', () => {
    /** None is made that has ended already: this is how one was made long ago. */
    const longAgo = <T>(make: () => T): T => {
      jest.useFakeTimers({ now: Date.now() - 20 * 86_400_000 });
      try {
        return make();
      } finally {
        jest.useRealTimers();
      }
    };
    const certificate = (days: number) =>
      generate([{ name: 'commonName', value: `api-server-${days}` }], {
        keySize: 2048,
        algorithm: 'sha256',
        days,
        extensions: [
          { name: 'basicConstraints', cA: true },
          { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
        ],
      });
    const ended = longAgo(() => certificate(10));
    const valid = certificate(30);
    const next = certificate(60);

    async function restartWith({ cert, private: key }: typeof ended) {
      await server.stop();
      // As behind a balancer, where sessions are taken up again by the next server.
      server.tls = { cert, key, ticketKeys: Buffer.alloc(48, 7) };
      await server.start();
    }

    beforeEach(async () => {
      await restartWith(valid);
      cluster.url = server.url;
      cluster.caData = Buffer.from(valid.cert + ended.cert).toString('base64');
    });

    it('of which one has ended says that, naming the cluster, and heals with the next', async () => {
      start();
      await eventually(isLive);
      await restartWith(ended);
      await eventually(
        () =>
          status()?.problem === 'prod-blue has a certificate that has ended',
      );
      // Each kind finds out by itself.
      await eventually(() => status()?.state === 'unreachable');
      expect(names()).toEqual(['a']);
      await expectOthersFresh();
      await restartWith(valid);
      await expectHealed();
    });

    it('of another CA heals when the source names that CA, over new connections', async () => {
      start();
      await eventually(isLive);
      await restartWith(next);
      await eventually(
        () =>
          status()?.problem ===
          'prod-blue has a certificate that is not trusted',
      );
      cluster = {
        ...cluster,
        caData: Buffer.from(next.cert).toString('base64'),
      };
      await expectHealed();
    });

    it('of its own, renewed now and then, leaves no connection of the earlier ones', async () => {
      let turn = 0;
      cluster.credential = async () => {
        turn += 1;
        const own = turn % 2 ? valid : next;
        return {
          token: 'token-1',
          clientCert: { cert: own.cert, key: own.private },
          expiresAt: new Date(Date.now() + 100),
        };
      };
      start();
      await eventually(isLive);
      await eventually(() => turn > 40);
      // One for each watch, and one or two that are free or being opened.
      await eventually(() => server.openSockets <= WATCHED_KINDS.length + 4, {
        timeoutMs: 3_000,
      });
      await expectHealed();
    });
  });

  it('whose name is gone says so without the name, and heals when it is there again', async () => {
    let isGone = false;
    const lookup = jest.spyOn(dns, 'lookup').mockImplementation(((
      hostname: string,
      options: { all?: boolean },
      callback: (...args: unknown[]) => void,
    ) => {
      const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
      const answer = options.all
        ? [[{ address: '127.0.0.1', family: 4 }]]
        : ['127.0.0.1', 4];
      setImmediate(() =>
        isGone
          ? callback(Object.assign(error, { code: 'ENOTFOUND' }))
          : callback(null, ...answer),
      );
    }) as never);
    try {
      cluster.url = server.url.replace('127.0.0.1', 'blue.internal.example');
      // Another thread would have names resolved as they are.
      start({}, { ownThread: false });
      await eventually(isLive);
      isGone = true;
      // Connections that are there need no name.
      server.fault = request => {
        request.socket.destroy();
        return true;
      };
      server.endWatches();
      await eventually(
        () =>
          status()?.problem === 'prod-blue has a name that cannot be resolved',
      );
      server.fault = () => false;
      await eventually(() => status()?.state === 'unreachable');
      expect(names()).toEqual(['a']);
      await expectOthersFresh();
      isGone = false;
      await expectHealed();
    } finally {
      lookup.mockRestore();
    }
  });

  it('that goes and comes is followed again each time, without waiting the longer', async () => {
    // Longer than the test: no watch counts as one that works for good.
    start({ backoffBaseMs: 500, backoffMaxMs: 60_000, steadyWatchMs: 60_000 });
    await eventually(isLive);
    const isWatched = () => server.watchesOf('Pod') === 1;
    const isLeft = () => server.watchesOf('Pod') === 0;
    const isSilent = () => status()?.problem === 'prod-blue does not answer';
    for (let round = 0; round < 6; round += 1) {
      await eventually(isWatched);
      server.hangs = true;
      await eventually(isSilent);
      await eventually(isLeft);
      server.hangs = false;
    }
    await eventually(isWatched, { timeoutMs: 6_000 });
    await expectHealed();
  });

  it('that hangs is let go when the fleet stops', async () => {
    start();
    await eventually(isLive);
    server.hangs = true;
    await eventually(() => status()?.problem === 'prod-blue does not answer');
    expect(names()).toEqual(['a']);
    await expectOthersFresh();
  });
});

it.each([
  ['2', 2_000],
  ['600', 60_000],
  ['Thu, 01 Jan 1970 00:00:12 GMT', 2_000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', undefined],
  ['0', undefined],
  ['-5', undefined],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After: %s is %s ms', (value, ms) => {
  expect(retryAfterMsOf({ headers: { 'retry-after': value } }, 10_000)).toBe(
    ms,
  );
});

import { gunzipSync } from 'node:zlib';
import {
  BackstageCredentials,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import {
  CompoundEntityRef,
  Entity,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  FleetRow,
  fleetBucketOf,
  FleetView,
} from '@switchyard/backstage-plugin-deploys-common';
import { FakeFleet } from '../tests/FakeFleet';
import {
  applicationRow,
  blank,
  clusterStatus,
  deploymentRow,
  intruder,
  LIVE_VERSION,
  orders,
  ordersFleet,
  podRow,
  targetsConfig,
  uidOf,
} from '../tests/ordersWorld';
import { Channels } from '../watch/Channels';
import { FleetViewService } from './FleetViewService';

type Decision = 'ALLOW' | 'DENY' | { conditions: string };

interface Person {
  see: 'ALLOW' | 'DENY';
  seeAll: 'ALLOW' | 'DENY';
  catalog: Decision;
  /** What the catalog lets the person read. */
  reads: Entity[];
}

const EVERYONE: Person = {
  see: 'ALLOW',
  seeAll: 'DENY',
  catalog: 'ALLOW',
  reads: [],
};
const PEOPLE: Record<string, Person> = {
  inge: { ...EVERYONE, seeAll: 'ALLOW' },
  dana: EVERYONE,
  omar: { ...EVERYONE, catalog: { conditions: 'storefront' }, reads: [orders] },
  olga: { ...EVERYONE, catalog: { conditions: 'storefront' }, reads: [orders] },
  ravi: { ...EVERYONE, catalog: { conditions: 'realtime' }, reads: [intruder] },
  nobody: { ...EVERYONE, catalog: 'DENY' },
  guest: { ...EVERYONE, see: 'DENY' },
};

function nameOf(credentials: BackstageCredentials): string {
  const { userEntityRef } = (
    credentials as BackstageCredentials<BackstageUserPrincipal>
  ).principal;
  return userEntityRef?.split('/')[1] ?? '';
}

const permissions = mockServices.permissions.mock({
  authorizeConditional: async (queries, options) => {
    const { credentials } = options as { credentials: BackstageCredentials };
    const person = PEOPLE[nameOf(credentials)];
    return queries.map(({ permission }) => {
      const decision = {
        'deploys.state.read': person.see,
        'deploys.fleet.read': person.seeAll,
        'catalog.entity.read': person.catalog,
      }[permission.name] as Decision;
      if (typeof decision === 'string') {
        return {
          result:
            decision === 'ALLOW' ? AuthorizeResult.ALLOW : AuthorizeResult.DENY,
        };
      }
      return {
        result: AuthorizeResult.CONDITIONAL,
        pluginId: 'catalog',
        resourceType: 'catalog-entity',
        conditions: { ...decision, rule: 'R', resourceType: 'catalog-entity' },
      };
    });
  },
});

function withSystem(entity: Entity, targetRef: string): Entity {
  return {
    ...entity,
    relations: [...(entity.relations ?? []), { type: 'partOf', targetRef }],
  };
}

const started: FleetViewService[] = [];

function setUp(options: { fleet?: FakeFleet; entities?: Entity[] } = {}) {
  const {
    fleet = ordersFleet({
      clusters: ['prod-blue', 'prod-green'],
      podsPerCluster: 2,
    }),
  } = options;
  const world = {
    entities: options.entities ?? [orders, intruder, blank],
    reads: [] as string[],
    isCatalogDown: false,
  };
  const catalog = catalogServiceMock.mock();
  catalog.streamEntities.mockImplementation(async function* stream(
    request,
    asking,
  ) {
    const name = nameOf(
      (asking as { credentials: BackstageCredentials }).credentials,
    );
    world.reads.push(name || 'the plugin');
    if (world.isCatalogDown) throw new Error('connect ECONNREFUSED 10.0.0.7');
    const readable = name === '' ? world.entities : PEOPLE[name].reads;
    yield* catalogServiceMock({ entities: readable }).streamEntities(
      { ...request, pageSize: 2 },
      asking,
    );
  });
  const published: Array<{ channel: string; hash: string }> = [];
  const service = FleetViewService.create({
    auth: mockServices.auth(),
    catalog,
    fleet,
    config: targetsConfig,
    permissions,
    channels: new Channels({ secret: 'a secret of all replicas' }),
    publish: (channel, hash) => published.push({ channel, hash }),
    logger: mockServices.logger.mock(),
  });
  started.push(service);
  const call = (person: string) => ({
    credentials: mockCredentials.user(`user:default/${person}`),
    signal: new AbortController().signal,
  });
  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => {});
    await jest.advanceTimersByTimeAsync(3_100);
    return promise;
  };
  const view = async (person: string, since?: string): Promise<FleetView> => {
    const answer = await settle(service.getView({ since }, call(person)));
    return JSON.parse(gunzipSync(await answer.gzipped).toString());
  };
  const search = async (person: string, query: string) =>
    settle(service.search({ query }, call(person)));
  return {
    service,
    catalog,
    fleet,
    world,
    published,
    view,
    search,
    call,
    settle,
  };
}

function putApplication(
  fleet: FakeFleet,
  row: ReturnType<typeof applicationRow>,
) {
  const index = fleet.applicationRows.findIndex(
    ({ name }) => name === row.name,
  );
  if (index < 0) fleet.applicationRows.push(row);
  else fleet.applicationRows[index] = row;
  fleet.ring({ type: 'application', row, deleted: false });
}

function putDeployment(
  fleet: FakeFleet,
  row: ReturnType<typeof deploymentRow>,
) {
  const index = fleet.workloadRows.findIndex(({ uid }) => uid === row.uid);
  if (index < 0) fleet.workloadRows.push(row);
  else fleet.workloadRows[index] = row;
  fleet.ring({
    type: 'object',
    kind: 'Deployment',
    cluster: row.cluster,
    row,
    deleted: false,
  });
}

/** Nobody's entity names it. */
const stray = applicationRow('prod-blue', {
  name: 'stray',
  labels: {},
  annotations: {},
  resources: [],
  destination: { server: 'https://elsewhere.example.com' },
  health: { status: 'Degraded' },
});

const shown = ({ rows }: FleetView) =>
  rows
    .map(({ name, cluster, entity }) =>
      [name, cluster ?? '?', entity?.ref.split('/')[1] ?? 'no entity'].join(
        ' ',
      ),
    )
    .sort();

describe('FleetViewService', () => {
  beforeEach(() => {
    jest.useFakeTimers({
      now: Date.parse('2026-11-20T12:00:00Z'),
      doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'],
    });
  });

  afterEach(() => {
    for (const service of started.splice(0)) service.stop();
    jest.useRealTimers();
  });

  it('has a line for each place of a component and each Application that none names', async () => {
    const { fleet, view } = setUp();
    fleet.applicationRows.push(stray);
    const answer = await view('inge');
    expect(shown(answer)).toEqual([
      'intruder prod-green intruder',
      'orders-prod-blue prod-blue intruder',
      'orders-prod-blue prod-blue orders',
      'orders-prod-green prod-green orders',
      'stray ? no entity',
    ]);
    const row = answer.rows.find(
      ({ cluster, entity }) =>
        cluster === 'prod-blue' && entity?.ref === stringifyEntityRef(orders),
    );
    expect(row).toMatchObject({
      name: 'orders-prod-blue',
      severity: 'fine',
      entity: {
        ref: 'component:default/orders',
        owner: 'group:default/storefront',
      },
      environment: 'production',
      namespace: 'storefront',
      app: {
        instance: 'main',
        namespace: 'argocd',
        project: 'storefront',
        sync: 'Synced',
        health: 'Healthy',
        operation: { phase: 'Succeeded' },
      },
      version: LIVE_VERSION,
      pods: [2, 2],
      changedAt: '2026-11-20T09:00:20Z',
    } satisfies Partial<FleetRow>);
    expect(answer).toMatchObject({
      scope: 'everything',
      environments: ['production', 'development'],
      sources: [],
      argoUrls: { main: 'https://argocd.example.com' },
      versions: { 'prod-blue': '184467', 'prod-green': '184467' },
    });
  });

  it.each([
    ['argocd/app-name', 'orders-prod-green'],
    ['argocd/app-selector', 'backstage-name=orders'],
    ['argocd/project-name', 'storefront'],
    ['backstage.io/kubernetes-id', 'orders'],
    ['backstage.io/kubernetes-label-selector', 'app.kubernetes.io/name=orders'],
    ['backstage.io/kubernetes-cluster', undefined],
    ['backstage.io/techdocs-ref', undefined],
  ])('has lines of a Resource that %s maps', async (annotation, value) => {
    const resource: Entity = {
      ...orders,
      kind: 'Resource',
      metadata: {
        name: 'orders',
        namespace: 'default',
        annotations: { [annotation]: value ?? 'orders' },
      },
    };
    const { view } = setUp({ entities: [resource, blank] });
    for (const person of ['inge', 'dana']) {
      const refs = (await view(person)).rows.flatMap(
        ({ entity }) => entity?.ref ?? [],
      );
      expect([...new Set(refs)]).toEqual(
        value === undefined ? [] : ['resource:default/orders'],
      );
    }
  });

  describe('permissions', () => {
    it.each([
      ['inge', 'everything', ['intruder', 'no entity', 'orders']],
      ['dana', 'components', ['intruder', 'orders']],
      ['omar', 'components', ['orders']],
      ['ravi', 'components', ['intruder']],
      ['nobody', 'components', []],
    ])('%s sees %s: %j', async (person, scope, owners) => {
      const { fleet, view } = setUp();
      fleet.applicationRows.push(stray);
      const answer = await view(person);
      expect(answer.scope).toBe(scope);
      expect(
        [
          ...new Set(
            answer.rows.map(
              ({ entity }) => entity?.ref.split('/')[1] ?? 'no entity',
            ),
          ),
        ].sort(),
      ).toEqual(owners);
    });

    it('says no to who may not see, and works nothing out for it', async () => {
      const { service, call, settle, world } = setUp();
      await expect(settle(service.getView({}, call('guest')))).rejects.toThrow(
        'You may not see the state of services: it needs the permission deploys.state.read',
      );
      await expect(
        settle(service.search({ query: 'orders' }, call('guest'))),
      ).rejects.toMatchObject({ name: 'NotAllowedError' });
      expect(world.reads).toEqual([]);
    });

    it('asks the catalog once for all with the same conditions, and again a minute later', async () => {
      const { view, world } = setUp();
      const omar = await view('omar');
      const olga = await view('olga');
      expect(olga).toEqual(omar);
      const asked = () => world.reads.filter(name => name !== 'the plugin');
      expect(asked()).toEqual(['omar']);
      jest.setSystemTime(Date.now() + 61_000);
      await view('olga');
      expect(asked()).toEqual(['omar', 'olga']);
    });

    it('shows of a system what the person sees of its components, on a channel of its own', async () => {
      const { service, call, settle, catalog, view } = setUp({
        entities: [withSystem(orders, 'system:default/shop'), intruder, blank],
      });
      catalog.getEntityByRef.mockImplementation(async (ref, asking) => {
        const name = nameOf(
          (asking as { credentials: BackstageCredentials }).credentials,
        );
        return name === 'ravi'
          ? undefined
          : {
              ...blank,
              kind: 'System',
              metadata: { name: (ref as CompoundEntityRef).name },
            };
      });
      const part = async (person: string, name = 'shop') => {
        const entityRef = { kind: 'system', namespace: 'default', name };
        const answer = await settle(
          service.getPart({ entityRef }, call(person)),
        );
        return JSON.parse(
          gunzipSync(await answer.gzipped).toString(),
        ) as FleetView;
      };
      const whole = await view('dana');
      const shop = await part('dana');
      expect(shop.rows).toEqual(
        whole.rows.filter(
          ({ entity }) => entity?.ref === 'component:default/orders',
        ),
      );
      expect(shop.rows.length).toBeGreaterThan(0);
      expect(shop.channel).not.toBe(whole.channel);
      expect((await part('dana', 'another')).rows).toEqual([]);
      expect((await part('nobody')).rows).toEqual([]);
      await expect(part('ravi')).rejects.toMatchObject({
        name: 'NotFoundError',
      });
      await expect(part('guest')).rejects.toMatchObject({
        name: 'NotAllowedError',
      });
    });

    it('gives classes channels of their own that tell nothing', async () => {
      const { view } = setUp();
      const channels = await Promise.all(
        ['inge', 'dana', 'omar', 'ravi', 'nobody'].map(
          async person => (await view(person)).channel,
        ),
      );
      expect(new Set(channels).size).toBe(5);
      for (const channel of channels)
        expect(channel).toMatch(/^deploys:[\w-]{22}$/);
    });

    it('takes away what a class may no longer see, and rings', async () => {
      const { view, published } = setUp();
      const before = await view('ravi');
      PEOPLE.ravi.reads = [];
      jest.setSystemTime(Date.now() + 61_000);
      const after = await view('ravi', before.since);
      PEOPLE.ravi.reads = [intruder];
      expect(after.rows).toEqual([]);
      expect(after.buckets).toEqual(
        [...new Set(before.rows.map(({ id }) => fleetBucketOf(id)))].sort(
          (a, b) => a - b,
        ),
      );
      expect(published.map(({ channel }) => channel)).toContain(after.channel);
    });

    it('rings only where a line is seen that changed', async () => {
      const { fleet, view, published } = setUp();
      const omar = await view('omar');
      const ravi = await view('ravi');
      const green = applicationRow('prod-green', {
        sync: { status: 'OutOfSync', revisions: [] },
      });
      published.length = 0;
      putApplication(fleet, green);
      await jest.advanceTimersByTimeAsync(2_000);
      expect(published.map(({ channel }) => channel)).toEqual([omar.channel]);
      expect((await view('ravi', ravi.since)).hash).toBe(ravi.hash);
    });

    it('does not hand on why the catalog cannot be asked', async () => {
      const { service, call, settle, world } = setUp();
      world.isCatalogDown = true;
      await expect(settle(service.getView({}, call('omar')))).rejects.toThrow(
        /^The catalog cannot be asked at the moment$/,
      );
    });
  });

  describe('changes', () => {
    it('sends the part that changed, and nothing to who has it', async () => {
      const { fleet, view, published } = setUp();
      const before = await view('dana');
      published.length = 0;
      putApplication(
        fleet,
        applicationRow('prod-green', { health: { status: 'Degraded' } }),
      );
      await jest.advanceTimersByTimeAsync(2_000);
      const after = await view('dana', before.since);
      expect(published).toEqual([{ channel: after.channel, hash: after.hash }]);
      const changed = after.rows.filter(
        ({ severity }) => severity === 'failed',
      );
      expect(changed.map(({ name }) => name)).toEqual(['orders-prod-green']);
      expect(after.buckets).toEqual([fleetBucketOf(changed[0].id)]);
      expect(after.rows.length).toBeLessThan(before.rows.length);
      const again = await view('dana', after.since);
      expect(again).toMatchObject({ buckets: [], rows: [], hash: after.hash });
    });

    it('sends a part from which the last line went', async () => {
      const { fleet, view } = setUp();
      fleet.applicationRows.push(stray);
      const before = await view('inge');
      const gone = before.rows.find(({ name }) => name === 'stray')!;
      fleet.applicationRows.pop();
      fleet.ring({ type: 'application', row: stray, deleted: true });
      await jest.advanceTimersByTimeAsync(2_000);
      const after = await view('inge', before.since);
      expect(after.buckets).toEqual([fleetBucketOf(gone.id)]);
      expect(after.rows.map(({ name }) => name)).not.toContain('stray');
    });

    it('sends everything to who comes with something it never said', async () => {
      const { view } = setUp();
      const whole = await view('dana');
      const again = await view('dana', 'AAAA');
      expect(again.buckets).toBeUndefined();
      expect(again.rows).toHaveLength(whole.rows.length);
    });

    it('claims to know a cluster no further than its lines do', async () => {
      const { service, fleet, view, call } = setUp();
      expect((await view('inge')).versions['prod-blue']).toBe('184467');
      const at = fleet.clusterList.findIndex(
        ({ name }) => name === 'prod-blue',
      );
      const cluster = fleet.clusterList[at];
      fleet.clusterList[at] = {
        ...cluster,
        kinds: cluster.kinds.map(kind => ({
          ...kind,
          resourceVersion: '184472',
        })),
      };
      putDeployment(
        fleet,
        deploymentRow('prod-blue', 'v5.3.25', 2, { resourceVersion: '184470' }),
      );
      const read = async (): Promise<FleetView> => {
        const answer = await service.getView({}, call('inge'));
        return JSON.parse(gunzipSync(await answer.gzipped).toString());
      };
      const blue = ({ rows }: FleetView) =>
        rows.find(
          ({ cluster: name, entity }) =>
            name === 'prod-blue' && entity?.ref === stringifyEntityRef(orders),
        )?.version;
      // Both replicas' views would be as new, and this one would take back what the other has shown.
      const early = await read();
      expect([blue(early), early.versions['prod-blue']]).toEqual([
        LIVE_VERSION,
        '184469',
      ]);
      await jest.advanceTimersByTimeAsync(2_000);
      const late = await read();
      expect([blue(late), late.versions['prod-blue']]).toEqual([
        'v5.3.25',
        '184472',
      ]);
    });

    it('does not say that an answer that claimed less is still the answer', async () => {
      const { service, fleet, view, call } = setUp();
      await view('inge');
      const change = deploymentRow('prod-blue', LIVE_VERSION, 2, {
        resourceVersion: '184467',
      });
      const read = async () => {
        const { etag, gzipped } = await service.getView({}, call('inge'));
        return {
          etag,
          view: JSON.parse(gunzipSync(await gzipped).toString()) as FleetView,
        };
      };
      // Nothing that a line shows: the view stays the same.
      putDeployment(fleet, change);
      await jest.advanceTimersByTimeAsync(20);
      const early = await read();
      const again = await read();
      await jest.advanceTimersByTimeAsync(2_000);
      const late = await read();
      expect(
        [early, late].map(each => each.view.versions['prod-blue']),
      ).toEqual(['184466', '184467']);
      expect(late.view.hash).toBe(early.view.hash);
      expect(again.etag).toBe(early.etag);
      expect(late.etag).not.toBe(early.etag);
      expect(late.etag).toBe(late.view.hash);
    });

    it('means the same by since and hash on each replica', async () => {
      const first = setUp();
      const second = setUp({
        fleet: first.fleet,
        entities: [blank, intruder, orders],
      });
      const one = await first.view('omar');
      const other = await second.view('omar', one.since);
      expect(other).toMatchObject({
        hash: one.hash,
        channel: one.channel,
        buckets: [],
      });
    });

    it('makes one answer for all who come from the same state', async () => {
      const { service, call, settle, view } = setUp();
      await view('dana');
      const [one, other] = await Promise.all([
        settle(service.getView({}, call('dana'))),
        settle(service.getView({}, call('dana'))),
      ]);
      expect(one.gzipped).toBe(other.gzipped);
    });

    it('makes few answers for who makes up where they come from', async () => {
      const { service, call, settle, view } = setUp();
      const bytes = Buffer.from((await view('dana')).since, 'base64url');
      const madeUp = Array.from({ length: 60 }, (_, turn) => {
        const copy = Buffer.from(bytes);
        // One bucket, another each time; then all of them.
        if (turn < 40) copy[turn * 8] ^= 1;
        else copy.forEach((byte, at) => (copy[at] = byte ^ turn));
        return copy.toString('base64url');
      });
      const answers = await settle(
        Promise.all(
          madeUp.map(since => service.getView({ since }, call('dana'))),
        ),
      );
      const different = new Set(answers.map(({ gzipped }) => gzipped));
      expect(different.size).toBeGreaterThan(2);
      expect(different.size).toBeLessThanOrEqual(9);
    });

    it('makes one signal of many changes', async () => {
      const { fleet, view, published } = setUp();
      await view('dana');
      published.length = 0;
      for (let turn = 0; turn < 10; turn++) {
        putApplication(
          fleet,
          applicationRow('prod-green', {
            sync: { status: 'Synced', revisions: [String(turn)] },
            operation: {
              phase: 'Running',
              revisions: [],
              startedAt: `t${turn}`,
            },
          }),
        );
        await jest.advanceTimersByTimeAsync(20);
      }
      await jest.advanceTimersByTimeAsync(2_000);
      expect(published.length).toBeLessThanOrEqual(2);
      expect((await view('dana')).hash).toBe(published.at(-1)?.hash);
    });

    it('listens to pods only where some are missing, and says why they are', async () => {
      const { fleet, view, published } = setUp();
      const before = await view('dana');
      published.length = 0;
      const crashing = podRow('prod-blue', 0, LIVE_VERSION, {
        ready: false,
        reason: 'CrashLoopBackOff',
        containers: [
          {
            ...podRow('prod-blue', 0, LIVE_VERSION).containers[0],
            ready: false,
            restarts: 4,
            state: 'waiting',
            reason: 'CrashLoopBackOff',
            last: { reason: 'Error', exitCode: 1 },
          },
        ],
      });
      fleet.putPod(podRow('prod-blue', 0, LIVE_VERSION, { ready: false }));
      await jest.advanceTimersByTimeAsync(2_000);
      expect(published).toEqual([]);
      putDeployment(
        fleet,
        deploymentRow('prod-blue', LIVE_VERSION, 2, { ready: 1 }),
      );
      await jest.advanceTimersByTimeAsync(2_000);
      fleet.putPod(crashing);
      await jest.advanceTimersByTimeAsync(2_000);
      const after = await view('dana', before.since);
      const row = after.rows.find(
        ({ name, entity }) =>
          name === 'orders-prod-blue' && entity?.ref.endsWith('/orders'),
      );
      expect(row).toMatchObject({ severity: 'failed', pods: [1, 2] });
      expect(row?.problem).toMatch(/^CrashLoopBackOff/);
    });

    it('follows a source that goes and comes back', async () => {
      const { fleet, view } = setUp();
      await view('dana');
      fleet.putCluster(
        clusterStatus('prod-green', {
          state: 'unreachable',
          problem: 'no answer',
        }),
      );
      await jest.advanceTimersByTimeAsync(2_000);
      const gone = await view('dana');
      expect(gone.sources).toMatchObject([
        { id: 'cluster:prod-green', state: 'unreachable' },
      ]);
      const severities = (answer: FleetView) =>
        Object.fromEntries(
          answer.rows
            .filter(({ entity }) => entity?.ref.endsWith('/orders'))
            .map(({ cluster, severity }) => [cluster, severity]),
        );
      expect(severities(gone)).toEqual({
        'prod-blue': 'fine',
        'prod-green': 'unseen',
      });
      fleet.putCluster(clusterStatus('prod-green'));
      await jest.advanceTimersByTimeAsync(2_000);
      expect(severities(await view('dana'))['prod-green']).toBe('fine');
    });

    it('follows the catalog', async () => {
      const { fleet, view, world } = setUp({ entities: [blank] });
      const before = await view('inge');
      expect(new Set(before.rows.map(({ entity }) => entity?.ref))).toEqual(
        new Set([undefined]),
      );
      world.entities = [blank, orders];
      await jest.advanceTimersByTimeAsync(61_000);
      const after = await view('inge');
      expect(shown(after)).toEqual([
        'orders-prod-blue prod-blue orders',
        'orders-prod-green prod-green orders',
      ]);
      world.reads.length = 0;
      world.entities = [blank];
      await jest.advanceTimersByTimeAsync(61_000);
      expect(world.reads).toEqual(['the plugin']);
      expect(shown(await view('inge'))).toEqual(shown(before));
      expect(fleet.listenerCount).toBe(1);
    });

    it('keeps what it knows while the catalog is down, and says that it knows nothing before', async () => {
      const down = setUp();
      down.world.isCatalogDown = true;
      expect(await down.view('dana')).toMatchObject({
        incomplete: true,
        rows: [],
      });
      down.world.isCatalogDown = false;
      await jest.advanceTimersByTimeAsync(10_000);
      const read = await down.view('dana');
      expect(read.incomplete).toBeUndefined();
      down.world.isCatalogDown = true;
      await jest.advanceTimersByTimeAsync(120_000);
      expect((await down.view('dana')).rows).toEqual(read.rows);
    });

    it('works lines out once when the first lists have ended, not at each object, and before anybody looks', async () => {
      const { service, fleet, view } = setUp();
      fleet.putCluster(clusterStatus('prod-green', { state: 'connecting' }));
      const asked = jest.spyOn(fleet, 'workloads');
      service.start();
      await jest.advanceTimersByTimeAsync(5_000);
      putDeployment(fleet, deploymentRow('prod-green', LIVE_VERSION, 2));
      await jest.advanceTimersByTimeAsync(5_000);
      expect(asked).not.toHaveBeenCalled();
      expect(service.size).toBe(0);

      fleet.putCluster(clusterStatus('prod-green'));
      await jest.advanceTimersByTimeAsync(5_000);
      expect(service.size).toBeGreaterThan(0);
      asked.mockClear();
      putDeployment(
        fleet,
        deploymentRow('prod-green', LIVE_VERSION, 2, { ready: 1 }),
      );
      await jest.advanceTimersByTimeAsync(5_000);
      expect(asked).not.toHaveBeenCalled();
      const { rows, incomplete } = await view('dana');
      expect(incomplete).toBeUndefined();
      expect(rows.map(({ pods }) => pods)).toContainEqual([1, 2]);
    });

    it('shows what is known to who looks while the first lists are under way, and the rest when they have ended', async () => {
      const { fleet, view, published } = setUp();
      fleet.putCluster(clusterStatus('prod-green', { state: 'connecting' }));
      const early = await view('dana');
      expect(early.incomplete).toBe(true);
      expect(early.rows.length).toBeGreaterThan(0);
      published.length = 0;
      const asked = jest.spyOn(fleet, 'workloads');
      for (const ready of [0, 1, 0, 1]) {
        putDeployment(
          fleet,
          deploymentRow('prod-green', LIVE_VERSION, 2, { ready }),
        );
        await jest.advanceTimersByTimeAsync(1_000);
      }
      expect(asked).not.toHaveBeenCalled();
      expect(published).toEqual([]);
      // Objects of clusters that were read are news at once.
      putDeployment(
        fleet,
        deploymentRow('prod-blue', LIVE_VERSION, 2, { ready: 1 }),
      );
      await jest.advanceTimersByTimeAsync(2_000);
      expect(asked).toHaveBeenCalled();
      fleet.putCluster(clusterStatus('prod-green'));
      await jest.advanceTimersByTimeAsync(2_000);
      const late = await view('dana');
      expect(late.incomplete).toBeUndefined();
      expect(published.map(({ hash }) => hash)).toContain(late.hash);
    });

    it('hears no pod of which only the version is another', async () => {
      const { fleet, view } = setUp();
      putDeployment(
        fleet,
        deploymentRow('prod-blue', LIVE_VERSION, 2, { ready: 1 }),
      );
      await view('dana');
      const asked = jest.spyOn(fleet, 'workloads');
      fleet.putPod(fleet.podRows[0], { same: true });
      await jest.advanceTimersByTimeAsync(2_000);
      expect(asked).not.toHaveBeenCalled();
      fleet.putPod(fleet.podRows[0]);
      await jest.advanceTimersByTimeAsync(2_000);
      expect(asked).toHaveBeenCalled();
    });

    it('does nothing while nobody looks, and catches up', async () => {
      const { fleet, view, world, published } = setUp();
      await view('dana');
      await jest.advanceTimersByTimeAsync(12 * 60_000);
      world.reads.length = 0;
      published.length = 0;
      const pods = jest.spyOn(fleet, 'workloads');
      putApplication(
        fleet,
        applicationRow('prod-green', { health: { status: 'Degraded' } }),
      );
      await jest.advanceTimersByTimeAsync(5 * 60_000);
      expect(pods).not.toHaveBeenCalled();
      expect(world.reads).toEqual([]);
      expect(published).toEqual([]);
      const after = await view('dana');
      expect(
        after.rows.filter(({ severity }) => severity === 'failed'),
      ).toHaveLength(1);
    });

    it('lets go of the fleet and of every timer at the end', async () => {
      const { service, fleet, view } = setUp();
      await view('dana');
      putApplication(fleet, stray);
      expect(fleet.listenerCount).toBe(1);
      expect(jest.getTimerCount()).toBeGreaterThan(0);
      service.stop();
      expect(fleet.listenerCount).toBe(0);
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  describe('search', () => {
    const REVISION = '3f1c2f0d8f6f4d2aa4c1f6b1e0c4f4b6a7c8d9e0';

    it.each([
      ['a commit', REVISION.slice(0, 8), 'revision', REVISION],
      [
        'an image',
        `orders:${LIVE_VERSION}`,
        'image',
        `127.0.0.1:5001/storefront/orders:${LIVE_VERSION}`,
      ],
      ['a pod', 'orders-6d4cf56db2-x1', 'pod', 'orders-6d4cf56db2-x1k8z'],
      ['an Application', 'ORDERS-prod-g', 'application', 'orders-prod-green'],
      ['a component of which nothing runs', 'blank', 'component', 'blank'],
    ])('finds %s', async (_, query, type, text) => {
      const { search } = setUp();
      const { items } = await search('dana', query);
      expect(items[0]).toMatchObject({ type, text });
    });

    it('finds nothing of what one may not see', async () => {
      const { fleet, search } = setUp();
      fleet.applicationRows.push(stray);
      for (const query of [
        'orders-6d4cf56db2',
        REVISION,
        LIVE_VERSION,
        'stray',
        'blank',
        'orders',
      ]) {
        expect(await search('nobody', query)).toEqual({
          items: [],
          more: false,
        });
      }
      const { items } = await search('ravi', 'orders');
      expect(new Set(items.map(({ entityRef }) => entityRef))).toEqual(
        new Set(['component:default/intruder']),
      );
      expect((await search('inge', 'stray')).items).toMatchObject([
        { type: 'application', text: 'stray' },
      ]);
    });

    it('says that there is more', async () => {
      const { fleet, search } = setUp();
      for (let index = 0; index < 40; index++) {
        fleet.applicationRows.push({ ...stray, name: `stray-${index}` });
      }
      const { items, more } = await search('inge', 'stray');
      expect(items).toHaveLength(30);
      expect(more).toBe(true);
    });

    it('looks for the pods of a workload, never through all', async () => {
      const { fleet, search } = setUp();
      for (let index = 0; index < 3; index++) {
        fleet.podRows.push(
          podRow('prod-blue', 10 + index, LIVE_VERSION, {
            owner: { kind: 'ReplicaSet', name: 'other', uid: uidOf('other') },
          }),
        );
      }
      const pods = jest.spyOn(fleet, 'pods');
      await search('dana', 'orders-6d4cf56db2-x');
      for (const [query] of pods.mock.calls) {
        expect(query.ownerUid ?? query.labels).toBeDefined();
      }
    });
  });
});

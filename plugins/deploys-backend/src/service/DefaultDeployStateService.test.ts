import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { RegistryClient } from '@switchyard/backstage-plugin-deploys-node';
import { SwitchyardConfig } from '@switchyard/fleet-node';
import { LogSlots } from '../pods/LogSlots';
import { FakeFleet } from '../tests/FakeFleet';
import {
  blank,
  clusterStatus,
  deploymentRow,
  intruder,
  LIVE_VERSION,
  orders,
  ordersFleet,
  podRow,
  REPOSITORY,
  targetsConfig,
} from '../tests/ordersWorld';
import { Channels } from '../watch/Channels';
import { EntityStates } from '../watch/EntityStates';
import { DefaultDeployStateService } from './DefaultDeployStateService';
import { CallOptions } from './types';

const credentials = mockCredentials.user();
const started: EntityStates[] = [];

function setUp(
  options: { entities?: Entity[]; config?: SwitchyardConfig } = {},
) {
  const { entities = [orders, intruder, blank], config = targetsConfig } =
    options;
  const fleet = ordersFleet({
    clusters: ['prod-blue', 'prod-green', 'dev'],
    podsPerCluster: 2,
  });
  const catalog = catalogServiceMock.mock();
  catalog.getEntityByRef.mockImplementation(async ref =>
    entities.find(
      ({ metadata }) => metadata.name === (ref as { name: string }).name,
    ),
  );
  const registries = {
    listVersions: jest.fn(async () => ({ items: [], repositories: [] })),
  };
  const states = EntityStates.create({
    fleet,
    config,
    channels: new Channels({ secret: 'secret' }),
    publish: () => {},
    logger: mockServices.logger.mock(),
  });
  started.push(states);
  const service = DefaultDeployStateService.create({
    catalog,
    fleet,
    config,
    states,
    registries: registries as unknown as RegistryClient,
    slots: new LogSlots(),
    logger: mockServices.logger.mock(),
  });
  return { service, fleet, catalog, registries };
}

function refOf({ metadata }: Entity) {
  return { kind: 'component', namespace: 'default', name: metadata.name };
}

function call() {
  return { credentials, signal: new AbortController().signal };
}

afterEach(() => {
  for (const states of started.splice(0)) states.stop();
});

describe('readState', () => {
  it("loads the entity with the caller's credentials and answers from memory", async () => {
    const { service, catalog, fleet } = setUp();
    const answer = service.readState(
      await service.loadEntity({ entityRef: refOf(orders) }, call()),
    );
    expect(JSON.parse(answer.body)).toMatchObject({
      entityRef: 'component:default/orders',
      hash: answer.hash,
    });
    expect(catalog.getEntityByRef).toHaveBeenCalledWith(refOf(orders), {
      credentials,
    });
    // `until`, `argo`, `openApplication` of the fake throw: nothing remote was asked.
    expect(fleet.logRequests).toEqual([]);
  });

  it('does not know an entity that the caller may not see', async () => {
    const { service } = setUp({ entities: [] });
    await expect(
      service.loadEntity({ entityRef: refOf(orders) }, call()),
    ).rejects.toMatchObject({
      name: 'NotFoundError',
      message:
        'The catalog has no component:default/orders, or you may not see it',
    });
  });

  it('says that the catalog cannot be asked, without its words', async () => {
    const { service, catalog } = setUp();
    catalog.getEntityByRef.mockRejectedValue(
      new Error('connect ECONNREFUSED 10.0.0.7:7007'),
    );
    await expect(
      service.loadEntity({ entityRef: refOf(orders) }, call()),
    ).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: 'The catalog cannot be asked at the moment',
      cause: undefined,
    });
  });

  it('names the missing annotations of an entity that has none', async () => {
    const { service } = setUp();
    const { body } = service.readState(blank);
    expect(JSON.parse(body).problems).toEqual([
      expect.objectContaining({
        what: 'argocd/app-selector',
        example: 'argocd/app-selector: backstage-name=blank',
      }),
      expect.objectContaining({ what: 'backstage.io/kubernetes-id' }),
    ]);
  });
});

describe('listVersions', () => {
  it("asks for the repositories that the environment's workloads pull from", async () => {
    const { service, fleet, registries } = setUp();
    const mirror = 'mirror.example.com/storefront/orders';
    fleet.workloadRows[1] = deploymentRow('prod-green', LIVE_VERSION, 2, {
      containers: [
        { name: 'orders', image: `${mirror}:v5.3.24`, kind: 'container' },
      ],
    });
    const entity = {
      ...orders,
      metadata: {
        ...orders.metadata,
        annotations: {
          ...orders.metadata.annotations,
          'switchyard/image': mirror,
        },
      },
    };
    const {
      service: mirrored,
      fleet: theirs,
      registries: asked,
    } = setUp({
      entities: [entity],
    });
    theirs.workloadRows[1] = fleet.workloadRows[1];
    await mirrored.listVersions(
      { entityRef: refOf(entity), environment: 'production' },
      call(),
    );
    expect(asked.listVersions).toHaveBeenCalledWith({
      repositories: [REPOSITORY, mirror],
      tagPrefix: '',
      signal: expect.any(AbortSignal),
    });
    await service.listVersions(
      { entityRef: refOf(orders), environment: 'development' },
      call(),
    );
    expect(registries.listVersions).toHaveBeenCalledWith(
      expect.objectContaining({ repositories: [REPOSITORY] }),
    );
  });

  it('takes the prefix of a shared repository from the tag that runs', async () => {
    const { service, fleet, registries } = setUp();
    for (const [index, row] of fleet.workloadRows.entries()) {
      fleet.workloadRows[index] = {
        ...row,
        containers: [
          {
            name: 'orders',
            image: `${REPOSITORY}:orders_v2.8.3`,
            kind: 'container',
          },
        ],
      };
    }
    await service.listVersions(
      { entityRef: refOf(orders), environment: 'production' },
      call(),
    );
    expect(registries.listVersions).toHaveBeenCalledWith(
      expect.objectContaining({ tagPrefix: 'orders_' }),
    );
  });

  it('asks no registry for the intruder, nor where nothing runs', async () => {
    const { service, registries } = setUp();
    await expect(
      service.listVersions(
        { entityRef: refOf(intruder), environment: 'production' },
        call(),
      ),
    ).rejects.toMatchObject({
      name: 'NotAllowedError',
      message: expect.stringContaining('names another entity'),
    });
    await expect(
      service.listVersions(
        { entityRef: refOf(orders), environment: 'staging' },
        call(),
      ),
    ).rejects.toMatchObject({ name: 'NotFoundError' });
    expect(registries.listVersions).not.toHaveBeenCalled();
  });
});

describe('findPod and openLog', () => {
  const pod = podRow('prod-blue', 0, LIVE_VERSION);
  const place = {
    cluster: 'prod-blue',
    namespace: 'storefront',
    pod: pod.name,
    previous: false,
    follow: true,
    timestamps: true,
    tailLines: 100,
  };
  const ofOrders = { ...place, entityRef: refOf(orders) };
  const unchecked = (options: CallOptions = call()) => ({
    ...options,
    check: () => {},
  });
  const open = async (
    service: DefaultDeployStateService,
    options: CallOptions = call(),
  ) =>
    service.openLog(
      await service.findPod(ofOrders, unchecked(options)),
      ofOrders,
      options,
    );

  it('tells what permissions depend on, and the container that is the service', async () => {
    const { service } = setUp();
    expect(await service.findPod(ofOrders, unchecked())).toEqual({
      entity: orders,
      environment: 'production',
      cluster: 'prod-blue',
      namespace: 'storefront',
      pod: pod.name,
      container: 'orders',
    });
  });

  it('opens the log of that container', async () => {
    const { service, fleet } = setUp();
    const { container, lines } = await open(service);
    expect(container).toBe('orders');
    const read: string[] = [];
    for await (const line of lines) read.push(line);
    expect(read).toEqual(['first', 'second']);
    expect(fleet.logRequests).toEqual([
      {
        ...place,
        container: 'orders',
        signal: expect.any(AbortSignal),
      },
    ]);
  });

  it.each<[string, Entity, object, string]>([
    ['the intruder', intruder, {}, 'NotAllowedError'],
    ['a pod of somebody else', orders, { pod: 'search-1' }, 'NotFoundError'],
    [
      'another namespace',
      orders,
      { namespace: 'kube-system' },
      'NotFoundError',
    ],
    ['another cluster', orders, { cluster: 'dev-2' }, 'NotFoundError'],
    [
      'a container that is not there',
      orders,
      { container: 'x' },
      'NotFoundError',
    ],
  ])('refuses %s', async (_, entity, more, name) => {
    const { service, fleet } = setUp();
    fleet.podRows.push({
      ...pod,
      name: 'search-1',
      uid: 'search-1',
      labels: {},
      owner: undefined,
    });
    await expect(
      service.findPod(
        { ...place, ...more, entityRef: refOf(entity) },
        unchecked(),
      ),
    ).rejects.toMatchObject({ name });
  });

  it.each<[string, Entity, object]>([
    ['consent', intruder, {}],
    ['containers', orders, { container: 'x' }],
  ])(
    'says nothing of %s before the place was checked',
    async (_, entity, more) => {
      const { service } = setUp();
      const check = jest.fn(() => {
        throw new Error('not there');
      });
      await expect(
        service.findPod(
          { ...place, ...more, entityRef: refOf(entity) },
          { ...call(), check },
        ),
      ).rejects.toThrow('not there');
      expect(check).toHaveBeenCalledWith(entity, {
        environment: 'production',
        cluster: 'prod-blue',
      });
    },
  );

  it('lets a binding of the namespace agree instead of the Application', async () => {
    const { service, fleet } = setUp({
      config: {
        ...targetsConfig,
        bindings: [
          {
            target: { cluster: 'prod-*', namespace: 'storefront' },
            to: { owner: 'group:default/storefront' },
          },
        ],
      },
    });
    fleet.applicationRows.splice(0);
    const found = await service.findPod(ofOrders, unchecked());
    expect(found.container).toBe('orders');
  });

  it('opens no more than sixty at once for one person', async () => {
    const { service } = setUp();
    const callers = Array.from({ length: 60 }, () => new AbortController());
    for (const { signal } of callers) {
      await open(service, { credentials, signal });
    }
    await expect(open(service)).rejects.toMatchObject({ statusCode: 429 });
    callers[0].abort();
    // Whoever had gone before it was opened keeps no place.
    const gone = { credentials, signal: AbortSignal.abort() };
    await expect(open(service, gone)).rejects.toMatchObject({
      name: 'AbortError',
    });
    await expect(open(service)).resolves.toBeDefined();
  });
});

describe('readFleet', () => {
  it('tells how well clusters can be seen, and not where they are', async () => {
    const { service, fleet } = setUp();
    fleet.clusterList[1] = clusterStatus('prod-green', {
      state: 'unreachable',
      problem: 'prod-green refuses connections',
    });
    const answer = service.readFleet({ whole: true });
    expect(answer.clusters[1]).toMatchObject({
      name: 'prod-green',
      state: 'unreachable',
      problem: 'prod-green refuses connections',
    });
    expect(answer.argoInstances).toEqual([
      expect.objectContaining({ name: 'main', state: 'live', applications: 3 }),
    ]);
    expect(JSON.stringify(answer.clusters)).not.toContain('example.com');
  });

  it('says what would mend it', () => {
    const { service, fleet } = setUp();
    fleet.clusterList[0] = clusterStatus('prod-blue', {
      kinds: [
        { kind: 'Pod', state: 'live' },
        { kind: 'Event', state: 'not-readable' },
      ],
    });
    fleet.instanceList[0] = { ...fleet.instanceList[0], state: 'unreachable' };
    const { clusters, argoInstances } = service.readFleet({
      whole: false,
    });
    expect(clusters[0].fix).toMatch(/list and watch Event: docs\/install/);
    expect(clusters[1]).not.toHaveProperty('fix');
    expect(argoInstances[0].fix).toMatch(/argocd\.appLocatorMethods/);
  });

  it.each([
    ['has a certificate that has ended', /^Renew the certificate/],
    ['has a certificate that is not trusted', /^Give .* the CA/],
    ['has a name that cannot be resolved', /^Check the address/],
    ['does not accept the credential', /^Check the credential/],
    ['is too busy to answer', /^Look at the load .* priority level/],
    ['breaks watches off: changes are seen some seconds late', /time-outs/],
    ['does not answer', /^Check the address, the certificate/],
  ])('says what would mend a cluster that %s', (words, fix) => {
    const { service, fleet } = setUp();
    fleet.clusterList[0] = clusterStatus('prod-blue', {
      state: 'unreachable',
      problem: `prod-blue ${words}`,
    });
    expect(service.readFleet({ whole: false }).clusters[0].fix).toMatch(fix);
  });

  it('lists destinations that are no cluster, to those who may see all', () => {
    const { service, fleet } = setUp();
    const [row] = fleet.applicationRows;
    const there = (name: string, destination: object) => ({
      ...row,
      name,
      destination,
    });
    fleet.applicationRows.push(
      there('a', { name: 'edge-1' }),
      there('b', { name: 'edge-1' }),
      there('c', { server: 'https://10.0.0.1' }),
    );
    expect(service.readFleet({ whole: true }).unjoined).toEqual([
      {
        instance: 'main',
        destination: 'edge-1',
        why: expect.stringContaining('switchyard.clusterAliases'),
        examples: ['a', 'b'],
        applications: 2,
      },
      expect.objectContaining({
        destination: 'https://10.0.0.1',
        examples: ['c'],
      }),
    ]);
    const part = service.readFleet({ whole: false });
    expect(part).not.toHaveProperty('unjoined');
    expect(part.argoInstances[0]).not.toHaveProperty('applications');
  });

  it('has nothing to tell of an empty fleet', async () => {
    const { service, fleet } = setUp();
    fleet.clusterList.splice(0);
    fleet.instanceList.splice(0);
    expect(service.readFleet({ whole: false })).toEqual({
      clusters: [],
      argoInstances: [],
    });
    expect(new FakeFleet().clusters()).toEqual([]);
  });
});

import { mockServices } from '@backstage/backend-test-utils';
import { DefaultFleet } from '../service/DefaultFleet';
import { FakeApiServer } from '../tests/FakeApiServer';
import { eventually } from '../tests/eventually';
import { FleetChange, FleetCluster, ResourceName } from '../types';
import { optionalResources } from './kinds';

const ROLLOUTS = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'rollouts',
};
const ANALYSIS_RUNS = { ...ROLLOUTS, plural: 'analysisruns' };
const CERTIFICATES = {
  group: 'cert-manager.io',
  version: 'v1',
  plural: 'certificates',
};
/** A kind whose name is that of another. */
const KNATIVE_SERVICES = {
  group: 'serving.knative.dev',
  version: 'v1',
  plural: 'services',
};

function object(kind: string, name: string, parts: object = {}) {
  return {
    apiVersion: 'x/v1',
    kind,
    metadata: {
      name,
      namespace: 'storefront',
      uid: `uid-${kind}-${name}`,
      generation: 4,
      labels: { app: name },
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
      managedFields: [{ manager: 'kubectl' }],
      ...(parts as any).metadata,
    },
    ...(parts as any).body,
  };
}

describe('kinds that only some clusters serve', () => {
  let server: FakeApiServer;
  let fleet: DefaultFleet;
  let resources: ResourceName[];
  let changes: FleetChange[];

  beforeEach(async () => {
    server = new FakeApiServer();
    await server.start();
    resources = [CERTIFICATES, KNATIVE_SERVICES];
    changes = [];
  });

  afterEach(async () => {
    fleet.stop();
    await server.stop();
  });

  async function start(timings: { discoveryMs?: number } = {}) {
    fleet = DefaultFleet.create({
      argo: [],
      logger: mockServices.logger.mock({
        child: () => mockServices.logger.mock(),
      }),
      timings: {
        kubernetes: {
          backoffBaseMs: 20,
          backoffMaxMs: 60,
          notReadableRetryMs: 80,
          unknownKindRetryMs: 600_000,
          discoveryMs: 40,
          clusterSourceMs: 30,
          ...timings,
        },
      },
    });
    fleet.subscribe(change => changes.push(change));
    fleet.setClusterSource(
      async (): Promise<FleetCluster[]> => [
        {
          name: 'prod-blue',
          url: server.url,
          credential: async () => ({ token: 'token-1' }),
          resources,
        },
      ],
    );
    await eventually(() => fleet.clusters()[0]?.state === 'live');
  }

  const kinds = () => fleet.clusters()[0].kinds.map(({ kind }) => kind);
  const held = (resource: ResourceName) => fleet.held('prod-blue', resource);

  it('are watched where they are served: Rollouts as workloads, AnalysisRuns as theirs', async () => {
    server.define(ROLLOUTS, 'Rollout');
    server.define(ANALYSIS_RUNS, 'AnalysisRun');
    server.put(
      'Rollout',
      object('Rollout', 'orders', {
        body: {
          spec: {
            replicas: 5,
            selector: { matchLabels: { app: 'orders' } },
            template: { spec: { containers: [{ name: 'app', image: 'o:2' }] } },
            strategy: { canary: { steps: [{ setWeight: 20 }, { pause: {} }] } },
          },
          status: {
            phase: 'Paused',
            message: 'CanaryPauseStep',
            observedGeneration: '4',
            replicas: 6,
            updatedReplicas: 1,
            readyReplicas: 5,
            availableReplicas: 5,
            currentStepIndex: 1,
            currentPodHash: 'new',
            stableRS: 'old',
            pauseConditions: [
              { reason: 'CanaryPauseStep', startTime: '2026-11-21T08:00:00Z' },
            ],
            canary: { weights: { canary: { weight: 20 } } },
          },
        },
      }),
    );
    server.put(
      'AnalysisRun',
      object('AnalysisRun', 'orders-2', {
        metadata: {
          ownerReferences: [
            {
              kind: 'Rollout',
              name: 'orders',
              uid: 'uid-Rollout-orders',
              controller: true,
            },
          ],
        },
        body: {
          status: {
            phase: 'Failed',
            message: 'Metric "errors" assessed Failed',
            startedAt: '2026-11-21T08:00:00Z',
            metricResults: [
              {
                name: 'errors',
                phase: 'Failed',
                failed: 2,
                measurements: [
                  { value: '[0.1]', finishedAt: '2026-11-21T08:01:00Z' },
                  { value: '[0.4]', finishedAt: '2026-11-21T08:02:00Z' },
                ],
              },
            ],
          },
        },
      }),
    );
    await start();
    await eventually(() => held(ANALYSIS_RUNS) === 'live');
    await eventually(() => held(ROLLOUTS) === 'live');

    expect(fleet.workloads({ labels: { app: 'orders' } })).toEqual([
      expect.objectContaining({
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Rollout',
        generation: 4,
        observedGeneration: 4,
        desired: 5,
        updated: 1,
        ready: 5,
        containers: [{ name: 'app', image: 'o:2', kind: 'container' }],
        rollout: {
          strategy: 'canary',
          phase: 'Paused',
          message: 'CanaryPauseStep',
          paused: {
            reason: 'CanaryPauseStep',
            since: '2026-11-21T08:00:00Z',
          },
          aborted: false,
          steps: { done: 1, of: 2, present: 'pause' },
          weight: 20,
          stableHash: 'old',
          currentHash: 'new',
        },
      }),
    ]);
    expect(fleet.analysisRuns({ ownerUid: 'uid-Rollout-orders' })).toEqual([
      expect.objectContaining({
        phase: 'Failed',
        message: 'Metric "errors" assessed Failed',
        metrics: [
          {
            name: 'errors',
            phase: 'Failed',
            successful: 0,
            failed: 2,
            inconclusive: 0,
            errors: 0,
            value: '[0.4]',
            at: '2026-11-21T08:02:00Z',
          },
        ],
      }),
    ]);
    expect(
      fleet.object({ cluster: 'prod-blue', uid: 'uid-AnalysisRun-orders-2' }),
    ).toMatchObject({ kind: 'AnalysisRun', status: { phase: 'Failed' } });
  });

  it('are rows of their own where nothing is there yet', async () => {
    server.define(ROLLOUTS, 'Rollout');
    server.put('Rollout', object('Rollout', 'bare', { body: { spec: {} } }));
    server.put(
      'Rollout',
      object('Rollout', 'odd', { body: { spec: null, status: null } }),
    );
    await start();
    await eventually(() => fleet.workloads({}).length === 2);
    expect(fleet.workloads({ name: 'bare' })[0]).toMatchObject({
      desired: 1,
      updated: 0,
      observedGeneration: 0,
      rollout: { strategy: 'unknown', aborted: false },
    });
    await eventually(() => held(ROLLOUTS) === 'live');
  });

  it('are whole objects where the configuration names them, by labels, namespace and owner', async () => {
    server.define(CERTIFICATES, 'Certificate');
    server.define(KNATIVE_SERVICES, 'Service');
    server.put(
      'Certificate',
      object('Certificate', 'orders', { body: { spec: { dns: ['a'] } } }),
    );
    server.put('Certificate', object('Certificate', 'search'));
    server.put('Service', object('Service', 'orders'));
    await start();
    await eventually(() => held(CERTIFICATES) === 'live');
    await eventually(() => held(KNATIVE_SERVICES) === 'live');

    const query = { resource: CERTIFICATES, namespace: 'storefront' };
    const [row, ...others] = fleet.resources({
      ...query,
      labels: { app: 'orders' },
    });
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      cluster: 'prod-blue',
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      name: 'orders',
    });
    expect(fleet.object(row)).toEqual({
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: expect.not.objectContaining({
        managedFields: expect.anything(),
      }),
      spec: { dns: ['a'] },
    });
    expect(fleet.resources({ ...query, namespace: 'other' })).toEqual([]);
    expect(fleet.resources({ ...query, ownerUid: 'none' })).toEqual([]);
    // Two kinds of one name stay two.
    expect(kinds()).toEqual(
      expect.arrayContaining([
        'Certificate.cert-manager.io',
        'Service.serving.knative.dev',
      ]),
    );
    expect(
      fleet.resources({ resource: KNATIVE_SERVICES }).map(({ uid }) => uid),
    ).toEqual(['uid-Service-orders']);
    expect(fleet.resources({ resource: ROLLOUTS })).toEqual([]);
    expect(held(ROLLOUTS)).toBeUndefined();
  });

  it('answers for the kinds that every cluster has by the same name, where they are held whole', async () => {
    server.put('Pod', object('Pod', 'a'));
    await start();
    const core = { group: '', version: 'v1' };
    expect(
      fleet.resources({ resource: { ...core, plural: 'pods' } }),
    ).toHaveLength(1);
    expect(held({ ...core, plural: 'pods' })).toBe('live');
    // Of these less than the whole is kept, or nothing.
    for (const plural of ['nodes', 'events', 'secrets', 'configmaps']) {
      expect(held({ ...core, plural })).toBeUndefined();
    }
    expect(fleet.held('none', { ...core, plural: 'pods' })).toBeUndefined();
  });

  it('are found when they appear, and forgotten when they go', async () => {
    await start();
    expect(kinds()).not.toContain('Certificate.cert-manager.io');
    server.define(CERTIFICATES, 'Certificate');
    server.put('Certificate', object('Certificate', 'orders'));
    const { metadata } = server.put(
      'Certificate',
      object('Certificate', 'invoices'),
    );
    await eventually(() => held(CERTIFICATES) === 'live');
    await eventually(() => fleet.resources({ resource: CERTIFICATES })[1]);

    changes.length = 0;
    server.undefine(CERTIFICATES);
    await eventually(() => held(CERTIFICATES) === undefined);
    expect(kinds()).not.toContain('Certificate.cert-manager.io');
    const ref = { cluster: 'prod-blue', uid: 'uid-Certificate-orders' };
    await eventually(() => fleet.object(ref) === undefined);
    expect(changes).toContainEqual(
      expect.objectContaining({
        kind: 'Certificate.cert-manager.io',
        deleted: true,
        row: expect.objectContaining({
          name: 'orders',
          // The last that was heard of the kind.
          resourceVersion: metadata.resourceVersion,
        }),
      }),
    );

    // With another version of its definition it is back.
    server.define(CERTIFICATES, 'Certificate');
    await eventually(() => held(CERTIFICATES) === 'live');
  });

  it('are asked for again when a watch finds one gone, long before it is time', async () => {
    server.define(CERTIFICATES, 'Certificate');
    await start({ discoveryMs: 600_000 });
    await eventually(() => held(CERTIFICATES) === 'live');
    server.undefine(CERTIFICATES);
    await eventually(() => !kinds().includes('Certificate.cert-manager.io'));
  });

  it('follow the configuration of their cluster', async () => {
    server.define(CERTIFICATES, 'Certificate');
    resources = [];
    await start({ discoveryMs: 600_000 });
    expect(held(CERTIFICATES)).toBeUndefined();
    resources = [CERTIFICATES];
    await eventually(() => held(CERTIFICATES) === 'live');
    resources = [];
    await eventually(() => held(CERTIFICATES) === undefined);
    await eventually(() => server.watchesOf('Certificate') === 0);
  });

  it('are not readable where the account may not, which is no trouble of the cluster', async () => {
    server.define(CERTIFICATES, 'Certificate');
    server.refused.set('/apis/cert-manager.io/v1/certificates', 403);
    await start();
    await eventually(() => held(CERTIFICATES) === 'not-readable');
    expect(fleet.clusters()[0]).toMatchObject({
      state: 'live',
      problem:
        "The portal's account may not list and watch Certificate.cert-manager.io in prod-blue",
    });
    server.refused.clear();
    await eventually(() => held(CERTIFICATES) === 'live');
  });

  it('stay while it cannot be asked which there are', async () => {
    server.define(CERTIFICATES, 'Certificate');
    await start();
    await eventually(() => held(CERTIFICATES) === 'live');
    server.refused.set('/apis/cert-manager.io/v1', 500);
    server.requests.length = 0;
    await eventually(
      () =>
        server.requests.filter(path => path === '/apis/cert-manager.io/v1')
          .length > 2,
    );
    expect(held(CERTIFICATES)).toBe('live');
  });
});

describe('optionalResources', () => {
  const core = { group: '', version: 'v1' };

  it('never holds what has secret values, whoever asks', () => {
    const asked = [
      { ...core, plural: 'secrets' },
      { ...core, plural: 'configmaps' },
      { ...core, plural: 'events' },
      { group: 'events.k8s.io', version: 'v1', plural: 'events' },
      { ...core, plural: 'nodes' },
      // Watched anyway.
      { ...core, plural: 'pods' },
      CERTIFICATES,
      { ...CERTIFICATES, version: 'v1beta1' },
    ];
    expect(optionalResources(asked)).toEqual([
      ROLLOUTS,
      ANALYSIS_RUNS,
      CERTIFICATES,
    ]);
  });
});

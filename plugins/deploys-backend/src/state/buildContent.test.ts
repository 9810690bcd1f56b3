import { deploymentsOf, EventRow } from '@switchyard/fleet-node';
import { linesOfComponent } from '../fleetViews/lines';
import { metricsOf } from '../pods/podMetrics';
import { FakeFleet } from '../tests/FakeFleet';
import {
  applicationRow,
  blank,
  clusterStatus,
  deploymentRow,
  fullApplication,
  intruder,
  LIVE_VERSION,
  orders,
  ordersFleet,
  podRow,
  REPOSITORY,
  replicaSetRow,
  targetsConfig,
  uidOf,
} from '../tests/ordersWorld';
import { detailsOf } from './applicationDetails';
import { buildContent } from './buildContent';
import { allSources } from './sources';

function build(fleet: FakeFleet, entity = orders, config = targetsConfig) {
  return buildContent({
    entity,
    found: deploymentsOf(entity, fleet, config),
    fleet,
    detailsOf: ({ name }) => {
      const full = fleet.full.get(name);
      return full && detailsOf(full);
    },
  });
}

function world() {
  return ordersFleet({
    clusters: ['prod-blue', 'prod-green', 'dev'],
    podsPerCluster: 2,
  });
}

function outline(fleet: FakeFleet) {
  return build(fleet).deployments.map(
    ({ cluster, unjoinedDestination }) => cluster ?? unjoinedDestination,
  );
}

describe('buildContent', () => {
  it('says that all is well only when all of it is', () => {
    const content = build(world());
    expect(content.summary).toEqual({
      tone: 'ok',
      text: 'All 6 pods are ready on 3 clusters',
    });
    expect(content.problems).toEqual([]);
    expect(content.sources.map(({ id, state }) => [id, state])).toEqual([
      ['cluster:prod-blue', 'live'],
      ['cluster:prod-green', 'live'],
      ['cluster:dev', 'live'],
      ['argocd:main', 'live'],
    ]);
  });

  it('tells of each line what the table shows', () => {
    const [blue] = build(world()).deployments;
    expect(blue).toMatchObject({
      environment: 'production',
      cluster: 'prod-blue',
      namespace: 'storefront',
      version: {
        version: LIVE_VERSION,
        images: [
          { container: 'orders', image: `${REPOSITORY}:${LIVE_VERSION}` },
        ],
      },
      application: {
        name: 'orders-prod-blue',
        sync: 'Synced',
        health: 'Healthy',
        healthIsStale: false,
        autoSync: true,
        operation: {
          phase: 'Succeeded',
          message: 'successfully synced (all tasks run)',
        },
        lastDeploy: { at: '2026-11-20T09:00:20Z', by: 'auto-sync' },
      },
      consent: { given: true },
      workloads: [{ kind: 'Deployment', desired: 2, ready: 2, pods: [{}, {}] }],
    });
    expect(blue.drift).toBeUndefined();
    // The same consent is not said twice.
    expect(blue.workloads[0].consent).toBeUndefined();
  });

  it('says that a run has set the version in the Application itself, to those whom it agrees to', () => {
    const fleet = world();
    const [row] = fleet.applicationRows;
    const mark = {
      source: 0,
      tool: 'helm',
      name: 'image.tag',
      run: 'run-12',
      number: 12,
      at: '2026-11-20T09:00:00Z',
      version: LIVE_VERSION,
      entry: { name: 'image.tag', value: LIVE_VERSION },
      before: null,
      was: null,
    };
    const overrideOf = (annotations: Record<string, string>) => {
      fleet.applicationRows[0] = { ...row, annotations };
      return build(fleet).deployments.find(
        ({ application }) => application?.name === row.name,
      )?.application?.override;
    };
    const written = { 'switchyard/override': JSON.stringify(mark) };
    expect(overrideOf({ ...row.annotations, ...written })).toEqual({
      version: LIVE_VERSION,
      at: '2026-11-20T09:00:00Z',
      run: 'run-12',
      number: 12,
    });
    expect(overrideOf(written)).toBeUndefined();
    expect(
      overrideOf({ ...row.annotations, 'switchyard/override': '{"run":1}' }),
    ).toBeUndefined();
  });

  it('marks the cluster that runs an older version, and puts it first', () => {
    const fleet = world();
    fleet.workloadRows[1] = deploymentRow('prod-green', 'v5.3.23', 2);
    fleet.podRows.splice(
      2,
      2,
      podRow('prod-green', 0, 'v5.3.23'),
      podRow('prod-green', 1, 'v5.3.23'),
    );
    // dev has a newer one, as it should: it is no peer.
    fleet.workloadRows[2] = deploymentRow('dev', 'v5.3.26', 2);
    const content = build(fleet);
    expect(content.summary).toEqual({
      tone: 'warning',
      text: '1 of 2 clusters runs an older version',
    });
    expect(
      content.deployments.map(({ cluster, drift }) => [cluster, drift]),
    ).toEqual([
      [
        'prod-green',
        {
          kind: 'peers',
          message: 'v5.3.23 is older than v5.3.24 on prod-blue',
        },
      ],
      ['prod-blue', undefined],
      ['dev', undefined],
    ]);
  });

  it.each([
    [
      { weight: 20, steps: { done: 1, of: 5, present: 'pause' } },
      'The rollout of v5.3.24 is paused at step 2 of 5, weight 20 %, on prod-blue',
    ],
    [{}, 'The rollout of v5.3.24 is paused on prod-blue'],
  ])('does not call a Rollout rolling that waits: %j', (progress, text) => {
    const fleet = world();
    fleet.workloadRows[0] = deploymentRow('prod-blue', LIVE_VERSION, 2, {
      kind: 'Rollout',
      updated: 1,
      rollout: {
        strategy: 'canary',
        phase: 'Paused',
        aborted: false,
        stableHash: 'old',
        currentHash: 'new',
        ...progress,
      },
    });
    expect(build(fleet).summary).toEqual({ tone: 'progressing', text });
  });

  it('tells how far a rollout has come', () => {
    const fleet = world();
    fleet.workloadRows[0] = deploymentRow('prod-blue', LIVE_VERSION, 2, {
      updated: 1,
    });
    fleet.podRows[0] = podRow('prod-blue', 0, 'v5.3.23', {
      owner: {
        kind: 'ReplicaSet',
        name: 'orders-6d4cf56db1',
        uid: uidOf('prod-blue', 'ReplicaSet', '1'),
      },
    });
    const content = build(fleet);
    expect(content.summary).toEqual({
      tone: 'progressing',
      text: 'Rolling out v5.3.24 on prod-blue',
    });
    const [blue] = content.deployments;
    expect(blue.drift).toEqual({
      kind: 'rolling',
      message: '1 of 2 pods run v5.3.24, 1 still runs v5.3.23',
    });
    expect(
      blue.workloads[0].pods.map(({ version, outdated }) => [
        version,
        outdated,
      ]),
    ).toEqual([
      ['v5.3.23', true],
      ['v5.3.24', undefined],
    ]);
  });

  it('says what is wrong with a pod, in plain words, and puts its cluster first', () => {
    const fleet = world();
    fleet.podRows[4] = podRow('dev', 0, LIVE_VERSION, {
      ready: false,
      containers: [
        {
          name: 'orders',
          kind: 'container',
          image: `${REPOSITORY}:${LIVE_VERSION}`,
          ready: false,
          restarts: 3,
          state: 'waiting',
          reason: 'CrashLoopBackOff',
          last: {
            reason: 'Error',
            exitCode: 1,
            message: 'no database',
            finishedAt: '2026-11-20T10:10:00Z',
          },
        },
      ],
    });
    const content = build(fleet);
    expect(content.summary).toEqual({
      tone: 'error',
      text: '1 of 2 pods on dev needs attention: CrashLoopBackOff',
    });
    expect(content.deployments[0].cluster).toBe('dev');
    expect(content.deployments[0].workloads[0].pods[0]).toMatchObject({
      ready: false,
      containersReady: 0,
      restarts: 3,
      reason:
        'CrashLoopBackOff: container orders ended with exit code 1, restarted 3 times',
      message: 'no database',
      lastRestart: { reason: 'Error', exitCode: 1, at: '2026-11-20T10:10:00Z' },
    });
    expect(
      content.deployments[0].workloads[0].pods[0].starting,
    ).toBeUndefined();
  });

  it.each<[string, (fleet: FakeFleet) => void, string]>([
    [
      'a rollout that has missed its deadline',
      fleet => {
        fleet.workloadRows[0] = deploymentRow('prod-blue', LIVE_VERSION, 2, {
          conditions: [
            {
              type: 'Progressing',
              status: 'False',
              reason: 'ProgressDeadlineExceeded',
            },
          ],
        });
      },
      'ProgressDeadlineExceeded on prod-blue',
    ],
    [
      'an operation that failed',
      fleet => {
        fleet.applicationRows[0] = applicationRow('prod-blue', {
          operation: { phase: 'Failed', revisions: [] },
        });
      },
      'The last operation of Argo CD ended as Failed on prod-blue',
    ],
    [
      'a health of Degraded',
      fleet => {
        fleet.applicationRows[0] = applicationRow('prod-blue', {
          health: { status: 'Degraded' },
        });
      },
      'Degraded on prod-blue',
    ],
  ])('calls %s an error', (_, change, text) => {
    const fleet = world();
    change(fleet);
    expect(build(fleet).summary).toEqual({ tone: 'error', text });
  });

  it("greys Argo CD's Healthy where the cluster cannot be reached, and keeps its pods", () => {
    const fleet = world();
    fleet.clusterList[1] = clusterStatus('prod-green', {
      state: 'unreachable',
      since: '2026-11-20T12:03:00Z',
      asOf: '2026-11-20T12:02:58Z',
      problem: 'prod-green refuses connections',
    });
    const content = build(fleet);
    expect(content.summary).toEqual({
      tone: 'warning',
      text: 'prod-green cannot be reached, the last state is shown',
    });
    const [green, blue] = content.deployments;
    expect([
      green.cluster,
      green.application?.healthIsStale,
      blue.application?.healthIsStale,
    ]).toEqual(['prod-green', true, false]);
    expect(green.workloads[0].pods).toHaveLength(2);
    expect(
      content.sources.find(({ id }) => id === 'cluster:prod-green'),
    ).toEqual({
      id: 'cluster:prod-green',
      name: 'prod-green',
      state: 'unreachable',
      since: '2026-11-20T12:03:00Z',
      asOf: '2026-11-20T12:02:58Z',
      problem: 'prod-green refuses connections',
    });
  });

  it("keeps 'unreachable', 'not readable', 'not looked at yet' and 'nothing' apart", () => {
    const empty = (status: Parameters<typeof clusterStatus>[1]) => {
      const fleet = new FakeFleet();
      fleet.clusterList.push(clusterStatus('prod-blue', status));
      fleet.instanceList.push({
        name: 'main',
        state: 'live',
        since: '',
        applications: 0,
      });
      return build(fleet).summary;
    };
    expect(empty({ state: 'unreachable' })).toEqual({
      tone: 'unknown',
      text: 'Nothing is known: prod-blue cannot be reached',
    });
    expect(empty({ kinds: [{ kind: 'Pod', state: 'not-readable' }] })).toEqual({
      tone: 'unknown',
      text: 'Nothing is known: prod-blue may not be read',
    });
    expect(empty({ state: 'connecting' })).toEqual({
      tone: 'unknown',
      text: 'Not looked at yet: prod-blue',
    });
    expect(empty({})).toEqual({
      tone: 'warning',
      text: 'Nothing is found by the annotations of this entity',
    });
  });

  it('does not call it fine while a cluster that it may run in cannot be seen', () => {
    const fleet = ordersFleet({ clusters: ['prod-blue'], podsPerCluster: 2 });
    fleet.clusterList.push(
      clusterStatus('prod-green', { state: 'unreachable' }),
    );
    expect(build(fleet).summary).toEqual({
      tone: 'unknown',
      text: 'What runs elsewhere is not known: prod-green cannot be reached',
    });
  });

  it('says that pods may not be read', () => {
    const fleet = world();
    fleet.clusterList[2] = clusterStatus('dev', {
      kinds: [{ kind: 'Pod', state: 'not-readable' }],
    });
    fleet.podRows.splice(4, 2);
    const content = build(fleet);
    expect(content.summary).toEqual({
      tone: 'warning',
      text: 'dev may not be read by the portal',
    });
    expect(content.sources.find(({ id }) => id === 'cluster:dev')?.state).toBe(
      'not-readable',
    );
  });

  it('lists a destination that is no known cluster', () => {
    const fleet = world();
    const content = build(fleet, orders, {
      ...targetsConfig,
      clusterAliases: [],
    });
    expect(content.summary).toEqual({
      tone: 'warning',
      text: '1 destination of Argo CD is no known cluster',
    });
    const unjoined = content.deployments.find(
      ({ unjoinedDestination }) => unjoinedDestination,
    );
    expect(unjoined).toMatchObject({
      environment: 'unassigned',
      unjoinedDestination: 'green-eu',
      application: {
        name: 'orders-prod-green',
        reconciledAt: '2026-11-20T10:00:00Z',
      },
    });
    expect(content.deployments[0]).toBe(unjoined);
  });

  it('has a Pending for an operation that the controller has not begun, and no end for one that waits to try again', () => {
    const fleet = world();
    fleet.applicationRows[0] = applicationRow('prod-blue', {
      operation: { revisions: [] },
    });
    fleet.applicationRows[1] = applicationRow('prod-green', {
      operation: {
        phase: 'Running',
        startedAt: '2026-11-20T10:00:00Z',
        finishedAt: '2026-11-20T10:01:00Z',
        revisions: [],
      },
    });
    const operations = Object.fromEntries(
      build(fleet).deployments.map(row => [
        row.cluster,
        row.application?.operation,
      ]),
    );
    expect(operations['prod-blue']).toEqual({ phase: 'Pending' });
    expect(operations['prod-green']).toEqual({
      phase: 'Running',
      startedAt: '2026-11-20T10:00:00Z',
    });
    expect(build(fleet).summary).toEqual({
      tone: 'progressing',
      text: 'A sync is under way on prod-blue and prod-green',
    });
  });

  it('takes no message of another operation', () => {
    const fleet = world();
    fleet.full.set('orders-prod-blue', {
      ...fullApplication('prod-blue'),
      status: {
        operationState: {
          operation: {},
          phase: 'Failed',
          message: 'old',
          startedAt: '2026-11-19T00:00:00Z',
        },
      },
    });
    const [blue] = build(fleet).deployments;
    expect(blue.application?.operation?.message).toBeUndefined();
  });

  it('tells an entity that only claims an Application nothing of what Argo CD was answered', () => {
    const fleet = world();
    const startedAt = '2026-11-20T09:00:00Z';
    fleet.applicationRows[0] = applicationRow('prod-blue', {
      operation: { phase: 'Failed', startedAt, revisions: [] },
    });
    fleet.full.set('orders-prod-blue', {
      ...fullApplication('prod-blue'),
      status: {
        operationState: {
          operation: { sync: {} },
          phase: 'Failed',
          message: 'admission webhook denied: tenant acme',
          startedAt,
          syncResult: {
            resources: [
              {
                kind: 'Job',
                name: 'orders-migrate',
                namespace: 'storefront',
                hookType: 'PreSync',
                hookPhase: 'Failed',
                message: 'password of acme is wrong',
              },
            ],
          } as any,
        },
      },
    });
    expect(JSON.stringify(build(fleet)).match(/acme/g)).toHaveLength(2);
    const theirs = build(fleet, intruder);
    expect(JSON.stringify(theirs)).not.toContain('acme');
    expect(theirs.deployments).toContainEqual(
      expect.objectContaining({
        migration: {
          verdict: 'failed',
          text: 'PreSync hook Job orders-migrate failed',
        },
      }),
    );
  });

  it('says that the log of a migration is gone only where Jobs can be listed', () => {
    const fleet = world();
    const full = fullApplication('prod-blue');
    full.status!.operationState!.syncResult = {
      resources: [
        {
          kind: 'Job',
          name: 'orders-migrate',
          namespace: 'storefront',
          hookType: 'PreSync',
          hookPhase: 'Succeeded',
        },
      ],
    } as any;
    full.status!.operationState!.syncResult!.revision =
      full.status!.history!.at(-1)!.revision;
    fleet.full.set('orders-prod-blue', full);
    const migration = () =>
      build(fleet).deployments.find(({ cluster }) => cluster === 'prod-blue')
        ?.migration;
    expect(migration()).toMatchObject({ verdict: 'ran', logIsGone: true });
    const { kinds } = clusterStatus('prod-blue');
    for (const state of ['not-readable', 'connecting'] as const) {
      fleet.clusterList[0] = clusterStatus('prod-blue', {
        kinds: kinds.map(each =>
          each.kind === 'Job' ? { ...each, state } : each,
        ),
      });
      expect(migration()?.verdict).toBe('ran');
      expect(migration()).not.toHaveProperty('logIsGone');
    }
  });

  it('orders: failed, unseen, drifting, running, fine', () => {
    const fleet = world();
    fleet.applicationRows[0] = applicationRow('prod-blue', {
      sync: { status: 'OutOfSync', revisions: [] },
    });
    fleet.clusterList[1] = clusterStatus('prod-green', {
      state: 'unreachable',
    });
    fleet.applicationRows[2] = applicationRow('dev', {
      health: { status: 'Missing' },
    });
    expect(outline(fleet)).toEqual(['dev', 'prod-green', 'prod-blue']);
  });

  it('names the annotations that an entity lacks', () => {
    const content = build(world(), blank);
    expect(content.deployments).toEqual([]);
    expect(content.problems.map(({ what }) => what)).toEqual([
      'argocd/app-selector',
      'backstage.io/kubernetes-id',
    ]);
    expect(content.summary.tone).toBe('warning');
  });

  it('fits into 20 kB for 10 pods in two clusters, in trouble too', () => {
    const fleet = ordersFleet({
      clusters: ['prod-blue', 'prod-green'],
      podsPerCluster: 5,
    });
    const healthy = JSON.stringify(build(fleet)).length;
    fleet.podRows.forEach((row, index) => {
      fleet.podRows[index] = podRow(row.cluster, index % 5, LIVE_VERSION, {
        ready: false,
        containers: [
          ...row.containers.map(container => ({
            ...container,
            ready: false,
            state: 'waiting' as const,
            reason: 'ImagePullBackOff',
            message: `Back-off pulling image "${container.image}": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "${container.image}": failed to resolve reference "${container.image}": not found`,
          })),
          {
            name: 'istio-proxy',
            kind: 'sidecar' as const,
            image: 'docker.io/istio/proxyv2:1.27.0',
            ready: true,
            restarts: 1,
            state: 'running' as const,
          },
        ],
      });
    });
    const broken = JSON.stringify(build(fleet)).length;
    expect(healthy).toBeLessThan(9_000);
    expect(broken).toBeLessThan(20_000);
    expect(broken).toBeGreaterThan(healthy);
  });

  it('leaves no time of the clock in what is hashed', () => {
    const first = JSON.stringify(build(world()));
    const fleet = world();
    fleet.clusterList[0] = clusterStatus('prod-blue', {
      asOf: '2026-11-20T11:11:11Z',
      kinds: [{ kind: 'Pod', state: 'live', resourceVersion: '999999' }],
    });
    expect(JSON.stringify(build(fleet))).toBe(first);
  });

  it('tells a restart of pods from a new version', () => {
    const fleet = world();
    fleet.replicaSetRows.push(replicaSetRow('prod-blue', 3, LIVE_VERSION));
    const [blue] = build(fleet).deployments;
    expect(blue.drift?.message).toBe(
      '0 of 2 pods are replaced by new ones of v5.3.24',
    );
  });

  it('does not call a pod that takes its place a rollout', () => {
    const fleet = world();
    fleet.podRows[0] = podRow('prod-blue', 0, LIVE_VERSION, {
      ready: false,
      phase: 'Pending',
      containers: [
        {
          name: 'orders',
          kind: 'container',
          image: `${REPOSITORY}:${LIVE_VERSION}`,
          ready: false,
          restarts: 0,
          state: 'waiting',
          reason: 'ContainerCreating',
        },
      ],
    });
    const content = build(fleet);
    expect(content.summary).toEqual({
      tone: 'progressing',
      text: '1 of 2 pods is starting on prod-blue',
    });
    const [pod, other] = content.deployments.find(
      ({ cluster }) => cluster === 'prod-blue',
    )!.workloads[0].pods;
    expect(pod).toMatchObject({ ready: false, starting: true });
    expect(other.starting).toBeUndefined();
  });

  it('knows the containers that stand beside the service, whoever put them there', () => {
    const fleet = world();
    const [container] = fleet.podRows[0].containers;
    fleet.podRows[0] = podRow('prod-blue', 0, LIVE_VERSION, {
      containers: [
        { ...container, name: 'migrate', kind: 'init' },
        { ...container, name: 'proxy', kind: 'sidecar' },
        container,
        { ...container, name: 'istio-proxy' },
        { ...container, name: 'debugger-x', kind: 'ephemeral' },
      ],
    });
    const [pod] = build(fleet).deployments.find(
      ({ cluster }) => cluster === 'prod-blue',
    )!.workloads[0].pods;
    expect(pod.containers.map(({ name, kind }) => [name, kind])).toEqual([
      ['migrate', 'init'],
      ['proxy', 'sidecar'],
      ['orders', 'container'],
      ['istio-proxy', 'sidecar'],
      ['debugger-x', 'ephemeral'],
    ]);
  });

  it("keeps a container's last words from an entity to which the workload does not agree", () => {
    const fleet = world();
    fleet.podRows[0] = podRow('prod-blue', 0, LIVE_VERSION, {
      ready: false,
      containers: [
        {
          name: 'orders',
          kind: 'container',
          image: `${REPOSITORY}:${LIVE_VERSION}`,
          ready: false,
          restarts: 1,
          state: 'terminated',
          reason: 'Error',
          exitCode: 1,
          message: 'password of the database is wrong',
        },
      ],
    });
    expect(JSON.stringify(build(fleet))).toContain('password of the database');
    const theirs = JSON.stringify(build(fleet, intruder));
    expect(theirs).toContain('exit code 1');
    expect(theirs).not.toContain('password of the database');
  });

  it('tells an entity to which the workload does not agree nothing of what events say', () => {
    const fleet = world();
    const [blue] = fleet.podRows;
    fleet.podRows[0] = { ...blue, ready: false };
    fleet.podRows[0].containers = blue.containers.map(container => ({
      ...container,
      ready: false,
    }));
    fleet.eventRows.push({
      ...blue,
      kind: 'Event',
      uid: 'event-1',
      name: 'event-1',
      type: 'Warning',
      reason: 'Unhealthy',
      message:
        'Readiness probe failed: HTTP probe failed with statuscode: 500, body: tenant acme is over its quota',
      count: 1,
      lastAt: blue.createdAt,
      about: {
        kind: 'Pod',
        namespace: blue.namespace,
        name: blue.name,
        uid: blue.uid,
        container: 'orders',
      },
    } as EventRow);
    fleet.workloadRows[0] = deploymentRow('prod-blue', LIVE_VERSION, 2, {
      ready: 1,
      conditions: [
        {
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message: 'exceeded quota: tenant-acme',
        },
      ],
    });
    const config = targetsConfig;
    const sources = allSources(fleet);
    const lineOf = (entity: typeof orders) =>
      linesOfComponent(entity, { fleet, config, sources }).lines.map(
        ({ row }) => row.problem,
      );
    expect(JSON.stringify(build(fleet))).toContain('tenant acme');
    expect(JSON.stringify(build(fleet))).toContain('tenant-acme');
    expect(JSON.stringify(lineOf(orders))).toContain('tenant acme');

    const theirs = JSON.stringify([build(fleet, intruder), lineOf(intruder)]);
    expect(theirs).toContain('prod-blue');
    expect(theirs).toContain('readiness probe has not succeeded');
    expect(theirs).toContain('"FailedCreate"');
    expect(theirs).not.toMatch(/acme/);
  });

  it('reads no metrics for an entity to which the workload does not agree', async () => {
    const fleet = world();
    const asked: string[] = [];
    const { podMetrics } = fleet;
    fleet.podMetrics = (place, options) => {
      asked.push(place.cluster);
      return podMetrics(place, options);
    };
    const { signal } = new AbortController();
    const metricsFor = (entity: typeof orders) =>
      metricsOf(
        deploymentsOf(entity, fleet, targetsConfig).deployments,
        fleet,
        signal,
      );
    await expect(metricsFor(intruder)).resolves.toEqual({
      places: [],
      pods: {},
    });
    expect(asked).toEqual([]);
    const theirs = await metricsFor(orders);
    expect(Object.keys(theirs.pods)).toHaveLength(6);
  });
});

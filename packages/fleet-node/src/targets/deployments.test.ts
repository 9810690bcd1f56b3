import { SwitchyardConfig } from '../config';
import { deploymentsOf, environmentsOf } from './deployments';
import { TargetDeployment } from './types';
import { component } from './tests/entities';
import {
  application,
  cluster,
  fakeFleet,
  FakeFleetRows,
  job,
  ownedBy,
  pod,
  replicaSet,
  workload,
} from './tests/fakeFleet';

const config: SwitchyardConfig = {
  environments: [
    {
      name: 'production',
      title: 'production',
      match: [{ cluster: ['prod-blue', 'prod-green'] }],
    },
    {
      name: 'development',
      title: 'development',
      match: [{ cluster: ['dev'] }],
    },
  ],
  clusterAliases: [{ argocd: 'green-eu', cluster: 'prod-green' }],
  bindings: [],
};
const V1 = 'registry.example.com/storefront/orders:v1';
const V2 = 'registry.example.com/storefront/orders:v2';
const LABELS = {
  'app.kubernetes.io/name': 'orders',
  'backstage.io/kubernetes-id': 'orders',
};
const NAMES_ORDERS = { 'backstage.io/entity-ref': 'component:default/orders' };
const orders = component('orders', {
  'argocd/app-selector': 'backstage-name=orders',
  'backstage.io/kubernetes-id': 'orders',
  'switchyard/image': 'registry.example.com/storefront/orders',
});
const intruder = component(
  'intruder',
  {
    'argocd/app-name': 'orders-blue',
    'backstage.io/kubernetes-label-selector': 'app.kubernetes.io/name=orders',
  },
  { owner: 'group:default/realtime' },
);

function deploymentResource(name: string) {
  return {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    namespace: 'storefront',
    name,
  };
}

function world(): Required<
  Pick<
    FakeFleetRows,
    'clusters' | 'applications' | 'workloads' | 'replicaSets' | 'pods' | 'jobs'
  >
> {
  return {
    clusters: [cluster('prod-blue'), cluster('prod-green'), cluster('dev')],
    applications: [
      application('orders-dev', {
        labels: { 'backstage-name': 'orders' },
        annotations: NAMES_ORDERS,
        destination: { name: 'dev', namespace: 'storefront' },
        resources: [deploymentResource('orders')],
      }),
      application('orders-green', {
        labels: { 'backstage-name': 'orders' },
        annotations: NAMES_ORDERS,
        destination: { name: 'green-eu', namespace: 'storefront' },
        resources: [deploymentResource('orders')],
      }),
      application('orders-blue', {
        labels: { 'backstage-name': 'orders' },
        annotations: NAMES_ORDERS,
        resources: [deploymentResource('orders')],
      }),
    ],
    workloads: ['prod-blue', 'prod-green', 'dev'].map(name =>
      workload('Deployment', 'orders', V2, {
        cluster: name,
        labels: LABELS,
        revision: 2,
      }),
    ),
    replicaSets: ['prod-blue', 'prod-green', 'dev'].flatMap(name => [
      replicaSet('orders', 1, V1, { cluster: name, labels: LABELS }),
      replicaSet('orders', 2, V2, { cluster: name, labels: LABELS }),
    ]),
    pods: ['prod-blue', 'prod-green', 'dev'].flatMap(name => [
      pod('orders-2-a', V2, {
        cluster: name,
        labels: LABELS,
        owner: ownedBy('ReplicaSet', 'orders-2', name),
      }),
      pod('orders-1-a', V1, {
        cluster: name,
        labels: LABELS,
        owner: ownedBy('ReplicaSet', 'orders-1', name),
      }),
    ]),
    jobs: [],
  };
}

function outline(deployments: TargetDeployment[]) {
  return deployments.map(row => [
    row.environment,
    row.cluster ?? row.unjoined?.destination,
    row.application?.name,
    row.workloads.map(
      ({ row: { kind, name }, pods }) => `${kind} ${name}: ${pods.length}`,
    ),
  ]);
}

describe('deploymentsOf', () => {
  it('makes a line per environment, cluster and Application, in the order of the config', () => {
    const { deployments, problems } = deploymentsOf(
      orders,
      fakeFleet(world()),
      config,
    );
    expect(outline(deployments)).toEqual([
      ['production', 'prod-blue', 'orders-blue', ['Deployment orders: 2']],
      ['production', 'prod-green', 'orders-green', ['Deployment orders: 2']],
      ['development', 'dev', 'orders-dev', ['Deployment orders: 2']],
    ]);
    expect(deployments.every(({ consent }) => consent.given)).toBe(true);
    expect(deployments.map(({ version }) => version.version)).toEqual([
      'v2',
      'v2',
      'v2',
    ]);
    expect(problems).toEqual([]);
    expect(environmentsOf(orders, fakeFleet(world()), config)).toEqual([
      'production',
      'development',
    ]);
  });

  it('marks pods of older ReplicaSets, and tells their version', () => {
    const [blue] = deploymentsOf(
      orders,
      fakeFleet(world()),
      config,
    ).deployments;
    expect(
      blue.workloads[0].pods.map(({ row, old, version }) => [
        row.name,
        old,
        version,
      ]),
    ).toEqual([
      ['orders-1-a', true, 'v1'],
      ['orders-2-a', false, 'v2'],
    ]);
  });

  it.each(['its pods', 'its Application'])(
    'shows a Rollout, found by %s, as one workload of its ReplicaSets',
    by => {
      const rows = world();
      const owner = { kind: 'Rollout', name: 'orders', uid: 'uid-rollout' };
      const isBlue = (row: { cluster: string }) => row.cluster === 'prod-blue';
      rows.workloads = rows.workloads.filter(row => !isBlue(row));
      rows.replicaSets = rows.replicaSets.map(set =>
        isBlue(set)
          ? { ...set, owner, desired: set.revision === 2 ? 1 : 2, ready: 1 }
          : set,
      );
      if (by === 'its pods') {
        rows.applications = rows.applications.slice(0, 2);
      } else {
        rows.pods = rows.pods.map(each => ({ ...each, labels: {} }));
        rows.applications[2].resources = [
          {
            group: 'argoproj.io',
            version: 'v1alpha1',
            kind: 'Rollout',
            namespace: 'storefront',
            name: 'orders',
          },
        ];
      }
      const blue = deploymentsOf(
        orders,
        fakeFleet(rows),
        config,
      ).deployments.find(each => each.cluster === 'prod-blue')!;
      expect(blue.workloads).toHaveLength(1);
      const [{ row, pods }] = blue.workloads;
      expect(row).toMatchObject({
        kind: 'Rollout',
        name: 'orders',
        uid: 'uid-rollout',
        desired: 3,
        ready: 2,
      });
      expect(row.containers[0].image).toBe(V2);
      expect(pods.map(each => [each.row.name, each.old])).toEqual([
        ['orders-1-a', true],
        ['orders-2-a', false],
      ]);
    },
  );

  it('goes by images until the controller has seen the new template', () => {
    const rows = world();
    rows.workloads[0] = {
      ...rows.workloads[0],
      generation: 3,
      containers: [
        {
          name: 'main',
          image: 'registry.example.com/storefront/orders:v3',
          kind: 'container',
        },
      ],
    };
    const [blue] = deploymentsOf(orders, fakeFleet(rows), config).deployments;
    expect(blue.workloads[0].pods.map(({ old }) => old)).toEqual([true, true]);
  });

  it('goes by images where ReplicaSets may not be read', () => {
    const rows = world();
    rows.pods = [
      pod('bare-1', V1, {
        owner: ownedBy('StatefulSet', 'orders'),
        labels: LABELS,
      }),
      pod('bare-2', V2, {
        owner: ownedBy('StatefulSet', 'orders'),
        labels: LABELS,
      }),
    ];
    rows.workloads = [
      workload('StatefulSet', 'orders', V2, {
        labels: LABELS,
        containers: [{ name: 'main', image: V2, kind: 'container' }],
      }),
    ];
    const fleet = fakeFleet({ ...rows, applications: [], replicaSets: [] });
    const [{ workloads }] = deploymentsOf(orders, fleet, config).deployments;
    expect(workloads[0].pods.map(({ row, old }) => [row.name, old])).toEqual([
      ['bare-1', true],
      ['bare-2', false],
    ]);
  });

  it('lists an Application whose destination cannot be joined, with the strictest environment', () => {
    const { deployments } = deploymentsOf(orders, fakeFleet(world()), {
      ...config,
      clusterAliases: [],
    });
    expect(outline(deployments)).toEqual([
      ['production', 'prod-blue', 'orders-blue', ['Deployment orders: 2']],
      // Found by its label; that it is what orders-green deploys would be a guess.
      ['production', 'prod-green', undefined, ['Deployment orders: 2']],
      ['development', 'dev', 'orders-dev', ['Deployment orders: 2']],
      ['unassigned', 'green-eu', 'orders-green', []],
    ]);
    expect(deployments[1].consent.given).toBe(false);
    expect(deployments[3].unjoined?.why).toContain('switchyard.clusterAliases');
  });

  it("takes the version from Argo CD's images where the fleet sees no workload", () => {
    const rows = world();
    const fleet = fakeFleet({
      ...rows,
      workloads: [],
      pods: [],
      applications: [
        application('orders-blue', {
          labels: { 'backstage-name': 'orders' },
          images: ['istio/proxyv2:1', V2],
        }),
        application('orders-blue-2', {
          labels: { 'backstage-name': 'orders' },
          images: [V1, V2],
        }),
      ],
    });
    const [one, two] = deploymentsOf(orders, fleet, config).deployments;
    expect(one.version).toMatchObject({ version: 'v2' });
    expect(two.version.version).toBeUndefined();
    expect(two.version.images).toHaveLength(2);
  });

  it('finds workloads without any Application by label, namespace and cluster', () => {
    const gateway = component('gateway', {
      'backstage.io/kubernetes-id': 'gateway',
      'backstage.io/kubernetes-namespace': 'platform',
      'backstage.io/kubernetes-cluster': 'prod-green',
    });
    const labels = { 'backstage.io/kubernetes-id': 'gateway' };
    const rows = ['prod-blue', 'prod-green'].flatMap(name =>
      ['platform', 'storefront'].map(namespace =>
        workload('Deployment', 'gateway', 'gateway:v1', {
          cluster: name,
          namespace,
          uid: `${name}/${namespace}`,
          labels,
          entityRef: 'component:default/gateway',
        }),
      ),
    );
    const { deployments } = deploymentsOf(
      gateway,
      fakeFleet({ ...world(), workloads: rows }),
      config,
    );
    expect(outline(deployments)).toEqual([
      ['production', 'prod-green', undefined, ['Deployment gateway: 0']],
    ]);
    expect(deployments[0]).toMatchObject({
      namespace: 'platform',
      consent: { given: true, by: 'annotation' },
      version: { version: 'v1' },
    });
  });

  it('finds a Deployment by the labels of its pods, and pods that nothing owns', () => {
    const rows = world();
    const fleet = fakeFleet({
      ...rows,
      applications: [],
      workloads: rows.workloads.map(row => ({ ...row, labels: {} })),
      pods: [...rows.pods, pod('debug', V1, { labels: LABELS })],
    });
    const [blue] = deploymentsOf(orders, fleet, config).deployments;
    expect(outline([blue])[0][3]).toEqual([
      'Deployment orders: 2',
      'Pod debug: 1',
    ]);
  });

  it('shows Jobs that run or failed, not those that are done', () => {
    const rows = world();
    rows.jobs = [
      job('orders-migrate', { labels: LABELS, active: 1 }),
      job('orders-failed', {
        labels: LABELS,
        condition: {
          type: 'Failed',
          reason: 'BackoffLimitExceeded',
          message: 'Job has reached the specified backoff limit',
        },
      }),
      job('orders-done', { labels: LABELS, condition: { type: 'Complete' } }),
    ];
    const fleet = fakeFleet({ ...rows, applications: [] });
    const [blue] = deploymentsOf(orders, fleet, config).deployments;
    expect(
      blue.workloads.map(({ row, problem }) => [row.name, problem]),
    ).toEqual([
      ['orders', undefined],
      [
        'orders-failed',
        'BackoffLimitExceeded: Job has reached the specified backoff limit',
      ],
      ['orders-migrate', undefined],
    ]);
    expect(blue.version.version).toBe('v2');
  });

  it('names the deadline of a rollout and pods that may not be created', () => {
    const rows = world();
    rows.workloads[0] = {
      ...rows.workloads[0],
      conditions: [
        {
          type: 'Progressing',
          status: 'False',
          reason: 'ProgressDeadlineExceeded',
          message: 'ReplicaSet "orders-2" has timed out progressing.',
        },
      ],
    };
    rows.workloads[1] = {
      ...rows.workloads[1],
      conditions: [
        {
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message: 'exceeded quota: pods',
        },
      ],
    };
    const { deployments } = deploymentsOf(orders, fakeFleet(rows), config);
    expect(deployments.map(row => row.workloads[0].problem)).toEqual([
      'ProgressDeadlineExceeded: ReplicaSet "orders-2" has timed out progressing.',
      'FailedCreate: exceeded quota: pods',
      undefined,
    ]);
  });

  it('gives the intruder the sight of what it names, and consent to none of it', () => {
    const { deployments } = deploymentsOf(intruder, fakeFleet(world()), config);
    expect(deployments.length).toBeGreaterThan(0);
    for (const deployment of deployments) {
      expect(deployment.consent.given).toBe(false);
      for (const { consent } of deployment.workloads) {
        expect(consent.given).toBe(false);
      }
    }
  });

  it('keeps one annotation from pulling everything onto a page', () => {
    const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
    const rows = Array.from({ length: 400 }, (_, index) =>
      workload('Deployment', `app-${index}`, V1, { labels }),
    );
    const greedy = component('greedy', {
      'backstage.io/kubernetes-label-selector':
        'app.kubernetes.io/managed-by=Helm',
    });
    const { deployments, problems } = deploymentsOf(
      greedy,
      fakeFleet({ workloads: rows }),
      config,
    );
    expect(deployments[0].workloads).toHaveLength(300);
    expect(problems).toEqual([
      {
        what: 'backstage.io/kubernetes-label-selector',
        why: expect.stringContaining('more than 300 workloads'),
      },
    ]);
  });

  it.each([
    ['backstage.io/kubernetes-id', '../orders'],
    ['backstage.io/kubernetes-id', 'orders%2F..'],
    ['backstage.io/kubernetes-id', 'orders,search'],
    ['backstage.io/kubernetes-label-selector', 'app.kubernetes.io/name=a,,b=c'],
    ['backstage.io/kubernetes-label-selector', '!a'],
    ['backstage.io/kubernetes-namespace', '../kube-system'],
    ['backstage.io/kubernetes-namespace', 'storefront\u0007'],
    ['backstage.io/kubernetes-cluster', '../prod-blue'],
    ['backstage.io/kubernetes-cluster', 'prod%2Fblue'],
  ])('refuses %s: %j and finds nothing by it', (key, value) => {
    const entity = component('orders', {
      'backstage.io/kubernetes-id': 'orders',
      [key]: value,
    });
    const { deployments, problems } = deploymentsOf(
      entity,
      fakeFleet({ ...world(), applications: [] }),
      config,
    );
    expect(deployments).toEqual([]);
    expect(problems).toEqual([
      {
        what: key,
        why: expect.any(String),
        example: expect.stringMatching(`^${key}: \\S`),
      },
    ]);
  });

  it('names each of eleven annotations that are all wrong, finds nothing by them, and still what names the entity', () => {
    const wrong = {
      'argocd/app-name': '../orders',
      'argocd/app-selector': 'a=(b',
      'argocd/app-namespace': 'Argo CD',
      'argocd/project-name': '*',
      'argocd/instance-name': 'main;rm',
      'backstage.io/kubernetes-id': '<script>alert(1)</script>',
      'backstage.io/kubernetes-label-selector': 'in (',
      'backstage.io/kubernetes-namespace': 'kube-system,default',
      'backstage.io/kubernetes-cluster': 'x\u0000y',
      'switchyard/image': 'http://registry.example.com/orders:v1',
      'switchyard/tag-prefix': '$(id)',
    };
    const { deployments, problems } = deploymentsOf(
      component('orders', wrong),
      fakeFleet(world()),
      config,
    );
    expect([...new Set(problems.map(({ what }) => what))].sort()).toEqual(
      Object.keys(wrong).sort(),
    );
    expect(problems.every(({ why }) => /\S/.test(why))).toBe(true);
    // Applications of the world name orders by themselves.
    expect(deployments.map(each => each.application?.name)).toEqual([
      'orders-blue',
      'orders-green',
      'orders-dev',
    ]);
  });

  it('says that nothing carries the label only where every cluster could be asked', () => {
    const entity = component('gone', { 'backstage.io/kubernetes-id': 'gone' });
    const rows = world();
    expect(deploymentsOf(entity, fakeFleet(rows), config).problems).toEqual([
      {
        what: 'backstage.io/kubernetes-id',
        why: 'No workload of any cluster carries this label',
      },
    ]);
    rows.clusters[1] = cluster('prod-green', { state: 'unreachable' });
    expect(deploymentsOf(entity, fakeFleet(rows), config).problems).toEqual([]);
  });

  it('says which annotations are missing where nothing says what the entity is', () => {
    const { deployments, problems } = deploymentsOf(
      component('blank'),
      fakeFleet(world()),
      config,
    );
    expect(deployments).toEqual([]);
    expect(problems).toEqual([
      {
        what: 'argocd/app-selector',
        why: expect.stringContaining('The annotation is missing'),
        example: 'argocd/app-selector: backstage-name=blank',
      },
      {
        what: 'backstage.io/kubernetes-id',
        why: expect.stringContaining('The annotation is missing'),
        example: 'backstage.io/kubernetes-id: blank',
      },
    ]);
  });

  it.each([
    ['while a rollout is under way', 'ReplicaSetUpdated', 'True', 0, true],
    ['once it was done', 'NewReplicaSetAvailable', 'True', 0, false],
    [
      'once its deadline has passed',
      'ProgressDeadlineExceeded',
      'False',
      0,
      false,
    ],
    ['after a restart', 'ReplicaSetUpdated', 'True', 1, false],
  ])(
    'takes a failing probe for a start %s: %s',
    (_, reason, status, restarts, passing) => {
      const rows = world();
      rows.workloads[0] = {
        ...rows.workloads[0],
        conditions: [{ type: 'Progressing', status, reason }],
      };
      const [starting] = rows.pods;
      rows.pods[0] = {
        ...starting,
        ready: false,
        containers: [{ ...starting.containers[0], ready: false, restarts }],
      };
      const { uid, name, namespace } = starting;
      const events = [
        {
          ...starting,
          kind: 'Event',
          uid: 'event',
          type: 'Warning',
          reason: 'Unhealthy',
          message: 'Readiness probe failed: connection refused',
          count: 1,
          lastAt: '2026-11-20T11:00:00Z',
          about: { kind: 'Pod', namespace, name, uid },
        },
      ];
      const fleet = fakeFleet({ ...rows, events });
      const [blue] = deploymentsOf(orders, fleet, config).deployments;
      expect(blue.workloads[0].pods[0].problem).toMatchObject({
        code: 'probe',
        passing,
      });
    },
  );
});

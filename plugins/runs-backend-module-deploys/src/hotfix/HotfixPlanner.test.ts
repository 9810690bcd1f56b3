import {
  RegistryClient,
  RegistryError,
} from '@switchyard/backstage-plugin-deploys-node';
import { ApplicationRow } from '@switchyard/fleet-node';
import {
  component,
  config,
  PLAIN,
  REPOSITORY,
  sourceOf,
  startDeployRepositories,
} from '../__testUtils__/startDeployRepositories';
import { waysOf } from '../__testUtils__/ways';
import { createHotfixKind } from './createHotfixKind';
import { HotfixPlanner } from './HotfixPlanner';

// Real git processes, on machines that may be busy.
jest.setTimeout(60_000);

const cleanUp: Array<() => void | Promise<void>> = [];

async function start(options?: Parameters<typeof startDeployRepositories>[0]) {
  const world = await startDeployRepositories(options);
  cleanUp.push(() => world.close());
  const { server, fleet, registry, git, row, heads } = world;
  const planner = HotfixPlanner.create({
    fleet: fleet.service,
    git,
    registry: registry as unknown as RegistryClient,
    config,
    ...waysOf(),
  });
  const plan = (
    version = 'v5.3.25',
    entity = component(),
    environment = 'production',
  ) =>
    planner.plan({
      entity,
      environment,
      input: { version },
      signal: new AbortController().signal,
    });
  return { server, fleet, registry, planner, plan, row, heads };
}

afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

describe('a plan', () => {
  it('says what changes in which file, object and cluster, and changes nothing', async () => {
    const { server, plan, heads } = await start();
    const {
      title,
      changes,
      problems,
      keys,
      kind,
      version,
      entityRef,
      environment,
    } = await plan();
    expect({ kind, version, entityRef, environment, title, problems }).toEqual({
      kind: 'hotfix',
      version: 2,
      entityRef: 'component:default/orders',
      environment: 'production',
      title: 'Ship v5.3.25 to 2 clusters',
      problems: [],
    });
    expect(keys).toEqual([
      'application:main/argocd/orders-blue',
      'application:main/argocd/orders-green',
      'target:component:default/orders@production',
    ]);
    const image = {
      before: `${REPOSITORY}:v5.3.24`,
      after: `${REPOSITORY}:v5.3.25`,
    };
    expect(changes).toEqual([
      {
        system: 'git',
        what: 'file apps/orders/orders.yaml',
        ref: 'deploy-blue/apps/orders/orders.yaml',
        cluster: 'prod-blue',
        diff: expect.any(String),
      },
      {
        system: 'kubernetes',
        what: 'image of Deployment orders',
        ref: 'Deployment/orders/orders',
        cluster: 'prod-blue',
        ...image,
      },
      {
        system: 'kubernetes',
        what: 'migration: PreSync hook Job orders-migrate',
        ref: 'Job/orders-migrate/migrate',
        cluster: 'prod-blue',
        ...image,
      },
      {
        system: 'git',
        what: 'file apps/orders/kustomization.yaml',
        ref: 'deploy-green/apps/orders/kustomization.yaml',
        cluster: 'prod-green',
        diff: expect.any(String),
      },
      {
        system: 'kubernetes',
        what: 'image of Deployment orders',
        ref: 'Deployment/orders/orders',
        cluster: 'prod-green',
        ...image,
      },
      {
        system: 'kubernetes',
        what: 'migration: PreSync hook Job orders-migrate',
        ref: 'Job/orders-migrate/migrate',
        cluster: 'prod-green',
        ...image,
      },
    ]);
    const edited = changes.map(({ diff = '' }) =>
      diff.split('\n').filter(line => /^[-+][^-+]/.test(line)),
    );
    expect(edited[0]).toEqual([
      `-        image: "${REPOSITORY}:v5.3.24"   # bump with the Job`,
      `+        image: "${REPOSITORY}:v5.3.25"   # bump with the Job`,
      `-      containers: [{name: migrate, image: ${REPOSITORY}:v5.3.24}]`,
      `+      containers: [{name: migrate, image: ${REPOSITORY}:v5.3.25}]`,
    ]);
    expect(edited[3]).toEqual([
      '-    newTag: v5.3.24  # keep',
      '+    newTag: v5.3.25  # keep',
    ]);
    expect(server.git('deploy-blue', 'rev-parse', 'main')).toBe(heads.blue);
    expect(
      server.requests.some(request => request.includes('receive-pack')),
    ).toBe(false);
  });

  it('has all commits after the check, and each Application after its commit', async () => {
    const { server, plan, heads } = await start();
    const { steps } = await plan();
    expect(
      steps.map(({ id, handler, needs, effect, cluster }) => ({
        id,
        handler,
        needs,
        effect,
        cluster,
      })),
    ).toEqual([
      {
        id: 'check',
        handler: 'check',
        needs: [],
        effect: 'none',
        cluster: undefined,
      },
      {
        id: 'commit.deploy-blue',
        handler: 'commit',
        needs: ['check'],
        effect: 'adoptable',
        cluster: 'prod-blue',
      },
      {
        id: 'commit.deploy-green',
        handler: 'commit',
        needs: ['check'],
        effect: 'adoptable',
        cluster: 'prod-green',
      },
      {
        id: 'sync.orders-blue',
        handler: 'sync',
        needs: ['commit.deploy-blue'],
        effect: 'adoptable',
        cluster: 'prod-blue',
      },
      {
        id: 'rollout.orders-blue',
        handler: 'rollout',
        needs: ['sync.orders-blue'],
        effect: 'none',
        cluster: 'prod-blue',
      },
      {
        id: 'sync.orders-green',
        handler: 'sync',
        needs: ['commit.deploy-green'],
        effect: 'adoptable',
        cluster: 'prod-green',
      },
      {
        id: 'rollout.orders-green',
        handler: 'rollout',
        needs: ['sync.orders-green'],
        effect: 'none',
        cluster: 'prod-green',
      },
    ]);
    // What only waits can be gone on without; a commit and a sync cannot.
    expect(
      steps.filter(({ skippable }) => skippable).map(({ handler }) => handler),
    ).toEqual(['rollout', 'rollout']);
    expect(steps[0].input).toEqual({
      repositories: [
        { repoUrl: server.url('deploy-blue'), branch: 'main' },
        { repoUrl: server.url('deploy-green'), branch: 'main' },
      ],
    });
    expect(steps[1].input).toMatchObject({
      parent: heads.blue,
      subject: 'Ship v5.3.25 of orders to production',
      edits: [{ file: 'apps/orders/orders.yaml', tag: 'v5.3.25' }],
    });
    expect(steps[4].input).toMatchObject({
      objects: [
        {
          kind: 'Deployment',
          name: 'orders',
          container: 'orders',
          image: `${REPOSITORY}:v5.3.25`,
        },
      ],
    });
    expect(JSON.stringify(steps)).not.toContain('secret');
  });

  it('has the same intent whatever was before', async () => {
    const { server, plan } = await start();
    const first = await plan();
    server.commit('deploy-blue', {
      'apps/orders/orders.yaml': PLAIN.replace(/v5\.3\.24/g, 'v5.3.20'),
      'other.txt': 'x',
    });
    const second = await plan();
    expect(second.intent).toEqual(first.intent);
    expect(second.changes).not.toEqual(first.changes);
    expect((await plan('v5.3.26')).intent).not.toEqual(first.intent);
  });

  it('makes one commit for Applications that share a branch', async () => {
    const { server, fleet, plan, row } = await start();
    server.commit('deploy-blue', { 'green/orders.yaml': PLAIN });
    fleet.rows[1] = row('green', {
      sources: [
        {
          repoURL: server.url('deploy-blue'),
          path: 'green',
          targetRevision: 'HEAD',
        },
      ],
    });
    const { steps, problems } = await plan();
    expect(problems).toEqual([]);
    expect(steps.map(({ id }) => id)).toEqual([
      'check',
      'commit.deploy-blue',
      'sync.orders-blue',
      'rollout.orders-blue',
      'sync.orders-green',
      'rollout.orders-green',
    ]);
    expect(steps[1]).not.toHaveProperty('cluster');
    expect(steps[1].input).toMatchObject({
      edits: [
        { file: 'apps/orders/orders.yaml' },
        { file: 'green/orders.yaml' },
      ],
    });
  });

  it('finds the tag of a service in a shared repository', async () => {
    const main = '127.0.0.1:5001/main_service';
    const files = {
      'apps/orders/x.yaml': PLAIN.replaceAll(
        `${REPOSITORY}:v5.3.24`,
        `${main}:orders_v5.3.24`,
      ),
    };
    const { registry, fleet, plan } = await start({ blue: files });
    fleet.rows.splice(1);
    fleet.rows[0].images = [`${main}:orders_v5.3.24`];
    const spellings: Array<Record<string, string>> = [
      { 'switchyard/image': main },
      { 'switchyard/image': main, 'switchyard/tag-prefix': 'orders_' },
    ];
    for (const annotations of spellings) {
      const { problems, changes } = await plan(
        'v5.3.25',
        component(annotations),
      );
      expect(problems).toEqual([]);
      expect(changes[1].after).toBe(`${main}:orders_v5.3.25`);
      expect(registry.findDigest).toHaveBeenLastCalledWith(
        main,
        'orders_v5.3.25',
        expect.anything(),
      );
    }
  });
});

it('makes no plan for what a run has overridden in Argo CD', async () => {
  const { fleet, plan, row } = await start();
  const { annotations } = fleet.rows[0];
  const mark = {
    source: 0,
    tool: 'kustomize',
    name: REPOSITORY,
    run: 'run-12',
    number: 12,
    at: '2026-11-20T12:00:00Z',
    version: 'v5.3.24',
    entry: `${REPOSITORY}:v5.3.24`,
    before: null,
    was: null,
  };
  fleet.rows[0] = row('blue', {
    annotations: {
      ...annotations,
      'switchyard/override': JSON.stringify(mark),
    },
  });
  expect((await plan()).problems).toMatchObject([
    {
      what: 'Overridden in Argo CD',
      why: expect.stringContaining('Run #12 has set v5.3.24 in orders-blue'),
    },
  ]);
});

describe('warnings', () => {
  const whats = async (
    plan: Promise<{
      warnings: Array<{ what: string; why: string }>;
      problems: unknown[];
    }>,
  ) => {
    const { warnings, problems } = await plan;
    expect(problems).toEqual([]);
    return warnings.map(({ what, why }) => `${what}: ${why}`);
  };

  it('tell that auto-sync deploys with the push', async () => {
    const { plan } = await start();
    await expect(whats(plan())).resolves.toEqual([
      expect.stringMatching(
        /^Auto-sync is on: Argo CD deploys to prod-blue as soon as/,
      ),
    ]);
  });

  it('tell of an older version, an unreachable cluster, a running operation and an Argo CD that is away', async () => {
    const { fleet, plan } = await start();
    fleet.rows[0].autoSync.enabled = false;
    fleet.rows[0].operation = { phase: 'Running', revisions: [] };
    fleet.clusters[1] = {
      ...fleet.clusters[1],
      state: 'unreachable',
      since: '2026-11-20T11:00:00Z',
    };
    fleet.instances[0] = {
      ...fleet.instances[0],
      state: 'unreachable',
      since: '2026-11-20T11:30:00Z',
    };
    const found = await whats(plan('v5.3.9'));
    for (const expected of [
      /^Older version: v5\.3\.9 is older than v5\.3\.24, which runs in prod-blue/,
      /^Older version: .*prod-green/,
      /^Cluster unreachable: prod-green has not answered since Fri, 20 Nov 2026 11:00:00 GMT/,
      /^An operation is running: Argo CD is syncing orders-blue/,
      /^Argo CD unreachable: Argo CD main has not answered since Fri, 20 Nov 2026 11:30:00 GMT/,
    ]) {
      expect(found).toContainEqual(expect.stringMatching(expected));
    }
  });
});

describe('problems', () => {
  const problemsOf = async (
    plan: Promise<{ problems: unknown[]; steps: unknown[] }>,
  ) => {
    const { problems, steps } = await plan;
    expect(steps).toEqual([]);
    return problems;
  };

  it('tells of a version that the registry lacks', async () => {
    const { plan } = await start();
    await expect(problemsOf(plan('v9.9.9'))).resolves.toEqual([
      {
        what: 'The version does not exist',
        why: `The registry has no image ${REPOSITORY}:v9.9.9`,
        field: 'version',
        ref: `${REPOSITORY}:v9.9.9`,
      },
    ]);
  });

  it('tells of a registry that cannot be asked', async () => {
    const { plan, registry } = await start();
    registry.findDigest.mockRejectedValue(
      new RegistryError('unreachable', 'The image registry cannot be reached'),
    );
    await expect(problemsOf(plan())).resolves.toMatchObject([
      {
        what: 'The registry cannot be asked',
        why: expect.stringContaining('cannot be reached'),
      },
    ]);
  });

  it('tells that there is nothing to change, and ships the rest where only a part is', async () => {
    const { server, plan, heads } = await start();
    await expect(problemsOf(plan('v5.3.24'))).resolves.toMatchObject([
      { what: 'Nothing to change', field: 'version' },
    ]);
    server.commit('deploy-blue', {
      'apps/orders/orders.yaml': PLAIN.replace(/v5\.3\.24/g, 'v5.3.25'),
    });
    const { problems, changes, steps } = await plan();
    expect(problems).toEqual([]);
    expect(
      changes
        .filter(({ system }) => system === 'git')
        .map(({ cluster }) => cluster),
    ).toEqual(['prod-green']);
    expect(steps.map(({ id }) => id)).toContain('sync.orders-blue');
    expect(heads.green).toBeDefined();
  });

  it('reads nothing of a target that does not agree', async () => {
    const { server, plan, registry } = await start();
    const problems = await problemsOf(
      plan(
        'v5.3.25',
        component(
          { 'argocd/app-selector': 'backstage-name=orders' },
          'intruder',
        ),
      ),
    );
    expect(problems).toEqual([
      {
        what: 'The target does not agree',
        why: expect.stringContaining('component:default/intruder'),
        ref: 'Application argocd/orders-blue',
      },
      {
        what: 'The target does not agree',
        why: expect.stringContaining('component:default/intruder'),
        ref: 'Application argocd/orders-green',
      },
    ]);
    expect(server.requests).toEqual([]);
    expect(registry.findDigest).not.toHaveBeenCalled();
  });

  it.each<[string, Partial<ApplicationRow['sources'][number]>, object]>([
    [
      'a chart whose values name no image',
      { chart: 'orders' },
      { what: 'The image is in no values' },
    ],
    [
      'a tag in the Application',
      { kustomize: { images: [`x=${REPOSITORY}:v1`] } },
      {
        what: 'The image is set in the Application',
        why: expect.stringContaining('wins over Git'),
      },
    ],
    [
      'a path that is missing',
      { path: 'apps/none' },
      {
        what: 'The path is not there',
        why: expect.stringContaining('deploy-blue'),
      },
    ],
    [
      'a path out of the repository',
      { path: '../../etc' },
      { what: 'The path leads out of the repository' },
    ],
    [
      'no branch',
      { targetRevision: 'v1.0' },
      { what: 'Not deployed from a branch' },
    ],
    [
      'a Git server that is not configured',
      { repoURL: 'https://evil.example.com/x.git' },
      {
        what: 'Git cannot be read',
        why: expect.stringContaining('integrations'),
      },
    ],
    ['no address', { repoURL: 'file:///etc' }, { what: 'Git cannot be read' }],
  ])('tells of %s', async (_, source, problem) => {
    const { fleet, plan, row } = await start();
    fleet.rows[0] = row('blue');
    Object.assign(fleet.rows[0].sources[0], source);
    await expect(problemsOf(plan())).resolves.toEqual([
      expect.objectContaining(problem),
    ]);
  });

  it.each<[string, object, boolean]>([
    ['the same folder', {}, true],
    ['the same folder in other words', { path: './apps//orders/' }, true],
    ['the default branch', { targetRevision: undefined }, true],
    ['all folders', { path: 'apps', directory: { recurse: true } }, true],
    ['a folder above', { path: 'apps' }, false],
    ['another branch', { targetRevision: 'next' }, false],
    ['another folder', { path: 'apps/orders-2' }, false],
    [
      'another server',
      { repoURL: 'https://elsewhere.example.com/deploy-blue' },
      false,
    ],
  ])(
    'ships nothing to Applications outside of the plan: one that reads %s',
    async (_, source, isShared) => {
      const { fleet, plan, row } = await start();
      const other = row('blue', {
        name: 'orders-dev',
        destination: { name: 'dev' },
      });
      other.sources = [{ ...other.sources[0], ...source }];
      fleet.rows.push(other);
      const { problems } = await plan();
      expect(problems.map(({ what }) => what)).toEqual(
        isShared ? ['Another Application deploys the same file'] : [],
      );
      expect(problems.map(({ why }) => why).join()).toContain(
        isShared ? 'Application argocd/orders-dev' : '',
      );
    },
  );

  it.each<[string, ApplicationRow['sources'], boolean]>([
    [
      'the same file of values',
      [sourceOf('charts/web', { valueFiles: ['prod.yaml'] })],
      true,
    ],
    [
      'it by the ref of another source',
      [
        {
          repoURL: 'https://charts.example.com',
          chart: 'web',
          helm: { valueFiles: ['$own/charts/web/prod.yaml'] },
        },
        { ...sourceOf(undefined), ref: 'own' },
      ],
      true,
    ],
    [
      'the same chart with other values',
      [sourceOf('charts/web', { valueFiles: ['dev.yaml'] })],
      false,
    ],
  ])(
    'ships no Helm values to Applications outside of the plan: one that reads %s',
    async (_, sources, isShared) => {
      const { fleet, plan, row, server } = await start();
      server.commit('deploy-blue', {
        'charts/web/Chart.yaml': 'name: web\n',
        'charts/web/values.yaml': `image: {repository: ${REPOSITORY}}\n`,
        'charts/web/prod.yaml': 'image: {tag: v5.3.24}\n',
        'charts/web/dev.yaml': 'image: {tag: v5.3.24}\n',
      });
      const here = (each: ApplicationRow['sources'][number]) => ({
        ...each,
        repoURL: each.repoURL || server.url('deploy-blue'),
      });
      fleet.rows[0] = row('blue', {
        sources: [here(sourceOf('charts/web', { valueFiles: ['prod.yaml'] }))],
      });
      fleet.rows.push(
        row('blue', {
          name: 'orders-dev',
          destination: { name: 'dev' },
          sources: sources.map(here),
        }),
      );
      const { problems } = await plan();
      expect(problems.map(({ what }) => what)).toEqual(
        isShared ? ['Another Application deploys the same file'] : [],
      );
    },
  );

  it('tells file and line of what is wrong in Git, for all clusters at once', async () => {
    const { plan } = await start({
      blue: {
        'apps/orders/orders.yaml': `x: &o a\n${PLAIN}`.replace(
          `"${REPOSITORY}:v5.3.24"`,
          `&image "${REPOSITORY}:v5.3.24"`,
        ),
      },
      green: { 'apps/orders/x.yaml': 'a: 1\n b: [\n' },
    });
    await expect(problemsOf(plan())).resolves.toEqual([
      {
        what: 'The image cannot be changed safely',
        why: expect.stringContaining('deploy-blue: Deployment orders'),
        ref: 'deploy-blue/apps/orders/orders.yaml:10',
      },
      {
        what: 'A file cannot be read',
        why: expect.stringMatching(
          /^deploy-green: apps\/orders\/x\.yaml, line \d: /,
        ),
        ref: expect.stringMatching(/^deploy-green\/apps\/orders\/x\.yaml:\d$/),
      },
    ]);
  });

  it('tells of a path that holds too much, and reads no further', async () => {
    const { plan } = await start({
      blue: Object.fromEntries(
        Array.from({ length: 12 }, (_, index) => [
          `apps/orders/${index}.yaml`,
          `data: {a: "${'x'.repeat(480_000)}"}\n`,
        ]),
      ),
      green: Object.fromEntries(
        Array.from({ length: 1_001 }, (_, index) => [
          `apps/orders/${index}.yaml`,
          'a: 1\n',
        ]),
      ),
    });
    await expect(problemsOf(plan())).resolves.toEqual([
      {
        what: 'Too much to read',
        why: expect.stringMatching(
          /^deploy-blue: apps\/orders, the Application’s path, .* 5 MB/,
        ),
        ref: 'deploy-blue/apps/orders',
      },
      {
        what: 'Too many files',
        why: expect.stringMatching(
          /^deploy-green: apps\/orders, the Application’s path, .* 1,000/,
        ),
        ref: 'deploy-green/apps/orders',
      },
    ]);
  });

  it('tells of Git that does not answer', async () => {
    const { server, plan } = await start();
    await server.close();
    await expect(problemsOf(plan())).resolves.toMatchObject([
      {
        what: 'Git cannot be read',
        why: 'The Git server of deploy-blue cannot be reached',
      },
      {
        what: 'Git cannot be read',
        why: 'The Git server of deploy-green cannot be reached',
      },
    ]);
  });

  it('tells that nothing is deployed there, or which image is meant is not known', async () => {
    const { fleet, plan } = await start();
    await expect(
      problemsOf(plan('v5.3.25', component(), 'development')),
    ).resolves.toMatchObject([{ what: 'Not deployed in development' }]);
    await expect(
      problemsOf(plan('v5.3.25', component({ 'switchyard/image': 'x/../y' }))),
    ).resolves.toMatchObject([{ what: 'switchyard/image is malformed' }]);
    for (const row of fleet.rows) row.images = [];
    const { annotations, ...metadata } = component().metadata;
    const bare = {
      ...component(),
      metadata: {
        ...metadata,
        annotations: {
          'argocd/app-selector': annotations!['argocd/app-selector'],
        },
      },
    };
    await expect(problemsOf(plan('v5.3.25', bare))).resolves.toMatchObject([
      {
        what: 'The image is not known',
        why: expect.stringContaining('switchyard/image'),
      },
    ]);
  });
});

describe('the action kind', () => {
  it('takes a version and nothing else', () => {
    const { inputSchema } = createHotfixKind({
      planner: {} as any,
      tools: {} as any,
    });
    expect(inputSchema.parse({ version: ' v5.3.25 ' })).toEqual({
      version: 'v5.3.25',
    });
    for (const input of [
      {},
      { version: '' },
      { version: 'a/b' },
      { version: '../x' },
      { version: 'a b' },
      { version: 1 },
      { version: 'v1', more: true },
      { version: 'x'.repeat(200) },
      { version: 'v1\nv2' },
    ]) {
      expect(inputSchema.safeParse(input).success).toBe(false);
    }
  });

  it('makes sense where the entity has Applications, in the order of the config', async () => {
    const { fleet, planner, row } = await start();
    expect(planner.environments(component())).toEqual(['production']);
    fleet.rows.unshift(
      row('dev', { destination: { name: 'dev' } }),
      row('x', { name: 'orders-x', destination: { name: 'nowhere' } }),
    );
    expect(planner.environments(component())).toEqual([
      'production',
      'development',
      'unassigned',
    ]);
    expect(
      planner.environments(
        component({ 'argocd/app-selector': 'backstage-name=none' }, 'none'),
      ),
    ).toEqual([]);
  });
});

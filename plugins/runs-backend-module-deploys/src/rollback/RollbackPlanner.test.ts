import {
  RegistryClient,
  RegistryError,
} from '@switchyard/backstage-plugin-deploys-node';
import { RevisionHistory } from '@switchyard/fleet-node';
import { applicationOf, historyEntry } from '../__testUtils__/applications';
import {
  component,
  config,
  KUSTOMIZED,
  PLAIN,
  REPOSITORY,
  startDeployRepositories,
} from '../__testUtils__/startDeployRepositories';
import { waysOf } from '../__testUtils__/ways';
import { CommitTools } from '../steps/types';
import { ArgoRollbackPlanner } from './ArgoRollbackPlanner';
import { ImageRollbackPlanner } from './ImageRollbackPlanner';
import { createRollbackKind } from './createRollbackKind';
import { RollbackPlanner } from './RollbackPlanner';
import { RollbackInput } from './types';

// Real git processes, on machines that may be busy.
jest.setTimeout(60_000);

const cleanUp: Array<() => void | Promise<void>> = [];

afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const BLUE = 'apps/orders/orders.yaml';
const GREEN = 'apps/orders/kustomization.yaml';
const plain = (tag: string) => PLAIN.replace(/v5\.3\.24/g, tag);
const kustomized = (tag: string) => KUSTOMIZED[GREEN].replace('v5.3.24', tag);
const DIGEST = `sha256:${'a'.repeat(64)}`;
const OTHER_DIGEST = `sha256:${'b'.repeat(64)}`;

/** Both clusters have run v5.3.24, v5.3.25 and v5.3.26, which Git names now. */
async function start(
  options: Parameters<typeof startDeployRepositories>[0] & {
    holds?: boolean;
  } = {},
) {
  const world = await startDeployRepositories(options);
  cleanUp.push(() => world.close());
  const { server, fleet, git, registry, heads } = world;
  const history = (name: string, revisions: string[]): RevisionHistory[] =>
    revisions.map((revision, id) =>
      historyEntry(revision, {
        id,
        deployedAt: `2026-11-2${id}T12:00:0${name === 'orders-blue' ? 1 : 2}Z`,
        initiatedBy: { username: 'portal' },
      }),
    );
  /** Puts another version into both repositories; answers the commits. */
  const ship = (tag: string) => ({
    blue: server.commit(
      'deploy-blue',
      { [BLUE]: plain(tag) },
      { message: `Ship ${tag}\n\nBecause` },
    ),
    green: server.commit('deploy-green', { [GREEN]: kustomized(tag) }),
  });
  const deploy = (
    name: string,
    revisions: string[],
    overrides: Partial<RevisionHistory> = {},
  ) =>
    fleet.full.set(
      name,
      applicationOf({
        name,
        history: history(name, revisions).map(each => ({
          ...each,
          ...overrides,
        })),
      }),
    );
  const planner = RollbackPlanner.create({
    fleet: fleet.service,
    git,
    registry: registry as unknown as RegistryClient,
    config,
    ...waysOf(),
    holds: options.holds ?? true,
  });
  const request = {
    entity: component(),
    environment: 'production',
    signal: new AbortController().signal,
  };
  const revisions: Array<{ blue: string; green: string }> = [];
  if (!options.blue && !options.green) {
    revisions.push(heads, ship('v5.3.25'), ship('v5.3.26'));
    for (const color of ['blue', 'green'] as const)
      deploy(
        `orders-${color}`,
        revisions.map(each => each[color]),
      );
  }
  return {
    ...world,
    revisions,
    ship,
    deploy,
    choices: () => planner.choices(request),
    plan: (input: RollbackInput) => planner.plan({ ...request, input }),
  };
}

it('puts back in every cluster what Git named when the version ran', async () => {
  const { plan, revisions, server } = await start();
  const { problems, steps, ...rest } = await plan({ version: 'v5.3.24' });
  expect(problems).toEqual([]);
  expect(rest).toMatchObject({
    kind: 'rollback',
    title: 'Roll back to v5.3.24 in 2 clusters',
    undo: 'Ship v5.3.26 again by a hotfix',
    keys: [
      'application:main/argocd/orders-blue',
      'application:main/argocd/orders-green',
      'target:component:default/orders@production',
    ],
    intent: { action: 'rollback', version: 'v5.3.24' },
  });
  expect(
    rest.changes.flatMap(({ diff }) => diff?.match(/^[-+][^-+].*$/gm) ?? []),
  ).toEqual([
    `-        image: "${REPOSITORY}:v5.3.26"   # bump with the Job`,
    `+        image: "${REPOSITORY}:v5.3.24"   # bump with the Job`,
    `-      containers: [{name: migrate, image: ${REPOSITORY}:v5.3.26}]`,
    `+      containers: [{name: migrate, image: ${REPOSITORY}:v5.3.24}]`,
    '-    newTag: v5.3.26  # keep',
    '+    newTag: v5.3.24  # keep',
  ]);
  expect(rest.warnings).toMatchObject([
    {
      what: 'The old code meets the new schema',
      why: 'orders-blue has run the migration orders-migrate since, with v5.3.26, v5.3.25: what it changed in the database stays. v5.3.24 has to work with that, and its own migration runs again in the sync',
    },
    {
      what: 'The old code meets the new schema',
      ref: 'Application argocd/orders-green',
    },
    { what: 'Auto-sync is on', ref: 'Application argocd/orders-blue' },
  ]);
  expect(steps.map(({ id }) => id)).toEqual([
    'check',
    'commit.deploy-blue',
    'commit.deploy-green',
    'sync.orders-blue',
    'rollout.orders-blue',
    'sync.orders-green',
    'rollout.orders-green',
    'hold',
  ]);
  expect(steps[7].needs).toEqual([
    'commit.deploy-blue',
    'commit.deploy-green',
    'sync.orders-blue',
    'sync.orders-green',
  ]);
  expect(steps[1].input).toMatchObject({
    subject: 'Roll orders back to v5.3.24 in production',
    parent: revisions[2].blue,
    edits: [{ tag: 'v5.3.24', places: [{ before: 'v5.3.26' }, {}] }],
  });
  expect(server.requests.join()).not.toContain('receive-pack');
});

it('locks nothing afterwards where that is switched off', async () => {
  const { plan } = await start({ holds: false });
  const { steps, changes } = await plan({ version: 'v5.3.24' });
  expect(steps.map(({ id }) => id)).not.toContain('hold');
  expect(changes.map(({ system }) => system)).not.toContain('switchyard');
});

it('says what can be chosen, the last one first, with who committed it', async () => {
  const { choices, revisions, ship, deploy, heads } = await start();
  const { blue } = ship('v5.3.27');
  deploy('orders-blue', [...revisions.map(each => each.blue), blue]);
  const { versions, unknown, problems } = await choices();
  expect({ unknown, problems }).toEqual({ unknown: [], problems: [] });
  expect(
    versions.map(({ version, isNow, missingIn, deploys }) => [
      version,
      isNow,
      missingIn,
      deploys.length,
    ]),
  ).toEqual([
    ['v5.3.27', true, ['orders-green'], 1],
    ['v5.3.26', false, [], 2],
    ['v5.3.25', false, [], 2],
    ['v5.3.24', false, [], 2],
  ]);
  expect(versions[2].deploys[0]).toEqual({
    application: 'orders-blue',
    cluster: 'prod-blue',
    deployedAt: '2026-11-21T12:00:01Z',
    automated: false,
    by: 'portal',
    revision: revisions[1].blue,
    commit: {
      author: expect.any(String),
      at: expect.any(String),
      message: expect.stringMatching(/^Ship v5\.3\.25\n\nBecause/),
    },
  });
  expect(versions[3].deploys[0].revision).toBe(heads.blue);
});

it('takes a revision of one cluster for the version that ran with it', async () => {
  const { plan, revisions } = await start();
  await expect(plan({ revision: revisions[1].green })).resolves.toMatchObject({
    problems: [],
    title: 'Roll back to v5.3.25 in 2 clusters',
  });
  await expect(plan({ revision: 'c'.repeat(40) })).resolves.toMatchObject({
    steps: [],
    problems: [
      {
        what: 'Not a version that ran',
        field: 'revision',
        why: expect.stringContaining('v5.3.26, v5.3.25, v5.3.24'),
      },
    ],
  });
});

describe('no plan', () => {
  it.each<[string, string, object]>([
    [
      'never ran',
      'v5.3.20',
      {
        what: 'It never ran there',
        field: 'version',
        why: 'Argo CD remembers no deploy of v5.3.20 by orders-blue in prod-blue. It remembers v5.3.26, v5.3.25, v5.3.24',
      },
    ],
    [
      'is what Git names',
      'v5.3.26',
      { what: 'Nothing to change', field: 'version' },
    ],
  ])('of a version that %s', async (_, version, problem) => {
    const { plan } = await start();
    const { problems, steps } = await plan({ version });
    expect(steps).toEqual([]);
    expect(problems[0]).toMatchObject(problem);
  });

  it('of one that ran in one of the clusters only', async () => {
    const { plan, deploy, revisions } = await start();
    deploy(
      'orders-green',
      revisions.slice(1).map(each => each.green),
    );
    await expect(plan({ version: 'v5.3.24' })).resolves.toMatchObject({
      steps: [],
      problems: [
        {
          what: 'It never ran there',
          ref: 'Application argocd/orders-green',
        },
      ],
    });
  });

  it('of one whose image is gone from the registry, or may be', async () => {
    const { plan, registry } = await start();
    registry.findDigest.mockResolvedValue(undefined);
    const { problems, steps } = await plan({ version: 'v5.3.24' });
    expect(steps).toEqual([]);
    expect(problems).toMatchObject([
      {
        what: 'The image is gone',
        why: expect.stringContaining(`no longer has ${REPOSITORY}:v5.3.24`),
        field: 'version',
      },
    ]);
    registry.findDigest.mockRejectedValue(
      new RegistryError('unreachable', 'The registry cannot be reached'),
    );
    await expect(plan({ version: 'v5.3.24' })).resolves.toMatchObject({
      problems: [{ what: 'The registry cannot be asked' }],
    });
  });

  it('where Argo CD cannot be asked what ran', async () => {
    const { plan, fleet } = await start();
    fleet.full.delete('orders-green');
    const { problems, steps } = await plan({ version: 'v5.3.24' });
    expect(steps).toEqual([]);
    expect(problems).toMatchObject([
      {
        what: 'Argo CD cannot be asked',
        ref: 'Application argocd/orders-green',
      },
    ]);
  });
});

describe('what is not known to have run', () => {
  it.each<[string, Partial<RevisionHistory>, string]>([
    [
      'of another folder',
      { source: { repoURL: '', path: 'apps/old' } },
      'It was deployed from another',
    ],
    [
      'of a commit that is gone',
      { revision: 'd'.repeat(40) },
      'deploy-blue no longer has the commit dddddddddd',
    ],
    [
      'without a commit',
      { revision: undefined },
      'Argo CD does not say which commit that was',
    ],
  ])('is a deploy %s', async (_, overrides, why) => {
    const { choices, deploy, revisions } = await start();
    deploy('orders-blue', [revisions[0].blue], overrides);
    const { unknown } = await choices();
    expect(unknown).toMatchObject([
      { application: 'orders-blue', why: expect.stringContaining(why) },
    ]);
  });

  it('is one where Git named several versions, or named the image elsewhere', async () => {
    const { choices, deploy, server } = await start();
    const mixed = server.commit('deploy-blue', {
      [BLUE]: plain('v5.3.24').replace(/v5\.3\.24}/, 'v5.3.23}'),
    });
    const absent = server.commit('deploy-blue', { [BLUE]: 'kind: List\n' });
    server.commit('deploy-blue', { [BLUE]: plain('v5.3.26') });
    deploy('orders-blue', [mixed, absent]);
    const { unknown } = await choices();
    expect(unknown.map(({ why }) => why)).toEqual([
      'Where Git names the image now it did not name it then',
      'Git named several at once: v5.3.24, v5.3.23',
    ]);
  });
});

describe('an image that is pinned', () => {
  const pinned = (tag: string, digest: string) => ({
    [BLUE]: plain(tag).replace(new RegExp(`:${tag}`, 'g'), `:${tag}@${digest}`),
  });

  it('is put back by its digest, which is what the registry is asked for', async () => {
    const { plan, deploy, server, registry, fleet } = await start();
    fleet.rows.splice(1);
    const then = server.commit('deploy-blue', pinned('v5.3.24', DIGEST));
    const now = server.commit('deploy-blue', pinned('v5.3.26', OTHER_DIGEST));
    deploy('orders-blue', [then, now]);
    registry.findDigest.mockImplementation(async (_, reference) =>
      reference.startsWith('sha256:') ? reference : OTHER_DIGEST,
    );
    const { problems, steps, warnings } = await plan({ version: 'v5.3.24' });
    expect(problems).toEqual([]);
    expect(steps[1].input).toMatchObject({
      edits: [{ tag: 'v5.3.24', digest: DIGEST }],
    });
    expect(registry.findDigest).toHaveBeenCalledWith(
      REPOSITORY,
      DIGEST,
      expect.anything(),
    );
    expect(warnings.map(({ what }) => what)).not.toContain('The tag has moved');
  });

  it('and is no longer may be another one by now, which is said', async () => {
    const { plan, deploy, server, registry, fleet } = await start();
    fleet.rows.splice(1);
    const then = server.commit('deploy-blue', pinned('v5.3.24', DIGEST));
    const now = server.commit('deploy-blue', { [BLUE]: plain('v5.3.26') });
    deploy('orders-blue', [then, now]);
    registry.findDigest.mockResolvedValue(OTHER_DIGEST);
    const { problems, warnings } = await plan({ version: 'v5.3.24' });
    expect(problems).toEqual([]);
    expect(warnings[0]).toMatchObject({ what: 'The tag has moved' });
  });
});

it('wants one of the two ways to name a version', () => {
  const { inputSchema } = createRollbackKind({
    planner: {} as RollbackPlanner,
    argoPlanner: {} as ArgoRollbackPlanner,
    imagePlanner: {} as ImageRollbackPlanner,
    tools: {} as CommitTools,
  });
  expect(inputSchema.safeParse({ version: 'v1' }).success).toBe(true);
  expect(inputSchema.safeParse({ revision: 'a'.repeat(40) }).success).toBe(
    true,
  );
  const deploys = [{ application: 'orders-blue', id: 0 }];
  expect(inputSchema.safeParse({ mode: 'argocd', deploys }).success).toBe(true);
  for (const wrong of [
    {},
    { version: 'v1', revision: 'a'.repeat(40) },
    { revision: 'main' },
    { version: '' },
    { tag: 'v1' },
    { deploys },
    { mode: 'argocd', version: 'v1' },
    { mode: 'argocd', deploys: [] },
    { mode: 'argocd', deploys: [...deploys, ...deploys] },
    { mode: 'argocd', deploys: [{ application: 'orders-blue', id: -1 }] },
  ])
    expect(inputSchema.safeParse(wrong).success).toBe(false);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigReader } from '@backstage/config';
import { StepHandler } from '@switchyard/backstage-plugin-runs-node';
import {
  createTestContext,
  TestContext,
} from './__testUtils__/createTestContext';
import {
  configOf,
  HotfixWorld,
  playPlan,
  useHotfixWorld,
} from './__testUtils__/startHotfixWorld';
import { waysOf } from './__testUtils__/ways';
import { createCommitStep } from './effects/commitStep';
import { ConfiguredGitRemotes, GitClient, HttpGitClient } from './git';
import { CommitStepInput, CommitStepOutput } from './hotfix/types';
import { DEFAULT_PATIENCE } from './steps/types';

// A world of processes, clusters and time.
jest.setTimeout(180_000);

const GREEN = 'deploy-green';
/** Newer than what runs. */
const VERSIONS = ['v5.3.25', 'v5.3.26'];

let world: HotfixWorld;
let git: GitClient;
let step: StepHandler;
let clones: string;
let run = 0;

useHotfixWorld(started => {
  world = started;
  clones = mkdtempSync(join(tmpdir(), 'switchyard-pull-'));
  const data = configOf(world.sandbox, clones);
  git = HttpGitClient.create({
    remotes: ConfiguredGitRemotes.fromConfig(new ConfigReader(data)),
    directory: clones,
  });
  const ways = waysOf(data);
  step = createCommitStep({
    git,
    identity: { name: 'Switchyard', email: 'switchyard@noreply.invalid' },
    // People are quick here.
    patience: { ...DEFAULT_PATIENCE, pullRequestMs: { first: 50, last: 50 } },
    pullRequests: ways.pullRequests,
    // A repository of GitHub has an owner; those of the world lie at the root of its Git server.
    forges: {
      find: url =>
        ways.forges.find(url.replace(/^(http:\/\/[^/]+)\//, '$1/acme/')),
    },
  });
});
afterAll(() => rmSync(clones, { recursive: true, force: true }));
beforeEach(() => world.fault('git-branch-protected', { target: GREEN }));

/** The input of the step for a version that Git does not name there now. */
async function inputOf(): Promise<CommitStepInput> {
  for (const version of VERSIONS) {
    const plan = await world.plan(version);
    const commit = plan.steps.find(({ id }) => id === `commit.${GREEN}`);
    const input = commit?.input as CommitStepInput | undefined;
    const isNew = input?.edits.some(({ tag, places }) =>
      places.some(({ before }) => before !== tag),
    );
    if (isNew) return input!;
  }
  throw new Error('Git names all versions at once');
}

function contextOf(
  input: CommitStepInput,
  options: Partial<Parameters<typeof createTestContext>[0]> = {},
): TestContext {
  run += options.runId ? 0 : 1;
  return createTestContext({ input, runId: `${run}-of-the-test`, ...options });
}

const pulls = async () =>
  (await world.counts()).pullRequests.filter(
    ({ repository }) => repository === GREEN,
  );
const newest = async () => (await pulls()).at(-1)!;
const head = () =>
  git
    .repository(`${world.sandbox.git.url}/${GREEN}.git`)
    .head('main', { signal: AbortSignal.timeout(30_000) });

async function until(condition: () => unknown): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  while (!(await condition())) {
    signal.throwIfAborted();
    await sleep(20);
  }
}

/** Resolves when the step says that it waits for somebody. */
function whenWaiting(context: TestContext): Promise<void> {
  return until(() =>
    context.progresses.at(-1)?.startsWith('Waits until somebody merges'),
  );
}

const merge = (value = 'squash', details = {}) =>
  world.fault('forge-merge', { target: GREEN, value, details });
const close = () =>
  world.fault('forge-close', { target: GREEN, details: { by: 'omar' } });

it.each([
  ['github', 'squash'],
  ['gitlab', 'merge'],
  ['gitea', 'rebase'],
  ['bitbucket', 'squash'],
  ['azure', 'squash'],
])(
  'goes by a pull request where %s says that the branch is protected, and on with what a %s made of it',
  async (server, method) => {
    await world.fault('git-branch-protected', { target: GREEN, value: server });
    const before = (await pulls()).length;
    const context = contextOf(await inputOf());
    const running = step.run(context);
    await whenWaiting(context);
    expect(context.changes).toEqual([
      expect.objectContaining({
        what: 'pull request into main of deploy-green',
        url: expect.stringMatching(/\/acme\/deploy-green\/pull\/\d+$/),
      }),
    ]);
    await merge(method);
    const { commit, created } = (await running).output as CommitStepOutput;
    expect(created).toBe(true);
    expect(commit).toBe((await head()).commit);
    expect(context.changes.at(-1)).toMatchObject({
      what: 'commit to main of deploy-green',
      ref: commit,
      diff: expect.stringMatching(/^-.*\n\+/m),
    });
    const all = await pulls();
    expect(all).toHaveLength(before + 1);
    expect(all.at(-1)).toMatchObject({
      title: expect.stringMatching(/^Ship v.* \(run 1\)$/),
      body: expect.stringContaining('http://localhost:7007/runs/run-1'),
      head: expect.stringMatching(/^switchyard\/run-1-/),
      merged: { by: 'ravi', sha: commit },
    });
    // The branch, and the pull request.
    expect(context.effects.slice(-2)).toEqual([
      { pullRequest: { branch: all.at(-1)!.head, word: null } },
      { pullRequest: { branch: all.at(-1)!.head, word: null } },
    ]);
  },
);

it('ships a version to both clusters: one by a push, one by a pull request', async () => {
  // One that neither cluster has.
  const version = 'v5.3.23';
  const plan = await world.plan(version);
  const merged = until(async () =>
    (await pulls()).some(({ closed }) => !closed),
  ).then(() => merge());
  const kind = {
    ...world.kind,
    steps: { ...world.kind.steps, commit: step },
  };
  const { outputs, errors } = await playPlan({ kind }, plan, { runId: 'both' });
  await merged;
  expect(errors).toEqual({});
  const { commit } = outputs[`commit.${GREEN}`] as CommitStepOutput;
  expect(commit).toBe((await newest()).merged!.sha);
  expect(outputs['sync.orders-green']).toMatchObject({ revision: commit });
});

it('fails when somebody closes it, and opens another one when a person tries again', async () => {
  const input = await inputOf();
  const first = contextOf(input);
  const failing = step.run(first);
  await whenWaiting(first);
  await close();
  await expect(failing).rejects.toMatchObject({
    name: 'StepFailedError',
    message: expect.stringMatching(/was closed without a merge by omar$/),
  });
  const again = {
    runId: first.run.id,
    attempt: 2,
    reference: first.effects.at(-1),
  };
  // Without a word of a person it stays closed.
  const taken = contextOf(input, again);
  expect(await step.adopt!(taken)).toBeUndefined();
  await expect(step.run(taken)).rejects.toThrow('closed without a merge');

  const retried = { by: 'user:default/dana', at: '2030-01-01T00:00:00Z' };
  const second = contextOf(input, { ...again, retried });
  expect(await step.adopt!(second)).toBeUndefined();
  const running = step.run(second);
  await whenWaiting(second);
  await merge();
  await running;
  expect((await newest()).head).toMatch(/\.2$/);
});

const killed = new Error('killed');

/** An attempt that ends before its effect of this number is sent. */
async function killedBefore(input: CommitStepInput, effect: number) {
  let count = 0;
  let reference: TestContext['step']['reference'];
  const context = contextOf(input, {
    onEffect: next => {
      reference = next;
      count += 1;
      if (count === effect) throw killed;
    },
  });
  // A process that is gone tidies nothing up.
  const gone = new AbortController();
  const original = context.beforeEffect.bind(context);
  Object.assign(context, {
    signal: gone.signal,
    beforeEffect: async (next?: TestContext['step']['reference']) => {
      try {
        await original(next);
      } catch (error) {
        gone.abort(killed);
        throw error;
      }
    },
  });
  await expect(step.run(context)).rejects.toThrow('killed');
  return { runId: context.run.id, attempt: 2, reference };
}

describe('one pull request', () => {
  /** The next attempt, which somebody merges. */
  async function goesOn(
    input: CommitStepInput,
    before: { runId: string; attempt: number; reference?: any },
  ) {
    const context = contextOf(input, before);
    expect(await step.adopt!(context)).toBeUndefined();
    const running = step.run(context);
    await whenWaiting(context);
    await merge();
    expect((await running).output).toEqual({
      commit: (await head()).commit,
      created: true,
    });
  }

  it.each([
    ['the push that will be refused', 1],
    ['the branch', 2],
    ['the pull request', 3],
  ])('although the worker ends before %s', async (_, effect) => {
    const input = await inputOf();
    const count = (await pulls()).length;
    await goesOn(input, await killedBefore(input, effect));
    expect(await pulls()).toHaveLength(count + 1);
  });

  it('although the answer to its opening is lost', async () => {
    const input = await inputOf();
    const count = (await pulls()).length;
    await world.fault('forge-open-answer-dropped', { target: GREEN });
    const context = contextOf(input);
    const running = step.run(context);
    await whenWaiting(context);
    await merge();
    await running;
    expect(await pulls()).toHaveLength(count + 1);
  });

  it('although the worker ends while it waits', async () => {
    const input = await inputOf();
    const count = (await pulls()).length;
    const gone = new AbortController();
    const context = contextOf(input, { signal: gone.signal });
    const running = step.run(context);
    await whenWaiting(context);
    gone.abort(killed);
    await expect(running).rejects.toThrow('killed');
    await goesOn(input, {
      runId: context.run.id,
      attempt: 2,
      reference: context.effects.at(-1),
    });
    expect(await pulls()).toHaveLength(count + 1);
  });

  it('that is merged while no worker looks, and its branch deleted', async () => {
    const input = await inputOf();
    const gone = new AbortController();
    const context = contextOf(input, { signal: gone.signal });
    const running = step.run(context);
    await whenWaiting(context);
    gone.abort(killed);
    await expect(running).rejects.toThrow('killed');
    const later = {
      runId: context.run.id,
      attempt: 2,
      reference: context.effects.at(-1),
    };
    const looking = contextOf(input, later);
    Object.assign(looking, { lookingOnly: true });
    await expect(step.adopt!(looking)).rejects.toMatchObject({
      name: 'StepParkedError',
      message: expect.stringContaining('Waits until somebody merges'),
    });
    await merge('squash', { deletesBranch: true });
    const after = contextOf(input, later);
    expect((await step.adopt!(after))?.output).toEqual({
      commit: (await head()).commit,
      created: true,
    });
    expect(after.effects).toEqual([]);
  });
});

describe('somebody who cancels the run', () => {
  it('has the pull request closed and its branch deleted', async () => {
    const cancelled = new AbortController();
    const input = await inputOf();
    const context = contextOf(input, { cancelled: cancelled.signal });
    const running = step.run(context);
    await whenWaiting(context);
    cancelled.abort();
    await expect(running).rejects.toMatchObject({ name: 'StepWithdrawnError' });
    const { head: branch, closed, merged } = await newest();
    expect({ closed: closed?.by, merged }).toEqual({ closed: 'switchyard' });
    const repository = git.repository(input.repoUrl);
    expect(
      await repository.findBranch(branch, {
        signal: AbortSignal.timeout(30_000),
      }),
    ).toBeUndefined();
  });

  it('leaves nothing behind of an attempt that came no further than the branch', async () => {
    const input = await inputOf();
    const count = (await pulls()).length;
    const before = await killedBefore(input, 3);
    const cancelled = new AbortController();
    cancelled.abort();
    const context = contextOf(input, {
      ...before,
      cancelled: cancelled.signal,
    });
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'StepWithdrawnError',
    });
    expect(await pulls()).toHaveLength(count);
    expect(context.logs.join('\n')).toContain('Deleted branch');
  });

  it('is too late when it is merged already', async () => {
    const cancelled = new AbortController();
    const context = contextOf(await inputOf(), { cancelled: cancelled.signal });
    const running = step.run(context);
    await whenWaiting(context);
    await world.fault('forge-down');
    await merge();
    cancelled.abort();
    await world.fault('forge-down', { on: false });
    expect((await running).output).toEqual({
      commit: (await newest()).merged!.sha,
      created: true,
    });
  });
});

it('leaves no branch behind where the interlock forbids to open it', async () => {
  let count = 0;
  const input = await inputOf();
  const before = (await pulls()).length;
  const context = contextOf(input, {
    onEffect: () => {
      count += 1;
      if (count === 3) throw new Error('locked');
    },
  });
  await expect(step.run(context)).rejects.toThrow('locked');
  expect(await pulls()).toHaveLength(before);
  expect(context.logs.join('\n')).toContain('Deleted branch switchyard/run-1-');
});

it('says what stands in the way of a merge, and waits while the forge is away', async () => {
  const context = contextOf(await inputOf());
  await world.fault('forge-checks-fail', { target: GREEN });
  const running = step.run(context);
  await whenWaiting(context);
  expect(context.progresses.at(-1)).toMatch(/: checks fail: manifests$/);
  await world.fault('forge-checks-fail', { target: GREEN, on: false });
  await world.fault('forge-down');
  await until(() => context.logs.includes('GitHub cannot be reached'));
  await world.fault('forge-down', { on: false });
  // Somebody else changes the same file.
  const { file } = (context.step.input as CommitStepInput).edits[0];
  await world.fault('git-competitor-commit', {
    target: GREEN,
    details: { path: file, from: 'images:', to: '# ours\nimages:' },
  });
  await until(() =>
    context.progresses.at(-1)?.includes('it conflicts with main'),
  );
  await close();
  await expect(running).rejects.toThrow('closed without a merge');
});

it('fails where something else was merged than was planned', async () => {
  const input = await inputOf();
  const context = contextOf(input);
  const running = step.run(context);
  await whenWaiting(context);
  const repository = git.repository(input.repoUrl);
  const { signal } = new AbortController();
  const branch = (await repository.findBranch((await newest()).head, {
    signal,
  }))!;
  const [{ file }] = input.edits;
  const text = (await repository.readFile(branch.commit, file))!;
  const amended = await repository.prepareCommit({
    parent: branch,
    files: new Map([[file, text.replaceAll(/v5\.3\.\d+/g, 'v5.3.20')]]),
    message: 'Another one',
    identity: { name: 'Ravi', email: 'ravi@example.com' },
    at: new Date(),
  });
  await repository.push(amended, { signal, beforeSend: async () => {} });
  await merge();
  await expect(running).rejects.toMatchObject({
    name: 'StepFailedError',
    message: expect.stringContaining(
      `was merged with something else than was planned in ${file}`,
    ),
  });
});

it('is no way round a hook that refuses everything', async () => {
  await world.fault('git-branch-protected', { target: GREEN, on: false });
  await world.fault('git-push-refused', { target: GREEN });
  const count = (await pulls()).length;
  await expect(step.run(contextOf(await inputOf()))).rejects.toMatchObject({
    name: 'StepFailedError',
    message: expect.stringContaining('deploy-green refused the push'),
  });
  expect(await pulls()).toHaveLength(count);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import {
  ConfiguredGitRemotes,
  HttpGitClient,
  parseTrailers,
  RUN_TRAILER,
} from '../git';
import { CommitStepInput, PlannedEdit } from '../hotfix/types';
import { createTestContext } from '../__testUtils__/createTestContext';
import { declinePushes, startGitServer } from '../__testUtils__/startGitServer';
import { waysOf } from '../__testUtils__/ways';
import { DEFAULT_PATIENCE } from '../steps/types';
import { createCommitStep } from './commitStep';

// Real git processes, on machines that may be busy.
jest.setTimeout(60_000);

const { signal } = new AbortController();
const REPOSITORY = '127.0.0.1:5001/storefront/orders';
const FILE = 'apps/orders/orders.yaml';
const IDENTITY = { name: 'Switchyard', email: 'switchyard@noreply.invalid' };
const cleanUp: Array<() => void | Promise<void>> = [];

function manifest(tag: string, extra = ''): string {
  const workload = (kind: string, name: string) =>
    `kind: ${kind}\nmetadata: {name: ${name}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: main   # c\n        image: "${REPOSITORY}:${tag}"\n`;
  return `# orders\r\n${workload('Deployment', 'orders')}---\n${workload(
    'Job',
    'orders-migrate',
  )}${extra}`;
}

function edit(before: string, tag: string): PlannedEdit {
  return {
    file: FILE,
    wanted: { repository: REPOSITORY, tagPrefix: '' },
    tag,
    places: [
      'Deployment//orders/containers/main',
      'Job//orders-migrate/containers/main',
    ].map(id => ({ id, what: id, before })),
  };
}

async function start(
  options: {
    files?: Record<string, string>;
    timeouts?: { pushMs?: number };
  } = {},
) {
  const server = await startGitServer(['deploy-blue']);
  cleanUp.push(() => server.close());
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-commit-'));
  cleanUp.push(() => rmSync(directory, { recursive: true, force: true }));
  const config = new ConfigReader({
    switchyard: {
      deploys: {
        git: [
          {
            host: server.host,
            username: server.username,
            token: server.password,
            insecure: true,
          },
        ],
      },
    },
  });
  const makeStep = () =>
    createCommitStep({
      git: HttpGitClient.create({
        remotes: ConfiguredGitRemotes.fromConfig(config),
        directory,
        timeouts: options.timeouts,
      }),
      identity: IDENTITY,
      patience: DEFAULT_PATIENCE,
      ...waysOf(),
    });
  const parent = server.commit(
    'deploy-blue',
    options.files ?? { [FILE]: manifest('v1'), 'README.md': 'r' },
  );
  const input: CommitStepInput = {
    repoUrl: server.url('deploy-blue'),
    branch: 'main',
    parent,
    subject: 'Ship v2 of orders to production',
    edits: [edit('v1', 'v2')],
  };
  const head = () => server.git('deploy-blue', 'rev-parse', 'main');
  const content = () => server.git('deploy-blue', 'show', `main:${FILE}`);
  const commits = () =>
    Number(server.git('deploy-blue', 'rev-list', '--count', 'main'));
  return {
    server,
    step: makeStep(),
    makeStep,
    input,
    parent,
    head,
    content,
    commits,
  };
}

afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

describe('commit step', () => {
  it('makes one commit that says what, why and who, and changes nothing else', async () => {
    const { server, step, input, parent, head, content, commits } =
      await start();
    const context = createTestContext({
      input,
      reason: 'Totals are wrong\n\nSwitchyard-Run: run-99',
    });
    const result = await step.run(context);
    expect(result).toEqual({ output: { commit: head(), created: true } });
    expect(commits()).toBe(2);
    expect(content()).toBe(manifest('v2').trimEnd());
    const message = server.git(
      'deploy-blue',
      'log',
      '-1',
      '--format=%B',
      'main',
    );
    expect(message).toContain(
      'Ship v2 of orders to production\n\nTotals are wrong',
    );
    expect(parseTrailers(message)).toEqual({
      'Switchyard-Run': 'run-1',
      'Switchyard-Requested-By': 'user:default/dana',
      'Switchyard-Run-Url': 'http://localhost:7007/runs/run-1',
    });
    expect(context.effects).toEqual([{ commit: head(), parent }]);
    expect(context.changes).toEqual([
      expect.objectContaining({
        system: 'git',
        ref: head(),
        before: parent,
        after: head(),
        cluster: 'prod-blue',
        diff: expect.stringContaining(`+        image: "${REPOSITORY}:v2"`),
      }),
    ]);
  });

  it('commits nothing when the version is there already', async () => {
    const { step, input, parent, commits } = await start({
      files: { [FILE]: manifest('v2') },
    });
    const context = createTestContext({ input });
    await expect(step.run(context)).resolves.toEqual({
      output: { commit: parent, created: false },
    });
    expect(commits()).toBe(1);
    expect(context.effects).toEqual([]);
  });

  it('takes somebody else’s commits along, and loses none', async () => {
    const { server, step, input, content, commits } = await start();
    server.commit('deploy-blue', { 'other.yaml': 'before the look' });
    let pushed = 0;
    const context = createTestContext({
      input,
      onEffect: () => {
        // Three times somebody is faster, right before the push; once in the same file.
        pushed += 1;
        if (pushed <= 3)
          server.commit(
            'deploy-blue',
            pushed === 2
              ? { [FILE]: manifest('v1', '# a note\n') }
              : { 'other.yaml': `race ${pushed}` },
          );
      },
    });
    await step.run(context);
    expect(pushed).toBe(4);
    expect(commits()).toBe(6);
    expect(content()).toBe(manifest('v2', '# a note\n').trimEnd());
    expect(server.git('deploy-blue', 'show', 'main:other.yaml')).toBe('race 3');
    expect(
      context.logs.filter(line => line.startsWith('Lost a race')),
    ).toHaveLength(3);
  });

  it('finds its commit at once when the answer to the push is lost', async () => {
    const { server, step, input, head, commits } = await start();
    server.afterPush = () => true;
    const result = await step.run(createTestContext({ input }));
    expect(result).toEqual({ output: { commit: head(), created: true } });
    expect(commits()).toBe(2);
  });

  it('adopts what a killed worker had pushed: exactly one commit', async () => {
    const { server, step, makeStep, input, parent, head, commits } =
      await start();
    const killed = new AbortController();
    server.afterPush = () => {
      killed.abort(new Error('killed'));
      return true;
    };
    const first = createTestContext({ input, signal: killed.signal });
    await expect(step.run(first)).rejects.toThrow('killed');
    server.afterPush = undefined;
    const later = createTestContext({
      input,
      attempt: 2,
      reference: first.effects[0],
    });
    await expect(makeStep().adopt!(later)).resolves.toEqual({
      output: { commit: head(), created: true },
    });
    expect(later.changes).toEqual([
      expect.objectContaining({ ref: head(), before: parent }),
    ]);
    expect(commits()).toBe(2);
  });

  it('finds nothing to adopt when the push never arrived, and pushes then', async () => {
    const { server, makeStep, step, input, parent, commits } = await start();
    server.before = ({ service, method, response }) => {
      if (service !== 'git-receive-pack' || method !== 'POST') return false;
      response.destroy();
      return true;
    };
    const first = createTestContext({ input });
    await expect(step.run(first)).rejects.toThrow(
      'was lost, and the commit is not there',
    );
    server.before = undefined;
    const later = createTestContext({
      input,
      attempt: 2,
      reference: first.effects[0],
    });
    await expect(makeStep().adopt!(later)).resolves.toBeUndefined();
    await expect(makeStep().run(later)).resolves.toMatchObject({
      output: { created: true },
    });
    expect([
      commits(),
      server.git('deploy-blue', 'rev-parse', 'main^'),
    ]).toEqual([2, parent]);
  });

  it('makes one commit although a stopped worker’s push arrives after another had taken over', async () => {
    const { makeStep, input, commits, head } = await start();
    let release: (() => void) | undefined;
    const stopped = makeStep().run(
      createTestContext({
        input,
        onEffect: () => new Promise<void>(resolve => (release = resolve)),
      }),
    );
    while (!release) await new Promise(resolve => setTimeout(resolve, 5));
    // The second worker, while the first is stopped between check and send.
    const second = createTestContext({ input, attempt: 2 });
    await expect(makeStep().adopt!(second)).resolves.toBeUndefined();
    const taken = await makeStep().run(second);
    release();
    await expect(stopped).resolves.toEqual(taken);
    expect(commits()).toBe(2);
    expect(taken.output.commit).toBe(head());
  });

  it('does not take another run’s commit for its own', async () => {
    const { server, step, input, commits } = await start();
    server.commit(
      'deploy-blue',
      { 'x.txt': 'x' },
      { message: 'Ship\n\nSwitchyard-Run: run-10\n' },
    );
    const context = createTestContext({ input, attempt: 2 });
    await expect(step.adopt!(context)).resolves.toBeUndefined();
    await step.run(context);
    expect(commits()).toBe(3);
    expect(
      parseTrailers(
        server.git('deploy-blue', 'log', '-1', '--format=%B', 'main'),
      )[RUN_TRAILER],
    ).toBe('run-1');
  });
});

describe('what the plan found has changed', () => {
  it('goes on after a run that was ahead, and says so', async () => {
    const { server, step, input, content } = await start();
    server.commit(
      'deploy-blue',
      { [FILE]: manifest('v1.5') },
      { message: 'Ship v1.5\n\nSwitchyard-Run: run-0\n' },
    );
    server.commit('deploy-blue', { 'other.yaml': 'by a person' });
    const context = createTestContext({ input });
    await step.run(context);
    expect(content()).toBe(manifest('v2').trimEnd());
    expect(context.logs.join('\n')).toMatch(
      /names v1\.5 instead of v1, changed by run run-0 in [0-9a-f]{10}; that run was ahead/,
    );
  });

  it.each([
    [
      'another version',
      manifest('v1.7'),
      /Deployment\/\/orders.* names v1\.7 instead of v1, changed by Ravi in [0-9a-f]{10}/,
    ],
    [
      'another image',
      manifest('v1').replace(`${REPOSITORY}:v1`, 'other:v1'),
      /is gone, changed by Ravi/,
    ],
  ])('parks when a person has set %s', async (_, text, message) => {
    const { server, step, input, commits } = await start();
    server.commit('deploy-blue', { [FILE]: text });
    const context = createTestContext({ input });
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'StepParkedError',
      message: expect.stringMatching(message),
    });
    expect(context.effects).toEqual([]);
    expect(commits()).toBe(2);
  });

  it('parks also when a run was ahead and a person came after it', async () => {
    const { server, step, input } = await start();
    server.commit(
      'deploy-blue',
      { [FILE]: manifest('v1.5') },
      { message: 'Ship v1.5\n\nSwitchyard-Run: run-0\n' },
    );
    server.commit('deploy-blue', { [FILE]: manifest('v1.6') });
    await expect(step.run(createTestContext({ input }))).rejects.toMatchObject({
      name: 'StepParkedError',
    });
  });

  it('goes on once a person has confirmed, where it can', async () => {
    const { server, step, input, content } = await start();
    server.commit('deploy-blue', { [FILE]: manifest('v1.7') });
    const confirmed = { by: 'user:default/omar', at: new Date().toISOString() };
    const context = createTestContext({ input, confirmed, attempt: 2 });
    await step.run(context);
    expect(content()).toBe(manifest('v2').trimEnd());
    expect(context.logs.join('\n')).toContain('accepted by user:default/omar');
    server.git('deploy-blue', 'update-ref', 'refs/heads/main', input.parent);
    server.commit('deploy-blue', { [FILE]: 'kind: ConfigMap\n' });
    await expect(
      step.run(createTestContext({ input, confirmed })),
    ).rejects.toMatchObject({
      name: 'StepFailedError',
      message: expect.stringContaining('no longer names the image'),
    });
  });
});

it('takes a person’s word for what that person was shown, and for no change after it', async () => {
  const { server, step, input, commits } = await start();
  server.commit('deploy-blue', { [FILE]: manifest('v1.7') });
  const parked = await step
    .run(createTestContext({ input }))
    .catch((error: Error) => error);
  const { message: found } = parked as Error;
  expect(found).toContain('names v1.7');
  const confirmed = {
    by: 'user:default/omar',
    at: new Date().toISOString(),
    found,
  };
  const ofLater = server.commit('deploy-blue', { [FILE]: manifest('v1.8') });
  await expect(
    step.run(createTestContext({ input, confirmed, attempt: 2 })),
  ).rejects.toMatchObject({
    name: 'StepParkedError',
    message: expect.stringContaining('names v1.8'),
  });
  expect(commits()).toBe(3);
  server.git('deploy-blue', 'update-ref', 'refs/heads/main', `${ofLater}~1`);
  await step.run(createTestContext({ input, confirmed, attempt: 3 }));
  expect(commits()).toBe(3);
});

describe('refusals', () => {
  it('fails in the server’s words when the branch is protected and no forge is known', async () => {
    const { server, step, input, commits } = await start();
    declinePushes(
      server,
      'deploy-blue',
      'Protected branch: use a pull request',
    );
    await expect(step.run(createTestContext({ input }))).rejects.toMatchObject({
      name: 'StepFailedError',
      message:
        'deploy-blue refused the push: pre-receive hook declined (Protected branch: use a pull request). Pull requests are opened at GitHub and GitLab, where an integration is configured',
    });
    expect(commits()).toBe(1);
  });

  it('pushes nothing when the interlock says no, and keeps its word', async () => {
    const { server, step, input, parent, head } = await start();
    const refusal = Object.assign(new Error('Locked by omar'), {
      name: 'InterlockRefusedError',
    });
    const context = createTestContext({
      input,
      onEffect: () => Promise.reject(refusal),
    });
    await expect(step.run(context)).rejects.toBe(refusal);
    expect(head()).toBe(parent);
    expect(server.requests).not.toContain(
      'POST /deploy-blue.git/git-receive-pack',
    );
  });

  it('may be tried again when Git is away', async () => {
    const { server, step, input } = await start();
    await server.close();
    await expect(
      step.run(createTestContext({ input, signal })),
    ).rejects.toMatchObject({ name: 'GitError', code: 'unreachable' });
  });
});

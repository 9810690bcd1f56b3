import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as isomorphicGit from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import fs from 'node:fs';
import { FaultBoard } from '../faults/FaultBoard';
import { addGitFaults } from '../faults/gitFaults';
import { Listener } from '../http/listen';
import { VerbCounts } from '../http/VerbCounts';
import { BareRepository } from './BareRepository';
import { Forge } from './Forge';
import { startGitServer } from './gitServer';
import { openRepositories, WorldRepository } from './seedRepositories';

const run = promisify(execFile);
const ACCESS = { username: 'portal', token: 'secret-token' };

let folder: string;
let repositories: Map<string, WorldRepository>;
let board: FaultBoard;
let unimplemented: VerbCounts;
let server: Listener;

async function gitProgram(cwd: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await run('git', args, {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_NOSYSTEM: '1',
      LC_ALL: 'C',
    },
  });
  return stdout + stderr;
}

function remote(repository: string): string {
  return `http://${ACCESS.username}:${ACCESS.token}@${server.host}/${repository}.git`;
}

async function clone(repository: string): Promise<string> {
  const target = await mkdtemp(join(folder, 'clone-'));
  await gitProgram(folder, 'clone', '--quiet', remote(repository), target);
  await gitProgram(target, 'config', 'user.name', 'Dana');
  await gitProgram(target, 'config', 'user.email', 'dana@example.com');
  return target;
}

async function change(work: string, text: string): Promise<string> {
  await writeFile(join(work, 'CHANGES.md'), `${text}\n`);
  await gitProgram(work, 'add', '.');
  await gitProgram(
    work,
    'commit',
    '--quiet',
    '-m',
    `${text}\n\nSwitchyard-Run: 7`,
  );
  return (await gitProgram(work, 'rev-parse', 'HEAD')).trim();
}

const head = (repository: string) =>
  repositories.get(repository)!.repository.resolve('main');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-git-'));
  repositories = await openRepositories({
    sources: resolve(__dirname, '../../repositories'),
    directory: join(folder, 'git'),
    registryHost: '127.0.0.1:5001',
  });
  board = FaultBoard.create();
  unimplemented = VerbCounts.create();
  const bare = new Map(
    [...repositories].map(([name, { repository }]) => [name, repository]),
  );
  server = await startGitServer({
    port: 0,
    repositories: bare,
    forge: await Forge.open({
      directory: join(folder, 'organizations'),
      organizations: ['storefront'],
      repositories: bare,
    }),
    ...ACCESS,
    faults: addGitFaults(board, bare),
    unimplemented,
  });
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the forge', () => {
  const headers = {
    Authorization: `Basic ${Buffer.from(
      `${ACCESS.username}:${ACCESS.token}`,
    ).toString('base64')}`,
    'Content-Type': 'application/json',
  };
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${server.url}${path}`, { headers, ...init });
    const text = await response.text();
    return { status: response.status, text };
  };
  const publish = (name: string, owner = 'storefront') =>
    ask(`/api/v1/orgs/${owner}/repos`, {
      method: 'POST',
      body: JSON.stringify({ name, private: false }),
    });

  it('publishes a repository once, serves it to git, shows its files, and has it after the next start', async () => {
    expect((await ask('/api/v1/orgs/storefront')).status).toBe(200);
    expect((await ask('/api/v1/orgs/nobody')).status).toBe(404);
    expect((await publish('parcel')).status).toBe(201);
    expect((await publish('parcel')).status).toBe(409);
    expect((await publish('../parcel')).status).toBe(422);
    expect((await publish('parcel', 'nobody')).status).toBe(404);
    const page = '/storefront/parcel/src/branch/main';
    const file = '/api/v1/repos/storefront/parcel/contents/CHANGES.md?ref=main';
    expect((await ask(page, { headers: {} })).status).toBe(404);
    expect((await ask(file)).status).toBe(404);
    const work = await mkdtemp(join(folder, 'new-'));
    await gitProgram(work, 'init', '--quiet', '--initial-branch=main');
    await gitProgram(work, 'config', 'user.name', 'Dana');
    await gitProgram(work, 'config', 'user.email', 'dana@example.com');
    await change(work, 'first');
    await gitProgram(
      work,
      'push',
      '--quiet',
      remote('storefront/parcel'),
      'main',
    );
    expect((await ask(page, { headers: {} })).status).toBe(200);
    expect(JSON.parse((await ask(file)).text)).toMatchObject({
      encoding: 'base64',
      content: Buffer.from('first\n').toString('base64'),
    });
    expect((await ask(file, { headers: {} })).status).toBe(401);
    const kept = new Map<string, BareRepository>();
    await Forge.open({
      directory: join(folder, 'organizations'),
      organizations: ['storefront'],
      repositories: kept,
    });
    expect([...kept.keys()]).toEqual(['storefront/parcel']);
    expect(unimplemented.counts()).toEqual({});
  });
});

describe('the deploy repositories', () => {
  it('are the same at every first start and kept at a later one', async () => {
    const again = await openRepositories({
      sources: resolve(__dirname, '../../repositories'),
      directory: join(folder, 'again'),
      registryHost: '127.0.0.1:5001',
    });
    for (const [name, { start }] of again) {
      expect(start).toBe(repositories.get(name)!.start);
    }
    const work = await clone('deploy-blue');
    const sha = await change(work, 'kept');
    await gitProgram(work, 'push', '--quiet');
    const continued = await openRepositories({
      sources: resolve(__dirname, '../../repositories'),
      directory: join(folder, 'git'),
      registryHost: '127.0.0.1:5001',
    });
    expect(await continued.get('deploy-blue')!.repository.resolve('main')).toBe(
      sha,
    );
    expect(continued.get('deploy-blue')!.start).toBe(
      repositories.get('deploy-blue')!.start,
    );
  });

  it('have a history by several people, in which orders had older versions', async () => {
    const { repository } = repositories.get('deploy-blue')!;
    const commits = await repository.log({ revision: 'main' });
    expect(commits.length).toBeGreaterThanOrEqual(8);
    expect(
      new Set(commits.map(commit => commit.author.name)).size,
    ).toBeGreaterThanOrEqual(3);
    const orders = await repository.log({
      revision: 'main',
      path: 'apps/orders',
    });
    const versions = await Promise.all(
      orders.map(
        async ({ sha }) =>
          /orders:(v[\d.]+)/.exec(
            (await repository.files(sha, 'apps/orders'))!
              .get('orders.yaml')!
              .toString(),
          )![1],
      ),
    );
    expect(versions).toEqual(['v5.3.24', 'v5.3.22', 'v5.3.21']);
  });

  it('name the registry of this world, and keep CRLF, flow style, anchors and hand-made spacing', async () => {
    const blue = (await repositories
      .get('deploy-blue')!
      .repository.files('main', 'apps/orders'))!
      .get('orders.yaml')!
      .toString();
    expect(blue).toContain(
      'image: "127.0.0.1:5001/storefront/orders:v5.3.24"   # bump',
    );
    expect(blue).toContain('&labels');
    expect(blue).toContain('{app.kubernetes.io/name: orders,');
    const dev = (await repositories
      .get('deploy-dev')!
      .repository.files('main', 'apps/orders'))!
      .get('deployment.yaml')!
      .toString();
    expect(
      dev
        .split('\n')
        .slice(0, -1)
        .every(line => line.endsWith('\r')),
    ).toBe(true);
    const green = (await repositories
      .get('deploy-green')!
      .repository.files('main', 'apps/orders'))!
      .get('kustomization.yaml')!
      .toString();
    expect(green).toContain('namespace:   storefront        # aligned');
    for (const { repository } of repositories.values()) {
      const texts = [...(await repository.files('main', ''))!.values()].map(
        String,
      );
      expect(
        texts.some(text => text.includes('registry.sandbox.invalid')),
      ).toBe(false);
    }
  });
});

describe('git over HTTP', () => {
  it('serves clone, fetch and push of the git program', async () => {
    const work = await clone('deploy-green');
    const second = await clone('deploy-green');
    const sha = await change(work, 'hello');
    await gitProgram(work, 'push', '--quiet');
    expect(await head('deploy-green')).toBe(sha);
    await gitProgram(second, 'pull', '--quiet');
    expect(await readFile(join(second, 'CHANGES.md'), 'utf8')).toBe('hello\n');
    const { repository, start } = repositories.get('deploy-green')!;
    expect(
      await repository.log({ revision: 'main', since: start }),
    ).toMatchObject([
      {
        sha,
        message: 'hello\n\nSwitchyard-Run: 7',
        trailers: { 'Switchyard-Run': '7' },
      },
    ]);
  });

  it('serves shallow fetch and push of isomorphic-git', async () => {
    const dir = join(folder, 'isomorphic');
    const common = {
      fs,
      http,
      dir,
      onAuth: () => ({ username: ACCESS.username, password: ACCESS.token }),
    };
    await isomorphicGit.clone({
      ...common,
      url: `${server.url}/deploy-dev.git`,
      depth: 1,
      singleBranch: true,
    });
    await writeFile(join(dir, 'NOTES.md'), 'by isomorphic-git\n');
    await isomorphicGit.add({ fs, dir, filepath: 'NOTES.md' });
    const sha = await isomorphicGit.commit({
      fs,
      dir,
      message: 'note',
      author: { name: 'Dana', email: 'dana@example.com' },
    });
    await isomorphicGit.push(common);
    expect(await head('deploy-dev')).toBe(sha);
  });

  it('refuses whoever has no token, wrong ones too', async () => {
    const { stderr } = await run(
      'git',
      ['ls-remote', `http://portal:wrong@${server.host}/deploy-blue.git`],
      {
        env: { PATH: process.env.PATH, HOME: folder, GIT_TERMINAL_PROMPT: '0' },
      },
    ).catch(error => error);
    expect(stderr).toContain('Authentication failed');
    const anonymous = await fetch(
      `${server.url}/deploy-blue.git/info/refs?service=git-upload-pack`,
    );
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toContain('Basic');
  });

  it('answers 404 for a repository that is not there and 501, counted, for what it does not have', async () => {
    const headers = {
      Authorization: `Basic ${Buffer.from(
        `${ACCESS.username}:${ACCESS.token}`,
      ).toString('base64')}`,
    };
    expect(
      (
        await fetch(
          `${server.url}/nothing.git/info/refs?service=git-upload-pack`,
          { headers },
        )
      ).status,
    ).toBe(404);
    expect(
      (
        await fetch(`${server.url}/deploy-blue.git/info/lfs/objects/batch`, {
          headers,
          method: 'POST',
        })
      ).status,
    ).toBe(501);
    expect(unimplemented.counts()).toEqual({
      'git POST /deploy-blue.git/info/lfs/objects/batch': 1,
    });
  });
});

describe('Git faults', () => {
  it('refuses a push by a hook, with nothing changed', async () => {
    const work = await clone('deploy-blue');
    const before = await head('deploy-blue');
    await change(work, 'refused');
    await board.request({ fault: 'git-push-refused', target: 'deploy-blue' });
    const { stderr } = await gitProgram(work, 'push').catch(error => error);
    expect(stderr).toContain('Nothing may be pushed here today.');
    expect(stderr).toContain('pre-receive hook declined');
    expect(await head('deploy-blue')).toBe(before);
    board.clear();
    await gitProgram(work, 'push', '--quiet');
    expect(await head('deploy-blue')).not.toBe(before);
  });

  it.each([
    ['github', 'GH006: Protected branch update failed'],
    [
      'gitlab',
      'GitLab: You are not allowed to push code to protected branches',
    ],
    ['gitea', 'Not allowed to push to protected branch main'],
    ['bitbucket', 'can only be modified through pull requests'],
    ['azure', 'TF402455'],
  ])(
    'protects main in the words of %s, and no other branch',
    async (value, words) => {
      const work = await clone('deploy-blue');
      const before = await head('deploy-blue');
      const sha = await change(work, 'protected');
      await board.request({
        fault: 'git-branch-protected',
        target: 'deploy-blue',
        value,
      });
      const { stderr } = await gitProgram(work, 'push').catch(error => error);
      expect(stderr).toContain(words);
      expect(await head('deploy-blue')).toBe(before);
      await gitProgram(
        work,
        'push',
        '--quiet',
        'origin',
        'HEAD:refs/heads/own/x',
      );
      const { repository } = repositories.get('deploy-blue')!;
      expect(await repository.resolve('own/x')).toBe(sha);
      await repository.deleteBranch('own/x');
      expect(await repository.resolve('own/x')).toBeUndefined();
    },
  );

  it('forbids writing before anything is sent', async () => {
    const work = await clone('deploy-blue');
    await change(work, 'forbidden');
    await board.request({ fault: 'git-push-forbidden', target: 'deploy-blue' });
    const { stderr } = await gitProgram(work, 'push').catch(error => error);
    expect(stderr).toContain('403');
    await gitProgram(work, 'fetch');
  });

  it('drops the answer of a push that took effect, once', async () => {
    const work = await clone('deploy-blue');
    const sha = await change(work, 'dropped');
    await board.request({
      fault: 'git-push-answer-dropped',
      target: 'deploy-blue',
    });
    await expect(gitProgram(work, 'push')).rejects.toThrow();
    expect(await head('deploy-blue')).toBe(sha);
    await change(work, 'the next one');
    await gitProgram(work, 'push', '--quiet');
  });

  it('lets somebody else push first, so that the push loses the race', async () => {
    const work = await clone('deploy-blue');
    const sha = await change(work, 'too late');
    await board.request({
      fault: 'git-competitor-first',
      target: 'deploy-blue',
    });
    const { stderr } = await gitProgram(work, 'push').catch(error => error);
    expect(stderr).toMatch(/rejected|failed to update ref|fetch first/);
    const { repository, start } = repositories.get('deploy-blue')!;
    const since = await repository.log({ revision: 'main', since: start });
    expect(since.map(commit => commit.sha)).not.toContain(sha);
    expect(since).toHaveLength(1);
    await gitProgram(work, 'pull', '--quiet', '--rebase');
    await gitProgram(work, 'push', '--quiet');
    expect(
      await repository.log({ revision: 'main', since: start }),
    ).toHaveLength(2);
  });

  it('commits as somebody else, to a text in a file where asked', async () => {
    const heads = await board.request({
      fault: 'git-competitor-commit',
      target: 'deploy-green',
      details: {
        path: 'apps/campaign/kustomization.yaml',
        from: 'v1.12.21',
        to: 'v1.12.22',
        author: 'omar',
      },
    });
    expect(heads).toEqual({ 'deploy-green': await head('deploy-green') });
    const file = (await repositories
      .get('deploy-green')!
      .repository.files('main', 'apps/campaign'))!.get('kustomization.yaml')!;
    expect(file.toString()).toContain('newTag: v1.12.22');
    await expect(
      board.request({
        fault: 'git-competitor-commit',
        target: 'deploy-green',
        details: { path: 'README.md', from: 'nowhere', to: 'x' },
      }),
    ).rejects.toThrow("does not contain 'nowhere'");
  });

  it('is slow, or down', async () => {
    await board.request({ fault: 'git-slow', value: 300 });
    const startedAt = performance.now();
    await gitProgram(folder, 'ls-remote', remote('deploy-blue'));
    expect(performance.now() - startedAt).toBeGreaterThan(290);
    board.clear();
    await board.request({ fault: 'git-down' });
    await expect(
      gitProgram(folder, 'ls-remote', remote('deploy-blue')),
    ).rejects.toThrow();
    board.clear();
    expect(
      await gitProgram(folder, 'ls-remote', remote('deploy-blue')),
    ).toContain('refs/heads/main');
  });
});

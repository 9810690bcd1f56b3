import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { declinePushes, startGitServer } from '../__testUtils__/startGitServer';
import {
  formatCommitMessage,
  parseTrailers,
  RUN_TRAILER,
} from './commitMessage';
import { ConfiguredGitRemotes } from './GitRemotes';
import { HttpGitClient } from './HttpGitClient';
import { GitRepository } from './types';

// Real git processes, on machines that may be busy.
jest.setTimeout(60_000);

const { signal } = new AbortController();
const IDENTITY = { name: 'Switchyard', email: 'switchyard@noreply.invalid' };
const FILE = 'apps/orders/deployment.yaml';
const cleanUp: Array<() => void | Promise<void>> = [];

async function start(
  options: {
    password?: string;
    timeouts?: { pushMs?: number; advertisementMs?: number };
  } = {},
) {
  const server = await startGitServer(['deploy-blue']);
  cleanUp.push(() => server.close());
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-clones-'));
  cleanUp.push(() => rmSync(directory, { recursive: true, force: true }));
  const config = new ConfigReader({
    switchyard: {
      deploys: {
        git: [
          {
            host: server.host,
            username: server.username,
            token: options.password ?? server.password,
            insecure: true,
          },
        ],
      },
    },
  });
  const makeClient = () =>
    HttpGitClient.create({
      remotes: ConfiguredGitRemotes.fromConfig(config),
      directory,
      timeouts: options.timeouts,
    });
  const repository = makeClient().repository(server.url('deploy-blue'));
  return { server, repository, makeClient };
}

async function prepare(
  repository: GitRepository,
  content: string,
  options: { message?: string; path?: string } = {},
) {
  const parent = await repository.head('main', { signal });
  return repository.prepareCommit({
    parent,
    files: new Map([[options.path ?? FILE, content]]),
    message: options.message ?? 'Ship\n',
    identity: IDENTITY,
    at: new Date(),
  });
}

const noop = async () => undefined;

async function runPush(
  repository: GitRepository,
  content: string,
  path = FILE,
) {
  for (;;) {
    const result = await repository.push(
      await prepare(repository, content, { path }),
      { beforeSend: noop, signal },
    );
    if (result.state !== 'lost-race') return result;
  }
}

afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

describe('reading', () => {
  it('reads files exactly, and knows what is not there', async () => {
    const { server, repository } = await start();
    const odd = '\uFEFFa: 1\r\nb: ü\r\n\r\n';
    const commit = server.commit('deploy-blue', {
      [FILE]: odd,
      'apps/orders/sub/x.yaml': 'x',
      'README.md': 'r',
      'apps/orders/latin.yaml': Buffer.from([0x61, 0xe4]),
    });
    await expect(repository.findBranch('main', { signal })).resolves.toEqual({
      branch: 'main',
      commit,
    });
    await expect(repository.readFile(commit, FILE)).resolves.toBe(odd);
    await expect(
      repository.readFile(commit, 'apps/orders'),
    ).resolves.toBeUndefined();
    await expect(
      repository.readFile(commit, 'apps/none.yaml'),
    ).resolves.toBeUndefined();
    await expect(
      repository.readFile(commit, 'apps/orders/latin.yaml'),
    ).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('UTF-8'),
    });
    const paths = async (folder: string, recursive?: boolean) =>
      (await repository.listFiles(commit, folder, { recursive }))?.map(
        file => file.path,
      );
    await expect(paths('apps/orders')).resolves.toEqual([
      FILE,
      'apps/orders/latin.yaml',
    ]);
    await expect(paths('apps/orders', true)).resolves.toEqual([
      FILE,
      'apps/orders/latin.yaml',
      'apps/orders/sub/x.yaml',
    ]);
    await expect(paths('')).resolves.toEqual(['README.md']);
    await expect(paths('apps/none')).resolves.toBeUndefined();
    await expect(paths(FILE)).resolves.toBeUndefined();
  });

  it('reads no more than is wanted', async () => {
    const { server, repository } = await start();
    const commit = server.commit('deploy-blue', {
      'apps/a/1.yaml': 'ä',
      'apps/b/2.yaml': 'x',
    });
    await repository.head('main', { signal });
    const cache = repository.readCache();
    expect(repository.readCache()).toBe(cache);
    const list = (atMost: number) =>
      repository.listFiles(commit, 'apps', { recursive: true, atMost, cache });
    await expect(list(4)).resolves.toHaveLength(2);
    await expect(list(3)).rejects.toMatchObject({ code: 'too-large' });
    const read = (atMost: number) =>
      repository.readFile(commit, 'apps/a/1.yaml', { atMost, cache });
    await expect(read(2)).resolves.toBe('ä');
    await expect(read(1)).rejects.toMatchObject({ code: 'too-large' });
  });

  it.each([
    [undefined, 'main'],
    ['HEAD', 'main'],
    ['main', 'main'],
    ['refs/heads/main', 'main'],
    ['release', 'release'],
    ['v1', undefined],
    ['nosuch', undefined],
  ])('takes targetRevision %s for branch %s', async (revision, branch) => {
    const { server, repository } = await start();
    const commit = server.commit('deploy-blue', { [FILE]: 'x' });
    server.git('deploy-blue', 'tag', 'v1');
    server.git('deploy-blue', 'branch', 'release');
    await expect(repository.findBranch(revision, { signal })).resolves.toEqual(
      branch && { branch, commit },
    );
  });

  it('reads a branch where the default branch is not there, so that the server names no HEAD', async () => {
    const { server, repository } = await start();
    const commit = server.commit('deploy-blue', { [FILE]: 'v1' });
    server.git('deploy-blue', 'symbolic-ref', 'HEAD', 'refs/heads/master');
    await expect(
      repository.findBranch('HEAD', { signal }),
    ).resolves.toBeUndefined();
    await expect(repository.head('main', { signal })).resolves.toMatchObject({
      commit,
    });
    await expect(repository.readFile(commit, FILE)).resolves.toBe('v1');
  });

  it('fetches only what is new', async () => {
    const { server, repository } = await start();
    const filler = Array.from({ length: 200 }, (_, index) => [
      `filler/${index}.txt`,
      `${index} ${Math.random()}`.repeat(20),
    ]);
    server.commit('deploy-blue', {
      [FILE]: 'v1',
      ...Object.fromEntries(filler),
    });
    await repository.head('main', { signal });
    const first = server.sentBytes;
    expect(server.requests).toHaveLength(2);
    await repository.head('main', { signal });
    expect(server.requests).toHaveLength(3);
    const second = server.commit('deploy-blue', { [FILE]: 'v2' });
    const head = await repository.head('main', { signal });
    expect(head.commit).toBe(second);
    await expect(repository.readFile(second, FILE)).resolves.toBe('v2');
    expect(server.sentBytes - first).toBeLessThan(first / 10);
  });

  it('has one clone for every way to write a repository, and lets many ask at once', async () => {
    const { server, makeClient } = await start();
    server.commit('deploy-blue', { [FILE]: 'v1' });
    const client = makeClient();
    const repository = client.repository(server.url('deploy-blue'));
    expect(
      client.repository(`http://user:pass@${server.host}/deploy-blue.git/`),
    ).toBe(repository);
    await Promise.all([1, 2, 3].map(() => repository.head('main', { signal })));
    expect(
      server.requests.filter(request => request.startsWith('POST')),
    ).toHaveLength(1);
  });
});

describe('history', () => {
  it('finds commits far behind the shallow part, by whom a value was changed, and what contains what', async () => {
    const { server, repository } = await start();
    const base = server.commit('deploy-blue', { [FILE]: 'v0' });
    const ours = server.commit(
      'deploy-blue',
      { [FILE]: 'v1' },
      {
        message: formatCommitMessage({
          subject: 'Ship',
          reason: 'why',
          trailers: { [RUN_TRAILER]: 'run-1' },
        }),
      },
    );
    const others = Array.from({ length: 12 }, (_, index) =>
      server.commit('deploy-blue', { 'other.txt': `${index}` }),
    );
    const head = await repository.head('main', { signal });
    const commits = await repository.commitsSince({
      head,
      since: base,
      notBefore: new Date(),
      signal,
    });
    expect(commits.map(({ oid }) => oid).sort()).toEqual(
      [ours, ...others].sort(),
    );
    expect(
      commits.find(
        ({ message }) => parseTrailers(message)[RUN_TRAILER] === 'run-1',
      )?.oid,
    ).toBe(ours);
    const valueAt = (commit: string) => repository.readFile(commit, FILE);
    await expect(
      repository.findLastChange({ head, until: base, valueAt, signal }),
    ).resolves.toMatchObject({ oid: ours, parents: [base] });
    await expect(
      repository.findLastChange({ head, until: ours, valueAt, signal }),
    ).resolves.toBeUndefined();
    const contains = (revision: string, commit: string) =>
      repository.contains({ branch: 'main', revision, commit, signal });
    await expect(contains(head.commit, ours)).resolves.toBe(true);
    await expect(contains(ours, ours)).resolves.toBe(true);
    await expect(contains(base, ours)).resolves.toBe(false);
    await expect(contains(others[3], others[7])).resolves.toBe(false);
    await expect(contains(others[7], others[3])).resolves.toBe(true);
    await expect(contains('0'.repeat(40), ours)).resolves.toBe(false);
    await expect(
      repository.findCommit({ branch: 'main', commit: base, signal }),
    ).resolves.toMatchObject({ oid: base, author: expect.any(String) });
    await expect(
      repository.findCommit({ branch: 'main', commit: '0'.repeat(40), signal }),
    ).resolves.toBeUndefined();
  });

  it('looks at the branch again for a revision that is newer than what it has', async () => {
    const { server, repository } = await start();
    const ours = server.commit('deploy-blue', { [FILE]: 'v1' });
    await repository.head('main', { signal });
    const later = server.commit('deploy-blue', { [FILE]: 'v2' });
    await expect(
      repository.contains({
        branch: 'main',
        revision: later,
        commit: ours,
        signal,
      }),
    ).resolves.toBe(true);
  });

  it('works in a clone that begins behind the commits asked for', async () => {
    const { server, repository } = await start();
    const commits = Array.from({ length: 12 }, (_, index) =>
      server.commit(
        'deploy-blue',
        { [FILE]: `${index}` },
        { at: new Date(Date.now() - (12 - index) * 60_000).toISOString() },
      ),
    );
    const contains = (revision: string, commit: string) =>
      repository.contains({ branch: 'main', revision, commit, signal });
    await expect(contains(commits[11], commits[2])).resolves.toBe(true);
    await expect(contains(commits[1], commits[2])).resolves.toBe(false);
  });

  it('sees through merges', async () => {
    const { server, repository } = await start();
    const base = server.commit('deploy-blue', {
      [FILE]: 'v0',
      'other.txt': '0',
    });
    const side = server.commit('deploy-blue', { 'other.txt': 'side' });
    server.git('deploy-blue', 'branch', 'side', side);
    server.git('deploy-blue', 'update-ref', 'refs/heads/main', base);
    const ours = server.commit('deploy-blue', { [FILE]: 'v1' });
    const tree = server.git('deploy-blue', 'rev-parse', `${ours}^{tree}`);
    const merge = server.git(
      'deploy-blue',
      '-c',
      'user.name=x',
      '-c',
      'user.email=x@example.com',
      'commit-tree',
      tree,
      '-p',
      side,
      '-p',
      ours,
      '-m',
      'Merge',
    );
    server.git('deploy-blue', 'update-ref', 'refs/heads/main', merge);
    const head = await repository.head('main', { signal });
    await expect(
      repository.findLastChange({
        head,
        until: base,
        valueAt: commit => repository.readFile(commit, FILE),
        signal,
      }),
    ).resolves.toMatchObject({ oid: ours });
    await expect(
      repository.contains({
        branch: 'main',
        revision: merge,
        commit: ours,
        signal,
      }),
    ).resolves.toBe(true);
    await expect(
      repository.contains({
        branch: 'main',
        revision: side,
        commit: ours,
        signal,
      }),
    ).resolves.toBe(false);
  });
});

describe('pushing', () => {
  it('changes the file and nothing else, in a commit that git accepts', async () => {
    const { server, repository } = await start();
    const base = server.commit('deploy-blue', {
      [FILE]: 'v0',
      'apps/orders/service.yaml': 's',
      'apps/search/x.yaml': 'x',
      'README.md': 'r',
    });
    const message = formatCommitMessage({
      subject: 'Ship v1',
      reason: 'It is slow',
      trailers: { [RUN_TRAILER]: 'run-1' },
    });
    const prepared = await prepare(repository, 'v1', { message });
    expect(server.git('deploy-blue', 'rev-parse', 'main')).toBe(base);
    await expect(
      repository.push(prepared, { beforeSend: noop, signal }),
    ).resolves.toEqual({ state: 'accepted' });
    expect(server.git('deploy-blue', 'rev-parse', 'main')).toBe(prepared.oid);
    expect(
      server.git('deploy-blue', 'diff', '--name-status', base, 'main'),
    ).toBe(`M\t${FILE}`);
    expect(server.git('deploy-blue', 'show', `main:${FILE}`)).toBe('v1');
    expect(
      server.git('deploy-blue', 'log', '-1', '--format=%an <%ae>%n%B', 'main'),
    ).toBe(`Switchyard <switchyard@noreply.invalid>\n${message.trim()}`);
    expect(
      server.git('deploy-blue', 'interpret-trailers', '--parse', '/dev/null'),
    ).toBe('');
    expect(
      server.git(
        'deploy-blue',
        'log',
        '-1',
        `--format=%(trailers:key=${RUN_TRAILER},valueonly)`,
        'main',
      ),
    ).toBe('run-1');
    server.git('deploy-blue', 'fsck', '--strict');
    // The new head is known without asking for more objects.
    await expect(repository.head('main', { signal })).resolves.toMatchObject({
      commit: prepared.oid,
    });
    expect(
      server.requests.filter(
        request => request === 'POST /deploy-blue.git/git-upload-pack',
      ),
    ).toHaveLength(1);
  });

  it('keeps the mode of a file, and refuses what is no file any more', async () => {
    const { server, repository } = await start();
    server.commit('deploy-blue', { [FILE]: 'v0', 'run.sh': 'x' });
    const blob = server.git('deploy-blue', 'rev-parse', 'main:run.sh');
    server.git('deploy-blue', 'read-tree', 'main');
    server.git(
      'deploy-blue',
      'update-index',
      '--cacheinfo',
      `100755,${blob},run.sh`,
    );
    server.git(
      'deploy-blue',
      'update-index',
      '--add',
      '--cacheinfo',
      `120000,${blob},link.yaml`,
    );
    const tree = server.git('deploy-blue', 'write-tree');
    const commit = server.git(
      'deploy-blue',
      '-c',
      'user.name=x',
      '-c',
      'user.email=x@example.com',
      'commit-tree',
      tree,
      '-p',
      'main',
      '-m',
      'Modes',
    );
    server.git('deploy-blue', 'update-ref', 'refs/heads/main', commit);
    await expect(runPush(repository, 'y', 'run.sh')).resolves.toEqual({
      state: 'accepted',
    });
    expect(server.git('deploy-blue', 'ls-tree', 'main', 'run.sh')).toMatch(
      /^100755/,
    );
    await expect(
      prepare(repository, 'y', { path: 'link.yaml' }),
    ).rejects.toMatchObject({ code: 'invalid' });
    await expect(
      prepare(repository, 'y', { path: 'none.yaml' }),
    ).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('none.yaml'),
    });
    await expect(
      prepare(repository, 'y', { path: 'none/none.yaml' }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  it('does nothing when somebody else was first, before sending and while sending', async () => {
    const { server, repository } = await start();
    server.commit('deploy-blue', { [FILE]: 'v0' });
    const early = await prepare(repository, 'mine');
    const theirs = server.commit('deploy-blue', { [FILE]: 'theirs' });
    const beforeSend = jest.fn(noop);
    await expect(
      repository.push(early, { beforeSend, signal }),
    ).resolves.toMatchObject({ state: 'lost-race' });
    expect(beforeSend).not.toHaveBeenCalled();
    const late = await prepare(repository, 'mine');
    let theirSecond = '';
    const result = await repository.push(late, {
      beforeSend: async () => {
        theirSecond = server.commit('deploy-blue', { [FILE]: 'theirs again' });
      },
      signal,
    });
    expect(result).toMatchObject({
      state: 'lost-race',
      why: expect.stringContaining('failed to update ref'),
    });
    expect(server.git('deploy-blue', 'rev-parse', 'main')).toBe(theirSecond);
    expect(server.git('deploy-blue', 'rev-parse', 'main^')).toBe(theirs);
  });

  it('does not push when the branch was moved back, which would be a fast-forward', async () => {
    const { server, repository } = await start();
    const first = server.commit('deploy-blue', { [FILE]: 'v0' });
    server.commit('deploy-blue', { [FILE]: 'v1' });
    const prepared = await prepare(repository, 'v2');
    const result = await repository.push(prepared, {
      beforeSend: async () =>
        void server.git('deploy-blue', 'update-ref', 'refs/heads/main', first),
      signal,
    });
    expect(result.state).toBe('lost-race');
    expect(server.git('deploy-blue', 'rev-parse', 'main')).toBe(first);
  });

  it('loses no update of six writers at once', async () => {
    const { server, makeClient } = await start();
    server.commit(
      'deploy-blue',
      Object.fromEntries(
        Array.from({ length: 6 }, (_, writer) => [`${writer}.txt`, 'none']),
      ),
    );
    const rounds = 4;
    await Promise.all(
      Array.from({ length: 6 }, async (_, writer) => {
        const repository = makeClient().repository(server.url('deploy-blue'));
        for (let round = 0; round < rounds; round++) {
          const result = await runPush(
            repository,
            `${writer}-${round}`,
            `${writer}.txt`,
          );
          expect(result).toEqual({ state: 'accepted' });
        }
      }),
    );
    expect(server.git('deploy-blue', 'rev-list', '--count', 'main')).toBe(
      String(1 + 6 * rounds),
    );
    for (let writer = 0; writer < 6; writer++)
      expect(server.git('deploy-blue', 'show', `main:${writer}.txt`)).toBe(
        `${writer}-${rounds - 1}`,
      );
  }, 60_000);

  it('knows that it does not know when the answer is lost, and finds its commit then', async () => {
    const { server, repository } = await start({ timeouts: { pushMs: 300 } });
    const base = server.commit('deploy-blue', { [FILE]: 'v0' });
    const message = formatCommitMessage({
      subject: 'Ship',
      reason: '',
      trailers: { [RUN_TRAILER]: 'run-7' },
    });
    const prepared = await prepare(repository, 'v1', { message });
    server.afterPush = () => true;
    await expect(
      repository.push(prepared, { beforeSend: noop, signal }),
    ).rejects.toMatchObject({ code: 'outcome-unknown' });
    server.afterPush = undefined;
    const head = await repository.head('main', { signal });
    const [found, ...more] = await repository.commitsSince({
      head,
      since: base,
      notBefore: new Date(),
      signal,
    });
    expect(more).toEqual([]);
    expect(parseTrailers(found.message)[RUN_TRAILER]).toBe('run-7');
    expect(server.git('deploy-blue', 'rev-list', '--count', 'main')).toBe('2');
    // Sending the same again changes nothing.
    await expect(
      repository.push(prepared, { beforeSend: noop, signal }),
    ).resolves.toEqual({ state: 'accepted' });
    expect(server.git('deploy-blue', 'rev-list', '--count', 'main')).toBe('2');
  });

  it('does not know either when the server hangs after it got everything', async () => {
    const { server, repository } = await start({ timeouts: { pushMs: 200 } });
    server.commit('deploy-blue', { [FILE]: 'v0' });
    const prepared = await prepare(repository, 'v1');
    server.afterPush = () =>
      new Promise(resolve => setTimeout(() => resolve(true), 600));
    await expect(
      repository.push(prepared, { beforeSend: noop, signal }),
    ).rejects.toMatchObject({ code: 'outcome-unknown' });
  });

  it('tells in the words of the server that a push is refused', async () => {
    const { server, repository } = await start();
    const base = server.commit('deploy-blue', { [FILE]: 'v0' });
    declinePushes(
      server,
      'deploy-blue',
      'Changes must be made through a pull request: see https://git.example.com/secret',
    );
    const result = await repository.push(await prepare(repository, 'v1'), {
      beforeSend: noop,
      signal,
    });
    expect(result).toEqual({
      state: 'refused',
      why: 'pre-receive hook declined (Changes must be made through a pull request: see …)',
    });
    expect(server.git('deploy-blue', 'rev-parse', 'main')).toBe(base);
  });

  it('sends nothing when the last check says no', async () => {
    const { server, repository } = await start();
    const base = server.commit('deploy-blue', { [FILE]: 'v0' });
    const prepared = await prepare(repository, 'v1');
    await expect(
      repository.push(prepared, {
        beforeSend: () => Promise.reject(new Error('locked')),
        signal,
      }),
    ).rejects.toThrow('locked');
    expect(server.git('deploy-blue', 'rev-parse', 'main')).toBe(base);
    expect(server.requests).not.toContain(
      'POST /deploy-blue.git/git-receive-pack',
    );
  });
});

describe('faults', () => {
  it.each([
    [401, 'unauthorized', 'may not write to it'],
    [403, 'forbidden', 'may not write to the Git repository deploy-blue'],
    [404, 'not-found', 'no repository deploy-blue'],
    [500, 'unreachable', 'answered 500'],
  ])(
    'says before the first push that it may not (%s)',
    async (status, code, message) => {
      const { server, repository } = await start();
      server.commit('deploy-blue', { [FILE]: 'v0' });
      await expect(
        repository.checkWriteAccess('main', { signal }),
      ).resolves.toBeUndefined();
      await expect(
        repository.checkWriteAccess('nosuch', { signal }),
      ).rejects.toMatchObject({ code: 'not-found' });
      server.before = ({ service, response }) => {
        if (service !== 'git-receive-pack') return false;
        response.writeHead(status).end();
        return true;
      };
      await expect(
        repository.checkWriteAccess('main', { signal }),
      ).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      });
      await expect(repository.head('main', { signal })).resolves.toBeDefined();
    },
  );

  it('says that credentials are refused, without naming the host', async () => {
    const { repository } = await start({ password: 'wrong' });
    await expect(repository.head('main', { signal })).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.not.stringMatching(/127\.0\.0\.1|wrong/),
    });
  });

  it('gives up on a server that hangs, or is gone, or is none', async () => {
    const { server, repository } = await start({
      timeouts: { advertisementMs: 200 },
    });
    server.before = () => new Promise(() => undefined);
    await expect(repository.head('main', { signal })).rejects.toMatchObject({
      code: 'timeout',
    });
    server.before = ({ response }) => {
      response.end('<html>');
      return true;
    };
    await expect(repository.head('main', { signal })).rejects.toMatchObject({
      code: 'invalid',
    });
    server.before = ({ response }) => {
      response
        .writeHead(302, {
          Location:
            'http://169.254.169.254/x/info/refs?service=git-upload-pack',
        })
        .end();
      return true;
    };
    await expect(repository.head('main', { signal })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('redirects to another place'),
    });
    await server.close();
    await expect(repository.head('main', { signal })).rejects.toMatchObject({
      code: 'unreachable',
    });
  });

  it('follows a redirect on the same server, for pushes too', async () => {
    const { server, makeClient } = await start();
    server.commit('deploy-blue', { [FILE]: 'v0' });
    server.before = ({ url, response }) => {
      if (url.pathname !== '/deploy-blue/info/refs') return false;
      response
        .writeHead(301, { Location: `/deploy-blue.git/info/refs${url.search}` })
        .end();
      return true;
    };
    const repository = makeClient().repository(
      server.url('deploy-blue').replace(/\.git$/, ''),
    );
    await expect(runPush(repository, 'v1')).resolves.toEqual({
      state: 'accepted',
    });
  });

  it('reports a pack that breaks off, and works again afterwards', async () => {
    const { server, repository } = await start();
    const commit = server.commit('deploy-blue', { [FILE]: 'v0' });
    server.before = ({ method, response }) => {
      if (method !== 'POST') return false;
      response
        .writeHead(200, {
          'Content-Type': 'application/x-git-upload-pack-result',
        })
        .end('0008NAK\n0030\x01PACK');
      return true;
    };
    await expect(repository.head('main', { signal })).rejects.toMatchObject({
      name: 'GitError',
    });
    server.before = undefined;
    await expect(repository.head('main', { signal })).resolves.toEqual({
      branch: 'main',
      commit,
    });
    await expect(repository.readFile(commit, FILE)).resolves.toBe('v0');
  });

  it('stops when it is told to', async () => {
    const { server, repository } = await start();
    server.commit('deploy-blue', { [FILE]: 'v0' });
    const stopping = new AbortController();
    server.before = async () => {
      stopping.abort(new Error('lease lost'));
      return new Promise<boolean>(() => undefined);
    };
    await expect(
      repository.head('main', { signal: stopping.signal }),
    ).rejects.toThrow('lease lost');
  });

  it('knows an empty repository from one with a branch', async () => {
    const { repository } = await start();
    await expect(
      repository.findBranch('main', { signal }),
    ).resolves.toBeUndefined();
    await expect(repository.head('main', { signal })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

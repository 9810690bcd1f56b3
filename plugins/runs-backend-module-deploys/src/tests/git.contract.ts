import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import {
  contractRepositories,
  ContractRepository,
} from '@switchyard/contract-worlds';
import {
  ConfiguredGitRemotes,
  formatCommitMessage,
  GitRepository,
  HttpGitClient,
  parseTrailers,
  PreparedCommit,
  RUN_TRAILER,
} from '../git';

const FILE = 'apps/orders/orders.yaml';
const OTHER_FILE = 'apps/orders/base/notes.md';
// What editors and people leave: a mark at the beginning, both line ends, letters of other alphabets, no end of line.
const FIRST = '\uFEFFa: 1\r\nb: ü\n\n# кон';
const IDENTITY = { name: 'Switchyard', email: 'switchyard@noreply.invalid' };
const UNKNOWN_COMMIT = '0123456789abcdef0123456789abcdef01234567';
const WRITERS = ['writers/a.txt', 'writers/b.txt', 'writers/c.txt'];
const COMMITS_OF_EACH = 4;

const { signal } = new AbortController();
const noop = async (): Promise<void> => undefined;

describe.each(
  contractRepositories({
    what: 'the Git client',
    files: {
      [FILE]: FIRST,
      [OTHER_FILE]: 'Notes\n',
      ...Object.fromEntries(WRITERS.map(path => [path, ''])),
    },
  }),
)('the Git client and %s', (_, open) => {
  let given: ContractRepository;
  let repository: GitRepository;
  let branch: string;
  const cleanUp: Array<() => void> = [];

  const openClient = (token = given.access.token) => {
    const directory = mkdtempSync(join(tmpdir(), 'switchyard-contract-git-'));
    const client = HttpGitClient.create({
      remotes: ConfiguredGitRemotes.fromConfig(
        new ConfigReader({
          switchyard: {
            deploys: {
              git: [{ ...given.access, token }],
            },
          },
        }),
      ),
      directory,
    });
    cleanUp.push(() => rmSync(directory, { recursive: true, force: true }));
    return client.repository(given.repoUrl);
  };
  const prepare = async (
    content: string,
    options: { path?: string; message?: string; by?: GitRepository } = {},
  ): Promise<PreparedCommit> => {
    const { by = repository } = options;
    return by.prepareCommit({
      parent: await by.head(branch, { signal }),
      files: new Map([[options.path ?? FILE, content]]),
      message: options.message ?? 'Ship\n',
      identity: IDENTITY,
      at: new Date(),
    });
  };
  const push = (commit: PreparedCommit, beforeSend = noop, by = repository) =>
    by.push(commit, { beforeSend, signal });
  /** As somebody else, with the git program. */
  const commitAsRavi = (content: string) =>
    given.branch.commit({ 'ravi.txt': content }, 'By Ravi');

  beforeAll(async () => {
    given = await open();
    branch = given.branch.branch;
    repository = openClient();
  });

  afterAll(async () => {
    for (const undo of cleanUp) undo();
    await given?.close();
  });

  it('finds a branch, and reads files exactly', async () => {
    const commit = await given.branch.head();
    for (const target of [branch, `refs/heads/${branch}`]) {
      await expect(repository.findBranch(target, { signal })).resolves.toEqual({
        branch,
        commit,
      });
    }
    await expect(
      repository.findBranch(UNKNOWN_COMMIT, { signal }),
    ).resolves.toBeUndefined();
    await expect(repository.readFile(commit, FILE)).resolves.toBe(FIRST);
    await expect(
      repository.readFile(commit, 'apps/none.yaml'),
    ).resolves.toBeUndefined();
    const paths = async (folder: string, recursive: boolean) =>
      (await repository.listFiles(commit, folder, { recursive }))?.map(
        ({ path }) => path,
      );
    await expect(paths('apps/orders', false)).resolves.toEqual([FILE]);
    await expect(paths('apps/orders', true)).resolves.toEqual([
      OTHER_FILE,
      FILE,
    ]);
    await expect(paths('apps/none', true)).resolves.toBeUndefined();
  });

  it('knows before whether it may push', async () => {
    await expect(
      repository.checkWriteAccess(branch, { signal }),
    ).resolves.toBeUndefined();
    await expect(
      repository.checkWriteAccess('switchyard-no-such-branch', { signal }),
    ).rejects.toMatchObject({ code: 'not-found' });
    const error = await openClient('wrong')
      .checkWriteAccess(branch, { signal })
      .catch(thrown => thrown);
    // Forges differ in whether they admit that there is something.
    expect(['unauthorized', 'forbidden', 'not-found']).toContain(error.code);
    expect(error.message).not.toContain(new URL(given.repoUrl).host);
  });

  it('makes one commit on the head, which git itself takes', async () => {
    const before = await given.branch.head();
    const message = formatCommitMessage({
      subject: 'Ship v2',
      reason: 'Totals are wrong',
      trailers: { [RUN_TRAILER]: 'run-1' },
    });
    const prepared = await prepare('a: 2\r\n', { message });
    expect(prepared.parent).toBe(before);
    await expect(given.branch.head()).resolves.toBe(before);
    let sent = 0;
    const beforeSend = async () => {
      sent += 1;
    };
    await expect(push(prepared, beforeSend)).resolves.toEqual({
      state: 'accepted',
    });
    expect(sent).toBe(1);
    const [commit, ...others] = await given.branch.commitsSince(before);
    expect(others).toEqual([]);
    expect(commit).toMatchObject({ sha: prepared.oid, parent: before });
    expect(parseTrailers(commit.message)).toEqual({ [RUN_TRAILER]: 'run-1' });
    await expect(given.branch.read(FILE)).resolves.toBe('a: 2\r\n');
    await expect(given.branch.read(OTHER_FILE)).resolves.toBe('Notes\n');

    // A second worker with the same commit finds it there, and sends nothing.
    await expect(push(prepared, beforeSend)).resolves.toEqual({
      state: 'accepted',
    });
    expect(sent).toBe(1);
  });

  it('sends nothing when it may not any more', async () => {
    const before = await given.branch.head();
    const prepared = await prepare('a: 3\n');
    await expect(
      push(prepared, async () => {
        throw new Error('The lease is lost');
      }),
    ).rejects.toThrow('The lease is lost');
    await expect(given.branch.head()).resolves.toBe(before);
  });

  it('loses a race that was over before, makes the commit again, and loses nothing', async () => {
    const prepared = await prepare('a: 4\n');
    const theirs = await commitAsRavi('one');
    let sent = 0;
    await expect(
      push(prepared, async () => {
        sent += 1;
      }),
    ).resolves.toMatchObject({ state: 'lost-race' });
    expect(sent).toBe(0);
    await expect(given.branch.head()).resolves.toBe(theirs);
    const again = await prepare('a: 4\n');
    expect(again.parent).toBe(theirs);
    await expect(push(again)).resolves.toEqual({ state: 'accepted' });
    await expect(given.branch.read('ravi.txt')).resolves.toBe('one');
    await expect(given.branch.read(FILE)).resolves.toBe('a: 4\n');
  });

  it('loses a race between the last look and the push: the server itself refuses', async () => {
    const prepared = await prepare('a: 5\n');
    let theirs = '';
    await expect(
      push(prepared, async () => {
        theirs = await commitAsRavi('two');
      }),
    ).resolves.toMatchObject({ state: 'lost-race' });
    await expect(given.branch.head()).resolves.toBe(theirs);
  });

  it('does not push on a branch that was moved back', async () => {
    const head = await given.branch.head();
    const prepared = await prepare('a: 6\n');
    await expect(
      push(prepared, () => given.force(`${head}~1`)),
    ).resolves.toMatchObject({ state: 'lost-race' });
    await expect(given.branch.commitsSince(head)).resolves.toEqual([]);
    await given.force(head);
  });

  it('knows what holds a commit', async () => {
    const older = await given.branch.head();
    const newer = await commitAsRavi('three');
    const elsewhere = await given.otherBranch.head();
    const contains = (revision: string, commit: string) =>
      openClient().contains({ branch, revision, commit, signal });
    await expect(contains(newer, newer)).resolves.toBe(true);
    await expect(contains(newer, older)).resolves.toBe(true);
    await expect(contains(older, newer)).resolves.toBe(false);
    await expect(contains(elsewhere, older)).resolves.toBe(false);
    await expect(contains(UNKNOWN_COMMIT, older)).resolves.toBe(false);
  });

  it('finds commits by their trailers, and who changed a file last', async () => {
    const since = await given.branch.head();
    const notBefore = new Date(Date.now() - 60_000);
    const prepared = await prepare('a: 7\n', {
      message: formatCommitMessage({
        subject: 'Ship v7',
        reason: '',
        trailers: { [RUN_TRAILER]: 'run-7' },
      }),
    });
    await expect(push(prepared)).resolves.toEqual({ state: 'accepted' });
    const theirs = await commitAsRavi('four');
    const fresh = openClient();
    const head = await fresh.head(branch, { signal });
    expect(head.commit).toBe(theirs);
    const commits = await fresh.commitsSince({
      head,
      since,
      notBefore,
      signal,
    });
    expect(
      commits.map(({ oid, author, message }) => [
        oid,
        author,
        parseTrailers(message)[RUN_TRAILER],
      ]),
    ).toEqual([
      [theirs, 'Ravi', undefined],
      [prepared.oid, IDENTITY.name, 'run-7'],
    ]);
    await expect(
      fresh.findLastChange({
        head,
        until: since,
        valueAt: commit => fresh.readFile(commit, FILE),
        signal,
      }),
    ).resolves.toMatchObject({ oid: prepared.oid });
  });

  it('loses no commit of several writers', async () => {
    const before = await given.branch.head();
    const write = async (path: string) => {
      const by = openClient();
      for (let done = 0; done < COMMITS_OF_EACH; ) {
        const prepared = await prepare(`${done + 1}`, { path, by });
        const { state } = await push(prepared, noop, by);
        expect(['accepted', 'lost-race']).toContain(state);
        if (state === 'accepted') done += 1;
      }
    };
    await Promise.all(WRITERS.map(write));
    await expect(given.branch.commitsSince(before)).resolves.toHaveLength(
      WRITERS.length * COMMITS_OF_EACH,
    );
    for (const path of WRITERS) {
      await expect(given.branch.read(path)).resolves.toBe(`${COMMITS_OF_EACH}`);
    }
  });
});

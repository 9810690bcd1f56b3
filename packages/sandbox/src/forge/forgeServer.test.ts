import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FaultBoard } from '../faults/FaultBoard';
import { addForgeFaults } from '../faults/forgeFaults';
import { BareRepository, openRepositories } from '../git';
import { Listener } from '../http/listen';
import { VerbCounts } from '../http/VerbCounts';
import { PullRequestStore } from './PullRequestStore';
import { startForgeServer } from './forgeServer';

const TOKEN = 'secret';
const REPO = '/repos/acme/deploy-blue';

let folder: string;
let bare: BareRepository;
let forge: PullRequestStore;
let server: Listener;
let board: FaultBoard;
let unimplemented: VerbCounts;

const open = (repositories: Map<string, BareRepository>) =>
  PullRequestStore.open({ repositories, file: join(folder, 'forge.json') });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-forge-'));
  const repositories = await openRepositories({
    sources: resolve(__dirname, '../../repositories'),
    directory: join(folder, 'git'),
    registryHost: '127.0.0.1:5001',
  });
  bare = repositories.get('deploy-blue')!.repository;
  forge = await open(new Map([['deploy-blue', bare]]));
  board = FaultBoard.create();
  unimplemented = VerbCounts.create();
  server = await startForgeServer({
    port: 0,
    forge,
    token: TOKEN,
    faults: addForgeFaults(board, { forge, repositories: ['deploy-blue'] }),
    unimplemented,
  });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: object) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${TOKEN}` },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** A branch with one commit on top of main, in one file. */
async function branch(name: string, path = 'NOTES.md', content = 'ours\n') {
  const head = (await bare.resolve('main'))!;
  // fast-import makes a branch from nothing: it begins at main.
  await bare.commit(name, [
    {
      author: { name: 'dana', email: 'dana@example.com' },
      message: 'Ship it\n\nBecause\n\nSwitchyard-Run: 7',
      merges: head,
      files: {
        ...Object.fromEntries((await bare.files(head, ''))!),
        [path]: content,
      },
    },
  ]);
}

const request = { title: 'Ship', body: 'why', head: 'own', base: 'main' };

it('opens a pull request once, and answers as GitHub does what cannot be opened', async () => {
  expect((await call('POST', `${REPO}/pulls`, request)).body).toEqual({
    message: 'Validation Failed',
    errors: [{ resource: 'PullRequest', field: 'head', code: 'invalid' }],
  });
  await branch('own');
  const opened = await call('POST', `${REPO}/pulls`, request);
  expect(opened).toMatchObject({
    status: 201,
    body: {
      number: 1,
      state: 'open',
      merged: false,
      mergeable: true,
      head: { ref: 'own', sha: await bare.resolve('own') },
      base: { ref: 'main' },
      html_url: `${server.url}/acme/deploy-blue/pull/1`,
    },
  });
  expect(await call('POST', `${REPO}/pulls`, request)).toMatchObject({
    status: 422,
    body: {
      errors: [{ message: 'A pull request already exists for acme:own.' }],
    },
  });
  const list = (query: string) => call('GET', `${REPO}/pulls?${query}`);
  expect((await list('head=acme:own&base=main&state=all')).body).toHaveLength(
    1,
  );
  expect((await list('head=acme:other')).body).toEqual([]);
  // Lists do not tell what has to be found out first.
  expect((await list('')).body[0]).not.toHaveProperty('mergeable');
  // It is kept.
  const again = await open(new Map([['deploy-blue', bare]]));
  expect(again.list()).toEqual(forge.list());
});

it.each([
  ['squash', /^Ship it \(#1\)\n\nBecause\n\nSwitchyard-Run: 7/],
  ['merge', /^Merge pull request #1 from acme\/own\n\nShip/],
  ['rebase', /^Ship it\n\nBecause/],
])(
  'merges by %s on what others have committed meanwhile',
  async (method, message) => {
    await branch('own');
    await call('POST', `${REPO}/pulls`, request);
    await bare.commit('main', [
      {
        author: { name: 'ravi', email: 'ravi@example.com' },
        message: 'Other',
        files: { 'OTHER.md': 'theirs\n' },
      },
    ]);
    const { body } = await call('PUT', `${REPO}/pulls/1/merge`, {
      merge_method: method,
    });
    const main = (await bare.resolve('main'))!;
    expect(body).toMatchObject({ merged: true, sha: main });
    const files = (await bare.files(main, ''))!;
    expect([
      files.get('NOTES.md')?.toString(),
      files.get('OTHER.md')?.toString(),
    ]).toEqual(['ours\n', 'theirs\n']);
    expect((await bare.log({ revision: main, limit: 1 }))[0].message).toMatch(
      message,
    );
    expect((await call('GET', `${REPO}/pulls/1`)).body).toMatchObject({
      state: 'closed',
      merged: true,
      merge_commit_sha: main,
      merged_by: { login: 'switchyard' },
    });
    // Closing it changes nothing any more.
    await call('PATCH', `${REPO}/pulls/1`, { state: 'closed' });
    expect((await call('GET', `${REPO}/pulls/1`)).body.merged).toBe(true);
  },
);

it('does not merge what conflicts, or is closed', async () => {
  await branch('own');
  await call('POST', `${REPO}/pulls`, request);
  await bare.commit('main', [
    {
      author: { name: 'ravi', email: 'ravi@example.com' },
      message: 'Other',
      files: { 'NOTES.md': 'theirs\n' },
    },
  ]);
  expect((await call('GET', `${REPO}/pulls/1`)).body).toMatchObject({
    mergeable: false,
    mergeable_state: 'dirty',
  });
  const merge = () => call('PUT', `${REPO}/pulls/1/merge`, {});
  expect(await merge()).toEqual({
    status: 405,
    body: { message: 'Pull Request is not mergeable' },
  });
  await board.request({ fault: 'forge-close', details: { by: 'omar' } });
  expect((await merge()).status).toBe(405);
  expect((await call('GET', `${REPO}/issues/1`)).body).toMatchObject({
    closed_by: { login: 'omar' },
  });
});

it('has a page on which a person merges', async () => {
  await branch('own');
  await call('POST', `${REPO}/pulls`, { ...request, title: '<b>Ship</b>' });
  const page = `${server.url}/acme/deploy-blue/pull/1`;
  const text = await (await fetch(page)).text();
  expect(text).not.toContain('<b>Ship');
  expect(text).toContain('Squash and merge');
  await fetch(page, {
    method: 'POST',
    body: new URLSearchParams({ action: 'squash', by: 'ravi' }),
  });
  expect(await (await fetch(page)).text()).toContain('merged by ravi');
});

it('says honestly what it is not', async () => {
  const wrong = await fetch(`${server.url}${REPO}/pulls`, {
    headers: { Authorization: 'Bearer wrong' },
  });
  expect(wrong.status).toBe(401);
  expect((await call('GET', '/repos/acme/elsewhere/pulls')).status).toBe(404);
  expect((await call('GET', `${REPO}/pulls/9`)).status).toBe(404);
  expect((await call('GET', `${REPO}/pulls/1/files`)).status).toBe(501);
  expect(unimplemented.counts()).toEqual({
    'forge GET /repos/acme/deploy-blue/pulls/1/files': 1,
  });
});

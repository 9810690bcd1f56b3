import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { JsonValue } from '@backstage/types';
import { waysOf } from '../__testUtils__/ways';
import { PullRequests } from './types';

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body: JsonValue;
}

const { signal } = new AbortController();
let server: Server;
let host: string;
/** By method and path without query; what is missing is 404. */
let answers: Record<string, Answer>;
let requests: Array<{ verb: string; query: string; auth?: string; body: any }>;

beforeEach(async () => {
  answers = {};
  requests = [];
  server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url!, 'http://forge');
    const verb = `${request.method} ${pathname}`;
    let text = '';
    for await (const chunk of request) text += chunk;
    requests.push({
      verb,
      query: search,
      auth: request.headers.authorization,
      body: text && JSON.parse(text),
    });
    const {
      status = 200,
      headers,
      body,
    } = answers[verb] ?? {
      status: 404,
      body: { message: 'Not Found' },
    };
    response
      .writeHead(status, { 'Content-Type': 'application/json', ...headers })
      .end(JSON.stringify(body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

const at = (path: string): PullRequests =>
  waysOf({
    integrations: {
      github: [
        {
          host: 'github.example.com',
          apiBaseUrl: `http://${host}/api/v3`,
          token: 'secret-hub',
        },
      ],
      gitlab: [
        {
          host: 'gitlab.example.com',
          baseUrl: 'https://gitlab.example.com/scm',
          apiBaseUrl: `http://${host}/api/v4`,
          token: 'secret-lab',
        },
      ],
    },
  }).forges.find(path)!;

it.each([
  ['https://git.example.com/acme/deploy.git'],
  // GitHub has repositories of owners only.
  ['https://github.example.com/deploy.git'],
  ['https://github.example.com/a/b/deploy.git'],
  ['deploy'],
])('knows no pull requests of %s', url => {
  expect(at(url)).toBeUndefined();
});

describe('GitHub', () => {
  const PULL = 'GET /api/v3/repos/acme/deploy/pulls/7';
  const open = () => at('git@github.example.com:acme/deploy.git');
  const pull = (more: object): Answer => ({
    body: {
      number: 7,
      html_url: 'https://github.example.com/acme/deploy/pull/7',
      state: 'open',
      merged: false,
      merged_at: null,
      // Of the trial merge, which is in no branch.
      merge_commit_sha: 'f00',
      mergeable: true,
      mergeable_state: 'clean',
      head: { sha: 'abc' },
      base: { ref: 'main' },
      ...more,
    },
  });

  it.each<[string, object, object]>([
    ['waits for a person', {}, { state: 'open', obstacles: [] }],
    [
      'is being looked at',
      { mergeable: null, mergeable_state: 'unknown' },
      { state: 'open', obstacles: [] },
    ],
    [
      'conflicts',
      { mergeable: false, mergeable_state: 'dirty' },
      { obstacles: ['it conflicts with main'] },
    ],
    [
      'is behind',
      { mergeable_state: 'behind' },
      { obstacles: ['it is behind main'] },
    ],
    [
      'lacks a review',
      { mergeable_state: 'blocked' },
      { obstacles: ['a review or a check is missing'] },
    ],
    ['is a draft', { draft: true }, { obstacles: ['it is a draft'] }],
    [
      'was merged',
      {
        state: 'closed',
        merged: true,
        merge_commit_sha: 'beef',
        merged_by: { login: 'ravi' },
      },
      { state: 'merged', mergeCommit: 'beef', by: 'ravi', obstacles: [] },
    ],
    [
      'was closed',
      { state: 'closed' },
      { state: 'closed', by: undefined, obstacles: [] },
    ],
  ])('says of one that %s', async (_, more, expected) => {
    answers[PULL] = pull(more);
    const found = await open().read(7, { signal });
    expect(found).toMatchObject({ number: 7, name: '#7', ...expected });
    // Of an open one GitHub names the commit of a trial merge.
    expect(found.mergeCommit).toBe((expected as any).mergeCommit);
  });

  it('names the checks that fail, by both of its ways, and who closed', async () => {
    answers[PULL] = pull({ mergeable_state: 'unstable' });
    answers['GET /api/v3/repos/acme/deploy/commits/abc/check-runs'] = {
      body: {
        check_runs: [
          { name: 'lint', conclusion: 'failure' },
          { name: 'unit', conclusion: 'success' },
          { name: 'slow', conclusion: null },
        ],
      },
    };
    answers['GET /api/v3/repos/acme/deploy/commits/abc/status'] = {
      body: { statuses: [{ context: 'ci/old', state: 'error' }] },
    };
    expect(await open().read(7, { signal })).toMatchObject({
      obstacles: ['checks fail: lint, ci/old'],
    });
    answers[PULL] = pull({ state: 'closed' });
    answers['GET /api/v3/repos/acme/deploy/issues/7'] = {
      body: { closed_by: { login: 'omar' } },
    };
    expect(await open().read(7, { signal })).toMatchObject({ by: 'omar' });
  });

  it('finds by the branches of the owner, opens and closes, with the credentials of the integration', async () => {
    answers['GET /api/v3/repos/acme/deploy/pulls'] = { body: [{ number: 7 }] };
    answers[PULL] = pull({});
    answers['POST /api/v3/repos/acme/deploy/pulls'] = {
      ...pull({}),
      status: 201,
    };
    answers['PATCH /api/v3/repos/acme/deploy/pulls/7'] = pull({});
    const branches = { from: 'switchyard/run-1', into: 'main' };
    expect(await open().findNewest(branches, { signal })).toMatchObject({
      name: '#7',
    });
    await open().open(
      { ...branches, title: 'Ship', description: 'Why' },
      { signal },
    );
    await open().close(7, { signal });
    expect(requests[0].query).toBe(
      '?head=acme%3Aswitchyard%2Frun-1&base=main&state=all&sort=created&direction=desc&per_page=1',
    );
    expect(requests.find(({ verb }) => verb.startsWith('POST'))?.body).toEqual({
      head: 'switchyard/run-1',
      base: 'main',
      title: 'Ship',
      body: 'Why',
    });
    expect(requests.at(-1)!.body).toEqual({ state: 'closed' });
    expect(new Set(requests.map(({ auth }) => auth))).toEqual(
      new Set(['Bearer secret-hub']),
    );
  });

  it.each<[string, Answer, string, string]>([
    [
      'does not want it',
      {
        status: 422,
        body: {
          message: 'Validation Failed',
          errors: [
            { message: 'A pull request already exists for acme:x. https://x' },
          ],
        },
      },
      'invalid',
      'GitHub answered 422: Validation Failed, A pull request already exists for acme:x. …',
    ],
    [
      'forbids it',
      {
        status: 403,
        body: { message: 'Resource not accessible by integration' },
      },
      'forbidden',
      'GitHub does not let the portal do this in deploy: Resource not accessible by integration',
    ],
    [
      'has had enough',
      {
        status: 403,
        headers: { 'X-RateLimit-Remaining': '0' },
        body: { message: 'API rate limit exceeded' },
      },
      'unreachable',
      'GitHub asks to be left alone',
    ],
    [
      'does not know the token',
      { status: 401, body: { message: 'Bad credentials' } },
      'unauthorized',
      "GitHub refused the portal's credentials for deploy",
    ],
    [
      'fails',
      { status: 502, body: 'Bad gateway' },
      'outcome-unknown',
      'GitHub answered 502',
    ],
  ])('tells when it %s', async (_, answer, code, message) => {
    answers['POST /api/v3/repos/acme/deploy/pulls'] = answer;
    await expect(
      open().open(
        { from: 'x', into: 'main', title: 't', description: 'd' },
        { signal },
      ),
    ).rejects.toMatchObject({ name: 'GitError', code, message });
  });
});

describe('GitLab', () => {
  const BASE = '/api/v4/projects/shop%2Fteam%2Fdeploy/merge_requests';
  const open = () => at('https://gitlab.example.com/scm/shop/team/deploy.git');
  const request = (more: object): Answer => ({
    body: {
      iid: 3,
      web_url: 'https://gitlab.example.com/x/3',
      state: 'opened',
      sha: 'abc',
      merge_commit_sha: null,
      squash_commit_sha: null,
      target_branch: 'main',
      detailed_merge_status: 'mergeable',
      ...more,
    },
  });

  it.each<[string, object, object]>([
    ['waits for a person', {}, { state: 'open', obstacles: [] }],
    [
      'is being looked at',
      { detailed_merge_status: 'checking' },
      { state: 'open', obstacles: [] },
    ],
    [
      'conflicts',
      { has_conflicts: true, detailed_merge_status: 'conflict' },
      { obstacles: ['it conflicts with main'] },
    ],
    [
      'has a pipeline that failed',
      { detailed_merge_status: 'ci_must_pass' },
      { obstacles: ['its pipeline must pass'] },
    ],
    [
      'lacks an approval',
      { detailed_merge_status: 'not_approved' },
      { obstacles: ['an approval is missing'] },
    ],
    ['is being merged', { state: 'locked' }, { state: 'open' }],
    [
      'was merged',
      {
        state: 'merged',
        merge_commit_sha: 'beef',
        squash_commit_sha: 'cafe',
        merge_user: { username: 'ravi' },
      },
      { state: 'merged', mergeCommit: 'beef', by: 'ravi' },
    ],
    [
      'was squashed without a merge commit',
      { state: 'merged', squash_commit_sha: 'cafe' },
      { state: 'merged', mergeCommit: 'cafe' },
    ],
    [
      'was merged by fast-forward',
      { state: 'merged' },
      { state: 'merged', mergeCommit: 'abc' },
    ],
    [
      'was closed',
      { state: 'closed', closed_by: { username: 'omar' } },
      { state: 'closed', by: 'omar' },
    ],
  ])('says of one that %s', async (_, more, expected) => {
    answers[`GET ${BASE}/3`] = request(more);
    expect(await open().read(3, { signal })).toMatchObject({
      number: 3,
      name: '!3',
      ...expected,
    });
  });

  it('finds, opens and closes, with the credentials of the integration', async () => {
    answers[`GET ${BASE}`] = { body: [] };
    answers[`POST ${BASE}`] = { ...request({}), status: 201 };
    answers[`PUT ${BASE}/3`] = request({ state: 'closed' });
    const branches = { from: 'switchyard/run-1', into: 'main' };
    expect(await open().findNewest(branches, { signal })).toBeUndefined();
    await open().open(
      { ...branches, title: 'Ship', description: 'Why' },
      { signal },
    );
    await open().close(3, { signal });
    expect(requests.map(({ body }) => body)).toEqual([
      '',
      {
        source_branch: 'switchyard/run-1',
        target_branch: 'main',
        title: 'Ship',
        description: 'Why',
        remove_source_branch: true,
      },
      { state_event: 'close' },
    ]);
    expect(requests.map(({ auth }) => auth)).toEqual(
      Array(3).fill('Bearer secret-lab'),
    );
  });
});

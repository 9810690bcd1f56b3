import { inflateRawSync } from 'node:zlib';
import {
  finished,
  openStream,
  settled,
  shared,
  stateOf,
  SYNC,
  world,
} from './tests/observed';
import { Application } from './types';

/**
 * What was observed on a running Argo CD 3.5.1, by the numbers of its list (argocd-api-and-compatibility.md, 6.15).
 */
describe('transport', () => {
  shared();

  it.each([
    ['POST', SYNC, '{}', null],
    ['POST', SYNC, '{}', 'application/json; charset=utf-8'],
    ['POST', SYNC, undefined, 'text/plain'],
    ['DELETE', '/api/v1/applications/manual/operation', undefined, null],
    ['POST', '/api/v1/session', '{}', null],
  ])(
    '1: %s %s with body %s and content type %s gets 415',
    async (method, path, body, contentType) => {
      const answer = await world.argocd.call(method, path, {
        body,
        contentType,
      });
      expect(answer.status).toBe(415);
      expect(answer.headers['content-type']).toContain('text/plain');
      expect(answer.text.trim()).toBe('Invalid content type');
    },
  );

  it('1: the content type may be written in capitals', async () => {
    expect(
      (
        await world.argocd.call('POST', SYNC, {
          body: '{"dryRun":true}',
          contentType: 'Application/JSON',
        })
      ).status,
    ).toBe(200);
    await world.argocd.until('manual', finished);
  });

  it('2: errors are a triple; unknown fields are ignored, rubbish and wrong types are 400 code 3', async () => {
    const denied = await world.argocd.get('/api/v1/applications/nothing');
    expect(denied.json).toEqual({
      error: 'permission denied',
      code: 7,
      message: 'permission denied',
    });
    expect(
      (await world.argocd.call('POST', SYNC, { body: '{"dryRun":' })).json,
    ).toMatchObject({ code: 3 });
    const wrong = await world.argocd.post(SYNC, { revision: 7 });
    expect([wrong.status, wrong.json.code]).toEqual([400, 3]);
    expect(
      (await world.argocd.post(SYNC, { dryRun: true, nonsense: 1 })).status,
    ).toBe(200);
    await world.argocd.until('manual', finished);
  });

  it('3: login gives token and cookie, a wrong password 401; userinfo never fails; the version is public', async () => {
    const login = await world.argocd.post('/api/v1/session', {
      username: 'portal',
      password: 'portal-password',
    });
    expect(login.headers['set-cookie']?.[0]).toContain(
      `argocd.token=${login.json.token}`,
    );
    expect(
      (
        await world.argocd.get('/api/v1/applications', {
          token: login.json.token,
        })
      ).status,
    ).toBe(200);
    const wrong = await world.argocd.post('/api/v1/session', {
      username: 'portal',
      password: 'x',
    });
    expect([wrong.status, wrong.json.code]).toEqual([401, 16]);
    expect((await world.argocd.get('/api/v1/session/userinfo')).json).toEqual({
      loggedIn: true,
      username: 'portal',
      iss: 'argocd',
    });
    const stranger = await world.argocd.get('/api/v1/session/userinfo', {
      token: 'rubbish',
    });
    expect([stranger.status, stranger.json]).toEqual([200, {}]);
    expect(
      Object.keys(
        (await world.argocd.get('/api/version', { token: 'rubbish' })).json,
      ),
    ).toEqual(['Version']);
    expect(
      Object.keys((await world.argocd.get('/api/version')).json).length,
    ).toBeGreaterThan(1);
  });

  it('3: after five failures a login fails with the right password too, in the same words', async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      await world.argocd.post('/api/v1/session', {
        username: 'admin',
        password: 'guess',
      });
    }
    const right = await world.argocd.post('/api/v1/session', {
      username: 'admin',
      password: 'admin-password',
    });
    expect([right.status, right.json.message]).toEqual([
      401,
      'Invalid username or password',
    ]);
    expect(
      (
        await world.argocd.post('/api/v1/session', {
          username: 'portal',
          password: 'portal-password',
        })
      ).status,
    ).toBe(200);
  });

  it('4: no token and a rubbish one are the same; a malformed, a revoked and an expired one say what they are', async () => {
    const of = async (token: string) => {
      const { status, json } = await world.argocd.get('/api/v1/applications', {
        token,
      });
      return [status, json.code, json.message];
    };
    expect(await of('')).toEqual([401, 16, 'no session information']);
    expect(await of('abc')).toEqual([401, 16, 'no session information']);
    expect(await of('a.b.c')).toEqual([
      401,
      16,
      'invalid session: token is malformed: could not base64 decode header: illegal base64 data at input byte 0',
    ]);
    expect(await of(world.argocd.tokenOf('portal', '77'))).toEqual([
      401,
      16,
      'invalid session: account portal does not have token with id 77',
    ]);
    await world.argocd.board.request({ fault: 'argocd-token-expired' });
    expect(await of(world.argocd.token)).toEqual([
      401,
      16,
      'invalid session: token has invalid claims: token is expired',
    ]);
  });

  it('5: answers are deflated where the client takes both ways', async () => {
    const response = await fetch(
      `${world.argocd.argocd.listener.url}/api/v1/applications`,
      {
        headers: {
          Authorization: `Bearer ${world.argocd.token}`,
          'Accept-Encoding': 'gzip, deflate',
        },
      },
    );
    expect(response.headers.get('content-encoding')).toBe('deflate');
    expect((await response.json()).items).toHaveLength(2);
  });

  it('5: streams too, each event flushed', async () => {
    const chunks: Buffer[] = [];
    const stream = await openStream(
      '',
      { 'Accept-Encoding': 'deflate' },
      chunk => chunks.push(chunk),
    );
    await stream.until(
      () =>
        inflateRawSync(Buffer.concat(chunks), { finishFlush: 2 })
          .toString()
          .split('\n').length === 3,
    );
    expect(stream.headers['content-encoding']).toBe('deflate');
    stream.end();
  });
});

describe('rights', () => {
  shared();

  it('6: a list without rights is null; a list holds what one may see', async () => {
    const none = await world.argocd.get('/api/v1/applications', {
      token: world.argocd.tokenOf('nobody'),
    });
    expect([none.status, none.json.items]).toEqual([200, null]);
    const some = await world.argocd.get('/api/v1/applications', {
      token: world.argocd.limitedToken,
    });
    expect(
      some.json.items.map((item: Application) => item.metadata.name),
    ).toEqual(['manual']);
  });

  it.each([
    ['unknown, for admin', 'nothing', '', 'admin', 403, 7, 'permission denied'],
    [
      'unknown, with its project',
      'nothing',
      '?project=storefront',
      'portal',
      404,
      5,
      'applications.argoproj.io "nothing" not found',
    ],
    [
      'in another project',
      'manual',
      '?project=platform',
      'portal',
      404,
      5,
      'applications.argoproj.io "manual" not found',
    ],
    [
      'that one may not see',
      'auto',
      '',
      'limited',
      403,
      7,
      'permission denied',
    ],
    [
      'that one may not see, with its project',
      'auto',
      '?project=storefront',
      'limited',
      403,
      7,
      'permission denied',
    ],
    [
      'named with a way out of its place',
      '..%2F..%2Fsettings',
      '',
      'portal',
      403,
      7,
      'permission denied',
    ],
    [
      'in a namespace that is not permitted',
      'manual',
      '?project=storefront&appNamespace=other',
      'portal',
      403,
      7,
      "namespace 'other' is not permitted",
    ],
  ])(
    '7: an Application %s',
    async (_, name, query, account, status, code, message) => {
      const answer = await world.argocd.get(
        `/api/v1/applications/${name}${query}`,
        { token: world.argocd.tokenOf(account) },
      );
      expect([answer.status, answer.json.code, answer.json.message]).toEqual([
        status,
        code,
        message,
      ]);
    },
  );

  it('7: more than one project is refused', async () => {
    expect(
      (
        await world.argocd.get(
          '/api/v1/applications/manual?project=a&project=b',
        )
      ).status,
    ).toBe(400);
  });

  it('8: a forbidden sync says who asked for what; of an unseen Application it says nothing', async () => {
    const sync = await world.argocd.post(
      SYNC,
      {},
      { token: world.argocd.limitedToken },
    );
    expect([sync.status, sync.json.code]).toEqual([403, 7]);
    expect(sync.json.message).toBe(
      'permission denied: applications, sync, storefront/manual, sub: limited, iat: 2026-11-01T00:00:00Z',
    );
    const unseen = await world.argocd.post(
      '/api/v1/applications/auto/sync',
      {},
      { token: world.argocd.limitedToken },
    );
    expect(unseen.json.message).toBe('permission denied');
    const terminate = await world.argocd.call(
      'DELETE',
      '/api/v1/applications/manual/operation',
      { token: world.argocd.limitedToken },
    );
    expect(terminate.json.message).toBe('permission denied');
  });

  it('9: a deny window refuses a sync by hand and holds one back that was accepted before', async () => {
    world.argocd.store.jobs = 'held';
    await world.argocd.post(SYNC, {});
    await world.argocd.until('manual', ({ status }) =>
      status.operationState?.message?.includes('waiting for completion'),
    );
    await world.argocd.board.request({
      fault: 'argocd-window',
      target: 'storefront',
    });
    await world.argocd.until(
      'manual',
      ({ status }) =>
        status.operationState?.message ===
        'Sync operation blocked by sync window',
    );
    expect(stateOf(world.argocd.application('manual')).phase).toBe('Running');
    const refused = await world.argocd.post(
      '/api/v1/applications/auto/sync',
      {},
    );
    expect([refused.status, refused.json.code, refused.json.message]).toEqual([
      403,
      7,
      'cannot sync: blocked by sync window',
    ]);
    const windows = await world.argocd.get(
      '/api/v1/applications/manual/syncwindows',
    );
    const window = {
      kind: 'deny',
      schedule: '* * * * *',
      duration: '1h',
      manualSync: false,
    };
    expect(windows.json).toEqual({
      activeWindows: [window],
      assignedWindows: [window],
      canSync: false,
    });
    world.argocd.board.clear();
    world.argocd.store.jobs = 'succeed';
    world.argocd.store.endJob(
      world.argocd.store.list({
        apiVersion: 'batch/v1',
        kind: 'Job',
        namespace: 'manual',
      })[0],
      true,
    );
    await world.argocd.until('manual', settled);
    expect(
      (await world.argocd.get('/api/v1/applications/manual/syncwindows')).json,
    ).toEqual({ canSync: true });
  });
});

describe('lists', () => {
  shared();

  it('10: carry a resourceVersion and take fields by whole leaf paths only', async () => {
    const all = await world.argocd.get('/api/v1/applications');
    expect(all.json.metadata.resourceVersion).toMatch(/^\d+$/);
    const fields = [
      'metadata.resourceVersion',
      'items.metadata.name',
      'items.status.sync.status',
      'items.status.health',
      'items.status.sync',
      'items.status.history',
    ];
    const narrow = await world.argocd.get(
      `/api/v1/applications?fields=${fields.join(',')}`,
    );
    expect(narrow.json.items[0]).toEqual({
      metadata: { name: 'auto' },
      status: {
        sync: { status: 'Synced' },
        health: { status: 'Healthy', lastTransitionTime: expect.any(String) },
      },
    });
    // A comparison between the two requests makes it another one.
    expect(narrow.json.metadata.resourceVersion).toMatch(/^\d+$/);
    expect(
      (await world.argocd.get('/api/v1/applications?fields=items.status.sync'))
        .json.items,
    ).toEqual([{}, {}]);
    const excluding = (
      await world.argocd.get(
        '/api/v1/applications?fields=-items.status.resources',
      )
    ).json.items[0];
    expect(excluding.status.resources).toBeUndefined();
    expect(excluding.spec.project).toBe('storefront');
  });

  it.each([
    ['name=manual', ['manual']],
    ['selector=backstage-name%3Dorders', ['auto', 'manual']],
    ['selector=backstage-name!%3Dorders', null],
    ['selector=backstage-name%20in%20(orders,other)', ['auto', 'manual']],
    ['projects=platform', null],
    ['project=storefront&project=platform', ['auto', 'manual']],
  ])('10: filter by %s', async (query, names) => {
    const { items } = (await world.argocd.get(`/api/v1/applications?${query}`))
      .json;
    expect(
      items?.map((item: Application) => item.metadata.name) ?? null,
    ).toEqual(names);
  });

  it('10: refuse a selector that is none', async () => {
    expect(
      (await world.argocd.get('/api/v1/applications?selector=a%20b')).json.code,
    ).toBe(3);
  });

  it('show the health of single resources for one Application, not in lists', async () => {
    const [listed] = (
      await world.argocd.get('/api/v1/applications?name=manual')
    ).json.items;
    expect(
      listed.status.resources.every(
        (resource: object) => !('health' in resource),
      ),
    ).toBe(true);
    const one = (await world.argocd.get('/api/v1/applications/manual'))
      .json as Application;
    expect(one.status.resources).toContainEqual(
      expect.objectContaining({
        kind: 'Deployment',
        status: 'Synced',
        health: { status: 'Healthy' },
      }),
    );
    expect(one.status.resources).toContainEqual(
      expect.objectContaining({ kind: 'Job', hook: true }),
    );
    expect(
      one.status.resources!.find(resource => resource.hook)!.status,
    ).toBeUndefined();
  });
});

describe('projects', () => {
  shared();

  it('are given to those who may see them, with their windows', async () => {
    expect(
      (await world.argocd.get('/api/v1/projects/storefront')).json.metadata
        .name,
    ).toBe('storefront');
    expect(
      (
        await world.argocd.get('/api/v1/projects/storefront', {
          token: world.argocd.limitedToken,
        })
      ).status,
    ).toBe(403);
    expect(
      (await world.argocd.get('/api/v1/projects/nothing')).json,
    ).toMatchObject({
      code: 5,
      message: 'appprojects.argoproj.io "nothing" not found',
    });
    expect(
      (await world.argocd.get('/api/v1/projects/storefront/detailed')).json
        .project.metadata.name,
    ).toBe('storefront');
    await world.argocd.board.request({
      fault: 'argocd-window',
      target: 'storefront',
    });
    expect(
      (await world.argocd.get('/api/v1/projects/storefront/syncwindows')).json
        .windows,
    ).toHaveLength(1);
  });
});

import { request } from 'node:http';
import { inflateRawSync } from 'node:zlib';
import { ApplicationChange } from './ApplicationStore';
import { ordersManifests, TestArgocd } from './tests/startTestArgocd';
import { Application, OperationState } from './types';

/**
 * What was observed on a running Argo CD 3.5.1, by the numbers of its list (argocd-api-and-compatibility.md, 6.15). Those that concern verbs which the
 * product does not call (rollback, patch, resource actions, manifests) are answered with 501.
 */
const UNKNOWN_SHA = '0123456789012345678901234567890123456789';
const SYNC = '/api/v1/applications/manual/sync';

let argocd: TestArgocd;

/** All states that an Application went through since now, as its stream would show them. */
function record(name: string): Application[] {
  const states: Application[] = [];
  argocd.argocd.applications.subscribe(({ application }: ApplicationChange) => {
    if (application.metadata.name === name) {
      states.push(application);
    }
  });
  return states;
}

const finished = ({ operation, status }: Application) => !operation && status.operationState?.finishedAt;
const settled = (application: Application) =>
  finished(application) && application.status.sync.status === 'Synced' && application.status.health.status === 'Healthy';
const stateOf = (application: Application): OperationState => application.status.operationState!;

async function start(): Promise<void> {
  argocd = await TestArgocd.start({ speed: 200 });
  await argocd.settle();
}

async function stop(): Promise<void> {
  await argocd.stop();
  expect(argocd.errors).toEqual([]);
}

/** For tests that leave Argo CD as it was: one for all of them. */
function shared(): void {
  beforeAll(start);
  afterEach(() => argocd.board.clear());
  afterAll(stop);
}

/** An Argo CD for each test. */
function own(): void {
  beforeEach(start);
  afterEach(stop);
}

describe('transport', () => {
  shared();

  it.each([
    ['POST', SYNC, '{}', null],
    ['POST', SYNC, '{}', 'application/json; charset=utf-8'],
    ['POST', SYNC, undefined, 'text/plain'],
    ['DELETE', '/api/v1/applications/manual/operation', undefined, null],
    ['POST', '/api/v1/session', '{}', null],
  ])('1: %s %s with body %s and content type %s gets 415', async (method, path, body, contentType) => {
    const answer = await argocd.call(method, path, { body, contentType });
    expect(answer.status).toBe(415);
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.text.trim()).toBe('Invalid content type');
  });

  it('1: the content type may be written in capitals', async () => {
    expect((await argocd.call('POST', SYNC, { body: '{"dryRun":true}', contentType: 'Application/JSON' })).status).toBe(200);
    await argocd.until('manual', finished);
  });

  it('2: errors are a triple; unknown fields are ignored, rubbish and wrong types are 400 code 3', async () => {
    const denied = await argocd.get('/api/v1/applications/nothing');
    expect(denied.json).toEqual({ error: 'permission denied', code: 7, message: 'permission denied' });
    expect((await argocd.call('POST', SYNC, { body: '{"dryRun":' })).json).toMatchObject({ code: 3 });
    const wrong = await argocd.post(SYNC, { revision: 7 });
    expect([wrong.status, wrong.json.code]).toEqual([400, 3]);
    expect((await argocd.post(SYNC, { dryRun: true, nonsense: 1 })).status).toBe(200);
    await argocd.until('manual', finished);
  });

  it('3: login gives token and cookie, a wrong password 401; userinfo never fails; the version is public', async () => {
    const login = await argocd.post('/api/v1/session', { username: 'portal', password: 'portal-password' });
    expect(login.headers['set-cookie']?.[0]).toContain(`argocd.token=${login.json.token}`);
    expect((await argocd.get('/api/v1/applications', { token: login.json.token })).status).toBe(200);
    const wrong = await argocd.post('/api/v1/session', { username: 'portal', password: 'x' });
    expect([wrong.status, wrong.json.code]).toEqual([401, 16]);
    expect((await argocd.get('/api/v1/session/userinfo')).json).toEqual({ loggedIn: true, username: 'portal', iss: 'argocd' });
    const stranger = await argocd.get('/api/v1/session/userinfo', { token: 'rubbish' });
    expect([stranger.status, stranger.json]).toEqual([200, {}]);
    expect(Object.keys((await argocd.get('/api/version', { token: 'rubbish' })).json)).toEqual(['Version']);
    expect(Object.keys((await argocd.get('/api/version')).json).length).toBeGreaterThan(1);
  });

  it('3: after five failures a login fails with the right password too, in the same words', async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      await argocd.post('/api/v1/session', { username: 'admin', password: 'guess' });
    }
    const right = await argocd.post('/api/v1/session', { username: 'admin', password: 'admin-password' });
    expect([right.status, right.json.message]).toEqual([401, 'Invalid username or password']);
    expect((await argocd.post('/api/v1/session', { username: 'portal', password: 'portal-password' })).status).toBe(200);
  });

  it('4: no token and a rubbish one are the same; an expired and a revoked one say what they are', async () => {
    const of = async (token: string) => {
      const { status, json } = await argocd.get('/api/v1/applications', { token });
      return [status, json.code, json.message];
    };
    expect(await of('')).toEqual([401, 16, 'no session information']);
    expect(await of('a.b.c')).toEqual([401, 16, 'no session information']);
    expect(await of(argocd.tokenOf('portal', '77'))).toEqual([401, 16, 'invalid session: account portal does not have token with id 77']);
    await argocd.board.request({ fault: 'argocd-token-expired' });
    expect(await of(argocd.token)).toEqual([401, 16, 'invalid session: token has invalid claims: token is expired']);
  });

  it('5: answers are deflated where the client takes both ways', async () => {
    const response = await fetch(`${argocd.argocd.listener.url}/api/v1/applications`, {
      headers: { Authorization: `Bearer ${argocd.token}`, 'Accept-Encoding': 'gzip, deflate' },
    });
    expect(response.headers.get('content-encoding')).toBe('deflate');
    expect((await response.json()).items).toHaveLength(2);
  });

  it('5: streams too, each event flushed', async () => {
    const chunks: Buffer[] = [];
    const stream = await openStream('', { 'Accept-Encoding': 'deflate' }, chunk => chunks.push(chunk));
    await stream.until(() => inflateRawSync(Buffer.concat(chunks), { finishFlush: 2 }).toString().split('\n').length === 3);
    expect(stream.headers['content-encoding']).toBe('deflate');
    stream.end();
  });
});

describe('rights', () => {
  shared();

  it('6: a list without rights is null; a list holds what one may see', async () => {
    const none = await argocd.get('/api/v1/applications', { token: argocd.tokenOf('nobody') });
    expect([none.status, none.json.items]).toEqual([200, null]);
    const some = await argocd.get('/api/v1/applications', { token: argocd.limitedToken });
    expect(some.json.items.map((item: Application) => item.metadata.name)).toEqual(['manual']);
  });

  it.each([
    ['unknown, for admin', 'nothing', '', 'admin', 403, 7, 'permission denied'],
    ['unknown, with its project', 'nothing', '?project=storefront', 'portal', 404, 5, 'applications.argoproj.io "nothing" not found'],
    ['in another project', 'manual', '?project=platform', 'portal', 404, 5, 'applications.argoproj.io "manual" not found'],
    ['that one may not see', 'auto', '', 'limited', 403, 7, 'permission denied'],
    ['that one may not see, with its project', 'auto', '?project=storefront', 'limited', 403, 7, 'permission denied'],
    ['named with a way out of its place', '..%2F..%2Fsettings', '', 'portal', 403, 7, 'permission denied'],
    ['in a namespace that is not permitted', 'manual', '?project=storefront&appNamespace=other', 'portal', 403, 7, "namespace 'other' is not permitted"],
  ])('7: an Application %s', async (_, name, query, account, status, code, message) => {
    const answer = await argocd.get(`/api/v1/applications/${name}${query}`, { token: argocd.tokenOf(account) });
    expect([answer.status, answer.json.code, answer.json.message]).toEqual([status, code, message]);
  });

  it('7: more than one project is refused', async () => {
    expect((await argocd.get('/api/v1/applications/manual?project=a&project=b')).status).toBe(400);
  });

  it('8: a forbidden sync says who asked for what; of an unseen Application it says nothing', async () => {
    const sync = await argocd.post(SYNC, {}, { token: argocd.limitedToken });
    expect([sync.status, sync.json.code]).toEqual([403, 7]);
    expect(sync.json.message).toBe('permission denied: applications, sync, storefront/manual, sub: limited, iat: 2026-11-01T00:00:00Z');
    const unseen = await argocd.post('/api/v1/applications/auto/sync', {}, { token: argocd.limitedToken });
    expect(unseen.json.message).toBe('permission denied');
    const terminate = await argocd.call('DELETE', '/api/v1/applications/manual/operation', { token: argocd.limitedToken });
    expect(terminate.json.message).toBe('permission denied');
  });

  it('9: a deny window refuses a sync by hand and holds one back that was accepted before', async () => {
    argocd.store.jobs = 'held';
    await argocd.post(SYNC, {});
    await argocd.until('manual', ({ status }) => status.operationState?.message?.includes('waiting for completion'));
    await argocd.board.request({ fault: 'argocd-window', target: 'storefront' });
    await argocd.until('manual', ({ status }) => status.operationState?.message === 'Sync operation blocked by sync window');
    expect(stateOf(argocd.application('manual')).phase).toBe('Running');
    const refused = await argocd.post('/api/v1/applications/auto/sync', {});
    expect([refused.status, refused.json.code, refused.json.message]).toEqual([403, 7, 'cannot sync: blocked by sync window']);
    const windows = await argocd.get('/api/v1/applications/manual/syncwindows');
    const window = { kind: 'deny', schedule: '* * * * *', duration: '1h' };
    expect(windows.json).toEqual({ activeWindows: [window], assignedWindows: [window], canSync: false });
    argocd.board.clear();
    argocd.store.jobs = 'succeed';
    argocd.store.endJob(argocd.store.list({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'manual' })[0], true);
    await argocd.until('manual', settled);
    expect((await argocd.get('/api/v1/applications/manual/syncwindows')).json).toEqual({ canSync: true });
  });
});

describe('lists', () => {
  shared();

  it('10: carry a resourceVersion and take fields by whole leaf paths only', async () => {
    const all = await argocd.get('/api/v1/applications');
    expect(all.json.metadata.resourceVersion).toMatch(/^\d+$/);
    const fields = ['metadata.resourceVersion', 'items.metadata.name', 'items.status.sync.status', 'items.status.health', 'items.status.sync', 'items.status.history'];
    const narrow = await argocd.get(`/api/v1/applications?fields=${fields.join(',')}`);
    expect(narrow.json.items[0]).toEqual({
      metadata: { name: 'auto' },
      status: { sync: { status: 'Synced' }, health: { status: 'Healthy', lastTransitionTime: expect.any(String) } },
    });
    expect(narrow.json.metadata.resourceVersion).toBe(all.json.metadata.resourceVersion);
    expect((await argocd.get('/api/v1/applications?fields=items.status.sync')).json.items).toEqual([{}, {}]);
    const excluding = (await argocd.get('/api/v1/applications?fields=-items.status.resources')).json.items[0];
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
    const { items } = (await argocd.get(`/api/v1/applications?${query}`)).json;
    expect(items?.map((item: Application) => item.metadata.name) ?? null).toEqual(names);
  });

  it('10: refuse a selector that is none', async () => {
    expect((await argocd.get('/api/v1/applications?selector=a%20b')).json.code).toBe(3);
  });

  it('show the health of single resources for one Application, not in lists', async () => {
    const [listed] = (await argocd.get('/api/v1/applications?name=manual')).json.items;
    expect(listed.status.resources.every((resource: object) => !('health' in resource))).toBe(true);
    const one = (await argocd.get('/api/v1/applications/manual')).json as Application;
    expect(one.status.resources).toContainEqual(expect.objectContaining({ kind: 'Deployment', status: 'Synced', health: { status: 'Healthy' } }));
    expect(one.status.resources).toContainEqual(expect.objectContaining({ kind: 'Job', hook: true }));
    expect(one.status.resources!.find(resource => resource.hook)!.status).toBeUndefined();
  });
});

interface OpenStream {
  headers: Record<string, string | string[] | undefined>;
  lines(): string[];
  until(predicate: () => unknown): Promise<void>;
  ended: boolean;
  end(): void;
}

async function openStream(query: string, headers: Record<string, string> = {}, take?: (chunk: Buffer) => void): Promise<OpenStream> {
  let text = '';
  let end: () => void = () => undefined;
  const stream: OpenStream = {
    headers: {},
    lines: () => text.split('\n').filter(Boolean),
    ended: false,
    end: () => end(),
    until: async predicate => {
      const latest = Date.now() + 5_000;
      while (!predicate()) {
        if (Date.now() > latest) {
          throw new Error(`The stream did not get there: ${text}`);
        }
        await new Promise(resolve => setTimeout(resolve, 5));
      }
    },
  };
  const call = request(
    `${argocd.argocd.listener.url}/api/v1/stream/applications${query}`,
    { headers: { Authorization: `Bearer ${argocd.token}`, ...headers }, agent: false },
    response => {
      stream.headers = response.headers;
      response.on('data', chunk => (take ? take(chunk) : (text += chunk)));
      response.on('close', () => (stream.ended = true));
      response.on('error', () => undefined);
    },
  );
  end = () => call.destroy();
  call.on('error', () => (stream.ended = true));
  call.end();
  return stream;
}

describe('streams', () => {
  own();

  const names = (stream: OpenStream) => stream.lines().map(line => JSON.parse(line).result.application.metadata.name);

  it('11: begin with one ADDED each, as lines of JSON, and then tell what changes', async () => {
    const stream = await openStream('');
    await stream.until(() => stream.lines().length === 2);
    expect(stream.lines().map(line => JSON.parse(line).result.type)).toEqual(['ADDED', 'ADDED']);
    expect(names(stream)).toEqual(['auto', 'manual']);
    await argocd.post(SYNC, {});
    await stream.until(() => stream.lines().some(line => JSON.parse(line).result.application.operation));
    expect(stream.lines().slice(2).every(line => JSON.parse(line).result.type === 'MODIFIED')).toBe(true);
    stream.end();
  });

  it('11: take name, projects, selector and fields; what says the same again is not sent', async () => {
    const fields = 'result.type,result.application.metadata.name,result.application.operation.sync,result.application.operation.initiatedBy';
    const stream = await openStream(`?name=manual&projects=storefront&selector=backstage-name%3Dorders&fields=${fields}`);
    await stream.until(() => stream.lines().length === 1);
    expect(JSON.parse(stream.lines()[0])).toEqual({ result: { type: 'ADDED', application: { metadata: { name: 'manual' } } } });
    const before = argocd.application('manual').status.reconciledAt;
    await argocd.post(SYNC, {});
    await argocd.until('manual', application => settled(application) && application.status.reconciledAt !== before);
    await stream.until(() => stream.lines().length >= 3);
    expect(stream.lines()).toHaveLength(3);
    expect(JSON.parse(stream.lines()[1]).result.application.operation.sync.revision).toMatch(/^[0-9a-f]{40}$/);
    expect(JSON.parse(stream.lines()[2]).result.application.operation).toBeUndefined();
    stream.end();
  });

  it('11: are server-sent events where asked for', async () => {
    const stream = await openStream('', { Accept: 'text/event-stream', 'Accept-Encoding': 'gzip, deflate' });
    await stream.until(() => stream.lines().length === 2);
    expect(stream.headers['content-type']).toBe('text/event-stream');
    expect(stream.headers['content-encoding']).toBeUndefined();
    expect(stream.lines()[0]).toMatch(/^data: \{"result":.*\} $/);
    stream.end();
  });

  it.each(['?name=nothing', '?resourceVersion=1'])('12: send no header before the first event: %s', async query => {
    const stream = await openStream(query);
    await new Promise(resolve => setTimeout(resolve, 100));
    expect([stream.headers, stream.ended]).toEqual([{}, false]);
    stream.end();
  });

  it('13: with resourceVersion leave out the first part and replay nothing, but not where a name is given', async () => {
    const stream = await openStream('?resourceVersion=1');
    const named = await openStream('?resourceVersion=1&name=auto');
    await named.until(() => named.lines().length === 1);
    await argocd.post(SYNC, { dryRun: true });
    await stream.until(() => stream.lines().length > 0);
    expect(JSON.parse(stream.lines()[0]).result.type).toBe('MODIFIED');
    stream.end();
    named.end();
  });

  it('14: without a token have an error of another shape, which fields reduce to nothing', async () => {
    const plain = await argocd.get('/api/v1/stream/applications', { token: 'rubbish' });
    expect([plain.status, plain.json.error]).toEqual([401, expect.objectContaining({ grpc_code: 16, http_code: 401, message: 'no session information' })]);
    expect((await argocd.get('/api/v1/stream/applications?fields=result.type', { token: 'rubbish' })).json).toEqual({});
  });

  it('15: outlive the end of their token', async () => {
    const stream = await openStream('?name=manual');
    await stream.until(() => stream.lines().length === 1);
    await argocd.board.request({ fault: 'argocd-token-expired' });
    await argocd.argocd.controller.refresh('manual', 'normal');
    await stream.until(() => stream.lines().length > 1);
    expect(stream.ended).toBe(false);
    stream.end();
  });

  it('16: tell when an Application is deleted', async () => {
    const stream = await openStream('?name=manual');
    await stream.until(() => stream.lines().length === 1);
    argocd.argocd.applications.remove('manual');
    await stream.until(() => stream.lines().some(line => JSON.parse(line).result.type === 'DELETED'));
    expect(JSON.parse(stream.lines().at(-1)!).result.application.metadata.name).toBe('manual');
    stream.end();
  });

  it('can be cut and silenced on request', async () => {
    const stream = await openStream('?name=manual');
    await stream.until(() => stream.lines().length === 1);
    await argocd.board.request({ fault: 'argocd-streams-silent' });
    await argocd.argocd.controller.refresh('manual', 'normal');
    expect(stream.lines()).toHaveLength(1);
    expect(await argocd.board.request({ fault: 'argocd-streams-cut' })).toEqual({ streams: 1 });
    await stream.until(() => stream.ended);
  });
});

describe('sync', () => {
  own();

  const infos = [
    { name: 'switchyard/run', value: '7' },
    { name: 'switchyard/run', value: '7' },
    { name: '', value: '' },
    { name: 'long', value: 'x'.repeat(5000) },
  ];

  it('17: answers with the order in it and without the state of the operation before', async () => {
    const { status, json } = await argocd.post(SYNC, { infos });
    expect(status).toBe(200);
    expect(json.operation).toMatchObject({ initiatedBy: { username: 'portal' }, info: infos, retry: {}, sync: { source: json.spec.source } });
    expect(json.status.operationState).toBeUndefined();
    expect((await argocd.get('/api/v1/applications/manual')).json.operation).toBeDefined();
  });

  it('18: keeps infos verbatim until the next operation; the history has none', async () => {
    await argocd.post(SYNC, { infos });
    const done = await argocd.until('manual', settled);
    expect(stateOf(done).operation.info).toEqual(infos);
    expect(Object.keys(done.status.history!.at(-1)!).sort()).toEqual(['deployStartedAt', 'deployedAt', 'id', 'initiatedBy', 'revision', 'source']);
    await argocd.post(SYNC, {});
    await argocd.until('manual', settled);
    expect(stateOf(argocd.application('manual')).operation.info).toBeUndefined();
  });

  it('19: happens by itself after a push, named as automated, once', async () => {
    const before = argocd.application('auto').status.history!.length;
    const sha = await argocd.commit('orders v2', ordersManifests('v2'));
    await argocd.get('/api/v1/applications/auto?refresh=normal');
    const done = await argocd.until('auto', application => settled(application) && application.status.sync.revision === sha);
    expect(done.status.history!.slice(before)).toMatchObject([{ revision: sha, initiatedBy: { automated: true } }]);
    expect(stateOf(done).operation.info).toBeUndefined();
    expect(stateOf(done).operation.retry).toEqual({ limit: 5 });
  });

  it('19: is healed by itself, partly, without history, and that overwrites the state', async () => {
    await argocd.post('/api/v1/applications/auto/sync', { infos });
    await argocd.until('auto', application => settled(application) && stateOf(application).operation.info);
    const history = argocd.application('auto').status.history;
    const identity = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'auto', name: 'orders' };
    argocd.store.edit(identity, draft => {
      draft.spec.replicas = 9;
    });
    const healed = await argocd.until('auto', application => settled(application) && stateOf(application).operation.sync.resources);
    expect(argocd.store.get(identity)!.spec.replicas).toBe(2);
    expect(stateOf(healed).operation).toMatchObject({
      initiatedBy: { automated: true },
      sync: { autoHealAttemptsCount: 1, resources: [{ group: 'apps', kind: 'Deployment', namespace: 'auto', name: 'orders' }] },
    });
    expect(stateOf(healed).operation.info).toBeUndefined();
    expect(healed.status.history).toEqual(history);
  });

  it('19: may be followed by a self-heal at once, on request', async () => {
    await argocd.board.request({ fault: 'argocd-self-heal', target: 'auto' });
    await argocd.post('/api/v1/applications/auto/sync', { infos });
    const healed = await argocd.until('auto', application => settled(application) && stateOf(application).operation.sync.autoHealAttemptsCount);
    expect(healed.status.history!.at(-1)!.initiatedBy).toEqual({ username: 'portal' });
  });

  it('19: leaves history for a full one that changes nothing, none for a partial or dry one', async () => {
    const count = () => argocd.application('manual').status.history!.length;
    const before = count();
    for (const body of [{ dryRun: true }, { resources: [{ group: 'apps', kind: 'Deployment', name: 'orders' }] }]) {
      await argocd.post(SYNC, body);
      await argocd.until('manual', finished);
    }
    expect(count()).toBe(before);
    await argocd.post(SYNC, {});
    await argocd.until('manual', finished);
    expect(count()).toBe(before + 1);
    expect(argocd.argocd.counts().manual).toEqual({ syncs: before + 1, operations: before + 3 });
  });

  it('20: resolves a branch at once and afresh; a short id stays short in the order and is full in the result', async () => {
    const sha = await argocd.commit('orders v2', ordersManifests('v2'));
    expect((await argocd.post(SYNC, { revision: 'main' })).json.operation.sync.revision).toBe(sha);
    await argocd.until('manual', settled);
    const short = await argocd.post(SYNC, { revision: sha.slice(0, 10) });
    expect(short.json.operation.sync.revision).toBe(sha.slice(0, 10));
    const done = await argocd.until('manual', finished);
    expect(stateOf(done).syncResult!.revision).toBe(sha);
  });

  it('21: refuses an unknown branch at once, and accepts an unknown full id that fails later', async () => {
    const before = argocd.application('manual').status.history;
    const branch = await argocd.post(SYNC, { revision: 'nosuchbranch' });
    expect([branch.status, branch.json.code]).toEqual([400, 9]);
    expect(branch.json.message).toMatch(/^error resolving repo revision: .*unable to resolve 'nosuchbranch' to a commit SHA$/);
    expect(argocd.application('manual').operation).toBeUndefined();
    expect((await argocd.post(SYNC, { revision: UNKNOWN_SHA })).status).toBe(200);
    const done = await argocd.until('manual', finished);
    expect(stateOf(done).phase).toBe('Error');
    expect(stateOf(done).message).toMatch(new RegExp(`^ComparisonError: .*Failed to checkout revision ${UNKNOWN_SHA}.*not our ref`));
    expect(done.status.history).toEqual(before);
  });

  it('22: refuses a second operation', async () => {
    await argocd.post(SYNC, {});
    const second = await argocd.post(SYNC, {});
    expect([second.status, second.json.code, second.json.message]).toEqual([400, 9, 'another operation is already in progress']);
  });

  it('23: with auto-sync refuses any revision but the target', async () => {
    const sha = (await argocd.repository.resolve('main'))!;
    const refused = await argocd.post('/api/v1/applications/auto/sync', { revision: sha });
    expect([refused.status, refused.json.code, refused.json.message]).toEqual([400, 9, `Cannot sync to ${sha}: auto-sync currently set to main`]);
    expect((await argocd.post('/api/v1/applications/auto/sync', { revision: sha, dryRun: true })).status).toBe(200);
    await argocd.until('auto', finished);
    expect((await argocd.post('/api/v1/applications/auto/sync', { revision: 'main' })).status).toBe(200);
  });

  it('24: goes through its states, with a moment of false Healthy after Succeeded', async () => {
    await argocd.commit('orders v2', ordersManifests('v2'));
    await argocd.get('/api/v1/applications/manual?refresh=normal');
    const states = record('manual');
    await argocd.post(SYNC, {});
    await argocd.until('manual', settled);
    const phases = states.map(({ operation, status }) => [Boolean(operation), status.operationState?.phase, status.health.status].join(' '));
    const distinct = phases.filter((phase, index) => phase !== phases[index - 1]);
    expect(distinct).toEqual([
      'true  Healthy',
      'true Running Healthy',
      'false Succeeded Healthy',
      'false Succeeded Progressing',
      'false Succeeded Healthy',
    ]);
    const messages = states.map(({ status }) => status.operationState?.message);
    expect(messages).toContain('waiting for deletion of hook batch/Job/orders-migrate');
    expect(messages).toContain('waiting for completion of hook batch/Job/orders-migrate');
    const falselyHealthy = states.find(({ status }) => status.operationState?.phase === 'Succeeded')!;
    expect(falselyHealthy.status.health.status).toBe('Healthy');
    expect(falselyHealthy.status.sync.status).toBe('OutOfSync');
    // Whole seconds, and time runs fast here: never later, at most the same second.
    expect(falselyHealthy.status.reconciledAt! > stateOf(falselyHealthy).finishedAt!).toBe(false);
    expect(states.at(-1)!.status.reconciledAt! >= stateOf(falselyHealthy).finishedAt!).toBe(true);
  });

  it('25: to another revision than the target stays OutOfSync and gets Healthy', async () => {
    const first = (await argocd.repository.resolve('main'))!;
    const second = await argocd.commit('orders v2', ordersManifests('v2'));
    await argocd.post(SYNC, {});
    await argocd.until('manual', settled);
    await argocd.post(SYNC, { revision: first });
    const done = await argocd.until('manual', application => finished(application) && application.status.sync.status === 'OutOfSync' && application.status.health.status === 'Healthy');
    expect(done.status.sync.revision).toBe(second);
    expect(done.status.history!.at(-1)!.revision).toBe(first);
  });

  it('26: says that it succeeded; only the order tells a dry run apart', async () => {
    await argocd.post(SYNC, {});
    expect(stateOf(await argocd.until('manual', finished)).message).toBe('successfully synced (all tasks run)');
    await argocd.post(SYNC, { dryRun: true });
    const dry = stateOf(await argocd.until('manual', application => finished(application) && stateOf(application).operation.sync.dryRun));
    expect([dry.phase, dry.message]).toEqual(['Succeeded', 'successfully synced (no more tasks)']);
  });

  it('27: fails with its migration, and nothing else was applied', async () => {
    argocd.store.jobs = 'fail';
    await argocd.commit('orders v2', ordersManifests('v2'));
    argocd.store.log.length = 0;
    await argocd.post(SYNC, {});
    const failed = stateOf(await argocd.until('manual', finished));
    expect([failed.phase, failed.message]).toEqual(['Failed', 'one or more synchronization tasks completed unsuccessfully']);
    expect(failed.syncResult!.resources).toMatchObject([
      { kind: 'Job', hookPhase: 'Failed', hookType: 'PreSync', message: 'Job has reached the specified backoff limit' },
    ]);
    expect(argocd.store.log).not.toContain('apply Deployment/orders');
  });

  it('27: is tried again where a retry strategy says so, Running with a finishedAt in between', async () => {
    argocd.store.jobs = 'fail';
    const states = record('manual');
    await argocd.post(SYNC, { retryStrategy: { limit: 2, backoff: { duration: '20s', factor: 1 } } });
    const last = stateOf(await argocd.until('manual', finished));
    expect(last.message).toBe('one or more synchronization tasks completed unsuccessfully (retried 2 times).');
    expect(last.retryCount).toBe(2);
    const waiting = states.map(stateOf).filter(state => state?.phase === 'Running' && state.finishedAt);
    expect(waiting[0].message).toMatch(/ unsuccessfully\. Retrying attempt #1 at \d{1,2}:\d\d[AP]M\.$/);
    expect(states.map(stateOf).some(state => state?.message === 'Retrying operation. Attempt #1')).toBe(true);
  });

  it('28: succeeds with an image that never gets ready; the Application stays Progressing', async () => {
    argocd.store.rollouts = 'stuck';
    await argocd.commit('orders v2', ordersManifests('v2'));
    await argocd.post(SYNC, {});
    const done = await argocd.until('manual', application => finished(application) && application.status.health.status === 'Progressing');
    expect(stateOf(done).phase).toBe('Succeeded');
    const identity = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'manual', name: 'orders' };
    argocd.store.edit(identity, draft => {
      draft.status = {
        ...draft.status,
        observedGeneration: draft.metadata.generation,
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
      };
    });
    await argocd.until('manual', ({ status }) => status.health.status === 'Degraded');
  });

  it('is stuck in Running on request, until it is terminated', async () => {
    await argocd.board.request({ fault: 'argocd-stuck', target: 'manual' });
    await argocd.post(SYNC, {});
    await argocd.until('manual', ({ status }) => status.operationState?.phase === 'Running');
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(stateOf(argocd.application('manual'))).toMatchObject({ phase: 'Running', message: 'Running' });
    await argocd.call('DELETE', '/api/v1/applications/manual/operation');
    expect(stateOf(await argocd.until('manual', finished)).message).toBe('Operation terminated');
  });

  it('is carried out although its answer is lost, once', async () => {
    await argocd.board.request({ fault: 'argocd-sync-answer-dropped', target: 'manual' });
    const before = argocd.application('manual').status.history!.length;
    await expect(argocd.post(SYNC, { infos: [{ name: 'switchyard/run', value: '9' }] })).rejects.toThrow();
    const done = await argocd.until('manual', application => settled(application) && application.status.history!.length > before);
    expect(stateOf(done).operation.info).toEqual([{ name: 'switchyard/run', value: '9' }]);
    expect((await argocd.post(SYNC, {})).status).toBe(200);
  });
});

describe('terminate', () => {
  own();

  it('32: ends the operation as Failed, keeps infos, and removes the hook that ran', async () => {
    argocd.store.jobs = 'held';
    await argocd.post(SYNC, { infos: [{ name: 'switchyard/run', value: '7' }] });
    await argocd.until('manual', ({ status }) => status.operationState?.message?.includes('waiting for completion'));
    const states = record('manual');
    const answer = await argocd.call('DELETE', '/api/v1/applications/manual/operation');
    expect([answer.status, answer.json]).toEqual([200, {}]);
    const ended = stateOf(await argocd.until('manual', finished));
    expect(stateOf(states[0]).phase).toBe('Terminating');
    expect(states[0].operation).toBeDefined();
    expect(ended).toMatchObject({ phase: 'Failed', message: 'Operation terminated', operation: { info: [{ name: 'switchyard/run', value: '7' }] } });
    expect(ended.syncResult!.resources).toMatchObject([{ kind: 'Job', hookPhase: 'Failed', message: 'Terminated' }]);
    expect(argocd.store.list({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'manual' })).toEqual([]);
  });

  it('32: is refused where nothing runs', async () => {
    const answer = await argocd.call('DELETE', '/api/v1/applications/manual/operation');
    expect([answer.status, answer.json.code, answer.json.message]).toEqual([400, 3, 'Unable to terminate operation. No operation is in progress']);
  });
});

describe('health of the surroundings', () => {
  own();

  it('34: a cluster that is down changes nothing that is shown; a sync is accepted and fails', async () => {
    argocd.store.reachable = false;
    const refreshed = (await argocd.get('/api/v1/applications/manual?refresh=normal')).json as Application;
    expect([refreshed.status.sync.status, refreshed.status.health.status, refreshed.status.conditions]).toEqual(['Synced', 'Healthy', undefined]);
    expect((await argocd.get('/api/v1/applications/manual/resource-tree')).json.nodes.length).toBeGreaterThan(0);
    expect((await argocd.get('/api/v1/clusters', { token: argocd.tokenOf('admin') })).json.items[0].connectionState.status).toBe('Successful');
    expect((await argocd.post(SYNC, {})).status).toBe(200);
    const failed = stateOf(await argocd.until('manual', finished));
    expect(failed.phase).toBe('Failed');
    expect(failed.message).toMatch(/failed to discover server resources .* connection refused/);
  });

  it('35: what cannot be rendered is Unknown with a condition, and the health stays', async () => {
    await argocd.commit('break it', { 'apps/orders/service.yaml': 'kind: Service\n  bad: [\n' });
    const broken = (await argocd.get('/api/v1/applications/manual?refresh=hard')).json as Application;
    expect([broken.status.sync.status, broken.status.health.status]).toEqual(['Unknown', 'Healthy']);
    expect(broken.status.conditions).toMatchObject([{ type: 'ComparisonError', message: expect.stringContaining('service.yaml') }]);
    await argocd.commit('mend it', ordersManifests('v1'));
    const mended = (await argocd.get('/api/v1/applications/manual?refresh=normal')).json as Application;
    expect([mended.status.sync.status, mended.status.conditions]).toEqual(['Synced', undefined]);
  });

  it('35: with Git down a sync is refused', async () => {
    argocd.gitDown = true;
    const refused = await argocd.post(SYNC, {});
    expect([refused.status, refused.json.code]).toEqual([400, 9]);
  });

  it('36: a refresh answers the new state and leaves an annotation behind', async () => {
    const sha = await argocd.commit('orders v2', ordersManifests('v2'));
    const { json } = await argocd.get('/api/v1/applications/manual?refresh=normal');
    expect(json.status.sync).toMatchObject({ status: 'OutOfSync', revision: sha });
    expect(json.metadata.annotations).toMatchObject({ 'argocd.argoproj.io/hydrate': 'normal' });
    expect(json.metadata.annotations['argocd.argoproj.io/refresh']).toBeUndefined();
  });

  it('37: metadata of a revision; of an unknown one 500 code 2', async () => {
    const sha = (await argocd.repository.resolve('main'))!;
    const known = await argocd.get(`/api/v1/applications/manual/revisions/${sha}/metadata`);
    expect(known.json).toMatchObject({ author: 'Dana <dana@example.com>', message: 'orders v1', date: expect.stringMatching(/Z$/) });
    const unknown = await argocd.get(`/api/v1/applications/manual/revisions/${UNKNOWN_SHA}/metadata`);
    expect([unknown.status, unknown.json.code]).toEqual([500, 2]);
  });

  it('37: the tree inlines references and has no orphans; can-i says yes or no', async () => {
    const tree = (await argocd.get('/api/v1/applications/manual/resource-tree')).json;
    expect(tree.nodes).toContainEqual(
      expect.objectContaining({ group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'manual', name: 'orders', uid: expect.any(String) }),
    );
    expect('orphanedNodes' in tree).toBe(false);
    expect((await argocd.get('/api/v1/account/can-i/applications/sync/storefront/manual')).json).toEqual({ value: 'yes' });
    expect((await argocd.get('/api/v1/account/can-i/applications/sync/storefront/manual', { token: argocd.limitedToken })).json).toEqual({ value: 'no' });
  });
});

describe('projects', () => {
  shared();

  it('are given to those who may see them, with their windows', async () => {
    expect((await argocd.get('/api/v1/projects/storefront')).json.metadata.name).toBe('storefront');
    expect((await argocd.get('/api/v1/projects/storefront', { token: argocd.limitedToken })).status).toBe(403);
    expect((await argocd.get('/api/v1/projects/nothing')).json).toMatchObject({ code: 5, message: 'appprojects.argoproj.io "nothing" not found' });
    expect((await argocd.get('/api/v1/projects/storefront/detailed')).json.project.metadata.name).toBe('storefront');
    await argocd.board.request({ fault: 'argocd-window', target: 'storefront' });
    expect((await argocd.get('/api/v1/projects/storefront/syncwindows')).json.windows).toHaveLength(1);
  });
});

describe('beside that, Argo CD', () => {
  own();

it('answers what it does not have with 501, by name, and counts it', async () => {
  const answer = await argocd.post('/api/v1/applications/manual/rollback', { id: 0 });
  expect([answer.status, answer.json.code]).toEqual([501, 12]);
  expect(answer.json.message).toContain('argocd POST /api/v1/applications/{name}/rollback');
  expect(argocd.unimplemented.counts()).toEqual({ 'argocd POST /api/v1/applications/{name}/rollback': 1 });
});

it('loses all rights on an Application on request', async () => {
  await argocd.board.request({ fault: 'argocd-forbidden', target: 'manual' });
  expect((await argocd.get('/api/v1/applications/manual')).status).toBe(403);
  expect((await argocd.get('/api/v1/applications')).json.items).toHaveLength(1);
});

it('keeps ten entries of history, the ids going on', async () => {
  for (let round = 0; round < 11; round++) {
    await argocd.post(SYNC, {});
    await argocd.until('manual', finished);
  }
  const ids = argocd.application('manual').status.history!.map(entry => entry.id);
  expect(ids).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(argocd.argocd.counts().manual.syncs).toBe(12);
});

it('goes on with an operation in flight after a restart, and the history is still there', async () => {
  argocd.store.jobs = 'held';
  const history = argocd.application('manual').status.history!;
  await argocd.post(SYNC, { infos: [{ name: 'switchyard/run', value: '7' }] });
  await argocd.until('manual', ({ status }) => status.operationState?.message?.includes('waiting for completion'));
  await argocd.argocd.close();
  await argocd.startServer();
  expect(argocd.application('manual').status.history).toEqual(history);
  argocd.store.endJob(argocd.store.list({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'manual' })[0], true);
  const done = await argocd.until('manual', settled);
  expect(stateOf(done).operation.info).toEqual([{ name: 'switchyard/run', value: '7' }]);
  expect(done.status.history).toHaveLength(history.length + 1);
  expect(argocd.argocd.counts().manual).toEqual({ syncs: history.length + 1, operations: history.length + 1 });
});
});

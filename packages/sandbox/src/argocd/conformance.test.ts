import { newApplication } from './newApplication';
import { actionsOf } from './resourceActions';
import {
  finished,
  openStream,
  own,
  record,
  settled,
  shared,
  stateOf,
  SYNC,
  UNKNOWN_SHA,
  world,
} from './tests/observed';
import { GIT_URL, ordersManifests } from './tests/startTestArgocd';

/** The list of what a simulator of Argo CD must do at least: argocd-api-and-compatibility.md, 6.14. One test for each clause, in its words. */
const MANUAL = '/api/v1/applications/manual';
const AUTO = '/api/v1/applications/auto';
const DEPLOYMENT = {
  group: 'apps',
  kind: 'Deployment',
  version: 'v1',
  namespace: 'manual',
};
const identity = (namespace: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace,
  name: 'orders',
});
const admin = () => ({ token: world.argocd.tokenOf('admin') });
const fault = (id: string, more: object = {}) =>
  world.argocd.board.request({ fault: id, ...more });
/** Gives the Deployment of `manual` as many pods as asked for, each with a log. */
function addPods(count: number, kind = 'Pod'): void {
  const { uid } = world.argocd.store.get(identity('manual'))!.metadata;
  for (let index = 0; index < count; index++) {
    const name = `orders-${index}`;
    world.argocd.store.apply({
      apiVersion: 'v1',
      kind,
      metadata: {
        name,
        namespace: 'manual',
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            name: 'orders',
            uid: uid!,
          },
        ],
      },
      spec: { containers: [{ name: 'orders', image: 'registry/orders:v1' }] },
    });
    world.argocd.logs.set(name, [
      `2026-11-01T00:00:0${index % 10}.000000001Z Line of ${name}`,
    ]);
  }
}
const window = (
  kind: 'allow' | 'deny',
  isOpen: boolean,
  more: object = {},
) => ({
  kind,
  schedule: isOpen ? '* * * * *' : '0 0 30 2 *',
  duration: '1h',
  applications: ['*'],
  ...more,
});
const syncNow = () => world.argocd.post(SYNC, {});
const words = ({ status, json }: { status: number; json: any }) => [
  status,
  json?.code,
  json?.message,
];

describe('Argo CD answers as it should, read only:', () => {
  shared();

  it('415 on content type', async () => {
    for (const [method, path] of [
      ['POST', SYNC],
      ['POST', `${MANUAL}/rollback`],
      ['PATCH', MANUAL],
      ['PUT', `${MANUAL}/spec`],
      ['DELETE', `${MANUAL}/operation`],
      ['DELETE', MANUAL],
      ['POST', `${MANUAL}/resource/actions/v2`],
      ['POST', '/api/v1/session'],
    ]) {
      for (const contentType of [null, 'application/json; charset=utf-8']) {
        const answer = await world.argocd.call(method, path, { contentType });
        expect([answer.status, answer.text.trim()]).toEqual([
          415,
          'Invalid content type',
        ]);
      }
    }
  });

  it('error body triple', async () => {
    const { json } = await world.argocd.get('/api/v1/applications/nothing');
    expect(json).toEqual({
      error: 'permission denied',
      code: 7,
      message: 'permission denied',
    });
  });

  it('403/404 matrix of 6.3', async () => {
    const of = async (name: string, project: string, account: string) =>
      words(
        await world.argocd.get(
          `/api/v1/applications/${name}${project && `?project=${project}`}`,
          { token: world.argocd.tokenOf(account) },
        ),
      ).slice(0, 2);
    expect(await of('nothing', '', 'admin')).toEqual([403, 7]);
    expect(await of('auto', '', 'limited')).toEqual([403, 7]);
    expect(await of('nothing', 'storefront', 'limited')).toEqual([403, 7]);
    expect(await of('nothing', 'storefront', 'admin')).toEqual([404, 5]);
    expect(await of('manual', 'platform', 'admin')).toEqual([404, 5]);
    expect(await of('manual', 'storefront', 'limited')).toEqual([
      200,
      undefined,
    ]);
  });

  it('list `fields` whitelist', async () => {
    const fields = [
      'metadata.name',
      'status.sync.status',
      'status.history',
      'status.conditions',
      'status.operationState.message',
    ].map(field => `items.${field}`);
    const { json } = await world.argocd.get(
      `/api/v1/applications?fields=${fields}`,
    );
    expect(json).toEqual({
      items: ['auto', 'manual'].map(name => ({
        metadata: { name },
        status: { sync: { status: 'Synced' } },
      })),
    });
  });

  it('inlined ResourceNode', async () => {
    const { json } = await world.argocd.get(`${MANUAL}/resource-tree`);
    expect(Object.keys(json).sort()).toEqual(['hosts', 'nodes', 'shardsCount']);
    expect(json.nodes).toContainEqual(
      expect.objectContaining({
        ...DEPLOYMENT,
        name: 'orders',
        uid: expect.any(String),
        health: { status: 'Healthy' },
      }),
    );
    expect(json.nodes[0].resourceRef).toBeUndefined();
  });

  it('RBAC message text', async () => {
    const limited = { token: world.argocd.limitedToken };
    expect(words(await world.argocd.post(SYNC, {}, limited))).toEqual([
      403,
      7,
      'permission denied: applications, sync, storefront/manual, sub: limited, iat: 2026-11-01T00:00:00Z',
    ]);
    const patch = await world.argocd.call('PATCH', MANUAL, {
      ...limited,
      body: JSON.stringify({ patch: '[]', patchType: 'json' }),
    });
    expect(patch.json.message).toBe(
      'permission denied: applications, update, storefront/manual, sub: limited, iat: 2026-11-01T00:00:00Z',
    );
    const logs = await world.argocd.get(`${MANUAL}/logs`, limited);
    expect([logs.status, logs.json.error.message]).toEqual([
      403,
      'permission denied: logs, get, storefront/manual, sub: limited, iat: 2026-11-01T00:00:00Z',
    ]);
    for (const below of ['/rollback', '/resource/actions/v2']) {
      const answer = await world.argocd.post(
        MANUAL + below,
        { ...DEPLOYMENT, id: 0, resourceName: 'orders', action: 'restart' },
        limited,
      );
      expect(words(answer)).toEqual([403, 7, 'permission denied']);
    }
  });

  it('creation: the same again is answered, another of the name refused, and what the project forbids', async () => {
    const create = (change: object = {}, spec: object = {}) =>
      world.argocd.post(
        '/api/v1/applications',
        {
          metadata: {
            name: 'created',
            annotations: { 'example.com/by': 'run-1' },
            ...change,
          },
          spec: {
            project: 'storefront',
            source: {
              repoURL: `${GIT_URL}/deploy.git`,
              path: 'apps/orders',
              targetRevision: 'main',
            },
            destination: { name: 'test', namespace: 'created' },
            syncPolicy: { automated: {} },
            ...spec,
          },
        },
        admin(),
      );
    const limited = await world.argocd.post(
      '/api/v1/applications',
      { metadata: { name: 'created' }, spec: { project: 'storefront' } },
      { token: world.argocd.limitedToken },
    );
    expect(words(limited)).toEqual([
      403,
      7,
      'permission denied: applications, create, storefront/created, sub: limited, iat: 2026-11-01T00:00:00Z',
    ]);
    expect(words(await create({}, { project: 'nothing' }))).toEqual([
      400,
      3,
      'app is not allowed in project "nothing", or the project does not exist',
    ]);
    expect(words(await create({}, { destination: { name: 'moon' } }))).toEqual([
      400,
      3,
      expect.stringContaining(
        'application destination spec for created is invalid',
      ),
    ]);
    const first = await create();
    expect(first.status).toBe(200);
    expect(first.json.metadata.uid).not.toBe('');
    await world.argocd.until(
      'created',
      ({ status }) =>
        status.sync.status === 'Synced' && status.health.status === 'Healthy',
    );
    const again = await create();
    expect([again.status, again.json.metadata.uid]).toEqual([
      200,
      first.json.metadata.uid,
    ]);
    const other = { annotations: { 'example.com/by': 'run-2' } };
    expect(words(await create(other))).toEqual([
      400,
      3,
      'existing application spec is different, use upsert flag to force update',
    ]);
    await world.argocd.call(
      'DELETE',
      '/api/v1/applications/created?cascade=true',
      admin(),
    );
  });

  it('session login lock', async () => {
    const logIn = async (password: string) =>
      words(
        await world.argocd.post('/api/v1/session', {
          username: 'nobody',
          password,
        }),
      );
    for (let failure = 0; failure < 5; failure++) {
      await logIn('guess');
    }
    expect(await logIn('nobody-password')).toEqual([
      401,
      16,
      'Invalid username or password',
    ]);
  });

  it('slow list (latency grows with app count)', async () => {
    const delays: number[] = [];
    await fault('argocd-list-slow', { value: 20 });
    const before = performance.now();
    await world.argocd.get('/api/v1/applications');
    delays.push(performance.now() - before);
    // Two Applications, and a timer may be a millisecond early.
    expect(delays[0]).toBeGreaterThanOrEqual(39);
    world.argocd.argocd.applications.add(
      newApplication(
        {
          metadata: { name: 'third' },
          spec: world.argocd.application('manual').spec,
        },
        new Date(),
      ),
    );
    const then = performance.now();
    await world.argocd.get('/api/v1/applications');
    expect(performance.now() - then).toBeGreaterThanOrEqual(59);
    world.argocd.argocd.applications.remove('third');
  });

  it('refresh blocking', async () => {
    const states = record('manual');
    const { json } = await world.argocd.get(`${MANUAL}?refresh=hard`);
    expect(states[0].metadata.annotations).toMatchObject({
      'argocd.argoproj.io/refresh': 'hard',
    });
    expect(
      json.metadata.annotations['argocd.argoproj.io/refresh'],
    ).toBeUndefined();
    expect(Date.parse(json.status.reconciledAt)).toBeGreaterThanOrEqual(
      Date.parse(states[0].status.reconciledAt!),
    );
  });
});

describe('streams:', () => {
  own();
  const NARROW =
    '?fields=result.type,result.application.metadata.name,result.application.status.sync.status';

  it('SSE framing', async () => {
    const stream = await openStream(NARROW, { Accept: 'text/event-stream' });
    await stream.until(() => stream.lines().length >= 2);
    expect(stream.headers['content-type']).toContain('text/event-stream');
    expect(stream.headers['content-encoding']).toBeUndefined();
    expect(stream.lines()[0]).toMatch(/^data: \{"result":\{.+\}\} $/);
    stream.end();
    const lines = await openStream(NARROW);
    await lines.until(() => lines.lines().length >= 2);
    expect(JSON.parse(lines.lines()[0]).result.type).toBe('ADDED');
    lines.end();
  });

  it('keep-alive', async () => {
    jest.useFakeTimers({
      doNotFake: [
        'setTimeout',
        'setImmediate',
        'nextTick',
        'Date',
        'performance',
      ],
    });
    try {
      const stream = await openStream(NARROW, { Accept: 'text/event-stream' });
      await stream.until(() => stream.lines().length >= 2);
      jest.advanceTimersByTime(15_000);
      await stream.until(() => stream.lines().at(-1) === ':');
      const lines = await openStream(NARROW);
      await lines.until(() => lines.lines().length >= 2);
      jest.advanceTimersByTime(60_000);
      await stream.until(
        () => stream.lines().filter(line => line === ':').length >= 5,
      );
      expect(lines.lines()).toHaveLength(2);
      stream.end();
      lines.end();
    } finally {
      jest.useRealTimers();
    }
  });

  it('dedupe', async () => {
    const stream = await openStream(NARROW);
    await stream.until(() => stream.lines().length >= 2);
    const states = record('manual');
    await syncNow();
    await world.argocd.until('manual', settled);
    await fault('argocd-window', { target: 'storefront' });
    await world.argocd.commit('v2', ordersManifests('v2'));
    await world.argocd.get(`${MANUAL}?refresh=normal`);
    await stream.until(() =>
      stream.lines().some(line => line.includes('OutOfSync')),
    );
    expect(states.length).toBeGreaterThan(5);
    const ofManual = stream.lines().filter(line => line.includes('manual'));
    expect(ofManual.every((line, at) => line !== ofManual[at - 1])).toBe(true);
    stream.end();
  });

  it('ADDED-first', async () => {
    const types = async (query: string) => {
      const stream = await openStream(query);
      await world.argocd.get(`${MANUAL}?refresh=normal`);
      await stream.until(() => stream.lines().length > 0);
      await new Promise(resolve => setTimeout(resolve, 20));
      stream.end();
      return stream.lines().map(line => JSON.parse(line).result.type);
    };
    expect((await types('')).slice(0, 2)).toEqual(['ADDED', 'ADDED']);
    expect(await types('?resourceVersion=1')).not.toContain('ADDED');
    expect((await types('?resourceVersion=1&name=manual'))[0]).toBe('ADDED');
  });

  it('forced disconnect', async () => {
    const stream = await openStream('');
    await stream.until(() => stream.lines().length >= 2);
    expect(await fault('argocd-streams-cut')).toEqual({ streams: 1 });
    await stream.until(() => stream.ended);
    expect(await fault('argocd-streams-cut')).toEqual({ streams: 0 });
  });

  it('no header before the first event', async () => {
    const stream = await openStream('?name=nothing');
    const tree = await openStream('/manual/resource-tree');
    await new Promise(resolve => setTimeout(resolve, 100));
    expect([stream.headers, tree.headers]).toEqual([{}, {}]);
    addPods(1);
    await tree.until(() => tree.lines().length > 0);
    expect(
      JSON.parse(tree.lines()[0]).result.nodes.map(
        ({ name }: { name: string }) => name,
      ),
    ).toContain('orders-0');
    stream.end();
    tree.end();
  });
});

describe('operations:', () => {
  own();

  it('null operationState after POST', async () => {
    const states = record('manual');
    const { json } = await syncNow();
    expect(json.operation).toMatchObject({
      initiatedBy: { username: 'portal' },
    });
    expect(json.status.operationState).toBeUndefined();
    const ordered = states.find(({ operation }) => operation)!;
    expect(ordered.status.operationState).toBeUndefined();
    await world.argocd.until('manual', finished);
  });

  it('phases incl. Terminating and Running+finishedAt', async () => {
    world.argocd.store.jobs = 'fail';
    await world.argocd.commit('v2', ordersManifests('v2'));
    const states = record('manual');
    const phases = () => [
      ...new Set(
        states.flatMap(({ status: { operationState: state } }) =>
          state
            ? [`${state.phase}${state.finishedAt ? '+finishedAt' : ''}`]
            : [],
        ),
      ),
    ];
    await world.argocd.post(SYNC, {
      retryStrategy: { limit: 1, backoff: { duration: '5s' } },
    });
    await world.argocd.until('manual', finished);
    await world.argocd.until(
      'manual',
      app => finished(app) && stateOf(app).phase === 'Failed',
    );
    expect(phases()).toEqual([
      'Running',
      'Running+finishedAt',
      'Failed+finishedAt',
    ]);
    world.argocd.store.jobs = 'held';
    await syncNow();
    await world.argocd.until('manual', ({ status }) =>
      status.operationState?.message?.startsWith('waiting for completion'),
    );
    states.length = 0;
    const operation = `${MANUAL}/operation`;
    await world.argocd.call('DELETE', operation);
    const ended = await world.argocd.until('manual', finished);
    expect(phases()).toEqual(['Terminating', 'Failed+finishedAt']);
    expect(stateOf(ended).message).toBe('Operation terminated');
    world.argocd.store.jobs = 'succeed';
    await world.argocd.post(SYNC, { revision: UNKNOWN_SHA });
    await world.argocd.until(
      'manual',
      app => finished(app) && stateOf(app).phase === 'Error',
    );
    await syncNow();
    await world.argocd.until('manual', settled);
    expect(phases()).toEqual(
      expect.arrayContaining(['Error+finishedAt', 'Succeeded+finishedAt']),
    );
  });

  it('operation conflict 400', async () => {
    world.argocd.store.jobs = 'held';
    await syncNow();
    const conflict = [400, 9, 'another operation is already in progress'];
    expect(words(await syncNow())).toEqual(conflict);
    expect(
      words(await world.argocd.post(`${MANUAL}/rollback`, { id: 0 })),
    ).toEqual(conflict);
  });

  it('rollback refusals', async () => {
    expect(
      words(await world.argocd.post(`${MANUAL}/rollback`, { id: 77 })),
    ).toEqual([
      400,
      3,
      'application argocd/manual does not have deployment with id 77',
    ]);
    expect(
      words(await world.argocd.post(`${AUTO}/rollback`, { id: 0 })),
    ).toEqual([
      400,
      9,
      'rollback cannot be initiated when auto-sync is enabled',
    ]);
    expect(
      words(await world.argocd.post(`${MANUAL}/rollback`, { id: '0' })).slice(
        0,
        2,
      ),
    ).toEqual([400, 3]);
  });

  it('a rollback runs no hooks, keeps no infos and adds to the history', async () => {
    await world.argocd.commit('v2', ordersManifests('v2'));
    await syncNow();
    const before = await world.argocd.until(
      'manual',
      app => settled(app) && app.status.history?.length === 2,
    );
    const { json } = await world.argocd.post(`${MANUAL}/rollback`, {
      id: 0,
      infos: [{ name: 'a', value: 'b' }],
    });
    expect(json.operation).toEqual({
      sync: {
        revision: before.status.history![0].revision,
        syncStrategy: { apply: {} },
        source: before.spec.source,
      },
      initiatedBy: { username: 'portal' },
      retry: {},
    });
    const after = await world.argocd.until(
      'manual',
      app => finished(app) && app.status.sync.status === 'OutOfSync',
    );
    // The other Application of the folder syncs by itself meanwhile, with its hook: what counts is what this operation did.
    expect(
      stateOf(after)
        .syncResult!.resources!.map(({ kind }) => kind)
        .sort(),
    ).toEqual(['Deployment', 'Service']);
    expect(
      after.status.history!.map(({ id, revision }) => [id, revision]),
    ).toEqual(
      [0, 1, 2].map(id => [
        id,
        before.status.history![id === 2 ? 0 : id].revision,
      ]),
    );
    expect(stateOf(after).operation.info).toBeUndefined();
    const dry = await world.argocd.post(`${MANUAL}/rollback`, {
      id: 1,
      dryRun: true,
    });
    expect(dry.json.operation.sync.dryRun).toBe(true);
    await world.argocd.until('manual', finished);
    expect(world.argocd.application('manual').status.history).toHaveLength(3);
  });

  it('history append/trim/id', async () => {
    world.argocd.argocd.applications.update('manual', draft => {
      draft.spec.revisionHistoryLimit = 2;
    });
    const ids = () =>
      world.argocd.application('manual').status.history!.map(({ id }) => id);
    expect(ids()).toEqual([0]);
    for (const expected of [
      [0, 1],
      [1, 2],
      [2, 3],
    ]) {
      await syncNow();
      await world.argocd.until('manual', finished);
      expect(ids()).toEqual(expected);
    }
  });

  it('partial sync leaves no history', async () => {
    await world.argocd.post(SYNC, {
      resources: [{ group: 'apps', kind: 'Deployment', name: 'orders' }],
    });
    const { status } = await world.argocd.until('manual', finished);
    expect(status.operationState!.syncResult!.resources).toHaveLength(1);
    expect(status.history).toHaveLength(1);
  });

  it('blocked-in-controller state', async () => {
    await fault('argocd-window', { target: 'storefront' });
    expect(
      (await world.argocd.post(`${MANUAL}/rollback`, { id: 0 })).status,
    ).toBe(200);
    const blocked = await world.argocd.until(
      'manual',
      ({ status }) => status.operationState?.message,
    );
    expect(stateOf(blocked)).toMatchObject({
      phase: 'Running',
      message: 'Sync operation blocked by sync window',
    });
    world.argocd.board.clear();
    await world.argocd.until('manual', finished);
  });

  it('self-heal that overwrites operationState', async () => {
    await world.argocd.post(`${AUTO}/sync`, {
      infos: [{ name: 'switchyard-run', value: '1' }],
    });
    await world.argocd.until(
      'auto',
      app => finished(app) && stateOf(app).operation.info,
    );
    world.argocd.store.edit(identity('auto'), draft => {
      draft.spec.replicas = 7;
    });
    const healed = await world.argocd.until(
      'auto',
      app => finished(app) && !stateOf(app).operation.info,
    );
    expect(stateOf(healed).operation).toMatchObject({
      initiatedBy: { automated: true },
      sync: {
        resources: [{ kind: 'Deployment', name: 'orders' }],
        autoHealAttemptsCount: 1,
      },
    });
    expect(healed.status.history!.at(-1)!.initiatedBy).toEqual({
      username: 'portal',
    });
  });

  it.each([
    ['no window', [], true],
    ['an active deny', [window('deny', true)], false],
    [
      'an active deny with manualSync',
      [window('deny', true, { manualSync: true })],
      true,
    ],
    ['an active allow', [window('allow', true)], true],
    [
      'an active allow and deny',
      [window('allow', true), window('deny', true)],
      false,
    ],
    ['only inactive allows', [window('allow', false)], false],
    [
      'only inactive allows with manualSync',
      [window('allow', false, { manualSync: true })],
      true,
    ],
    [
      'a deny for others',
      [window('deny', true, { applications: ['x-*'] })],
      true,
    ],
  ] as const)('window rule table: %s', async (_, windows, canSync) => {
    const project = world.argocd.argocd.projects.get('storefront')!;
    project.spec.syncWindows = [...windows];
    const asked = await world.argocd.get(`${MANUAL}/syncwindows`);
    expect(asked.json.canSync).toBe(canSync);
    const sync = await syncNow();
    expect([sync.status, sync.json.message]).toEqual(
      canSync ? [200, undefined] : [403, 'cannot sync: blocked by sync window'],
    );
  });
});

describe('logs and actions:', () => {
  own();
  const logs = async (query: string) => {
    const { status, text } = await world.argocd.get(
      `${MANUAL}/logs?${query}`,
      admin(),
    );
    return {
      status,
      entries: text
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line)),
    };
  };

  it('log stream `last` entry and 10-pod limit', async () => {
    expect(await logs('')).toEqual({ status: 200, entries: [] });
    addPods(3);
    const some = await logs('kind=Deployment&group=apps&resourceName=orders');
    expect(some.entries.map(({ result }) => result)).toEqual([
      ...[0, 1, 2].map(index => ({
        content: `Line of orders-${index}`,
        podName: `orders-${index}`,
        timeStamp: `2026-11-01T00:00:0${index}Z`,
        timeStampStr: `2026-11-01T00:00:0${index}.000000001Z`,
        last: false,
      })),
      expect.objectContaining({ content: '', podName: '', last: true }),
    ]);
    const one = await logs(
      'podName=orders-1&container=orders&tailLines=5&previous=true',
    );
    expect(one.entries).toHaveLength(2);
    expect(world.argocd.logQueries.at(-1)).toBe(
      'timestamps=true&container=orders&previous=true&tailLines=5',
    );
    const contents = async (query: string) =>
      (await logs(query)).entries.map(({ result }) => result.content);
    expect(await contents('filter=ORDERS-2')).toEqual(['Line of orders-2', '']);
    expect(await contents('filter=ORDERS-2&matchCase=true')).toEqual(['']);
    expect(await contents('filter=!orders-2')).toEqual([
      'Line of orders-0',
      'Line of orders-1',
      '',
    ]);
    expect(
      (await logs('untilTime=2026-11-01T00:00:00.5Z')).entries.map(
        ({ result }) => [result.content, result.last],
      ),
    ).toEqual([
      ['Line of orders-0', false],
      ['Line of orders-1', true],
    ]);
    world.argocd.logs.delete('orders-1');
    expect(await contents('podName=orders-1')).toEqual([
      'container "orders" in pod "orders-1" is waiting to start: ContainerCreating',
      '',
    ]);
    addPods(11);
    const many = await logs('kind=Deployment');
    expect([many.status, many.entries[0].error.message]).toEqual([
      400,
      'max pods to view logs are reached. Please provide more granular query',
    ]);
  });

  it('a log that is followed comes as it is written, and ends with its reader', async () => {
    addPods(2);
    const stream = await openStream('', {}, undefined, {
      path: `${MANUAL}/logs?follow=true`,
      ...admin(),
    });
    await stream.until(() => stream.lines().length === 2);
    expect(stream.lines().join()).not.toContain('"last":true');
    expect(await fault('argocd-streams-cut')).toEqual({ streams: 1 });
    await stream.until(() => stream.ended);
  });

  it('actions v1/v2', async () => {
    const query = new URLSearchParams({
      ...DEPLOYMENT,
      resourceName: 'orders',
    });
    const list = await world.argocd.get(
      `${MANUAL}/resource/actions?${query}`,
      admin(),
    );
    expect(list.json.actions.map(({ name }: { name: string }) => name)).toEqual(
      ['pause', 'restart', 'resume', 'scale'],
    );
    expect(list.json.actions).toContainEqual({
      name: 'resume',
      disabled: true,
      iconClass: 'fa fa-fw fa-play-circle',
    });
    const old = await world.argocd.call(
      'POST',
      `${MANUAL}/resource/actions?${query}`,
      { ...admin(), body: '"restart"' },
    );
    expect([old.status, old.json]).toEqual([200, {}]);
    const live = () => world.argocd.store.get(identity('manual'))!;
    expect(live().spec.template.metadata.annotations).toEqual({
      'kubectl.kubernetes.io/restartedAt': expect.stringMatching(
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
      ),
    });
    const act = async (action: string, more: object = {}) =>
      world.argocd.post(
        `${MANUAL}/resource/actions/v2`,
        { ...DEPLOYMENT, resourceName: 'orders', action, ...more },
        admin(),
      );
    const scaled = await act('scale', {
      resourceActionParameters: [{ name: 'replicas', value: '4' }],
    });
    expect([scaled.status, scaled.json]).toEqual([200, {}]);
    expect(live().spec.replicas).toBe(4);
    await act('pause');
    expect(live().spec.paused).toBe(true);
    await act('resume');
    expect(live().spec.paused).toBeUndefined();
    expect((await act('dance')).status).toBe(400);
    expect(words(await act('restart', { resourceName: 'other' }))).toEqual([
      400,
      3,
      'Deployment apps other not found as part of application manual',
    ]);
    expect((await act('restart', { version: undefined })).status).toBe(400);
    await world.argocd.post(
      `${MANUAL}/resource/actions/v2`,
      {
        group: 'argoproj.io',
        kind: 'Application',
        version: 'v1alpha1',
        namespace: 'argocd',
        resourceName: 'manual',
        action: 'toggle-auto-sync',
      },
      admin(),
    );
    expect(world.argocd.application('manual').spec.syncPolicy).toEqual({
      automated: { enabled: true },
    });
  });

  it.each([
    ['restart', {}, {}, { restartAt: '2026-11-01T00:00:00Z' }, {}],
    ['pause', {}, {}, { paused: true }, {}],
    [
      'resume',
      { paused: true },
      { pauseConditions: [{}] },
      { paused: false },
      {},
    ],
    ['abort', {}, {}, {}, { abort: true }],
    ['retry', {}, { abort: true }, {}, {}],
    ['promote-full', {}, {}, {}, { promoteFull: true }],
    [
      'skip-current-step',
      {},
      { currentStepIndex: 0, pauseConditions: [{}] },
      {},
      { currentStepIndex: 1 },
    ],
  ])(
    'the action %s of a Rollout',
    (name, spec, status, wantedSpec, wantedStatus) => {
      const strategy = { canary: { steps: [{}, {}] } };
      const hashes = { currentPodHash: 'b', stableRS: 'a' };
      const rollout = {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Rollout',
        metadata: { name: 'search' },
        spec: { strategy, ...spec },
        status: { ...hashes, ...status },
      };
      actionsOf(rollout)
        .get(name)!
        .run(rollout, {
          now: new Date('2026-11-01T00:00:00Z'),
          params: new Map(),
        });
      expect(rollout.spec).toEqual({ strategy, ...wantedSpec });
      expect(rollout.status).toEqual({ ...hashes, ...wantedStatus });
    },
  );

  it('a CronJob can be suspended, resumed and run once', () => {
    const cronJob = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'settle', namespace: 'platform', uid: 'u' },
      spec: { jobTemplate: { spec: { template: {} } } },
    };
    const given = {
      now: new Date('2026-11-01T10:20:00Z'),
      params: new Map<string, string>(),
    };
    expect([...actionsOf(cronJob).keys()]).toEqual(['create-job', 'suspend']);
    expect(actionsOf(cronJob).get('create-job')!.run(cronJob, given)).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: 'settle-2611011020',
        namespace: 'platform',
        annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
        ownerReferences: [
          expect.objectContaining({
            kind: 'CronJob',
            name: 'settle',
            uid: 'u',
          }),
        ],
      },
      spec: { template: {} },
    });
    actionsOf(cronJob).get('suspend')!.run(cronJob, given);
    expect(cronJob.spec).toMatchObject({ suspend: true });
    expect(actionsOf(cronJob).has('resume')).toBe(true);
  });
});

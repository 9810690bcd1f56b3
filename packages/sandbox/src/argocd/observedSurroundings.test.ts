import {
  finished,
  own,
  record,
  settled,
  stateOf,
  SYNC,
  UNKNOWN_SHA,
  world,
} from './tests/observed';
import { ordersManifests } from './tests/startTestArgocd';
import { Application } from './types';

/**
 * What was observed on a running Argo CD 3.5.1, by the numbers of its list (argocd-api-and-compatibility.md, 6.15). Those that concern verbs which the
 * product does not call (rollback, patch, resource actions, manifests) are answered with 501.
 */
describe('terminate', () => {
  own();

  it('32: ends the operation as Failed, keeps infos, and removes the hook that ran', async () => {
    world.argocd.store.jobs = 'held';
    await world.argocd.post(SYNC, {
      infos: [{ name: 'switchyard/run', value: '7' }],
    });
    await world.argocd.until('manual', ({ status }) =>
      status.operationState?.message?.includes('waiting for completion'),
    );
    const states = record('manual');
    const answer = await world.argocd.call(
      'DELETE',
      '/api/v1/applications/manual/operation',
    );
    expect([answer.status, answer.json]).toEqual([200, {}]);
    const ended = stateOf(await world.argocd.until('manual', finished));
    expect(stateOf(states[0]).phase).toBe('Terminating');
    expect(states[0].operation).toBeDefined();
    expect(ended).toMatchObject({
      phase: 'Failed',
      message: 'Operation terminated',
      operation: { info: [{ name: 'switchyard/run', value: '7' }] },
    });
    expect(ended.syncResult!.resources).toMatchObject([
      { kind: 'Job', hookPhase: 'Failed', message: 'Terminated' },
    ]);
    expect(
      world.argocd.store.list({
        apiVersion: 'batch/v1',
        kind: 'Job',
        namespace: 'manual',
      }),
    ).toEqual([]);
  });

  it('32: is refused where nothing runs', async () => {
    const answer = await world.argocd.call(
      'DELETE',
      '/api/v1/applications/manual/operation',
    );
    expect([answer.status, answer.json.code, answer.json.message]).toEqual([
      400,
      3,
      'Unable to terminate operation. No operation is in progress',
    ]);
  });
});

describe('health of the surroundings', () => {
  own();

  it('34: a cluster that is down changes nothing that is shown; a sync is accepted and fails', async () => {
    world.argocd.store.reachable = false;
    const refreshed = (
      await world.argocd.get('/api/v1/applications/manual?refresh=normal')
    ).json as Application;
    expect([
      refreshed.status.sync.status,
      refreshed.status.health.status,
      refreshed.status.conditions,
    ]).toEqual(['Synced', 'Healthy', undefined]);
    expect(
      (await world.argocd.get('/api/v1/applications/manual/resource-tree')).json
        .nodes.length,
    ).toBeGreaterThan(0);
    expect(
      (
        await world.argocd.get('/api/v1/clusters', {
          token: world.argocd.tokenOf('admin'),
        })
      ).json.items[0].connectionState.status,
    ).toBe('Successful');
    expect((await world.argocd.post(SYNC, {})).status).toBe(200);
    const failed = stateOf(await world.argocd.until('manual', finished));
    expect(failed.phase).toBe('Failed');
    expect(failed.message).toMatch(
      /failed to discover server resources .* connection refused/,
    );
  });

  it('34: what changed in Git while the cluster is down is OutOfSync, and nothing is applied', async () => {
    world.argocd.store.reachable = false;
    await world.argocd.commit('orders v2', ordersManifests('v2'));
    world.argocd.store.log.length = 0;
    const refreshed = (
      await world.argocd.get('/api/v1/applications/manual?refresh=normal')
    ).json as Application;
    expect([
      refreshed.status.sync.status,
      refreshed.status.health.status,
    ]).toEqual(['OutOfSync', 'Healthy']);
    await world.argocd.get('/api/v1/applications/auto?refresh=normal');
    await world.argocd.until('auto', ({ status }) =>
      status.operationState?.message?.includes('connection refused'),
    );
    expect(world.argocd.store.log).toEqual([]);
    world.argocd.store.reachable = true;
    await world.argocd.until('auto', settled);
  });

  it('35: what cannot be rendered is Unknown with a condition, and the health stays', async () => {
    await world.argocd.commit('break it', {
      'apps/orders/service.yaml': 'kind: Service\n  bad: [\n',
    });
    const broken = (
      await world.argocd.get('/api/v1/applications/manual?refresh=hard')
    ).json as Application;
    expect([broken.status.sync.status, broken.status.health.status]).toEqual([
      'Unknown',
      'Healthy',
    ]);
    expect(broken.status.conditions).toMatchObject([
      {
        type: 'ComparisonError',
        message: expect.stringContaining('service.yaml'),
      },
    ]);
    await world.argocd.commit('mend it', ordersManifests('v1'));
    const mended = (
      await world.argocd.get('/api/v1/applications/manual?refresh=normal')
    ).json as Application;
    expect([mended.status.sync.status, mended.status.conditions]).toEqual([
      'Synced',
      undefined,
    ]);
  });

  it('35: with Git down a sync is refused', async () => {
    world.argocd.gitDown = true;
    const refused = await world.argocd.post(SYNC, {});
    expect([refused.status, refused.json.code]).toEqual([400, 9]);
  });

  it('36: a refresh answers the new state and leaves an annotation behind', async () => {
    const sha = await world.argocd.commit('orders v2', ordersManifests('v2'));
    const { json } = await world.argocd.get(
      '/api/v1/applications/manual?refresh=normal',
    );
    expect(json.status.sync).toMatchObject({
      status: 'OutOfSync',
      revision: sha,
    });
    expect(json.metadata.annotations).toMatchObject({
      'argocd.argoproj.io/hydrate': 'normal',
    });
    expect(
      json.metadata.annotations['argocd.argoproj.io/refresh'],
    ).toBeUndefined();
  });

  it('37: metadata of a revision; of an unknown one 500 code 2', async () => {
    const sha = (await world.argocd.repository.resolve('main'))!;
    const known = await world.argocd.get(
      `/api/v1/applications/manual/revisions/${sha}/metadata`,
    );
    expect(known.json).toMatchObject({
      author: 'Dana <dana@example.com>',
      message: 'orders v1',
      date: expect.stringMatching(/Z$/),
    });
    const unknown = await world.argocd.get(
      `/api/v1/applications/manual/revisions/${UNKNOWN_SHA}/metadata`,
    );
    expect([unknown.status, unknown.json.code]).toEqual([500, 2]);
  });

  it('37: the tree inlines references and has no orphans; can-i says yes or no', async () => {
    const tree = (
      await world.argocd.get('/api/v1/applications/manual/resource-tree')
    ).json;
    expect(tree.nodes).toContainEqual(
      expect.objectContaining({
        group: 'apps',
        version: 'v1',
        kind: 'Deployment',
        namespace: 'manual',
        name: 'orders',
        uid: expect.any(String),
      }),
    );
    expect('orphanedNodes' in tree).toBe(false);
    expect(
      (
        await world.argocd.get(
          '/api/v1/account/can-i/applications/sync/storefront/manual',
        )
      ).json,
    ).toEqual({ value: 'yes' });
    expect(
      (
        await world.argocd.get(
          '/api/v1/account/can-i/applications/sync/storefront/manual',
          { token: world.argocd.limitedToken },
        )
      ).json,
    ).toEqual({ value: 'no' });
  });
});

describe('beside that, Argo CD', () => {
  own();

  it('answers what it does not have with 501, by name, and counts it', async () => {
    const answer = await world.argocd.get('/api/v1/applications/manual/pods');
    expect([answer.status, answer.json.code]).toEqual([501, 12]);
    expect(answer.json.message).toContain(
      'argocd GET /api/v1/applications/{name}/pods',
    );
    expect(world.argocd.unimplemented.counts()).toEqual({
      'argocd GET /api/v1/applications/{name}/pods': 1,
    });
  });

  it('loses all rights on an Application on request', async () => {
    await world.argocd.board.request({
      fault: 'argocd-forbidden',
      target: 'manual',
    });
    expect((await world.argocd.get('/api/v1/applications/manual')).status).toBe(
      403,
    );
    expect(
      (await world.argocd.get('/api/v1/applications')).json.items,
    ).toHaveLength(1);
  });

  it('keeps ten entries of history, the ids going on', async () => {
    for (let round = 0; round < 11; round++) {
      await world.argocd.post(SYNC, {});
      await world.argocd.until('manual', finished);
    }
    const ids = world.argocd
      .application('manual')
      .status.history!.map(entry => entry.id);
    expect(ids).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(world.argocd.argocd.counts().manual.syncs).toBe(12);
  });

  it('goes on with an operation in flight after a restart, and the history is still there', async () => {
    world.argocd.store.jobs = 'held';
    const history = world.argocd.application('manual').status.history!;
    await world.argocd.post(SYNC, {
      infos: [{ name: 'switchyard/run', value: '7' }],
    });
    await world.argocd.until('manual', ({ status }) =>
      status.operationState?.message?.includes('waiting for completion'),
    );
    await world.argocd.argocd.close();
    await world.argocd.startServer();
    expect(world.argocd.application('manual').status.history).toEqual(history);
    world.argocd.store.endJob(
      world.argocd.store.list({
        apiVersion: 'batch/v1',
        kind: 'Job',
        namespace: 'manual',
      })[0],
      true,
    );
    const done = await world.argocd.until('manual', settled);
    expect(stateOf(done).operation.info).toEqual([
      { name: 'switchyard/run', value: '7' },
    ]);
    expect(done.status.history).toHaveLength(history.length + 1);
    expect(world.argocd.argocd.counts().manual).toEqual({
      syncs: history.length + 1,
      operations: history.length + 1,
    });
  });
});

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
 * What was observed on a running Argo CD 3.5.1, by the numbers of its list (argocd-api-and-compatibility.md, 6.15). Those about rollback and resource actions
 * are in `conformance.test.ts`.
 */
describe('sync', () => {
  own();

  const infos = [
    { name: 'switchyard/run', value: '7' },
    { name: 'switchyard/run', value: '7' },
    { name: '', value: '' },
    { name: 'long', value: 'x'.repeat(5000) },
  ];

  it('17: answers with the order in it and without the state of the operation before', async () => {
    const { status, json } = await world.argocd.post(SYNC, { infos });
    expect(status).toBe(200);
    expect(json.operation).toMatchObject({
      initiatedBy: { username: 'portal' },
      info: infos,
      retry: {},
      sync: { source: json.spec.source },
    });
    expect(json.status.operationState).toBeUndefined();
    expect(
      (await world.argocd.get('/api/v1/applications/manual')).json.operation,
    ).toBeDefined();
  });

  it('18: keeps infos verbatim until the next operation; the history has none', async () => {
    await world.argocd.post(SYNC, { infos });
    const done = await world.argocd.until('manual', settled);
    expect(stateOf(done).operation.info).toEqual(infos);
    expect(Object.keys(done.status.history!.at(-1)!).sort()).toEqual([
      'deployStartedAt',
      'deployedAt',
      'id',
      'initiatedBy',
      'revision',
      'source',
    ]);
    await world.argocd.post(SYNC, {});
    await world.argocd.until('manual', settled);
    expect(
      stateOf(world.argocd.application('manual')).operation.info,
    ).toBeUndefined();
  });

  it('19: happens by itself after a push, named as automated, once', async () => {
    const before = world.argocd.application('auto').status.history!.length;
    const sha = await world.argocd.commit('orders v2', ordersManifests('v2'));
    await world.argocd.get('/api/v1/applications/auto?refresh=normal');
    const done = await world.argocd.until(
      'auto',
      application =>
        settled(application) && application.status.sync.revision === sha,
    );
    expect(done.status.history!.slice(before)).toMatchObject([
      { revision: sha, initiatedBy: { automated: true } },
    ]);
    expect(stateOf(done).operation.info).toBeUndefined();
    expect(stateOf(done).operation.retry).toEqual({ limit: 5 });
  });

  it('19: is healed by itself, partly, without history, and that overwrites the state', async () => {
    await world.argocd.post('/api/v1/applications/auto/sync', { infos });
    await world.argocd.until(
      'auto',
      application =>
        settled(application) && stateOf(application).operation.info,
    );
    const history = world.argocd.application('auto').status.history;
    const identity = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'auto',
      name: 'orders',
    };
    world.argocd.store.edit(identity, draft => {
      draft.spec.replicas = 9;
    });
    const healed = await world.argocd.until(
      'auto',
      application =>
        settled(application) && stateOf(application).operation.sync.resources,
    );
    expect(world.argocd.store.get(identity)!.spec.replicas).toBe(2);
    expect(stateOf(healed).operation).toMatchObject({
      initiatedBy: { automated: true },
      sync: {
        autoHealAttemptsCount: 1,
        resources: [
          {
            group: 'apps',
            kind: 'Deployment',
            namespace: 'auto',
            name: 'orders',
          },
        ],
      },
    });
    expect(stateOf(healed).operation.info).toBeUndefined();
    expect(healed.status.history).toEqual(history);
  });

  it('19: may be followed by a self-heal at once, on request', async () => {
    await world.argocd.board.request({
      fault: 'argocd-self-heal',
      target: 'auto',
    });
    await world.argocd.post('/api/v1/applications/auto/sync', { infos });
    const healed = await world.argocd.until(
      'auto',
      application =>
        settled(application) &&
        stateOf(application).operation.sync.autoHealAttemptsCount,
    );
    expect(healed.status.history!.at(-1)!.initiatedBy).toEqual({
      username: 'portal',
    });
  });

  it('19: leaves history for a full one that changes nothing, none for a partial or dry one', async () => {
    const count = () =>
      world.argocd.application('manual').status.history!.length;
    const before = count();
    for (const body of [
      { dryRun: true },
      { resources: [{ group: 'apps', kind: 'Deployment', name: 'orders' }] },
    ]) {
      await world.argocd.post(SYNC, body);
      await world.argocd.until('manual', finished);
    }
    expect(count()).toBe(before);
    await world.argocd.post(SYNC, {});
    await world.argocd.until('manual', finished);
    expect(count()).toBe(before + 1);
    expect(world.argocd.argocd.counts().manual).toEqual({
      syncs: before + 1,
      operations: before + 3,
    });
  });

  it('20: resolves a branch at once and afresh; a short id stays short in the order and is full in the result', async () => {
    const sha = await world.argocd.commit('orders v2', ordersManifests('v2'));
    expect(
      (await world.argocd.post(SYNC, { revision: 'main' })).json.operation.sync
        .revision,
    ).toBe(sha);
    await world.argocd.until('manual', settled);
    const short = await world.argocd.post(SYNC, { revision: sha.slice(0, 10) });
    expect(short.json.operation.sync.revision).toBe(sha.slice(0, 10));
    const done = await world.argocd.until('manual', finished);
    expect(stateOf(done).syncResult!.revision).toBe(sha);
  });

  it('21: refuses an unknown branch at once, and accepts an unknown full id that fails later', async () => {
    const before = world.argocd.application('manual').status.history;
    const branch = await world.argocd.post(SYNC, { revision: 'nosuchbranch' });
    expect([branch.status, branch.json.code]).toEqual([400, 9]);
    expect(branch.json.message).toMatch(
      /^error resolving repo revision: .*unable to resolve 'nosuchbranch' to a commit SHA$/,
    );
    expect(world.argocd.application('manual').operation).toBeUndefined();
    expect(
      (await world.argocd.post(SYNC, { revision: UNKNOWN_SHA })).status,
    ).toBe(200);
    const done = await world.argocd.until('manual', finished);
    expect(stateOf(done).phase).toBe('Error');
    expect(stateOf(done).message).toMatch(
      new RegExp(
        `^ComparisonError: .*Failed to checkout revision ${UNKNOWN_SHA}.*not our ref`,
      ),
    );
    expect(done.status.history).toEqual(before);
  });

  it('22: refuses a second operation', async () => {
    await world.argocd.post(SYNC, {});
    const second = await world.argocd.post(SYNC, {});
    expect([second.status, second.json.code, second.json.message]).toEqual([
      400,
      9,
      'another operation is already in progress',
    ]);
  });

  it('23: with auto-sync refuses any revision but the target', async () => {
    const sha = (await world.argocd.repository.resolve('main'))!;
    const refused = await world.argocd.post('/api/v1/applications/auto/sync', {
      revision: sha,
    });
    expect([refused.status, refused.json.code, refused.json.message]).toEqual([
      400,
      9,
      `Cannot sync to ${sha}: auto-sync currently set to main`,
    ]);
    expect(
      (
        await world.argocd.post('/api/v1/applications/auto/sync', {
          revision: sha,
          dryRun: true,
        })
      ).status,
    ).toBe(200);
    await world.argocd.until('auto', finished);
    expect(
      (
        await world.argocd.post('/api/v1/applications/auto/sync', {
          revision: 'main',
        })
      ).status,
    ).toBe(200);
  });

  it('24: goes through its states, with a moment of false Healthy after Succeeded', async () => {
    await world.argocd.commit('orders v2', ordersManifests('v2'));
    await world.argocd.get('/api/v1/applications/manual?refresh=normal');
    const states = record('manual');
    await world.argocd.post(SYNC, {});
    // Settled is what it looks like in the moment before it progresses, too.
    const hasProgressed = () =>
      states.some(
        ({ operation, status }) =>
          !operation && status.health.status === 'Progressing',
      );
    await world.argocd.until(
      'manual',
      application => hasProgressed() && settled(application),
    );
    const phases = states.map(({ operation, status }) =>
      [
        Boolean(operation),
        status.operationState?.phase,
        status.health.status,
      ].join(' '),
    );
    const distinct = phases.filter(
      (phase, index) => phase !== phases[index - 1],
    );
    expect(distinct).toEqual([
      'true  Healthy',
      'true Running Healthy',
      'false Succeeded Healthy',
      'false Succeeded Progressing',
      'false Succeeded Healthy',
    ]);
    const messages = states.map(({ status }) => status.operationState?.message);
    expect(messages).toContain(
      'waiting for deletion of hook batch/Job/orders-migrate',
    );
    expect(messages).toContain(
      'waiting for completion of hook batch/Job/orders-migrate',
    );
    const falselyHealthy = states.find(
      ({ status }) => status.operationState?.phase === 'Succeeded',
    )!;
    expect(falselyHealthy.status.health.status).toBe('Healthy');
    expect(falselyHealthy.status.sync.status).toBe('OutOfSync');
    // Whole seconds, and time runs fast here: never later, at most the same second.
    expect(
      falselyHealthy.status.reconciledAt! > stateOf(falselyHealthy).finishedAt!,
    ).toBe(false);
    expect(
      states.at(-1)!.status.reconciledAt! >=
        stateOf(falselyHealthy).finishedAt!,
    ).toBe(true);
  });

  it('25: to another revision than the target stays OutOfSync and gets Healthy', async () => {
    const first = (await world.argocd.repository.resolve('main'))!;
    const second = await world.argocd.commit(
      'orders v2',
      ordersManifests('v2'),
    );
    await world.argocd.post(SYNC, {});
    await world.argocd.until('manual', settled);
    await world.argocd.post(SYNC, { revision: first });
    const done = await world.argocd.until(
      'manual',
      application =>
        finished(application) &&
        application.status.sync.status === 'OutOfSync' &&
        application.status.health.status === 'Healthy',
    );
    expect(done.status.sync.revision).toBe(second);
    expect(done.status.history!.at(-1)!.revision).toBe(first);
  });

  it('26: says that it succeeded; only the order tells a dry run apart', async () => {
    await world.argocd.post(SYNC, {});
    expect(stateOf(await world.argocd.until('manual', finished)).message).toBe(
      'successfully synced (all tasks run)',
    );
    await world.argocd.post(SYNC, { dryRun: true });
    const dry = stateOf(
      await world.argocd.until(
        'manual',
        application =>
          finished(application) && stateOf(application).operation.sync.dryRun,
      ),
    );
    expect([dry.phase, dry.message]).toEqual([
      'Succeeded',
      'successfully synced (no more tasks)',
    ]);
  });

  it('27: fails with its migration, and nothing else was applied', async () => {
    world.argocd.store.jobs = 'fail';
    await world.argocd.commit('orders v2', ordersManifests('v2'));
    world.argocd.store.log.length = 0;
    await world.argocd.post(SYNC, {});
    const failed = stateOf(await world.argocd.until('manual', finished));
    expect([failed.phase, failed.message]).toEqual([
      'Failed',
      'one or more synchronization tasks completed unsuccessfully',
    ]);
    expect(failed.syncResult!.resources).toMatchObject([
      {
        kind: 'Job',
        hookPhase: 'Failed',
        hookType: 'PreSync',
        message: 'Job has reached the specified backoff limit',
      },
    ]);
    expect(world.argocd.store.log).not.toContain('apply Deployment/orders');
  });

  it('27: is tried again where a retry strategy says so, Running with a finishedAt in between', async () => {
    world.argocd.store.jobs = 'fail';
    const states = record('manual');
    await world.argocd.post(SYNC, {
      retryStrategy: { limit: 2, backoff: { duration: '20s', factor: 1 } },
    });
    const last = stateOf(await world.argocd.until('manual', finished));
    expect(last.message).toBe(
      'one or more synchronization tasks completed unsuccessfully (retried 2 times).',
    );
    expect(last.retryCount).toBe(2);
    const waiting = states
      .map(stateOf)
      .filter(state => state?.phase === 'Running' && state.finishedAt);
    expect(waiting[0].message).toMatch(
      / unsuccessfully\. Retrying attempt #1 at \d{1,2}:\d\d[AP]M\.$/,
    );
    expect(
      states
        .map(stateOf)
        .some(state => state?.message === 'Retrying operation. Attempt #1'),
    ).toBe(true);
  });

  it('28: succeeds with an image that never gets ready; the Application stays Progressing', async () => {
    world.argocd.store.rollouts = 'stuck';
    await world.argocd.commit('orders v2', ordersManifests('v2'));
    await world.argocd.post(SYNC, {});
    const done = await world.argocd.until(
      'manual',
      application =>
        finished(application) &&
        application.status.health.status === 'Progressing',
    );
    expect(stateOf(done).phase).toBe('Succeeded');
    const identity = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'manual',
      name: 'orders',
    };
    world.argocd.store.edit(identity, draft => {
      draft.status = {
        ...draft.status,
        observedGeneration: draft.metadata.generation,
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
          },
        ],
      };
    });
    await world.argocd.until(
      'manual',
      ({ status }) => status.health.status === 'Degraded',
    );
  });

  it('33: auto-sync can be paused, then a rollback works, and switched on again it syncs at once', async () => {
    const patch = (automated: object | null) =>
      world.argocd.call('PATCH', '/api/v1/applications/auto', {
        token: world.argocd.tokenOf('admin'),
        body: JSON.stringify({
          name: 'auto',
          patchType: 'merge',
          patch: JSON.stringify({ spec: { syncPolicy: { automated } } }),
        }),
      });
    const sha = await world.argocd.commit('orders v2', ordersManifests('v2'));
    const isAtHead = ({ status }: Application) => status.sync.revision === sha;
    await world.argocd.until('auto', app => isAtHead(app) && settled(app));
    expect((await patch(null)).status).toBe(200);
    const rollback = await world.argocd.post(
      '/api/v1/applications/auto/rollback',
      { id: 0 },
      { token: world.argocd.tokenOf('admin') },
    );
    expect(rollback.status).toBe(200);
    await world.argocd.until(
      'auto',
      app => finished(app) && app.status.sync.status === 'OutOfSync',
    );
    expect((await patch({ prune: true, selfHeal: true })).status).toBe(200);
    const healed = await world.argocd.until('auto', settled);
    expect(healed.status.history!.at(-1)).toMatchObject({
      revision: sha,
      initiatedBy: { automated: true },
    });
  });

  it('is stuck in Running on request, until it is terminated', async () => {
    await world.argocd.board.request({
      fault: 'argocd-stuck',
      target: 'manual',
    });
    await world.argocd.post(SYNC, {});
    await world.argocd.until(
      'manual',
      ({ status }) => status.operationState?.phase === 'Running',
    );
    await new Promise(resolve => setTimeout(resolve, 200));
    const stuck = stateOf(world.argocd.application('manual'));
    expect([stuck.phase, stuck.message]).toEqual(['Running', undefined]);
    await world.argocd.call('DELETE', '/api/v1/applications/manual/operation');
    expect(stateOf(await world.argocd.until('manual', finished)).message).toBe(
      'Operation terminated',
    );
  });

  it('is carried out although its answer is lost, once', async () => {
    await world.argocd.board.request({
      fault: 'argocd-sync-answer-dropped',
      target: 'manual',
    });
    const before = world.argocd.application('manual').status.history!.length;
    await expect(
      world.argocd.post(SYNC, {
        infos: [{ name: 'switchyard/run', value: '9' }],
      }),
    ).rejects.toThrow();
    const done = await world.argocd.until(
      'manual',
      application =>
        settled(application) && application.status.history!.length > before,
    );
    expect(stateOf(done).operation.info).toEqual([
      { name: 'switchyard/run', value: '9' },
    ]);
    expect((await world.argocd.post(SYNC, {})).status).toBe(200);
  });
});

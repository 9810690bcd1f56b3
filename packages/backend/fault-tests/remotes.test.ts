// Git, Argo CD and clusters that compete, refuse, hang or are away while a hotfix is under way.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../scripts/testing/portal.mjs';
import { assertExactlyOnce, REPOSITORIES } from './support/ledger.ts';
import { Scene, STATE_OF_ORDERS } from './support/Scene.ts';

/** Longer than a run takes when nothing is in its way. */
const AWAY_MS = 10_000;
/** Between two commits of somebody who commits all the time: about as long as a push takes. */
const COMPETITOR_PAUSE_MS = 500;

describe('remotes', () => {
  let scene: Scene;

  before(async () => {
    scene = await Scene.start();
  });
  after(() => scene?.finish('remotes', 'Git, Argo CD and clusters'));

  const call = (person: string, method: string, path: string, body?: object) =>
    scene.portal.call(person, method, path, { body });
  const see = async (id: string) =>
    (await call('dana', 'GET', `/runs/v1/runs/${id}`)).body;
  const stepOf = (run: any, id: string) =>
    run.steps.find((step: any) => step.id === id);
  const preview = async (version: string) => {
    const { status, body } = await call('dana', 'POST', '/runs/v1/previews', {
      action: 'hotfix',
      entityRef: 'component:default/orders',
      environment: 'production',
      input: { version },
    });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };

  describe('Git', () => {
    test('somebody else pushes first: rebuilt on the new head, and both commits are there', () =>
      scene.case(
        { step: 'commit', point: 'push', how: 'somebody else is first' },
        async row => {
          const version = scene.freshVersion();
          const counts = await scene.counts();
          for (const target of REPOSITORIES)
            await scene.fault('git-competitor-first', { target });
          const run = await scene.ship(version);
          const deeds = await scene.success(row, { run, version, counts });
          assert.equal(deeds.others, 2);
          assertExactlyOnce({ ...deeds, others: 0 });
          const { repositories } = await scene.counts();
          for (const name of REPOSITORIES) {
            const [ours, theirs] = repositories[name].items;
            assert.equal(ours.trailers['Switchyard-Run'], run.id);
            assert.equal(theirs.author.name, 'ravi');
          }
        },
      ));

    test('somebody who commits all the time loses nothing, and neither does the run', () =>
      scene.case(
        { step: 'commit', point: 'all the time', how: 'somebody else commits' },
        async row => {
          const version = scene.freshVersion();
          const counts = await scene.counts();
          const made: string[] = [];
          let isOver = false;
          const competitor = (async () => {
            while (!isOver) {
              const { result } = await scene.fault('git-competitor-commit', {
                target: 'deploy-green',
              });
              made.push(result['deploy-green']);
              await sleep(COMPETITOR_PAUSE_MS * Math.random());
            }
          })();
          let run: any;
          try {
            run = await scene.ship(version);
            await until(
              async () =>
                stepOf(await see(run.id), 'commit.deploy-green')?.status ===
                'succeeded',
              60_000,
            );
          } finally {
            isOver = true;
            await competitor;
          }
          const deeds = await scene.success(row, { run, version, counts });
          row.note = `${made.length} commits of the other`;
          const { repositories } = await scene.counts();
          const there = repositories['deploy-green'].items.map(
            ({ sha }) => sha,
          );
          assert.deepEqual(
            made.filter(sha => !there.includes(sha)),
            [],
          );
          assert.equal(deeds.others, made.length);
          assert.deepEqual(deeds.commits, {
            'deploy-blue': 1,
            'deploy-green': 1,
          });
          assert.equal(deeds.migrations.changed, 1);
        },
      ));

    test('somebody else changes the same image: the run parks, says who, and goes on once a person has looked', () =>
      scene.case(
        {
          step: 'commit.deploy-green',
          point: 'before the push',
          how: 'somebody else changes the image',
        },
        async row => {
          const version = scene.freshVersion();
          const counts = await scene.counts();
          const [, live] = await scene.liveVersions();
          const hold = await scene.journal.hold({
            what: 'step.running',
            stepId: 'commit.deploy-green',
          });
          const run = await scene.ship(version);
          await hold.reached();
          await scene.fault('git-competitor-commit', {
            target: 'deploy-green',
            details: {
              path: 'apps/orders/kustomization.yaml',
              from: live,
              to: 'v5.3.24',
              author: 'ravi',
              message: 'Back to v5.3.24',
            },
          });
          await hold.release();
          const parked = await scene.ended(run.id);
          assert.equal(
            parked.status,
            'waiting',
            JSON.stringify(parked, null, 1),
          );
          assert.equal(parked.waiting.reason, 'parked');
          assert.match(
            parked.waiting.message,
            /somebody else has changed.*ravi/s,
          );
          const { repositories } = await scene.counts();
          assert.equal(
            repositories['deploy-green'].items[0].author.name,
            'ravi',
          );

          await until(async () => (await see(run.id)).waiting?.ready, 15_000);
          const confirmed = await call(
            'dana',
            'POST',
            `/runs/v1/runs/${run.id}/confirm`,
            {},
          );
          assert.equal(confirmed.status, 200, JSON.stringify(confirmed.body));
          const deeds = await scene.success(row, { run, version, counts });
          row.note = 'parked, confirmed';
          assert.equal(deeds.others, 1);
          assertExactlyOnce({ ...deeds, others: 0 });
        },
      ));

    test('no right to push to one repository: nothing is pushed to the other one', () =>
      scene.case(
        { step: 'check', point: 'deploy-green', how: 'push forbidden' },
        async row => {
          const version = scene.freshVersion();
          const counts = await scene.counts();
          await scene.fault('git-push-forbidden', { target: 'deploy-green' });
          const run = await scene.ship(version);
          const { ended, deeds } = await scene.outcome(row, {
            run,
            version,
            counts,
          });
          assert.equal(ended.status, 'failed');
          assert.match(ended.cause, /deploy-green/);
          assert.match(ended.cause, /may not|not allowed|right/i);
          assert.deepEqual(deeds.commits, {
            'deploy-blue': 0,
            'deploy-green': 0,
          });
          assert.deepEqual(deeds.syncs, {
            'orders-blue': 0,
            'orders-green': 0,
          });
          row.note = ended.cause;
        },
      ));

    test('a protected branch declines the push: the run fails in its words, and says what is in Git', () =>
      scene.case(
        {
          step: 'commit.deploy-green',
          point: 'push',
          how: 'declined by the branch',
        },
        async row => {
          const version = scene.freshVersion();
          const counts = await scene.counts();
          await scene.fault('git-push-refused', { target: 'deploy-green' });
          const run = await scene.ship(version);
          const { ended, deeds } = await scene.outcome(row, {
            run,
            version,
            counts,
          });
          assert.equal(ended.status, 'failed');
          assert.match(
            ended.cause,
            /deploy-green refused the push: .*(declined|protected)/i,
          );
          assert.equal(deeds.commits['deploy-green'], 0);
          const pushed = stepOf(ended, 'commit.deploy-blue').changes.filter(
            ({ system }: any) => system === 'git',
          );
          assert.equal(pushed.length, deeds.commits['deploy-blue']);
          row.note = ended.cause;
        },
      ));
  });

  describe('Argo CD', () => {
    test('down during the sync: the run waits, and ends when it is back', () =>
      scene.case(
        { step: 'sync', point: 'is running', how: 'Argo CD down for 10 s' },
        async row => {
          const version = scene.freshVersion();
          const counts = await scene.counts();
          const running = scene.journal.until(
            ({ what, stepId }) =>
              what === 'step.running' && stepId === 'sync.orders-green',
          );
          const run = await scene.ship(version);
          await running;
          await scene.fault('argocd-down');
          await sleep(AWAY_MS);
          assert.equal((await see(run.id)).status, 'running');
          await scene.fault('argocd-down', { on: false });
          assertExactlyOnce(await scene.success(row, { run, version, counts }));
        },
      ));

    test('an operation that is stuck: the run waits, and says for what', () =>
      scene.case(
        {
          step: 'sync.orders-green',
          point: 'operation',
          how: 'stuck for 10 s',
        },
        async row => {
          const version = scene.freshVersion();
          const counts = await scene.counts();
          await scene.fault('argocd-stuck', { target: 'orders-green' });
          const run = await scene.ship(version);
          await until(
            async () =>
              stepOf(await see(run.id), 'rollout.orders-blue').status ===
              'succeeded',
            60_000,
          );
          await sleep(AWAY_MS);
          const waiting = await see(run.id);
          assert.equal(waiting.status, 'running');
          assert.match(stepOf(waiting, 'sync.orders-green').progress, /\S/);
          row.note = stepOf(waiting, 'sync.orders-green').progress;
          await scene.fault('argocd-stuck', {
            target: 'orders-green',
            on: false,
          });
          assertExactlyOnce(await scene.success(row, { run, version, counts }));
        },
      ));

    test('a sync window that closes between request and push parks the run', () =>
      scene.case(
        { step: 'commit', point: 'before the push', how: 'sync window closes' },
        async row => {
          const version = scene.freshVersion();
          const counts = await scene.counts();
          const hold = await scene.journal.hold({
            what: 'step.running',
            stepId: 'check',
          });
          const run = await scene.ship(version);
          await hold.reached();
          await scene.fault('argocd-window', { target: 'storefront' });
          await until(
            async () => !(await preview(version)).verdict.allowed,
            60_000,
          );
          await hold.release();
          const { ended, deeds } = await scene.outcome(row, {
            run,
            version,
            counts,
          });
          assert.equal(ended.status, 'waiting', JSON.stringify(ended, null, 1));
          assert.deepEqual(
            [...new Set(ended.waiting.blockers.map(({ type }: any) => type))],
            ['sync-window'],
          );
          assert.deepEqual(deeds.commits, {
            'deploy-blue': 0,
            'deploy-green': 0,
          });
          row.note = ended.waiting.message;
          // Whoever comes next must not find the window in somebody's memory.
          await scene.fault('argocd-window', {
            target: 'storefront',
            on: false,
          });
          await until(async () => (await preview(version)).verdict.allowed);
        },
      ));
  });

  describe('clusters', () => {
    const greenOf = (state: any) =>
      state.deployments.find(({ cluster }: any) => cluster === 'prod-green');
    const sourceOf = (state: any) =>
      state.sources.find(({ id }: any) => id === 'cluster:prod-green');
    const readState = async () =>
      (await call('dana', 'GET', STATE_OF_ORDERS)).body;
    /** Median of the time that the page's call takes, in ms. */
    async function timeState(): Promise<number> {
      const times: number[] = [];
      for (let index = 0; index < 15; index++) {
        const started = performance.now();
        await readState();
        times.push(performance.now() - started);
      }
      return times.sort((a, b) => a - b)[7];
    }

    for (const { fault, how } of [
      { fault: 'cluster-down', how: 'cluster down' },
      { fault: 'cluster-hangs', how: 'cluster hangs' },
    ]) {
      test(`${how}: the page is as fast and keeps the last pods, people are told before they confirm, the run fails with the cause, and its step can be tried again alone`, () =>
        scene.case(
          { step: 'sync.orders-green', point: 'before the request', how },
          async row => {
            const version = scene.freshVersion();
            const counts = await scene.counts();
            const usual = await timeState();
            const podsBefore = greenOf(await readState()).workloads[0].pods
              .length;
            assert.ok(podsBefore > 0);
            await scene.fault(fault, { target: 'prod-green' });
            const state = await until(async () => {
              const seen = await readState();
              return sourceOf(seen).state === 'unreachable' ? seen : undefined;
            }, 90_000);
            assert.ok(Date.parse(sourceOf(state).since) > 0);
            assert.equal(greenOf(state).workloads[0].pods.length, podsBefore);
            assert.equal(greenOf(state).application.healthIsStale, true);
            const away = await timeState();
            assert.ok(
              away <= Math.max(usual * 3, usual + 30),
              `${away} ms, usually ${usual} ms`,
            );

            const { plan, verdict } = await preview(version);
            assert.match(
              JSON.stringify([...plan.warnings, ...verdict.warnings]),
              /prod-green has not answered since/,
            );
            // Argo CD cannot reach the cluster either: its sync fails, and so does the run.
            const run = await scene.ship(version);
            const failed = await scene.ended(run.id);
            assert.equal(
              failed.status,
              'failed',
              JSON.stringify(failed, null, 1),
            );
            assert.match(failed.cause, /Sync orders-green/);
            row.note = `page ${usual.toFixed(0)} ms, then ${away.toFixed(
              0,
            )} ms; tried again after: ${failed.cause}`;
            await scene.fault(fault, { target: 'prod-green', on: false });
            await until(
              async () => sourceOf(await readState()).state === 'live',
              90_000,
            );
            const again = await call(
              'dana',
              'POST',
              `/runs/v1/runs/${run.id}/steps/sync.orders-green/retry`,
              {},
            );
            assert.equal(again.status, 200, JSON.stringify(again.body));
            assertExactlyOnce(
              await scene.success(row, { run, version, counts }),
            );
          },
        ));
    }

    test('pods may not be read: that is said, and the run does not take it for success', () =>
      scene.case(
        {
          step: 'rollout.orders-green',
          point: 'before the request',
          how: 'pods forbidden',
        },
        async row => {
          const version = scene.freshVersion();
          const counts = await scene.counts();
          await scene.fault('cluster-forbids', {
            target: 'prod-green',
            value: 'pods',
          });
          // Open watches go on: only what is opened anew is refused.
          await scene.fault('cluster-down', { target: 'prod-green' });
          await until(
            async () => sourceOf(await readState()).state === 'unreachable',
            90_000,
          );
          await scene.fault('cluster-down', {
            target: 'prod-green',
            on: false,
          });
          const state = await until(async () => {
            const seen = await readState();
            return sourceOf(seen).state === 'not-readable' ? seen : undefined;
          }, 60_000);
          assert.notEqual(state.summary.tone, 'ok');
          const run = await scene.ship(version);
          await until(
            async () =>
              stepOf(await see(run.id), 'rollout.orders-blue').status ===
              'succeeded',
            60_000,
          );
          await sleep(AWAY_MS / 2);
          const waiting = await see(run.id);
          assert.equal(
            waiting.status,
            'running',
            JSON.stringify(waiting, null, 1),
          );
          row.note = waiting.currentStep?.progress;
          await scene.fault('cluster-forbids', {
            target: 'prod-green',
            on: false,
          });
          // What may not be read is tried again every two minutes.
          await scene.ended(run.id, { timeoutMs: 200_000 });
          assertExactlyOnce(await scene.success(row, { run, version, counts }));
        },
      ));
  });

  test('the sandbox was asked for nothing that it does not have', async () => {
    assert.deepEqual((await scene.counts()).unimplemented, {});
  });
});

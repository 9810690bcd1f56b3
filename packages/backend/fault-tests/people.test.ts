// What people do while a run is under way: lock, ask twice, ship at the same time.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../scripts/testing/portal.mjs';
import { assertExactlyOnce, deedsOf, REPOSITORIES } from './support/ledger.ts';
import { Scene } from './support/Scene.ts';

const LOCK_REASON = 'Stocktaking until noon';
/** What fires by itself would fire within this. */
const WATCHED_MS = 6_000;

describe('people', () => {
  let scene: Scene;

  before(async () => {
    scene = await Scene.start();
  });
  after(() => scene?.finish('people', 'Locks, doubles and neighbours'));

  const call = (person: string, method: string, path: string, body?: object) =>
    scene.portal.call(person, method, path, { body });
  const see = async (id: string) =>
    (await call('dana', 'GET', `/runs/v1/runs/${id}`)).body;
  const lockOrders = async () => {
    const { status, body } = await call('omar', 'POST', '/runs/v1/locks', {
      entityRef: 'component:default/orders',
      reason: LOCK_REASON,
    });
    assert.equal(status, 201, JSON.stringify(body));
    return body.id as string;
  };
  const releaseLock = async (id: string) => {
    const { status } = await call(
      'omar',
      'POST',
      `/runs/v1/locks/${id}/release`,
      {},
    );
    assert.equal(status, 200);
  };

  /** The run says why it waits, asks for a person once it could go on, and goes on only then. */
  async function untilConfirmed(
    id: string,
    lock: string,
    whatNotToChange: () => Promise<unknown>,
  ): Promise<void> {
    const parked = await scene.ended(id);
    assert.equal(parked.status, 'waiting', JSON.stringify(parked, null, 1));
    assert.equal(parked.waiting.reason, 'parked');
    assert.equal(parked.waiting.ready, false);
    assert.deepEqual(
      parked.waiting.blockers.map(({ type, ref }: any) => ({ type, ref })),
      [{ type: 'lock', ref: lock }],
    );
    assert.match(parked.waiting.message, new RegExp(`omar.*${LOCK_REASON}`));
    const tooEarly = await call(
      'dana',
      'POST',
      `/runs/v1/runs/${id}/confirm`,
      {},
    );
    assert.equal(tooEarly.status, 409, JSON.stringify(tooEarly.body));

    const state = await whatNotToChange();
    await releaseLock(lock);
    await until(async () => (await see(id)).waiting?.ready === true, 15_000);
    await sleep(WATCHED_MS);
    assert.equal((await see(id)).status, 'waiting');
    assert.deepEqual(await whatNotToChange(), state);

    const confirmed = await call(
      'dana',
      'POST',
      `/runs/v1/runs/${id}/confirm`,
      {},
    );
    assert.equal(confirmed.status, 200, JSON.stringify(confirmed.body));
  }

  test('a lock that is set between request and push parks the run; when it is lifted the run asks to be confirmed', async () => {
    await scene.case(
      { step: 'commit', point: 'before the push', how: 'locked by the owner' },
      async row => {
        const version = scene.freshVersion();
        const counts = await scene.counts();
        const hold = await scene.journal.hold({
          what: 'step.running',
          stepId: 'commit.deploy-blue',
        });
        const run = await scene.ship(version);
        await hold.reached();
        const lock = await lockOrders();
        await hold.release();

        await untilConfirmed(run.id, lock, async () => {
          const { repositories, applications } = await scene.counts();
          return { repositories, applications };
        });
        const deeds = await scene.success(row, { run, version, counts });
        row.note = 'parked, confirmed';
        assertExactlyOnce(deeds);
      },
    );
  });

  test('a lock that is set between two pushes parks the run in between; the first push is not repeated', async () => {
    await scene.case(
      {
        step: 'commit',
        point: 'between the pushes',
        how: 'locked by the owner',
      },
      async row => {
        const version = scene.freshVersion();
        const counts = await scene.counts();
        // Blue has been pushed when the lock comes. Green may have been checked already: it loses races until then, and has to ask again.
        const hold = await scene.journal.hold({
          what: 'step.succeeded',
          stepId: 'commit.deploy-blue',
        });
        await scene.fault('git-competitor-first', {
          target: 'deploy-green',
          times: 20,
        });
        const run = await scene.ship(version);
        await hold.reached();
        const lock = await lockOrders();
        await hold.release();

        await untilConfirmed(run.id, lock, async () => {
          await scene.fault('git-competitor-first', {
            target: 'deploy-green',
            on: false,
          });
          const deeds = deedsOf({
            before: counts,
            after: await scene.counts(),
            runId: run.id,
            version,
          });
          assert.deepEqual(deeds.commits, {
            'deploy-blue': 1,
            'deploy-green': 0,
          });
          return deeds.commits;
        });
        const deeds = await scene.success(row, { run, version, counts });
        row.note = 'parked, confirmed';
        assertExactlyOnce({ ...deeds, others: 0 });
      },
    );
  });

  test('the same request sent twice at once makes one run; another body under the same key is refused', async () => {
    await scene.case(
      { step: 'request', point: 'twice at once', how: 'same Idempotency-Key' },
      async row => {
        const version = scene.freshVersion();
        const counts = await scene.counts();
        const target = {
          action: 'hotfix',
          entityRef: 'component:default/orders',
          environment: 'production',
          input: { version },
        };
        const { body: preview } = await call(
          'dana',
          'POST',
          '/runs/v1/previews',
          target,
        );
        const headers = { 'idempotency-key': crypto.randomUUID() };
        const send = (reason: string) =>
          scene.portal.call('dana', 'POST', '/runs/v1/runs', {
            headers,
            body: { ...target, reason, planHash: preview.planHash },
          });
        const answers = await Promise.all([
          send('once'),
          send('once'),
          send('once'),
        ]);
        assert.deepEqual(
          answers.map(({ status }) => status).sort(),
          [200, 200, 201],
        );
        const [id, ...others] = new Set(answers.map(({ body }) => body.id));
        assert.deepEqual(others, []);
        const other = await send('twice');
        assert.equal(other.status, 409, JSON.stringify(other.body));

        const deeds = await scene.success(row, {
          run: { id },
          version,
          counts,
        });
        row.note = '201, 200, 200; another body: 409';
        assertExactlyOnce(deeds);
        const again = await send('once');
        assert.equal(again.status, 200);
        assert.equal(again.body.id, id);
      },
    );
  });

  test('two people who ship the same service at once do it in order, and the second sees the first', async () => {
    await scene.case(
      { step: 'request', point: 'two at once', how: 'two people' },
      async row => {
        const versions = [scene.freshVersion(), scene.freshVersion()];
        const counts = await scene.counts();
        const hold = await scene.journal.hold({
          what: 'step.running',
          stepId: 'commit.deploy-blue',
        });
        const requested = await Promise.all([
          scene.ship(versions[0], { person: 'dana' }),
          scene.ship(versions[1], { person: 'omar' }),
        ]);
        await hold.reached();
        const inOrder = requested
          .map((run, index) => ({ run, version: versions[index] }))
          .sort((a, b) => a.run.number - b.run.number);
        const [first, second] = inOrder;
        const waiting = await until(async () => {
          const seen = await see(second.run.id);
          return seen.waiting ? seen : undefined;
        });
        assert.equal(waiting.waiting.reason, 'key-taken');
        assert.equal(waiting.waiting.behind.id, first.run.id);
        // Who comes as a third is told before confirming.
        const { body: third } = await call(
          'dana',
          'POST',
          '/runs/v1/previews',
          {
            action: 'hotfix',
            entityRef: 'component:default/orders',
            environment: 'production',
            input: { version: 'v5.3.24' },
          },
        );
        assert.deepEqual(
          third.ahead?.map(({ id }: any) => id),
          inOrder.map(({ run }) => run.id),
        );
        await hold.release();

        const ends = [];
        for (const { run } of inOrder) ends.push(await waitUntilOver(run.id));
        const now = await scene.counts();
        for (const [index, { run, version }] of inOrder.entries()) {
          row.end = ends[index].status;
          assert.equal(
            row.end,
            'succeeded',
            JSON.stringify(ends[index], null, 1),
          );
          row.deeds = deedsOf({
            before: counts,
            after: now,
            runId: run.id,
            version,
          });
          assert.deepEqual(row.deeds.commits, {
            'deploy-blue': 1,
            'deploy-green': 1,
          });
          // Both together: each sees the other's as well.
          assert.deepEqual(row.deeds.syncs, {
            'orders-blue': 2,
            'orders-green': 2,
          });
          assert.equal(row.deeds.migrations.changed, 1);
        }
        row.note = 'commits and migrations of the second, syncs of both';
        for (const name of REPOSITORIES) {
          assert.deepEqual(
            now.repositories[name].items
              .slice(0, 2)
              .map(({ trailers }) => trailers['Switchyard-Run']),
            [second.run.id, first.run.id],
          );
        }
        const [endOfFirst] = scene.journal
          .events(first.run.id)
          .filter(({ what }) => what === 'run.succeeded');
        const [startOfSecond] = scene.journal
          .events(second.run.id)
          .filter(({ what }) => what === 'run.claimed');
        assert.ok(startOfSecond.seq > endOfFirst.seq);
        assert.match(
          JSON.stringify(
            ends[1].steps.find(({ id }: any) => id === 'commit.deploy-blue')
              .log,
          ),
          /that run was ahead of this one/,
        );
        assert.deepEqual(await scene.liveVersions(), [
          second.version,
          second.version,
        ]);
      },
    );
  });

  /** Past the waiting for its turn. */
  async function waitUntilOver(id: string): Promise<any> {
    return until(
      async () => {
        const run = await see(id);
        return ['queued', 'waiting', 'running'].includes(run.status)
          ? undefined
          : run;
      },
      120_000,
      200,
    );
  }

  test('the sandbox was asked for nothing that it does not have', async () => {
    assert.deepEqual((await scene.counts()).unimplemented, {});
  });
});

// Two replicas of the backend: the one that carries out a run is killed, stopped past its lease and continued, or asked to end; the other goes on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../scripts/testing/portal.mjs';
import { type JournalEvent, pidOf } from './support/Journal.ts';
import { assertExactlyOnce, type Counts, deedsOf } from './support/ledger.ts';
import type { Row } from './support/report.ts';
import { Scene } from './support/Scene.ts';

/** Lease of 10 s, a sweep each 2 s, and some time to notice. */
const TAKES_OVER_WITHIN_S = 15;
const HANDS_OVER_WITHIN_S = 10;
/** Longer than the lease and the takeover together, so that the answer or the effect comes after them. */
const LATE_MS = 25_000;
/** What a worker that was continued would write, it would write within this. */
const WATCHED_MS = 6_000;

type Moment = (counts: Counts) => Promise<() => Promise<unknown>>;

interface Case extends Pick<Row, 'step' | 'point'> {
  prepare?(): Promise<unknown>;
  /** Called before the run is requested; settles when the moment has come. What it answers with is done after the process was stopped. */
  moment: Moment;
  /** The late request may arrive after the one of the successor: what docs/effects.md names for the effect, and no more. */
  secondSyncOf?: string;
}

describe('two replicas', () => {
  let scene: Scene;

  before(async () => {
    scene = await Scene.start({ replicas: 2 });
  });
  after(() => scene?.finish('replicas', 'Two replicas'));

  const nothing = async () => {};
  const otherThan = (pid: number) =>
    scene.portal.replicas.find(replica => replica.pid !== pid)!;

  const whenRunning =
    (step: string): Moment =>
    async () => {
      await scene.journal.until(
        event => event.what === 'step.running' && event.stepId === step,
        { what: `start of ${step}` },
      );
      return nothing;
    };

  const whenChecked =
    (step: string): Moment =>
    async () => {
      const hold = await scene.journal.hold({
        what: 'step.effect',
        stepId: step,
      });
      await hold.reached();
      return hold.release;
    };

  /** Somebody else has claimed the run. */
  const untilTakenOver = (runId: string, since: JournalEvent) =>
    scene.journal.until(
      event =>
        event.runId === runId &&
        event.what === 'run.claimed' &&
        event.epoch > since.epoch,
      { after: since.seq, what: 'takeover' },
    );

  const lastEventOf = (runId: string) => scene.journal.events(runId).at(-1)!;

  /** Everything that a worker could have written about the run. */
  async function fingerprint(runId: string): Promise<string> {
    const [{ print }] = await scene.journal.query<{ print: string }>(
      `SELECT md5(concat(
        (SELECT run::text FROM run WHERE id = $1),
        (SELECT string_agg(s::text, ' ' ORDER BY step_id) FROM run_step s WHERE run_id = $1),
        (SELECT string_agg(l::text, ' ' ORDER BY step_id, seq) FROM run_log l WHERE run_id = $1))) AS print`,
      [runId],
    );
    return print;
  }

  for (const { title, how, isNeighbour } of [
    {
      title: 'a killed replica on the same machine',
      how: 'SIGKILL',
      isNeighbour: true,
    },
    {
      title: 'a killed replica on a machine of its own',
      how: 'SIGKILL, as on another machine',
      isNeighbour: false,
    },
  ]) {
    test(`${title}: the other one goes on within 15 s`, async () => {
      await scene.case(
        { step: 'sync.orders-green', point: 'is running', how },
        async row => {
          const version = scene.freshVersion();
          const counts = await scene.counts();
          const moment = whenRunning('sync.orders-green')(counts);
          const run = await scene.ship(version);
          await moment;
          const working = lastEventOf(run.id);
          const pid = pidOf(working);
          const { url: base } = otherThan(pid);
          // Whoever is on another machine cannot see that the process is gone, and waits for the lease.
          if (!isNeighbour)
            await scene.journal.query(
              `UPDATE run SET worker = 'elsewhere/' || worker WHERE id = $1`,
              [run.id],
            );
          const from = scene.portal.output().length;
          const killedAt = Date.now();
          process.kill(pid, 'SIGKILL');
          const takeover = await untilTakenOver(run.id, working);
          row.wentOnAfterS = (takeover.at - killedAt) / 1000;
          assert.notEqual(pidOf(takeover), pid);
          assert.ok(
            row.wentOnAfterS <= TAKES_OVER_WITHIN_S,
            `${row.wentOnAfterS} s`,
          );
          assertExactlyOnce(
            await scene.success(row, { run, version, counts, base }),
          );
          await scene.portal.untilPrinted(/ready again/, { from });
          scene.portal.refresh();
        },
      );
    });
  }

  const heldPush: Case = {
    step: 'commit.deploy-green',
    point: 'accepted, not answered',
    prepare: () =>
      scene.fault('git-push-answer-held', {
        target: 'deploy-green',
        value: LATE_MS,
      }),
    async moment(counts) {
      const commits = ({ repositories }: Counts) =>
        repositories['deploy-green'].commits;
      await until(async () => commits(await scene.counts()) > commits(counts));
      return () =>
        scene.fault('git-push-answer-held', {
          target: 'deploy-green',
          on: false,
        });
    },
  };
  const heldSync: Case = {
    step: 'sync.orders-green',
    point: 'accepted, not answered',
    prepare: () =>
      scene.fault('argocd-sync-answer-held', {
        target: 'orders-green',
        value: LATE_MS,
      }),
    async moment(counts) {
      const operations = ({ applications }: Counts) =>
        applications['orders-green'].operations;
      await until(
        async () => operations(await scene.counts()) > operations(counts),
      );
      return () =>
        scene.fault('argocd-sync-answer-held', {
          target: 'orders-green',
          on: false,
        });
    },
  };

  const STOPPED: Case[] = [
    {
      step: 'sync.orders-blue',
      point: 'is running',
      moment: counts => whenRunning('sync.orders-blue')(counts),
    },
    {
      step: 'rollout.orders-green',
      point: 'is running',
      moment: counts => whenRunning('rollout.orders-green')(counts),
    },
    heldPush,
    heldSync,
    {
      step: 'commit.deploy-blue',
      point: 'checked, not sent',
      moment: counts => whenChecked('commit.deploy-blue')(counts),
    },
    {
      step: 'sync.orders-green',
      point: 'checked, not sent',
      moment: counts => whenChecked('sync.orders-green')(counts),
    },
  ];

  for (const each of STOPPED) {
    test(`stopped past its lease, ${each.step}: ${each.point}; the other one ends it, and the stopped one changes nothing afterwards`, async () => {
      await scene.case(
        { step: each.step, point: each.point, how: 'SIGSTOP, SIGCONT' },
        async row => {
          const version = scene.freshVersion();
          const counts = await scene.counts();
          await each.prepare?.();
          const moment = each.moment(counts);
          const run = await scene.ship(version);
          const afterwards = await moment;
          const working = lastEventOf(run.id);
          const pid = pidOf(working);
          const { url: base } = otherThan(pid);
          scene.freeze(pid);
          const stoppedAt = Date.now();
          await afterwards();

          const takeover = await untilTakenOver(run.id, working);
          row.wentOnAfterS = (takeover.at - stoppedAt) / 1000;
          assert.notEqual(pidOf(takeover), pid);
          assert.ok(
            row.wentOnAfterS <= TAKES_OVER_WITHIN_S,
            `${row.wentOnAfterS} s`,
          );
          assertExactlyOnce(
            await scene.success(row, { run, version, counts, base }),
          );

          const print = await fingerprint(run.id);
          scene.thaw();
          await sleep(WATCHED_MS);
          assert.equal(await fingerprint(run.id), print);
          const deeds = deedsOf({
            before: counts,
            after: await scene.counts(),
            runId: run.id,
            version,
          });
          assert.deepEqual(deeds, row.deeds);
          await untilServing(pid);
        },
      );
    });
  }

  /** It was not the end of it: it answers people, and knows how the run ended. */
  async function untilServing(pid: number): Promise<void> {
    const { url } = scene.portal.replicas.find(replica => replica.pid === pid)!;
    await until(async () => {
      const answer = await scene.portal
        .call('dana', 'GET', '/runs/v1/runs?limit=1', { base: url })
        .catch(() => undefined);
      return (
        answer?.status === 200 && answer.body.items[0].status === 'succeeded'
      );
    });
  }

  // What docs/effects.md says of a request that was on its way when its worker was stopped.
  for (const { step, fault, mostSyncs } of [
    { step: 'commit.deploy-green', fault: 'git-slow', mostSyncs: 1 },
    { step: 'sync.orders-green', fault: 'argocd-slow', mostSyncs: 2 },
  ]) {
    test(`a request of ${step} that arrives after the successor's causes what docs/effects.md names, and no more`, async () => {
      await scene.case(
        { step, point: 'sent, arrives late', how: 'SIGSTOP, SIGCONT' },
        async row => {
          const version = scene.freshVersion();
          const counts = await scene.counts();
          const hold = await scene.journal.hold({
            what: 'step.effect',
            stepId: step,
          });
          const run = await scene.ship(version);
          await hold.reached();
          await scene.fault(fault, { value: LATE_MS });
          await hold.release();
          // The request goes out, and waits at the other end.
          await sleep(1_000);
          const working = lastEventOf(run.id);
          const pid = pidOf(working);
          const { url: base } = otherThan(pid);
          scene.freeze(pid);
          const stoppedAt = Date.now();
          await scene.fault(fault, { on: false });
          const takeover = await untilTakenOver(run.id, working);
          row.wentOnAfterS = (takeover.at - stoppedAt) / 1000;
          await scene.success(row, { run, version, counts, base });
          const print = await fingerprint(run.id);
          await sleep(Math.max(0, stoppedAt + LATE_MS - Date.now()));
          scene.thaw();
          await sleep(WATCHED_MS);

          assert.equal(await fingerprint(run.id), print);
          row.deeds = deedsOf({
            before: counts,
            after: await scene.counts(),
            runId: run.id,
            version,
          });
          const made = row.deeds.syncs['orders-green'];
          assert.ok(made >= 1 && made <= mostSyncs, `${made} syncs`);
          assertExactlyOnce({
            ...row.deeds,
            syncs: { ...row.deeds.syncs, 'orders-green': 1 },
          });
          row.note =
            made === 1
              ? 'the late request was refused'
              : 'a second sync, as docs/effects.md says';
          await untilServing(pid);
        },
      );
    });
  }

  test('asked to end with SIGTERM, it hands the run over', async () => {
    await scene.case(
      { step: 'rollout.orders-blue', point: 'is running', how: 'SIGTERM' },
      async row => {
        const version = scene.freshVersion();
        const counts = await scene.counts();
        const moment = whenRunning('rollout.orders-blue')(counts);
        const run = await scene.ship(version);
        await moment;
        const working = lastEventOf(run.id);
        const pid = pidOf(working);
        const { url: base } = otherThan(pid);
        const from = scene.portal.output().length;
        const askedAt = Date.now();
        process.kill(pid, 'SIGTERM');
        const takeover = await untilTakenOver(run.id, working);
        row.wentOnAfterS = (takeover.at - askedAt) / 1000;
        assert.notEqual(pidOf(takeover), pid);
        assert.ok(
          row.wentOnAfterS <= HANDS_OVER_WITHIN_S,
          `${row.wentOnAfterS} s`,
        );
        assertExactlyOnce(
          await scene.success(row, { run, version, counts, base }),
        );
        await scene.portal.untilPrinted(/ready again/, { from });
        scene.portal.refresh();
      },
    );
  });

  test('the sandbox was asked for nothing that it does not have', async () => {
    assert.deepEqual((await scene.counts()).unimplemented, {});
  });
});

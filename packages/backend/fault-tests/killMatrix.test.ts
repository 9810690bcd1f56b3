// Kills the backend at every boundary of a hotfix (in Git, and on an object), a sync, a restart and a change of size, at a gate, and inside every effect, and counts at the remotes what was done.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  readObject,
  requestRun,
  until,
} from '../../../scripts/testing/portal.mjs';
import { assertExactlyOnce, REPOSITORIES } from './support/ledger.ts';
import { CHANGES } from './support/changes.ts';
import type { Row } from './support/report.ts';
import { Scene } from './support/Scene.ts';
import {
  type Case,
  commitsOf,
  createStrikes,
  KILLED,
  nothing,
  operationsOf,
} from './support/strikes.ts';

const STEPS = [
  'check',
  'commit.deploy-blue',
  'commit.deploy-green',
  'sync.orders-blue',
  'sync.orders-green',
  'rollout.orders-blue',
  'rollout.orders-green',
];
/** Of a sync that a person asks for. */
const SYNC_STEPS = ['sync.orders-green', 'settle.orders-green'];
/** The gate of a hotfix is put between its two pushes. */
const GATED_STEP = 'commit.deploy-green';

describe('the kill matrix', () => {
  let scene: Scene;

  before(async () => {
    scene = await Scene.start();
  });
  after(() =>
    scene?.finish(
      'kill-matrix',
      'Kill matrix: one backend, started again by the launcher',
    ),
  );

  const {
    whenRunning,
    whenWritten,
    whenChecked,
    whenAccepted,
    whenDropped,
    counted,
    requestAndStrike,
    strike,
    goesOn,
  } = createStrikes(() => scene);

  const CASES: Case[] = [
    ...STEPS.flatMap(step => [
      whenRunning(step),
      whenWritten(step, 'has succeeded', 'step.succeeded'),
    ]),
    ...['commit.deploy-blue', 'commit.deploy-green', 'sync.orders-green'].map(
      whenChecked,
    ),
    ...['deploy-blue', 'deploy-green'].flatMap(name => [
      whenAccepted(
        `commit.${name}`,
        { fault: 'git-push-answer-held', target: name },
        counted(commitsOf(name)),
      ),
      whenDropped(`commit.${name}`, 'git-push-answer-dropped', name),
    ]),
    whenAccepted(
      'sync.orders-green',
      { fault: 'argocd-sync-answer-held', target: 'orders-green' },
      counted(operationsOf('orders-green')),
    ),
    whenDropped(
      'sync.orders-green',
      'argocd-sync-answer-dropped',
      'orders-green',
    ),
    {
      step: 'sync.orders-blue',
      point: 'automated sync under way',
      how: KILLED,
      async moment(counts) {
        const count = operationsOf('orders-blue');
        await until(async () => count(await scene.counts()) > count(counts));
        return nothing;
      },
    },
  ];

  const SYNC_CASES: Case[] = [
    ...SYNC_STEPS.flatMap(step => [
      whenRunning(step),
      whenWritten(step, 'has succeeded', 'step.succeeded'),
    ]),
    whenChecked('sync.orders-green'),
    whenAccepted(
      'sync.orders-green',
      { fault: 'argocd-sync-answer-held', target: 'orders-green' },
      counted(operationsOf('orders-green')),
    ),
    whenDropped(
      'sync.orders-green',
      'argocd-sync-answer-dropped',
      'orders-green',
    ),
  ];

  const seeRun = (id: string) =>
    scene.portal.call('dana', 'GET', `/runs/v1/runs/${id}`);

  const changeCases = (kind: keyof typeof CHANGES): Case[] => {
    const { cluster, path, steps } = CHANGES[kind];
    const [step] = steps;
    return [
      ...steps.flatMap(each => [
        whenRunning(each),
        whenWritten(each, 'has succeeded', 'step.succeeded'),
      ]),
      whenChecked(step),
      whenAccepted(
        step,
        { fault: 'cluster-patch-answer-held', target: cluster },
        async () => {
          const read = () => readObject(scene.portal, cluster, path);
          const { generation } = (await read()).metadata;
          return async () => (await read()).metadata.generation > generation;
        },
      ),
      whenDropped(step, 'cluster-patch-answer-dropped', cluster),
    ];
  };

  for (const each of CASES) {
    test(`${each.step}: ${each.point}, ${each.how}`, () =>
      scene.case({ step: each.step, point: each.point, how: each.how }, row =>
        carryOutHotfix(each, row),
      ));
  }

  for (const each of SYNC_CASES) {
    const step = `kind sync, ${each.step}`;
    test(`${step}: ${each.point}, ${each.how}`, () =>
      scene.case({ step, point: each.point, how: each.how }, row =>
        carryOutSync(each, row),
      ));
  }

  for (const kind of ['restart', 'scale', 'hotfix'] as const)
    for (const each of changeCases(kind)) {
      const step = `kind ${kind}, ${each.step}`;
      test(`${step}: ${each.point}, ${each.how}`, () =>
        scene.case({ step, point: each.point, how: each.how }, row =>
          carryOutChange(kind, each, row),
        ));
    }

  for (const point of ['waits', 'is opened'] as const) {
    const about = { step: 'gate between the pushes', point, how: KILLED };
    test(`${about.step}: ${point}, ${KILLED}`, () =>
      scene.case(about, row => passGate(point, row)));
  }

  async function carryOutSync(each: Case, row: Row): Promise<void> {
    const counts = await scene.counts();
    const request = () =>
      scene.request('sync', { applications: ['orders-green'] });
    const run = await requestAndStrike(each, { counts, request, row });
    const ended = await scene.ended(run.id);
    row.end = ended.status;
    assert.equal(ended.status, 'succeeded', JSON.stringify(ended, null, 1));
    const countsAfter = await scene.counts();
    const asked = operationsOf('orders-green');
    row.note = [row.note, `${asked(countsAfter) - asked(counts)} operation`]
      .filter(Boolean)
      .join(', ');
    assert.equal(asked(countsAfter) - asked(counts), 1);
    for (const name of REPOSITORIES)
      assert.equal(commitsOf(name)(countsAfter), commitsOf(name)(counts));
  }

  async function carryOutChange(
    kind: keyof typeof CHANGES,
    each: Case,
    row: Row,
  ): Promise<void> {
    const { target, person, cluster, path, input, markOf, is } = CHANGES[kind];
    const read = () => readObject(scene.portal, cluster, path);
    const counts = await scene.counts();
    const wasBefore = await read();
    const wanted = input(wasBefore);
    const request = () =>
      requestRun(
        scene.portal,
        { action: kind, ...target, input: wanted },
        { person },
      );
    const run = await requestAndStrike(each, { counts, request, row });
    const ended = await scene.ended(run.id);
    row.end = ended.status;
    assert.equal(ended.status, 'succeeded', JSON.stringify(ended, null, 1));
    const now = await read();
    const changes = now.metadata.generation - wasBefore.metadata.generation;
    row.note = [row.note, `${changes} change`].filter(Boolean).join(', ');
    assert.equal(changes, 1);
    assert.equal(markOf(now), run.id);
    assert.ok(is(now, wanted));
  }

  /** A run that waits for a person half way is there again after the kill, has done nothing behind the gate, and goes on once it is opened, not sooner. */
  async function passGate(
    point: 'waits' | 'is opened',
    row: Row,
  ): Promise<void> {
    const version = scene.freshVersion();
    const counts = await scene.counts();
    await scene.journal.pauseNextRun({ before: GATED_STEP });
    const run = await scene.ship(version);
    const waiting = await scene.ended(run.id);
    assert.equal(waiting.status, 'waiting', JSON.stringify(waiting, null, 1));
    const [gate] = waiting.gates;
    const open = () =>
      scene.portal.call('dana', 'POST', `/runs/v1/gates/${gate.id}/open`, {
        body: {},
      });
    if (point === 'is opened') {
      const { last } = scene.journal;
      const begun = scene.journal.until(
        ({ runId, what }) => runId === run.id && what === 'run.queued',
        { after: last, what: 'opening of the gate' },
      );
      // Whoever opens may be cut off by the kill.
      void open().catch(() => {});
      const struck = strike(begun.then(() => nothing));
      await goesOn(run.id, await struck, row);
    } else {
      await strike(Promise.resolve(nothing));
      const { status, gates } = (await seeRun(run.id)).body;
      assert.deepEqual([status, gates[0].status], ['waiting', 'closed']);
      const present = await scene.counts();
      const pushes = REPOSITORIES.map(
        name => commitsOf(name)(present) - commitsOf(name)(counts),
      );
      assert.deepEqual(pushes, [1, 0]);
      const opened = await open();
      assert.equal(opened.status, 200, JSON.stringify(opened.body));
    }
    assertExactlyOnce(await scene.success(row, { run, version, counts }));
  }

  async function carryOutHotfix(each: Case, row: Row): Promise<void> {
    const version = scene.freshVersion();
    const counts = await scene.counts();
    const request = () => scene.ship(version);
    const run = await requestAndStrike(each, { counts, request, row });

    assertExactlyOnce(await scene.success(row, { run, version, counts }));
    await until(async () =>
      (await scene.liveVersions()).every(live => live === version),
    );
  }

  test('the sandbox was asked for nothing that it does not have', async () => {
    assert.deepEqual((await scene.counts()).unimplemented, {});
  });
});

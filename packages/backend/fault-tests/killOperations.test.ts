// Kills the backend inside the effects of the other operations: rollbacks, stops, migrations that are run again; and counts what was done.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../scripts/testing/portal.mjs';
import { type Counts, REPOSITORIES } from './support/ledger.ts';
import type { Row } from './support/report.ts';
import { Scene } from './support/Scene.ts';
import {
  type Case,
  commitsOf,
  createStrikes,
  operationsOf,
} from './support/strikes.ts';

const GREEN = 'orders-green';
const BLUE = 'orders-blue';

describe('the kill matrix of the other operations', () => {
  let scene: Scene;

  before(async () => {
    scene = await Scene.start();
  });
  after(() =>
    scene?.finish(
      'kill-operations',
      'Kill matrix of the other operations: one backend, started again by the launcher',
    ),
  );

  const {
    whenRunning,
    whenWritten,
    whenChecked,
    whenAccepted,
    counted,
    requestAndStrike,
  } = createStrikes(() => scene);

  /** One test per case: carries the run out, and says what of the world has to be counted after it. */
  const each = (
    kind: string,
    cases: Case[],
    carryOut: (about: Case, row: Row) => Promise<void>,
  ) => {
    for (const about of cases) {
      const { point, how } = about;
      const step = `kind ${kind}, ${about.step}`;
      test(`${step}: ${point}, ${how}`, () =>
        scene.case({ step, point, how }, row => carryOut(about, row)));
    }
  };

  /** The run as it ended, after it was struck; it has to end like this. */
  const carryOut = async (
    about: Case,
    row: Row,
    wish: {
      counts: Counts;
      kind: string;
      input: object;
      on?: { entityRef: string; environment: string };
    },
    status = 'succeeded',
  ) => {
    const { counts, kind, input, on } = wish;
    const request = () => scene.request(kind, input, on);
    const run = await requestAndStrike(about, { counts, request, row });
    const ended = await scene.ended(run.id);
    row.end = ended.status;
    assert.equal(ended.status, status, JSON.stringify(ended, null, 1));
    return ended;
  };

  const shipped: string[] = [];
  const ship = async () => {
    const version = scene.freshVersion();
    const ended = await scene.ended((await scene.ship(version)).id);
    assert.equal(ended.status, 'succeeded', JSON.stringify(ended, null, 1));
    shipped.push(version);
  };
  const readApplication = async (name: string) => {
    const { url, token } = scene.portal.sandbox.argocd;
    const response = await fetch(
      `${url}/api/v1/applications/${name}?appNamespace=argocd`,
      { headers: { authorization: `Bearer ${token}` } },
    );
    return (await response.json()) as any;
  };

  each(
    'rollback',
    [
      whenChecked('commit.deploy-green'),
      whenAccepted(
        'commit.deploy-blue',
        { fault: 'git-push-answer-held', target: 'deploy-blue' },
        counted(commitsOf('deploy-blue')),
      ),
      whenAccepted(
        `sync.${GREEN}`,
        { fault: 'argocd-sync-answer-held', target: GREEN },
        counted(operationsOf(GREEN)),
      ),
      whenRunning('hold'),
      whenWritten('hold', 'has succeeded', 'step.succeeded'),
    ],
    async (about, row) => {
      while (shipped.length < 2) await ship();
      const counts = await scene.counts();
      // The one that does not run now.
      const [live] = await scene.liveVersions();
      const version = shipped.find(other => other !== live)!;
      const { id } = await carryOut(about, row, {
        counts,
        kind: 'rollback',
        input: { version },
      });
      const since = await scene.counts();
      for (const name of REPOSITORIES)
        assert.equal(commitsOf(name)(since) - commitsOf(name)(counts), 1);
      assert.equal(operationsOf(GREEN)(since) - operationsOf(GREEN)(counts), 1);
      // One lock, however often the last step was begun.
      const locks = await scene.journal.query(
        'SELECT id FROM lock WHERE run_id = $1',
        [id],
      );
      assert.equal(locks.length, 1);
      row.note = [row.note, `${locks.length} lock`].filter(Boolean).join(', ');
    },
  );

  each(
    'rollback by Argo CD, and resume',
    [
      whenChecked(`auto-sync.${BLUE}`),
      whenWritten(`auto-sync.${BLUE}`, 'has succeeded', 'step.succeeded'),
      whenChecked(`rollback.${BLUE}`),
    ],
    async (about, row) => {
      while (shipped.length < 2) await ship();
      const { spec, status } = await readApplication(BLUE);
      const counts = await scene.counts();
      await carryOut(about, row, {
        counts,
        kind: 'rollback',
        input: {
          mode: 'argocd',
          deploys: [{ application: BLUE, id: status.history.at(-2).id }],
        },
      });
      const since = await scene.counts();
      assert.equal(operationsOf(BLUE)(since) - operationsOf(BLUE)(counts), 1);
      const held = await readApplication(BLUE);
      const { automated } = held.spec.syncPolicy ?? {};
      assert.ok(!automated || automated.enabled === false);
      // The same is done to the way back.
      await carryOut(whenChecked(`auto-sync.${BLUE}`), row, {
        counts: since,
        kind: 'resume',
        input: {},
      });
      const free = await readApplication(BLUE);
      assert.deepEqual(free.spec.syncPolicy, spec.syncPolicy);
    },
  );

  each(
    'terminate',
    [
      whenChecked(`terminate.${GREEN}`),
      whenWritten(`terminate.${GREEN}`, 'has succeeded', 'step.succeeded'),
    ],
    async (about, row) => {
      await scene.fault('argocd-stuck', { target: GREEN });
      const counts = await scene.counts();
      const waiting = await scene.request('sync', { applications: [GREEN] });
      await until(async () => {
        const { status } = await readApplication(GREEN);
        return status.operationState?.phase === 'Running';
      });
      await carryOut(about, row, {
        counts,
        kind: 'terminate',
        input: { applications: [GREEN] },
      });
      const ended = await scene.ended(waiting.id);
      assert.equal(ended.status, 'failed', JSON.stringify(ended, null, 1));
      // Nothing took its place.
      const since = await scene.counts();
      assert.equal(operationsOf(GREEN)(since) - operationsOf(GREEN)(counts), 1);
    },
  );

  each(
    'migrate',
    [
      whenChecked(`migrate.${GREEN}`),
      whenAccepted(
        `migrate.${GREEN}`,
        { fault: 'argocd-sync-answer-held', target: GREEN },
        counted(operationsOf(GREEN)),
      ),
    ],
    async (about, row) => {
      const version = scene.freshVersion();
      await scene.fault('migrations-fail', { target: 'prod-green' });
      const failed = await scene.ended((await scene.ship(version)).id);
      assert.equal(failed.status, 'failed', JSON.stringify(failed, null, 1));
      await scene.fault('migrations-fail', { target: 'prod-green', on: false });
      const runsOf = ({ migrations }: Counts) =>
        migrations.filter(
          one => one.version === version && one.cluster === 'prod-green',
        ).length;
      const counts = await scene.counts();
      await carryOut(about, row, { counts, kind: 'migrate', input: {} });
      const since = await scene.counts();
      assert.equal(operationsOf(GREEN)(since) - operationsOf(GREEN)(counts), 1);
      row.note = [row.note, `${runsOf(since) - runsOf(counts)} migration`]
        .filter(Boolean)
        .join(', ');
      assert.equal(runsOf(since) - runsOf(counts), 1);
    },
  );

  test('the sandbox was asked for nothing that it does not have', async () => {
    assert.deepEqual((await scene.counts()).unimplemented, {});
  });
});

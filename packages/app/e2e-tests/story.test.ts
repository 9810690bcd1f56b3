// The story of the README, in a real browser: see, ship, lock, kill, and who may not. Makes the pictures of the docs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { picture, reasonToSkip } from '../../../scripts/testing/browser.mjs';
import {
  readCounts,
  until,
  waitForRun,
} from '../../../scripts/testing/portal.mjs';
import { openStage, type Page } from '../../../scripts/testing/stage.mjs';

const ORDERS = '/catalog/default/component/orders';
const LIVE_VERSION = 'v5.3.24';
const NEXT_VERSION = 'v5.3.25';

describe('the story', { skip: reasonToSkip() }, () => {
  const stage = openStage();
  let dana: Page;
  let runId: string;

  const { open } = stage;
  const hotfixButton = (page: Page, environment = 'Production') =>
    page
      .getByRole('button', {
        name: new RegExp(`Hotfix.*${environment}|Hotfix…`, 'i'),
      })
      .first();

  test('a developer sees which version runs where, its pods, and that nothing locks it', async () => {
    dana = await open('dana', ORDERS);
    const deploy = dana.getByRole('table', { name: /deploy/i }).first();
    await deploy.getByText(LIVE_VERSION).first().waitFor();
    for (const cluster of ['prod-blue', 'prod-green', 'dev']) {
      await deploy.getByText(cluster).first().waitFor();
    }
    await deploy.getByText('Healthy').first().waitFor();
    await dana.getByText('Nothing blocks a deploy').first().waitFor();
    await dana
      .getByText(/\d+\/\d+ ready/)
      .first()
      .waitFor();
    await deploy
      .getByText('not looked at yet')
      .first()
      .waitFor({ state: 'hidden' });
    await picture(dana, 'orders-light');
    const dark = await open('dana', ORDERS, { theme: 'dark' });
    await dark.getByText(LIVE_VERSION).first().waitFor();
    await picture(dark, 'orders-dark');
    await dark.context().close();
  });

  test('a developer ships a hotfix', async () => {
    await hotfixButton(dana).click();
    const walk = dana.getByRole('dialog');
    await walk.getByText(NEXT_VERSION, { exact: true }).first().click();
    await picture(dana, 'hotfix-version-light');
    await walk.getByRole('button', { name: 'See the change' }).click();
    await walk
      .getByText(/apps\/orders/)
      .first()
      .waitFor();
    await walk.getByText(LIVE_VERSION).first().waitFor();
    await picture(dana, 'hotfix-change-light');
    await walk.getByLabel(/Reason/).fill('Orders are rounded wrongly');
    await walk
      .getByRole('button', { name: /Ship v5\.3\.25 to 2 clusters/ })
      .click();
    await walk
      .getByRole('link', { name: /Open run/ })
      .last()
      .click();
    await dana.waitForURL(/\/runs\//);
    runId = new URL(dana.url()).pathname.split('/').pop()!;
    await dana
      .getByText(/Ship v5\.3\.25/)
      .first()
      .waitFor();
    // The first step is over: there is something to see.
    await dana
      .getByText(/^[1-9] of 7$/)
      .first()
      .waitFor();
    await picture(dana, 'run-running-light');

    const run = await waitForRun(
      stage.portal,
      runId,
      ['succeeded', 'failed', 'dead', 'needs-attention', 'waiting'],
      { timeoutMs: 180_000 },
    );
    assert.equal(run.status, 'succeeded', JSON.stringify(run, null, 1));
    await dana
      .getByText(/succeeded/i)
      .first()
      .waitFor();
    await picture(dana, 'run-succeeded-light');

    const counts = await readCounts(stage.portal);
    for (const repository of ['deploy-blue', 'deploy-green'])
      assert.equal(counts.repositories[repository].commits, 1);
    for (const application of ['orders-blue', 'orders-green'])
      assert.equal(counts.applications[application].syncs, 1);
    assert.deepEqual(
      counts.migrations
        .filter((migration: any) => migration.version === NEXT_VERSION)
        .map((migration: any) => migration.outcome)
        .sort(),
      ['already', 'changed'],
    );
  });

  test('the cards change by themselves', async () => {
    await dana.goto(`${stage.portal.url}${ORDERS}`);
    const deploy = dana.getByRole('table', { name: /deploy/i }).first();
    await deploy.getByText(NEXT_VERSION).first().waitFor();
  });

  test("the owner's lock disables the developer's button within a second, and says so; curl is refused with the same reason", async () => {
    await until(() => hotfixButton(dana).isEnabled(), 30_000);
    const omar = await open('omar', ORDERS);
    await omar
      .getByRole('button', { name: /^Lock…?/ })
      .first()
      .click();
    const dialog = omar.getByRole('dialog');
    await dialog.getByLabel(/Reason/).fill('Stocktaking until noon');
    await dialog.getByRole('button', { name: /^Lock orders/ }).click();
    const started = Date.now();
    await until(async () => !(await hotfixButton(dana).isEnabled()), 5_000, 10);
    const took = Date.now() - started;
    console.log(`lock → button disabled in the other session: ${took} ms`);
    await dana.getByText('Stocktaking until noon').first().waitFor();
    await picture(dana, 'locked-light');

    const preview = await stage.portal.call(
      'dana',
      'POST',
      '/runs/v1/previews',
      {
        body: {
          action: 'hotfix',
          entityRef: 'component:default/orders',
          environment: 'production',
          input: { version: LIVE_VERSION },
        },
      },
    );
    assert.equal(preview.body.verdict.allowed, false);
    assert.match(
      JSON.stringify(preview.body.verdict.blockers),
      /Stocktaking until noon/,
    );
    const request = await stage.portal.call('dana', 'POST', '/runs/v1/runs', {
      headers: { 'idempotency-key': 'locked-2' },
      body: {
        action: 'hotfix',
        entityRef: 'component:default/orders',
        environment: 'production',
        input: { version: LIVE_VERSION },
        reason: 'back',
        planHash: preview.body.planHash,
      },
    });
    assert.equal(request.status, 409, JSON.stringify(request.body));
    assert.match(JSON.stringify(request.body), /Stocktaking until noon/);

    await omar
      .getByRole('button', { name: /Release/ })
      .first()
      .click();
    await omar
      .getByRole('dialog')
      .getByRole('button', { name: /Release/ })
      .click();
    await until(() => hotfixButton(dana).isEnabled(), 10_000);
    await omar.context().close();
  });

  test('a run goes on after its backend is killed, and does nothing twice', async () => {
    const { requestHotfix } = await import(
      '../../../scripts/testing/portal.mjs'
    );
    const run = await requestHotfix(stage.portal, {
      version: LIVE_VERSION,
      reason: 'Back again',
    });
    const countsBefore = await readCounts(stage.portal);
    await waitForRun(stage.portal, run.id, ['running']);
    const { pid } = stage.portal.replicas[0];
    process.kill(pid, 'SIGKILL');
    await until(() => stage.portal.output().includes('ready again'), 60_000);
    stage.portal.refresh();
    assert.notEqual(stage.portal.replicas[0].pid, pid);
    const ended = await waitForRun(
      stage.portal,
      run.id,
      ['succeeded', 'failed', 'dead', 'needs-attention', 'waiting'],
      { timeoutMs: 180_000 },
    );
    assert.equal(ended.status, 'succeeded', JSON.stringify(ended, null, 1));
    const now = await readCounts(stage.portal);
    for (const repository of ['deploy-blue', 'deploy-green']) {
      const ofRun = now.repositories[repository].items.filter(
        (commit: any) => commit.trailers['Switchyard-Run'] === run.id,
      );
      assert.equal(ofRun.length, 1);
    }
    for (const application of ['orders-blue', 'orders-green']) {
      assert.equal(
        now.applications[application].syncs -
          countsBefore.applications[application].syncs,
        1,
      );
    }
  });

  test('a developer of another team sees the page and may not ship', async () => {
    const ravi = await open('ravi', ORDERS);
    await ravi.getByText(LIVE_VERSION).first().waitFor();
    const button = hotfixButton(ravi);
    await button.waitFor();
    assert.equal(await button.isEnabled(), false);
    await ravi.context().close();
    const refused = await stage.portal.call(
      'ravi',
      'POST',
      '/runs/v1/previews',
      {
        body: {
          action: 'hotfix',
          entityRef: 'component:default/orders',
          environment: 'production',
          input: { version: NEXT_VERSION },
        },
      },
    );
    assert.equal(refused.status, 403);
  });

  test('the guest sees no buttons', async () => {
    const guest = await open('guest', ORDERS);
    await guest.getByText(LIVE_VERSION).first().waitFor();
    assert.equal(
      await guest.getByRole('button', { name: /Hotfix/ }).count(),
      0,
    );
    await guest.context().close();
  });

  test("an entity that names somebody else's Application can do nothing to it", async () => {
    const countsBefore = await readCounts(stage.portal);
    const preview = await stage.portal.call(
      'ravi',
      'POST',
      '/runs/v1/previews',
      {
        body: {
          action: 'hotfix',
          entityRef: 'component:default/intruder',
          environment: 'production',
          input: { version: NEXT_VERSION },
        },
      },
    );
    assert.ok(
      preview.status !== 200 ||
        preview.body.verdict.allowed === false ||
        preview.body.plan.problems.length > 0,
      JSON.stringify(preview.body),
    );
    assert.match(JSON.stringify(preview.body), /consent|agree|name/i);
    const request = await stage.portal.call('ravi', 'POST', '/runs/v1/runs', {
      headers: { 'idempotency-key': 'intruder' },
      body: {
        action: 'hotfix',
        entityRef: 'component:default/intruder',
        environment: 'production',
        input: { version: NEXT_VERSION },
        reason: 'mine now',
        planHash: preview.body.planHash ?? '0'.repeat(64),
      },
    });
    assert.ok(
      request.status >= 400 && request.status < 500,
      JSON.stringify(request.body),
    );
    const now = await readCounts(stage.portal);
    assert.deepEqual(now.repositories, countsBefore.repositories);
  });
});

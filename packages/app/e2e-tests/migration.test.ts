// A migration that fails, in a real browser: the deploy stops with its last lines, and once its cause is mended it is run again. Makes pictures of the docs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { picture, reasonToSkip } from '../../../scripts/testing/browser.mjs';
import {
  ENDED,
  readCounts,
  requestHotfix,
  setFault,
  waitForRun,
} from '../../../scripts/testing/portal.mjs';
import { checkScreen, checkTheme } from '../../../scripts/testing/screens.mjs';
import { openStage, type Page } from '../../../scripts/testing/stage.mjs';

const ORDERS = '/catalog/default/component/orders/deploy';
const NEXT = 'v5.3.25';

describe('a migration that fails', { skip: reasonToSkip() }, () => {
  const stage = openStage();
  let dana: Page;

  const failMigrations = (on: boolean) =>
    setFault(stage.portal, {
      fault: 'migrations-fail',
      target: 'prod-green',
      on,
    });
  const migrationsInGreen = async () => {
    const { migrations } = await readCounts(stage.portal);
    return migrations
      .filter(
        ({ cluster, version }: any) =>
          cluster === 'prod-green' && version === NEXT,
      )
      .map(({ outcome }: any) => outcome);
  };

  test('the run stops there, and shows why with its last lines', async () => {
    await failMigrations(true);
    const run = await requestHotfix(stage.portal, {
      component: 'orders',
      version: NEXT,
      reason: 'Totals are rounded wrongly',
    });
    const ended = await waitForRun(stage.portal, run.id, ENDED, {
      timeoutMs: 240_000,
    });
    assert.equal(ended.status, 'failed', JSON.stringify(ended, null, 1));
    dana = await stage.open('dana', `/runs/${run.id}`);
    // The step that failed is open by itself.
    const step = dana.getByRole('region', { name: 'Step Sync orders-green' });
    await checkScreen(dana, 'migration-failed', {
      show: () => step.getByText(/PG::NotNullViolation/).waitFor(),
    });
    await step
      .getByText(/The migration failed, so nothing was rolled out/)
      .first()
      .waitFor();
    await step.getByText(/Last lines of orders-migrate/).waitFor();
    await step
      .getByRole('searchbox', { name: 'Search the log' })
      .fill('NotNull');
    await step.getByText(/^1 of \d+ lines/).waitFor();
    await step.getByText(/PG::NotNullViolation/).waitFor();
    await picture(dana, 'run-log-search-dark');
    // Its siblings went on: the other cluster has a migration of its own.
    assert.equal(
      ended.steps.find(({ id }: any) => id === 'rollout.orders-blue').status,
      'succeeded',
    );
    // Argo CD's own retries count for nothing: it failed, however often it was tried.
    assert.deepEqual([...new Set(await migrationsInGreen())], ['failed']);
  });

  test('the card says so too, and what runs is still the version before', async () => {
    await dana.goto(`${stage.portal.url}${ORDERS}`);
    const deploy = dana.getByRole('table', { name: /deploy/i }).first();
    const green = deploy.getByRole('row').filter({ hasText: 'orders-green' });
    await green.getByText('Migration failed').waitFor();
    await green.getByText('v5.3.24').first().waitFor();
    await dana
      .getByText(/Job orders-migrate failed on prod-green/)
      .first()
      .waitFor();
    await checkTheme(dana, 'migration-verdict-light');
  });

  test('once its cause is mended it is run again from the menu, and the version follows', async () => {
    await failMigrations(false);
    await dana
      .getByRole('button', { name: /^More for Production/i })
      .first()
      .click();
    await dana.getByRole('menuitem', { name: 'Run migration again…' }).click();
    const walk = dana.getByRole('dialog', {
      name: 'Run migration again: orders in Production',
    });
    await walk.getByText('It has to find done what it has done').waitFor();
    // Only the one that failed: the other cluster is not among what changes.
    const changes = walk.getByRole('table').first();
    await changes.getByText('migration of orders-green').waitFor();
    assert.equal(await changes.getByText(/orders-blue/).count(), 0);
    // The window fades in, the label moves.
    await dana.waitForTimeout(500);
    await checkTheme(dana, 'migration-again-light');
    const { length } = await migrationsInGreen();
    await walk.getByLabel(/Reason/).fill('The column has a default now');
    await walk
      .getByRole('button', {
        name: 'Run the migration of orders-green again in prod-green',
      })
      .click();
    const link = walk.getByRole('link', { name: /Open run/ }).last();
    await link.waitFor();
    const id = (await link.getAttribute('href'))!.split('/').pop()!;
    const run = await waitForRun(stage.portal, id, ENDED);
    assert.equal(run.status, 'succeeded', JSON.stringify(run, null, 1));
    const since = (await migrationsInGreen()).slice(length);
    assert.equal(since.length, 1);
    assert.notEqual(since[0], 'failed');
    await dana.goto(`${stage.portal.url}${ORDERS}`);
    const green = dana
      .getByRole('table', { name: /deploy/i })
      .first()
      .getByRole('row')
      .filter({ hasText: 'orders-green' });
    await green.getByText('Migration ran').waitFor();
    await green.getByText(NEXT).first().waitFor();
    assert.deepEqual(dana.problems, []);
  });
});

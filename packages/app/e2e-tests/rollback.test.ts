// The menu of the Deploy card in a real browser: a version is brought back, and the other actions are opened and carried out once. Makes pictures of the docs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { picture, reasonToSkip } from '../../../scripts/testing/browser.mjs';
import {
  ENDED,
  readCounts,
  requestHotfix,
  until,
  waitForRun,
} from '../../../scripts/testing/portal.mjs';
import {
  openStage,
  type Page,
  type WindowOptions,
} from '../../../scripts/testing/stage.mjs';

const ORDERS = '/catalog/default/component/orders';
const BEFORE = 'v5.3.24';
const NEXT = 'v5.3.25';

describe(
  'rollback and the other actions of the card',
  {
    skip: reasonToSkip(),
  },
  () => {
    const stage = openStage();
    let dana: Page;

    const open = (address: string, options?: WindowOptions) =>
      stage.open('dana', address, options);
    /** The window of an action, from the menu of production. */
    const openAction = async (page: Page, title: string) => {
      await page
        .getByRole('button', { name: /^More for Production/i })
        .first()
        .click();
      await page.getByRole('menuitem', { name: `${title}…` }).click();
      const walk = page.getByRole('dialog');
      await walk.waitFor();
      return walk;
    };
    // The window fades in, labels move; other things on the card turn for ever, so there is no end of all animations to wait for.
    const stand = (page: Page) => page.waitForTimeout(500);
    /** Gives the reason, confirms, and waits for the end of the run. */
    const confirm = async (
      page: Page,
      name: RegExp,
      reason: string,
      expected = 'succeeded',
    ) => {
      const walk = page.getByRole('dialog');
      await walk.getByLabel(/Reason/).fill(reason);
      await walk.getByRole('button', { name }).click();
      const link = walk.getByRole('link', { name: /Open run/ }).last();
      await link.waitFor();
      const id = (await link.getAttribute('href'))!.split('/').pop()!;
      const run = await waitForRun(stage.portal, id, ENDED, {
        timeoutMs: 240_000,
      });
      assert.equal(run.status, expected, JSON.stringify(run, null, 1));
      await page
        .getByRole('dialog')
        .getByRole('button', { name: 'Close' })
        .click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      return run;
    };

    test('a version that ran is chosen, shown and brought back in both clusters', async () => {
      const shipped = await requestHotfix(stage.portal, {
        component: 'orders',
        version: NEXT,
        reason: 'Totals are rounded wrongly',
      });
      const { status } = await waitForRun(stage.portal, shipped.id, ENDED, {
        timeoutMs: 240_000,
      });
      assert.equal(status, 'succeeded');
      const commits = async () => {
        const { repositories } = await readCounts(stage.portal);
        return ['deploy-blue', 'deploy-green'].map(
          name => repositories[name].commits,
        );
      };
      const earlier = await commits();

      dana = await open(ORDERS);
      const deploy = dana.getByRole('table', { name: /deploy/i }).first();
      await deploy.getByText(NEXT).first().waitFor();
      await dana
        .getByRole('button', { name: /^More for Production/i })
        .first()
        .click();
      await stand(dana);
      await picture(dana, 'actions-menu-light');
      await dana.keyboard.press('Escape');

      const walk = await openAction(dana, 'Roll back');
      const version = walk.getByRole('radio', { name: BEFORE });
      await version.waitFor();
      assert.equal(
        await walk.getByRole('radio', { name: NEXT }).isDisabled(),
        true,
      );
      await version.check();
      await stand(dana);
      await picture(dana, 'rollback-version-light');
      await walk.getByRole('button', { name: 'See the change' }).click();
      await walk
        .getByText(/apps\/orders/)
        .first()
        .waitFor();
      await walk
        .getByText('The old code meets the new schema')
        .first()
        .waitFor();
      await picture(dana, 'rollback-change-light');
      const run = await confirm(
        dana,
        /Roll back to v5\.3\.24 in 2 clusters/,
        'Totals are wrong now',
      );
      assert.equal(run.kind, 'rollback');
      assert.deepEqual(
        (await commits()).map((count, index) => count - earlier[index]),
        [1, 1],
      );
      await deploy.getByText(BEFORE).first().waitFor();
      await deploy.getByText(NEXT).first().waitFor({ state: 'hidden' });
    });

    test('each line of the history leads back to what it deployed', async () => {
      await dana
        .getByRole('button', { name: /^Details of orders-blue/ })
        .click();
      await dana.getByRole('tab', { name: 'History' }).click();
      const history = dana.getByRole('table', { name: 'History of deploys' });
      await history.waitFor();
      const button = history
        .getByRole('button', { name: 'Roll back…' })
        .first();
      await button.scrollIntoViewIfNeeded();
      await picture(dana, 'history-light');
      await button.click();
      const walk = dana.getByRole('dialog');
      await until(() => walk.getByRole('radio', { name: NEXT }).isChecked());
      await walk.getByRole('button', { name: 'Cancel' }).click();
      await walk.waitFor({ state: 'hidden' });
    });

    test('a sync says what differs, and is carried out', async () => {
      const walk = await openAction(dana, 'Sync');
      await walk.getByLabel('Everything, with its hooks').waitFor();
      await walk.getByRole('checkbox', { name: 'Prune' }).check();
      await stand(dana);
      await picture(dana, 'sync-form-light');
      await walk.getByRole('checkbox', { name: 'Prune' }).uncheck();
      await walk.getByRole('button', { name: 'See the change' }).click();
      await walk.getByLabel(/Reason/).waitFor();
      await picture(dana, 'sync-change-light');
      await confirm(dana, /^Sync 2 Applications/, 'To be sure');
    });

    test('a restart says what it costs, and is carried out', async () => {
      const walk = await openAction(dana, 'Restart');
      await walk.getByLabel(/Reason/).waitFor();
      await stand(dana);
      await picture(dana, 'restart-change-light');
      await confirm(dana, /^Restart/, 'It leaks memory');
    });

    test('a scale asks for a number, says that Argo CD puts it back, and ends with that where it does', async () => {
      const walk = await openAction(dana, 'Scale');
      await walk.getByRole('textbox', { name: 'Pods' }).fill('4');
      await stand(dana);
      await picture(dana, 'scale-form-light');
      await walk.getByRole('button', { name: 'See the change' }).click();
      await walk.getByLabel(/Reason/).waitFor();
      // Of the two Applications one heals itself.
      await walk.getByText('Argo CD puts it back').waitFor();
      await picture(dana, 'scale-change-light');
      const { cause } = await confirm(
        dana,
        /^Scale/,
        'A sale begins',
        'failed',
      );
      assert.match(cause, /set to 4 pods, and somebody has set it to 3 since/);
    });

    test('there is nothing to stop, and the window says so', async () => {
      const dark = await open(ORDERS, { theme: 'dark' });
      const walk = await openAction(dark, 'Stop operation');
      await walk.getByText('No operation is running').first().waitFor();
      await stand(dark);
      await picture(dark, 'stop-operation-dark');
      await walk.getByRole('button', { name: 'Cancel' }).click();
      const rollback = await openAction(dark, 'Roll back');
      await rollback.getByRole('radio', { name: NEXT }).check();
      await stand(dark);
      await picture(dark, 'rollback-version-dark');
      assert.deepEqual([...dana.problems, ...dark.problems], []);
      await dark.context().close();
    });
  },
);

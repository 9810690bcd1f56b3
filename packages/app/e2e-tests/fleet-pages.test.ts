// The pages over the whole fleet, in a real browser: what is wrong first, filters in the address, versions side by side, the wall. Makes their pictures.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reasonToSkip } from '../../../scripts/testing/browser.mjs';
import { checkScreen } from '../../../scripts/testing/screens.mjs';
import { openStage, type Page } from '../../../scripts/testing/stage.mjs';

const LIVE_VERSION = 'v5.3.24';

describe('the fleet pages', { skip: reasonToSkip() }, () => {
  const stage = openStage();

  const { open } = stage;
  const apps = (page: Page) => page.getByRole('table', { name: 'Apps' });
  /** The component is known once the backend has read the catalog, which fills itself after the start. */
  const seeOrders = (page: Page) =>
    apps(page)
      .getByRole('link', { name: 'orders-blue', exact: true })
      .first()
      .waitFor({ timeout: 60_000 });

  test('an engineer sees every app, and narrows them by the keyboard alone', async () => {
    const page = await open('inge', '/deploys/apps');
    await seeOrders(page);
    await checkScreen(page, 'apps', { show: () => seeOrders(page) });
    const box = page.getByRole('searchbox');
    await box.focus();
    await page.keyboard.type('orders');
    await page.getByText(/\d+ of \d+ shown/).waitFor();
    assert.match(page.url(), /[?&]q=orders/);
    const names = await apps(page)
      .getByRole('link', { name: /^orders/ })
      .count();
    assert.ok(names >= 3, `${names} lines of orders`);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test('a commit, an image and a pod lead to their component', async () => {
    const page = await open('dana', '/deploys/apps');
    await seeOrders(page);
    const hit = page
      .getByRole('region', { name: 'Found in the fleet' })
      .getByRole('listitem')
      .filter({ hasText: 'of orders,' })
      .getByRole('link', { name: /orders:v5\.3\.24/ })
      .first();
    await checkScreen(page, 'search', {
      show: async () => {
        await page.getByRole('searchbox').fill(`orders:${LIVE_VERSION}`);
        await page.getByRole('searchbox').focus();
        await hit.waitFor();
      },
    });
    await hit.click();
    await page.waitForURL(/\/catalog\/default\/component\/orders\/deploy/);
    await page.context().close();
  });

  test('versions stand side by side, and lead to the tab of the component', async () => {
    const page = await open('dana', '/deploys/matrix');
    const table = page.getByRole('table', { name: /Versions/ });
    await table.getByRole('columnheader', { name: /prod-green/ }).waitFor();
    const cell = table
      .getByRole('link', { name: /orders in Production on prod-blue/ })
      .first();
    assert.match((await cell.textContent()) ?? '', /v5\.3\.24/);
    await checkScreen(page, 'matrix', { show: () => cell.waitFor() });
    await cell.click();
    await page.waitForURL(/\/catalog\/default\/component\/orders\/deploy/);
    await page.context().close();
  });

  test('the wall fills the window with what is wrong', async () => {
    const page = await open('inge', '/deploys/wall');
    const wrong = page.getByRole('list', { name: 'What is wrong' });
    await wrong.getByText('workbench').waitFor();
    const box = await page.getByRole('main').last().boundingBox();
    assert.equal(box?.width, 1440);
    await checkScreen(page, 'wall', {
      show: () => wrong.getByText('workbench').waitFor(),
    });
    await page.context().close();
  });
});

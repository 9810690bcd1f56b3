// The pages over the whole fleet, in a real browser: what is wrong first, filters in the address, versions side by side, the wall. Makes their pictures.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  launchBrowser,
  picture,
  reasonToSkip,
  signIn,
} from '../../../scripts/testing/browser.mjs';
import { startPortal } from '../../../scripts/testing/portal.mjs';

const LIVE_VERSION = 'v5.3.24';

type Page = Awaited<ReturnType<typeof signIn>>;

describe('the fleet pages', { skip: reasonToSkip() }, () => {
  let portal: Awaited<ReturnType<typeof startPortal>>;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;

  before(async () => {
    [portal, browser] = await Promise.all([startPortal(), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await portal?.stop();
  });

  const open = (
    person: string,
    address: string,
    options?: Parameters<typeof signIn>[3],
  ) => signIn(browser, `${portal.url}${address}`, person, options);
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
    await picture(page, 'apps-light');
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
    const box = page.getByRole('searchbox');
    await box.fill(`orders:${LIVE_VERSION}`);
    const found = page.getByRole('region', { name: 'Found in the fleet' });
    await found
      .getByRole('listitem')
      .filter({ hasText: 'of orders,' })
      .getByRole('link', { name: /orders:v5\.3\.24/ })
      .first()
      .click();
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
    await picture(page, 'matrix-light');
    await cell.click();
    await page.waitForURL(/\/catalog\/default\/component\/orders\/deploy/);
    await page.context().close();
  });

  test('the wall fills the window with what is wrong', async () => {
    const page = await open('inge', '/deploys/wall');
    // Nothing is, in a world that was just made; or something is not ready yet.
    await page
      .getByText(/Nothing is|failed|drifting|not seen/)
      .first()
      .waitFor();
    const box = await page.getByRole('main').last().boundingBox();
    assert.equal(box?.width, 1440);
    await picture(page, 'wall-light');
    await page.context().close();
  });

  test('dark, and on a phone: the page does not scroll sideways', async () => {
    for (const [address, name] of [
      ['/deploys/apps', 'apps-dark'],
      ['/deploys/matrix', 'matrix-dark'],
    ]) {
      const dark = await open('dana', address, { theme: 'dark' });
      await dark.getByText(LIVE_VERSION).first().waitFor();
      await picture(dark, name);
      await dark.context().close();
      const phone = await open('dana', address, { width: 360, height: 740 });
      await phone.getByText(LIVE_VERSION).first().waitFor();
      const wide = await phone.evaluate(
        () => document.documentElement.scrollWidth,
      );
      assert.ok(wide <= 360, `${address} is ${wide} pixels wide`);
      if (process.env.SWITCHYARD_PICTURES) {
        await phone.screenshot({
          path: `${process.env.SWITCHYARD_PICTURES}/${name}-phone.png`,
        });
      }
      await phone.context().close();
    }
  });
});

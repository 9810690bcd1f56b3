// What each screen has to be, whatever it shows: readable in both themes, for screen readers, by keyboard, and on a phone.
import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import { picture } from './browser.mjs';

/** WCAG 2.1, levels A and AA; whatever else axe advises is left to taste. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
const PHONE_PX = 360;
/** More stops than any page has: whoever has not arrived by then goes round in circles. */
const MAX_STOPS = 300;

/**
 * Looks at a screen in both themes and on a phone; makes the pictures `name-light` and `name-dark`, and leaves the page dark. Another theme builds the
 * page anew: `show` brings back what the address does not tell, and waits for what is to be seen.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} name
 * @param {{ show: () => Promise<unknown>, from?: import('playwright-core').Locator }} options `from`: what stands on top of the pictures
 */
export async function checkScreen(page, name, { show, from }) {
  for (const theme of ['light', 'dark']) {
    await setTheme(page, theme);
    await show();
    await checkTheme(page, `${name}-${theme}`, { from });
  }
  const size = page.viewportSize();
  await page.setViewportSize({ width: PHONE_PX, height: 740 });
  await assertNoSidewaysScroll(page, name);
  await page.setViewportSize(size);
}

/** Looks at what is open as it is, and makes a picture of it. */
export async function checkTheme(page, name, { from } = {}) {
  assert.deepEqual(await seriousFindings(page), [], name);
  // Not before: axe goes back to where it began.
  await from?.evaluate(element => element.scrollIntoView());
  await picture(page, name);
}

/** Gives a page that is open a theme, as another tab does in which somebody chooses it. */
export async function setTheme(page, theme) {
  await page.evaluate(mode => {
    window.localStorage.setItem('theme', mode);
    window.dispatchEvent(new StorageEvent('storage', { key: 'theme' }));
  }, theme);
  await page.locator(`body[data-theme-mode=${theme}]`).waitFor();
}

/** What axe finds that keeps people out, in a line each. */
export async function seriousFindings(page) {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .withTags(RULES)
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(
        node => `${id}: ${node.html.slice(0, 200)} (${node.failureSummary})`,
      ),
    );
}

/** Tables may scroll inside; the page itself may not. */
export async function assertNoSidewaysScroll(page, name) {
  const fits = () => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth <= clientWidth;
  };
  // What measures itself does so a moment after the window has changed.
  await page.waitForFunction(fits, undefined, { timeout: 5_000 }).catch(() => {
    throw new Error(`${name} scrolls sideways`);
  });
}

/** Goes on with the Tab key until the focus is on what is meant. */
export async function tabTo(page, target) {
  for (let stop = 0; stop < MAX_STOPS; stop += 1) {
    await page.keyboard.press('Tab');
    const isThere = await target.evaluate(
      element => element === document.activeElement,
    );
    if (isThere) return;
  }
  throw new Error(`The Tab key does not lead to ${target}`);
}

// What each suite in a browser has: a portal of its own and a browser.
import { after, before } from 'node:test';
import { launchBrowser, signIn } from './browser.mjs';
import { startPortal } from './portal.mjs';

/**
 * @typedef {Awaited<ReturnType<typeof signIn>>} Page
 * @typedef {Parameters<typeof signIn>[3]} WindowOptions
 */

/**
 * Called in a suite. Both are there for what the suite prepares and for its tests, and gone after them.
 *
 * @param {Parameters<typeof startPortal>[0]} [options]
 */
export function openStage(options) {
  /** @type {Awaited<ReturnType<typeof startPortal>>} */
  let portal;
  /** @type {Awaited<ReturnType<typeof launchBrowser>>} */
  let browser;
  before(async () => {
    [portal, browser] = await Promise.all([
      startPortal(options),
      launchBrowser(),
    ]);
  });
  after(async () => {
    await browser?.close();
    await portal?.stop();
  });
  return {
    get portal() {
      return portal;
    },
    get browser() {
      return browser;
    },
    /**
     * A window of a person's own, at an address of the portal.
     *
     * @param {string} person
     * @param {string} address
     * @param {WindowOptions} [how]
     */
    open: (person, address, how) =>
      signIn(browser, `${portal.url}${address}`, person, how),
    /**
     * A run, as a person sees it.
     *
     * @param {string} id
     */
    readRun: async (id, person = 'dana') =>
      (await portal.call(person, 'GET', `/runs/v1/runs/${id}`)).body,
  };
}

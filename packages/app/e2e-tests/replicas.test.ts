// Two replicas of the backend behind one address, one of them behind the other: no part of a screen is replaced by an older one.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page, Route } from 'playwright-core';
import {
  launchBrowser,
  openWindow,
  reasonToSkip,
} from '../../../scripts/testing/browser.mjs';
import {
  patchObject,
  startPortal,
  until,
} from '../../../scripts/testing/portal.mjs';

const OLD = 'v2.8.7';
const NEW = 'v2.8.8';
/** The machine may be busy with other things. */
const TIMEOUT_MS = 60_000;

/**
 * Gives the requests of a page to two replicas by turns, each kind of question by turns of its own, so that none is answered by one replica only. The
 * second can be held back: then it answers what it answered before, as one whose watches have not come as far.
 */
class Balancer {
  readonly #replicas: ReadonlyArray<{ url: string }>;
  readonly #answersOfSecond = new Map<
    string,
    Parameters<Route['fulfill']>[0]
  >();
  readonly #turns = new Map<string, number>();
  secondIsBehind = false;
  /** How often an older answer was given. */
  olderAnswers = 0;

  constructor(replicas: ReadonlyArray<{ url: string }>) {
    this.#replicas = replicas;
  }

  /** How many reads the second could answer when it is held back. */
  get kept(): number {
    return this.#answersOfSecond.size;
  }

  async serve(page: Page): Promise<void> {
    await page.route('**/api/**', route => this.#answer(route));
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const { pathname, search } = new URL(request.url());
    const turn = 1 - (this.#turns.get(pathname) ?? 1);
    this.#turns.set(pathname, turn);
    const isKept =
      turn === 1 && /^\/api\/deploys\/.*\/(state|fleet-view)$/.test(pathname);
    if (isKept && this.secondIsBehind) {
      this.olderAnswers += 1;
      await route.fulfill(this.#answersOfSecond.get(pathname));
      return;
    }
    const headers = request.headers();
    // What is kept has to be a whole answer, not what changed since the last one.
    if (isKept) delete headers['if-none-match'];
    const { url } = this.#replicas[turn];
    const response = await route.fetch({
      url: `${url}${pathname}${isKept ? '' : search}`,
      headers,
    });
    const answer = { response, body: await response.body() };
    if (isKept) this.#answersOfSecond.set(pathname, answer);
    await route.fulfill(answer);
  }
}

describe('two replicas', { skip: reasonToSkip() }, () => {
  let portal: Awaited<ReturnType<typeof startPortal>>;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;

  before(async () => {
    [portal, browser] = await Promise.all([
      startPortal({ replicas: 2 }),
      launchBrowser(),
    ]);
  });
  after(async () => {
    await browser?.close();
    await portal?.stop();
  });

  test('what has been seen of a change is never taken back', async () => {
    const balancer = new Balancer(portal.replicas);
    const open = async (address: string, name: RegExp) => {
      const page = await openWindow(browser, 'inge');
      page.setDefaultTimeout(TIMEOUT_MS);
      await balancer.serve(page);
      await page.goto(`${portal.url}${address}`);
      const line = page.getByRole('row', { name }).first();
      await line.getByText(OLD, { exact: true }).waitFor();
      return { page, line };
    };
    const screens = [
      await open(
        '/catalog/default/component/gateway/deploy',
        /^Details of dev/,
      ),
      await open('/deploys/apps?q=gateway', /gateway.* dev /),
    ];
    const readAgain = () =>
      Promise.all(
        screens.map(({ page }) =>
          // As when the network returns.
          page.evaluate(() => window.dispatchEvent(new Event('online'))),
        ),
      );
    await until(async () => {
      await readAgain();
      return balancer.kept >= screens.length;
    }, TIMEOUT_MS);

    balancer.secondIsBehind = true;
    await patchObject(
      portal,
      'dev',
      '/apis/apps/v1/namespaces/platform/deployments/gateway',
      withImage(`${portal.sandbox.registry.host}/main_service:gateway_${NEW}`),
    );
    for (const { page, line } of screens) {
      await line.getByText(NEW, { exact: true }).waitFor();
      // Until no pod has it any more.
      await line.getByText(OLD).first().waitFor({ state: 'hidden' });
      await noteWhatIsTakenBack(page);
    }
    const seen = balancer.olderAnswers;
    await until(async () => {
      await readAgain();
      return balancer.olderAnswers >= seen + 4 * screens.length;
    }, TIMEOUT_MS);
    balancer.secondIsBehind = false;
    await readAgain();
    for (const { page, line } of screens) {
      await line.getByText(NEW, { exact: true }).waitFor();
      assert.deepEqual(await page.evaluate('takenBack'), []);
      assert.deepEqual(page.problems, []);
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.context().close();
    }
  });

  function withImage(image: string) {
    const containers = [{ name: 'gateway', image }];
    return { spec: { template: { spec: { containers } } } };
  }

  /** From now on each change of the page is looked through for a line of dev with the old version. */
  async function noteWhatIsTakenBack(page: Page): Promise<void> {
    await page.evaluate(old => {
      const takenBack: string[] = [];
      Object.assign(window, { takenBack });
      new MutationObserver(() => {
        for (const row of document.querySelectorAll('tr, [role=row]')) {
          const text = row.textContent ?? '';
          if (text.includes('dev') && text.includes(old)) takenBack.push(text);
        }
      }).observe(document.body, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    }, OLD);
  }
});

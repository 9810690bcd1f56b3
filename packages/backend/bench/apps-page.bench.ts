// The Apps page with ten thousand lines, in Chromium, on a portal with the large world: how soon the first row is there, what a keystroke in the
// filter costs, and whether it scrolls without stutter.
import os from 'node:os';
import { parseArgs } from 'node:util';
import {
  launchBrowser,
  openWindow,
} from '../../../scripts/testing/browser.mjs';
import { startPortal, until } from '../../../scripts/testing/portal.mjs';
import { type Figure, percentile, report } from './report.ts';

const { values: options } = parseArgs({
  options: {
    clusters: { type: 'string', default: '50' },
    apps: { type: 'string', default: '10000' },
    // Lines are of Applications; pods only make the portal ready later.
    pods: { type: 'string', default: '20000' },
    json: { type: 'boolean', default: false },
  },
});
const APPS = Number(options.apps);
/** Sees everything. */
const PERSON = 'inge';
const OPENINGS = 5;
const TYPED = 'service-01';
/** A wheel that is turned fast: 120 pixels a notch, forty notches a second. */
const SCROLL_STEPS = 120;
const NOTCH_PX = 120;
const NOTCH_MS = 25;
const FRAME_MS = 1000 / 60;
const EXPECTED = [
  'first row, after a click on the menu',
  'keystroke in the filter → its rows are painted, longest',
  'frame while scrolling, p95',
];

type Page = Awaited<ReturnType<typeof openWindow>>;

const figures: Figure[] = [];
const show = (name: string, value: number, unit: string, target?: number) =>
  figures.push({ name, value, unit, target });
const portal = await startPortal({
  args: ['clusters', 'apps', 'pods'].flatMap(name => [
    `--${name}`,
    options[name as 'pods'],
  ]),
});
const browser = await launchBrowser();
try {
  const view = await until(
    async () => {
      const { status, body } = await portal.call(
        PERSON,
        'GET',
        '/deploys/v1/fleet-view',
      );
      const isWhole =
        status === 200 && !body.incomplete && body.rows.length >= APPS;
      return isWhole && body;
    },
    240_000,
    2000,
  );
  show('lines', view.rows.length, '');
  show('their size', JSON.stringify(view.rows).length / 1e6, 'MB');
  const opened: number[] = [];
  let page = await openWindow(browser, PERSON);
  opened.push(await openApps(page));
  while (opened.length < OPENINGS) {
    await page.context().close();
    // A window of its own each time: nothing of the fleet is there yet.
    page = await openWindow(browser, PERSON);
    opened.push(await openApps(page));
  }
  show('first row, after a click on the menu', Math.max(...opened), 'ms', 1000);
  show('… median', percentile(opened, 0.5), 'ms');
  const took = await type(page);
  // Which letter it was says where to look.
  console.error(
    `keystrokes: ${took
      .map((ms, index) => `${TYPED[index]} ${ms.toFixed(0)}`)
      .join(', ')} ms`,
  );
  show(
    'keystroke in the filter → its rows are painted, longest',
    Math.max(...took),
    'ms',
    100,
  );
  show('… median', percentile(took, 0.5), 'ms');
  const frames = await scroll(page);
  show('frame while scrolling, p95', percentile(frames, 0.95), 'ms', 50);
  show('… median', percentile(frames, 0.5), 'ms');
  show(
    'frames later than three at 60 Hz',
    (100 * frames.filter(ms => ms > 3 * FRAME_MS).length) / frames.length,
    '%',
  );
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.close();
  await portal.stop();
}
console.error(
  `${
    os.cpus().length
  } processors, shared by the portal, the large world, Chromium without a graphics card, and this program`,
);
report(figures, EXPECTED);

/** From the click to the frame in which the first row is there, by the browser's own clock. */
async function openApps(page: Page): Promise<number> {
  await page.goto(`${portal.url}/deploys/sources`);
  const link = page.getByRole('link', { name: 'Apps', exact: true });
  await link.first().waitFor();
  // What the page loads at first is not what is measured.
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => {
    const marks = window as any;
    document.addEventListener(
      'click',
      event => {
        marks.clickedAt = event.timeStamp;
        const look = () => {
          if (document.querySelector('table[aria-label="Apps"] [data-index]'))
            // In the frame after this one it has been painted.
            requestAnimationFrame(now => (marks.shownAt = now));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      },
      { capture: true, once: true },
    );
  });
  await link.first().click();
  await page.waitForFunction(() => (window as any).shownAt !== undefined);
  return page.evaluate(() => {
    const { clickedAt, shownAt } = window as any;
    return shownAt - clickedAt;
  });
}

/** Each character, from its input event until the rows that it leaves have been painted. */
async function type(page: Page): Promise<number[]> {
  const box = page.getByRole('searchbox').first();
  await box.focus();
  await page.evaluate(() => {
    const marks = window as any;
    marks.took = [];
    document.addEventListener(
      'input',
      event => {
        const typed = (event.target as HTMLInputElement).value.toLowerCase();
        const look = () => {
          const rows = Array.from(
            document.querySelectorAll(
              'table[aria-label="Apps"] tbody tr[data-index]',
            ),
          );
          const isDone =
            rows.length > 0 &&
            rows.every(row => row.textContent!.toLowerCase().includes(typed));
          if (isDone)
            requestAnimationFrame(now =>
              marks.took.push(now - event.timeStamp),
            );
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      },
      true,
    );
  });
  for (let index = 0; index < TYPED.length; index++) {
    await page.keyboard.press(TYPED[index]);
    await page.waitForFunction(
      (count: number) => (window as any).took.length === count,
      index + 1,
      { timeout: 10_000 },
    );
    // What the search of the backend finds comes in between, as it does for people.
    await page.waitForTimeout(400);
  }
  const took = await page.evaluate(() => (window as any).took);
  await box.fill('');
  return took;
}

/** Times between frames while the wheel turns. */
async function scroll(page: Page): Promise<number[]> {
  const table = page.getByRole('region', { name: 'Apps, scrolls' });
  await table.hover();
  await page.evaluate(() => {
    const marks = window as any;
    marks.frames = [];
    let last: number | undefined;
    const look = (now: number) => {
      if (last !== undefined) marks.frames.push(now - last);
      last = now;
      marks.next = requestAnimationFrame(look);
    };
    marks.next = requestAnimationFrame(look);
  });
  for (let step = 0; step < SCROLL_STEPS; step++) {
    await page.mouse.wheel(0, NOTCH_PX);
    await page.waitForTimeout(NOTCH_MS);
  }
  return page.evaluate(() => {
    const marks = window as any;
    cancelAnimationFrame(marks.next);
    return marks.frames;
  });
}

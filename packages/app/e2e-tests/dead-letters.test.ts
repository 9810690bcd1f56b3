// Runs that stopped without a clear end, in a real browser: what is known of them, what the world says now, one is tried again and another one given up. Makes pictures of the docs.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { reasonToSkip } from '../../../scripts/testing/browser.mjs';
import {
  ENDED,
  readCounts,
  requestHotfix,
  requestRun,
  setFault,
  until,
  waitForRun,
} from '../../../scripts/testing/portal.mjs';
import {
  checkScreen,
  checkTheme,
  tabTo,
} from '../../../scripts/testing/screens.mjs';
import { openStage, type Page } from '../../../scripts/testing/stage.mjs';

const NEXT = 'v5.3.25';
const SPEED = 20;
const CAUSE = /stopped by a person while the migration ran/;

describe('dead letters', { skip: reasonToSkip() }, () => {
  const stage = openStage();
  let dana: Page;
  let stopped: any;
  let dead: any;

  before(async () => {
    stopped = await stopAtMigration();
    dead = await dieWithoutGit();
    dana = await stage.open('dana', '/runs');
  });

  const setSpeed = (speed: number) =>
    fetch(`${stage.portal.sandbox.faults.url}/api/speed`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ speed }),
    });
  const { readRun: read } = stage;

  /** A hotfix whose sync in green somebody stops while the migration is at work: of the database nothing is known then. */
  async function stopAtMigration() {
    const run = await requestHotfix(stage.portal, {
      component: 'orders',
      version: NEXT,
      reason: 'Totals of large carts are wrong',
    });
    await until(async () => {
      const { steps } = await read(run.id);
      const sync = steps.find(({ id }: any) => id === 'sync.orders-green');
      return /orders-migrate is running/.test(JSON.stringify(sync));
    }, 180_000);
    // The migration takes its time, so that there is time to stop it.
    await setSpeed(1);
    const stop = await requestRun(stage.portal, {
      action: 'terminate',
      entityRef: 'component:default/orders',
      environment: 'production',
      input: { applications: ['orders-green'] },
    });
    const { status } = await waitForRun(stage.portal, stop.id, ENDED);
    await setSpeed(SPEED);
    assert.equal(status, 'succeeded');
    return waitForRun(stage.portal, run.id, ['needs-attention'], {
      timeoutMs: 180_000,
    });
  }

  /** A hotfix of payments that two people let go on while Git is away, until its attempts are used up. */
  async function dieWithoutGit() {
    const run = await requestHotfix(stage.portal, {
      component: 'payments',
      version: 'v4.1.11',
      reason: 'Cards are declined twice',
    });
    const { gates, planHash } = await read(run.id);
    await setFault(stage.portal, { fault: 'git-down' });
    for (const person of ['omar', 'inge']) {
      const { status, body } = await stage.portal.call(
        person,
        'POST',
        `/runs/v1/gates/${gates[0].id}/approve`,
        { body: { planHash } },
      );
      assert.equal(status, 200, JSON.stringify(body));
    }
    const ended = await waitForRun(stage.portal, run.id, ['dead'], {
      timeoutMs: 180_000,
    });
    await setFault(stage.portal, { fault: 'git-down', on: false });
    return ended;
  }

  const letterOf = ({ number, title }: any) =>
    dana.getByRole('region', { name: `#${number} ${title}` });

  test('the page says what happened, what was done before, and what the world says now', async () => {
    await dana.getByRole('link', { name: /^Dead letters/ }).click();
    await dana.waitForURL(/\/runs\/dead-letters$/);
    await dana
      .getByText(
        '2 runs need a decision; of 1 it is not known whether a change happened',
      )
      .waitFor();
    // What holds others up stands first, by keyboard too.
    const first = dana
      .getByRole('list', { name: 'Dead letters' })
      .getByRole('listitem')
      .first();
    await first.getByText(CAUSE).first().waitFor();
    await tabTo(
      dana,
      dana.getByRole('button', {
        name: `Look into it: run #${stopped.number}`,
      }),
    );
    await dana.keyboard.press('Enter');
    const letter = letterOf(stopped);
    await letter.getByText('Known: 4 of 7 steps are done').waitFor();
    const world = letter.getByRole('region', { name: 'The world now' });
    await checkScreen(dana, 'dead-letters', {
      show: () => world.getByText('Cannot be told').waitFor(),
    });
    await world.getByText(CAUSE).waitFor();
    const known = letter.getByRole('region', { name: 'What is known' });
    await known.getByText('sync of Application orders-blue').waitFor();
    for (const cluster of ['prod-blue', 'prod-green'])
      await known
        .getByRole('region', { name: new RegExp(`Changes in ${cluster}`) })
        .or(known.getByText(new RegExp(`^${cluster} · `)))
        .first()
        .waitFor();
  });

  test('the log of a run is saved whole', async () => {
    const { id, number } = stopped;
    await dana.goto(`${stage.portal.url}/runs/${id}?step=sync.orders-green`);
    const [download] = await Promise.all([
      dana.waitForEvent('download'),
      dana.getByRole('button', { name: 'Download log' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), `run-${number}.log`);
    const text = await readFile(await download.path(), 'utf8');
    assert.match(text, /Pushed [0-9a-f]{10} to main of deploy-blue/);
    assert.match(text, CAUSE);
  });

  test('one is tried again by keyboard, from where it stopped, and succeeds', async () => {
    const commits = async () => {
      const { repositories } = await readCounts(stage.portal);
      return ['deploy-blue', 'deploy-green'].map(
        name => repositories[name].commits,
      );
    };
    const pushed = await commits();
    await dana.goto(`${stage.portal.url}/runs/dead-letters?open=${stopped.id}`);
    const again = letterOf(stopped).getByRole('button', {
      name: 'Try run again…',
    });
    await again.waitFor();
    await tabTo(dana, again);
    await dana.keyboard.press('Enter');
    const asked = `Try run #${stopped.number} again`;
    const dialog = dana.getByRole('dialog', { name: `${asked}?` });
    await dialog.waitFor();
    // The window fades in.
    await dana.waitForTimeout(500);
    await checkTheme(dana, 'redrive-light');
    await tabTo(dana, dialog.getByRole('button', { name: asked }));
    await dana.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    const ended = await waitForRun(stage.portal, stopped.id, ENDED, {
      timeoutMs: 180_000,
    });
    assert.equal(ended.status, 'succeeded', JSON.stringify(ended, null, 1));
    const decided = dana.getByRole('list', { name: 'Decided just now' });
    await decided.getByText('Succeeded').waitFor();
    await checkTheme(dana, 'dead-letters-decided-light');
    assert.deepEqual(await commits(), pushed);
  });

  test('another one is discarded with a reason, which is kept', async () => {
    await dana
      .getByRole('button', { name: `Look into it: run #${dead.number}` })
      .click();
    const letter = letterOf(dead);
    await letter.getByText('No change of this run is recorded.').waitFor();
    await letter.getByRole('button', { name: 'Discard run…' }).click();
    const dialog = dana.getByRole('dialog');
    const confirm = dialog.getByRole('button', {
      name: `Discard run #${dead.number}`,
    });
    await confirm.click();
    await dialog.getByText(/Say why/).waitFor();
    await dialog.getByLabel(/Reason/).fill('Shipped with the next one');
    await confirm.click();
    await dana.getByText('No dead letters').waitFor();
    await dana
      .getByRole('list', { name: 'Decided just now' })
      .getByRole('link', { name: new RegExp(`#${dead.number} `) })
      .click();
    await dana
      .getByText(/Shipped with the next one/)
      .first()
      .waitFor();
    assert.equal((await read(dead.id)).status, 'cancelled');
    assert.deepEqual(dana.problems, []);
  });
});

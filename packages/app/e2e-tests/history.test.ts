// What has happened, in a real browser: the record and the audit trail after a hotfix, and what Slack was told meanwhile. Makes pictures of the docs.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { reasonToSkip } from '../../../scripts/testing/browser.mjs';
import {
  ENDED,
  readCounts,
  requestHotfix,
  until,
  waitForRun,
} from '../../../scripts/testing/portal.mjs';
import { checkScreen, tabTo } from '../../../scripts/testing/screens.mjs';
import { openStage, type Page } from '../../../scripts/testing/stage.mjs';

describe('what has happened', { skip: reasonToSkip() }, () => {
  const stage = openStage();
  let aude: Page;
  let run: any;

  before(async () => {
    const requested = await requestHotfix(stage.portal, {
      version: 'v5.3.25',
      reason: 'Totals of large carts are wrong',
    });
    run = await waitForRun(stage.portal, requested.id, ENDED, {
      timeoutMs: 240_000,
    });
    assert.equal(run.status, 'succeeded', JSON.stringify(run, null, 1));
    aude = await stage.open('aude', '/runs');
  });

  test('the record counts the run, with its lead time since the build', async () => {
    await aude.getByRole('link', { name: 'Record' }).click();
    await aude.waitForURL(/\/runs\/record$/);
    await checkScreen(aude, 'record', {
      show: () => aude.getByText('Duration, median').waitFor(),
    });
    const lead = aude.locator('dl > div', { hasText: 'Lead time, median' });
    assert.match((await lead.textContent()) ?? '', /\d+ (min|h|d)/);
    // By keyboard to the point of a chart, and on to its runs.
    const point = aude
      .getByRole('group', { name: /^Runs per/ })
      .getByRole('link')
      .first();
    await tabTo(aude, point);
    await aude.keyboard.press('Enter');
    await aude.waitForURL(/\/runs\?from=/);
    await aude.getByText(`#${run.number}`, { exact: false }).first().waitFor();
  });

  test('the audit trail says who did what, and hands it out', async () => {
    await aude.goto(`${stage.portal.url}/runs/audit?event=effect`);
    const first = aude
      .getByRole('table', { name: 'Audit trail' })
      .getByRole('row')
      .nth(1);
    await checkScreen(aude, 'audit', { show: () => first.waitFor() });
    assert.match((await first.textContent()) ?? '', /Dana/);
    const [download] = await Promise.all([
      aude.waitForEvent('download'),
      aude.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    assert.match(text, /^at,who,event,/);
    assert.match(text, /user:default\/dana,effect,component:default\/orders/);
  });

  test('Slack has one message of the run, with what happened in its thread', async () => {
    const messages = await until(async () => {
      const { slack } = await readCounts(stage.portal);
      const about = slack.messages.filter(
        (each: any) => each.metadata?.event_payload.run === run.id,
      );
      return about.some((each: any) => /Succeeded/.test(each.text)) && about;
    });
    assert.equal(messages.length, 1);
    const { slack } = await readCounts(stage.portal);
    const thread = slack.messages.filter(
      (each: any) => each.threadTs === messages[0].ts,
    );
    assert.deepEqual(
      thread.map((each: any) => each.text.split(':')[0]),
      ['Started', 'Succeeded'],
    );
  });
});

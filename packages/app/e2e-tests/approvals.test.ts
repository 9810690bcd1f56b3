// A hotfix of a critical service in a real browser: asked for by one person, approved by two others from their page of approvals. Makes pictures of the docs.
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
import { openStage, type Page } from '../../../scripts/testing/stage.mjs';

const PAYMENTS = '/catalog/default/component/payments';
const NEXT_VERSION = 'v4.1.11';

describe('approvals', { skip: reasonToSkip() }, () => {
  const stage = openStage();
  let dana: Page;
  let runId: string;

  const { open } = stage;
  const { readRun: read } = stage;
  const say = async (person: string, verb: 'approve', id: string) => {
    const run = await read(id);
    return stage.portal.call(
      person,
      'POST',
      `/runs/v1/gates/${run.gates[0].id}/${verb}`,
      { body: { planHash: run.planHash } },
    );
  };
  const countCommits = async () => {
    const { repositories } = await readCounts(stage.portal);
    return repositories['deploy-blue'].commits;
  };

  test('the preview says who must approve, before anybody is asked', async () => {
    dana = await open('dana', PAYMENTS);
    await dana
      .getByRole('button', { name: /Hotfix.*Production|Hotfix…/i })
      .first()
      .click();
    const walk = dana.getByRole('dialog');
    await walk.getByText(NEXT_VERSION, { exact: true }).first().click();
    await walk.getByRole('button', { name: 'See the change' }).click();
    await walk.getByText('It waits for approval first').waitFor();
    await walk.getByText('Who must approve').scrollIntoViewIfNeeded();
    await picture(dana, 'approval-preview-light');
    await walk.getByLabel(/Reason/).fill('Cards are declined twice');
    await walk
      .getByRole('button', { name: new RegExp(`Ship ${NEXT_VERSION}`) })
      .click();
    await walk
      .getByRole('link', { name: /Open run/ })
      .last()
      .click();
    await dana.waitForURL(/\/runs\//);
    runId = new URL(dana.url()).pathname.split('/').pop()!;
  });

  test('the run waits, and its page says for whom; who asked cannot approve it', async () => {
    const gates = dana.getByRole('region', { name: 'Gates' });
    await gates.getByText('0 of 2 approvals').waitFor();
    const button = gates.getByRole('button', { name: 'Approve…' });
    assert.equal(await button.isEnabled(), false);
    await picture(dana, 'approval-run-light');
    const dark = await open('dana', `/runs/${runId}`, { theme: 'dark' });
    await dark.getByText('0 of 2 approvals').waitFor();
    await picture(dark, 'approval-run-dark');
    await dark.context().close();

    const self = await say('dana', 'approve', runId);
    assert.equal(self.status, 403);
    assert.match(JSON.stringify(self.body), /You asked for it/);
    const [{ id: gateId }] = (await read(runId)).gates;
    const handedOn = await stage.portal.call(
      'dana',
      'POST',
      `/runs/v1/gates/${gateId}/delegate`,
      { body: { to: 'user:default/pia' } },
    );
    assert.equal(handedOn.status, 403);
    const other = await say('ravi', 'approve', runId);
    assert.equal(other.status, 403);
    assert.equal((await read(runId)).status, 'waiting');
    assert.equal(await countCommits(), 0);
  });

  test('one owner approves from the page of what waits, and the other page follows', async () => {
    const omar = await open('omar', '/runs');
    await omar.getByRole('link', { name: 'Approvals (1)' }).click();
    await omar.waitForURL(/\/runs\/approvals$/);
    await omar.getByText('1 run waits for you').waitFor();
    await picture(omar, 'approvals-light');
    await omar.getByRole('button', { name: 'Approve…' }).click();
    const dialog = omar.getByRole('dialog');
    await dialog
      .getByText(/apps\/payments/)
      .first()
      .waitFor();
    await dialog.getByLabel('Comment').fill('Read the diff');
    // The window fades in, the label moves.
    await until(() =>
      omar.evaluate(() =>
        document.getAnimations().every(each => each.playState !== 'running'),
      ),
    );
    await picture(omar, 'approval-answer-light');
    await dialog.getByRole('button', { name: /^Approve: Ship/ }).click();
    await omar.getByText('Nothing waits for you').first().waitFor();
    await omar.context().close();

    await dana.getByText('1 of 2 approvals').waitFor();
    await dana.getByText('“Read the diff”').waitFor();
    assert.equal((await say('omar', 'approve', runId)).status, 403);
    assert.equal(await countCommits(), 0);
  });

  test('with the second approval the run goes on by itself', async () => {
    const inge = await open('inge', '/runs/approvals', { theme: 'dark' });
    await inge.getByText('1 of 2 approvals').waitFor();
    await picture(inge, 'approvals-dark');
    await inge.getByRole('button', { name: 'Approve…' }).click();
    await inge
      .getByRole('dialog')
      .getByRole('button', { name: /^Approve: Ship/ })
      .click();
    await inge.getByText('Nothing waits for you').first().waitFor();
    await inge.context().close();

    const run = await waitForRun(stage.portal, runId, ENDED, {
      timeoutMs: 240_000,
    });
    assert.equal(run.status, 'succeeded', JSON.stringify(run, null, 1));
    assert.deepEqual(
      run.gates.map((gate: any) => [
        gate.status,
        gate.approval.given.map((each: any) => each.by),
      ]),
      [['open', ['user:default/omar', 'user:default/inge']]],
    );
    assert.equal(await countCommits(), 1);
    const gates = dana.getByRole('region', { name: 'Gates' });
    await gates.getByText('Approved', { exact: true }).waitFor();
  });

  test('a rejection ends the run with its reason, and nothing is changed', async () => {
    const run = await requestHotfix(stage.portal, {
      component: 'payments',
      version: 'v4.1.10',
      reason: 'Back',
    });
    const omar = await open('omar', `/runs/${run.id}`);
    await omar.getByRole('button', { name: 'Reject…' }).click();
    const dialog = omar.getByRole('dialog');
    await dialog.getByLabel(/Comment/).fill('Wait for the settlement');
    await dialog
      .getByRole('button', { name: `Reject run #${run.number}` })
      .click();
    await omar
      .getByRole('region', { name: 'Gates' })
      .getByText('Wait for the settlement')
      .waitFor();
    await omar.context().close();
    const ended = await waitForRun(stage.portal, run.id, ENDED);
    assert.match(ended.cause, /Rejected by omar: Wait for the settlement/);
    assert.equal(await countCommits(), 1);
    assert.equal((await say('inge', 'approve', run.id)).status, 409);
  });
});

// An emergency in a real browser: a freeze stops a hotfix, one person breaks the glass, a second one confirms, that one run ships, and no other. Makes pictures of the docs.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { describe, test } from 'node:test';
import { picture, reasonToSkip } from '../../../scripts/testing/browser.mjs';
import { ENDED, until, waitForRun } from '../../../scripts/testing/portal.mjs';
import { checkScreen } from '../../../scripts/testing/screens.mjs';
import { openStage, type Page } from '../../../scripts/testing/stage.mjs';

const ORDERS = '/catalog/default/component/orders';
const NEXT_VERSION = 'v5.3.25';
const REASON = 'Totals are wrong';

describe('break-glass', { skip: reasonToSkip() }, () => {
  const stage = openStage();
  let omar: Page;
  let runId: string;

  const { open } = stage;
  const read = async () =>
    (await stage.portal.call('dana', 'GET', `/runs/v1/runs/${runId}`)).body;
  const glass = (page: Page) =>
    page.getByRole('region', { name: 'Break-glass' });
  /** Windows fade in. */
  const settled = (page: Page) =>
    until(() =>
      page
        .locator('.MuiDialog-container')
        .last()
        .evaluate(
          (element: Element) => getComputedStyle(element).opacity === '1',
        ),
    );

  test('a freeze stops the hotfix; its reasons lead to the way out for who may', async () => {
    const freeze = await stage.portal.call('inge', 'POST', '/runs/v1/locks', {
      body: {
        scope: 'environment',
        environment: 'production',
        kind: 'freeze',
        reason: 'Black Friday',
      },
    });
    assert.equal(freeze.status, 201);

    omar = await open('omar', ORDERS);
    const hotfix = omar.getByRole('button', {
      name: 'Hotfix… in Production',
    });
    await hotfix.waitFor();
    assert.equal(await hotfix.isEnabled(), false);
    await omar
      .getByRole('button', {
        name: 'Why? Hotfix in Production is not possible now',
      })
      .click();
    const why = omar.getByRole('dialog');
    await why.getByText(/Frozen by inge: Black Friday/).waitFor();
    await settled(omar);
    await picture(omar, 'break-glass-why-light');
    await why.getByRole('button', { name: 'Break the glass…' }).click();

    const walk = omar.getByRole('dialog', { name: /Hotfix/ });
    await walk.getByText(NEXT_VERSION, { exact: true }).first().click();
    await walk.getByRole('button', { name: 'See the change' }).click();
    await walk.getByText('One thing stands in the way').waitFor();
    // By keyboard from here.
    await walk.getByRole('button', { name: 'Break the glass…' }).press('Enter');
    const terms = walk.getByRole('region', { name: 'Break the glass' });
    await terms.getByText(/valid for 30 minutes/).waitFor();
    await terms.getByText(/platform/).waitFor();
    await walk.getByLabel(/Reason/).fill(REASON);
    await terms.scrollIntoViewIfNeeded();
    await picture(omar, 'break-glass-walk-light');
    await walk
      .getByRole('button', {
        name: new RegExp(`Ask to break the glass: Ship ${NEXT_VERSION}`),
      })
      .press('Enter');
    await walk
      .getByRole('link', { name: /Open run/ })
      .last()
      .click();
    await omar.waitForURL(/\/runs\//);
    runId = new URL(omar.url()).pathname.split('/').pop()!;
  });

  test('the run is parked until a second person confirms, who is neither who asked nor anybody', async () => {
    await glass(omar).getByText('Waits for a second person').waitFor();
    await omar.getByText('Parked: something stands in the way').waitFor();
    assert.equal(
      await glass(omar).getByRole('button', { name: 'Confirm…' }).isEnabled(),
      false,
    );
    await checkScreen(omar, 'break-glass-asked', {
      show: () => glass(omar).getByText('Waits for a second person').waitFor(),
    });
    const run = await read();
    for (const person of ['omar', 'dana']) {
      const answer = await stage.portal.call(
        person,
        'POST',
        `/runs/v1/break-glass/${run.passes[0].id}/confirm`,
        { body: { planHash: run.planHash } },
      );
      assert.equal(answer.status, 403, person);
    }
    assert.equal((await read()).status, 'waiting');
  });

  test('the second person confirms on the page of approvals, and the run ships', async () => {
    const inge = await open('inge', '/runs');
    await inge.getByRole('link', { name: 'Approvals (1)' }).click();
    await inge.getByText('1 run waits for you').waitFor();
    await inge.getByText('Waits for a second person').waitFor();
    await picture(inge, 'break-glass-inbox-light');
    await inge.getByRole('button', { name: 'Confirm…' }).press('Enter');
    const dialog = inge.getByRole('dialog');
    await dialog
      .getByText(/apps\/orders/)
      .first()
      .waitFor();
    await dialog.getByLabel('Comment').fill('Saw it too');
    await settled(inge);
    await picture(inge, 'break-glass-confirm-light');
    await dialog
      .getByRole('button', { name: /^Break the glass: Ship/ })
      .press('Enter');
    await inge.getByText('Nothing waits for you').first().waitFor();
    await inge.context().close();

    const run = await waitForRun(stage.portal, runId, ENDED, {
      timeoutMs: 240_000,
    });
    assert.equal(run.status, 'succeeded', JSON.stringify(run, null, 1));
    assert.deepEqual(run.breakGlass, { status: 'given', used: true });
    await glass(omar).getByText('“Saw it too”').waitFor();
    await glass(omar)
      .getByText(/Frozen by inge: Black Friday/)
      .waitFor();
    await checkScreen(omar, 'break-glass-used', {
      show: () => glass(omar).getByText('“Saw it too”').waitFor(),
    });
  });

  test('it stands in the list of runs and in the audit trail', async () => {
    await omar.goto(`${stage.portal.url}/runs`);
    await omar.getByText('Break-glass', { exact: true }).first().waitFor();
    await omar.getByRole('link', { name: 'Audit' }).click();
    for (const words of ['asked for', 'given', 'used'])
      await omar.getByText(`Break-glass ${words}`).first().waitFor();
    await picture(omar, 'break-glass-audit-light');
    assert.deepEqual((omar as any).problems, []);
  });

  test('a second run is stopped by the same freeze', async () => {
    const choice = {
      action: 'hotfix',
      entityRef: 'component:default/orders',
      environment: 'production',
      input: { version: 'v5.3.24' },
    };
    const { body: preview } = await stage.portal.call(
      'omar',
      'POST',
      '/runs/v1/previews',
      { body: choice },
    );
    const answer = await stage.portal.call('omar', 'POST', '/runs/v1/runs', {
      body: { ...choice, reason: 'Back', planHash: preview.planHash },
      headers: { 'idempotency-key': crypto.randomUUID() },
    });
    assert.equal(answer.status, 409, JSON.stringify(answer.body));
    assert.equal(answer.body.error.blockers[0].type, 'freeze');
  });
});

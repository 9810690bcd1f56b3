// A new service in a real browser: from the form to Healthy on both clusters, and its first hotfix. Makes pictures of the docs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { picture, reasonToSkip } from '../../../scripts/testing/browser.mjs';
import {
  ENDED,
  readCounts,
  requestHotfix,
  waitForRun,
} from '../../../scripts/testing/portal.mjs';
import { openStage, type Page } from '../../../scripts/testing/stage.mjs';

/** The sandbox deploys within seconds; a machine that is busy takes its time. */
const DEPLOYED_MS = 240_000;

describe('the golden path', { skip: reasonToSkip() }, () => {
  const stage = openStage();
  let dana: Page;

  test('a new service comes from the form to Healthy on both clusters', async () => {
    dana = await stage.open('dana', '/catalog');
    await dana.getByRole('link', { name: 'Create' }).first().click();
    await dana
      .getByRole('button', { name: /choose/i })
      .first()
      .click();

    await dana.getByLabel(/^Name/).fill('parcel');
    await dana.getByLabel(/^Description/).fill('Sends what was bought');
    await choose(dana, /^Owner/, 'Storefront');
    await choose(dana, /^System/, 'Storefront');
    await picture(dana, 'new-service-form-light');
    await dana.getByRole('button', { name: 'Next' }).click();
    await dana.getByLabel(/^Image/).waitFor();
    await dana.getByRole('button', { name: 'Review' }).click();
    await dana.getByText('Sends what was bought').waitFor();
    await dana.getByRole('button', { name: 'Create' }).click();

    const open = dana.getByRole('link', { name: 'Open the service' });
    const failure = dana.getByText(/^Error: /);
    await open.or(failure).first().waitFor({ timeout: DEPLOYED_MS });
    assert.deepEqual(await failure.allInnerTexts(), []);
    await picture(dana, 'new-service-done-light');
    await open.click();
    await dana.waitForURL(/\/catalog\/default\/component\/parcel/);

    const deploy = dana.getByRole('table', { name: /deploy/i }).first();
    for (const cluster of ['prod-blue', 'prod-green']) {
      const line = deploy.getByRole('row').filter({ hasText: cluster });
      await line.getByText('v5.3.24').first().waitFor();
      await line.getByText('Synced').first().waitFor();
      await line.getByText('Healthy').first().waitFor();
    }
    await deploy.getByRole('link', { name: /run #/ }).first().waitFor();
    await dana.getByText('Nothing blocks a deploy').waitFor();
    await picture(dana, 'new-service-light');
    assert.deepEqual(dana.problems, []);
  });

  test('its first hotfix ships to both clusters as that of any other', async () => {
    const { id } = await requestHotfix(stage.portal, {
      component: 'parcel',
      version: 'v5.3.25',
      reason: 'Totals are rounded wrongly',
    });
    const run = await waitForRun(stage.portal, id, ENDED, {
      timeoutMs: DEPLOYED_MS,
    });
    assert.equal(run.status, 'succeeded', JSON.stringify(run, null, 1));
    const deploy = dana.getByRole('table', { name: /deploy/i }).first();
    for (const cluster of ['prod-blue', 'prod-green'])
      await deploy
        .getByRole('row')
        .filter({ hasText: cluster })
        .getByText('v5.3.25')
        .first()
        .waitFor();
    const { unimplemented } = await readCounts(stage.portal);
    assert.deepEqual(unimplemented, {});
  });
});

/** Of a list that is searched while one types. */
async function choose(page: Page, label: RegExp, text: string) {
  const field = page.getByLabel(label).first();
  await field.click();
  await field.fill(text);
  await page.getByRole('option', { name: text, exact: true }).click();
}

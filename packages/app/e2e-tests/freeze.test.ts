// A freeze of production for a system in a real browser: set by one person, felt by another on an open page, lifted again. Makes pictures of the docs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { picture, reasonToSkip } from '../../../scripts/testing/browser.mjs';
import { until } from '../../../scripts/testing/portal.mjs';
import { openStage, type Page } from '../../../scripts/testing/stage.mjs';

const ORDERS = '/catalog/default/component/orders';
const SYSTEM = 'system:default/storefront';
const REASON = 'Black Friday';

describe('a freeze', { skip: reasonToSkip() }, () => {
  const stage = openStage();
  let dana: Page;
  let inge: Page;

  const hotfixIn = (environment: string) =>
    dana.getByRole('button', { name: `Hotfix… in ${environment}` });
  const isEnabled = (environment: string) => hotfixIn(environment).isEnabled();
  const choose = async (page: Page, label: string, option: string) => {
    await page
      .getByRole('dialog')
      .getByRole('button', { name: new RegExp(`^${label}`) })
      .click();
    await page.getByRole('option', { name: option, exact: true }).click();
    // The list fades out.
    await page.getByRole('listbox').waitFor({ state: 'hidden' });
  };

  test('one person freezes production for a system', async () => {
    dana = await stage.open('dana', ORDERS);
    await hotfixIn('Production').waitFor();
    await until(() => isEnabled('Production'));

    inge = await stage.open('inge', '/runs');
    await inge.getByRole('link', { name: 'Locks & freezes' }).click();
    await inge.getByText('Nothing is locked or frozen now').waitFor();
    await inge.getByRole('button', { name: 'Lock or freeze…' }).click();
    const dialog = inge.getByRole('dialog');
    await dialog.getByLabel(/Reason/).fill(REASON);
    await choose(inge, 'Kind', 'Freeze');
    await choose(inge, 'What', 'All of a system');
    await dialog.getByLabel('Name').fill(SYSTEM);
    await choose(inge, 'Environment', 'Production');
    await picture(inge, 'freeze-dialog-light');
    await dialog.getByRole('button', { name: 'Set the freeze' }).click();
    await inge.getByText('1 lock or freeze binds now').waitFor();
    await inge.getByText('Frozen: all of storefront in Production').waitFor();
    await picture(inge, 'locks-light');
  });

  test('on the open page of somebody else the button says why and until when; development is free', async () => {
    await until(async () => !(await isEnabled('Production')));
    assert.equal(await isEnabled('Development'), true);
    const describedBy = await hotfixIn('Production').getAttribute(
      'aria-describedby',
    );
    const words = await dana.evaluate(
      (ids: string | null) =>
        (ids ?? '')
          .split(' ')
          .map((id: string) => document.getElementById(id)?.textContent)
          .join(' '),
      describedBy,
    );
    assert.match(words, /Frozen by inge: Black Friday/);
    assert.match(words, /all of system:default\/storefront in production/);
    await dana
      .getByText('Frozen: all of storefront in Production')
      .first()
      .waitFor();
    const answer = await stage.portal.call(
      'dana',
      'GET',
      '/runs/v1/entities/component/default/orders/why-not?action=hotfix&environment=production',
    );
    const [action] = answer.body.items;
    assert.equal(action.allowed, false);
    assert.ok(Date.parse(action.blockers[0].until) > Date.now());
  });

  test('the calendar shows it, in the dark theme too', async () => {
    const dark = await stage.open('inge', '/runs/locks?view=calendar', {
      theme: 'dark',
    });
    await dark
      .getByText(new RegExp(`all of storefront in Production – ${REASON}`))
      .first()
      .waitFor();
    await picture(dark, 'locks-calendar-dark');
    await dark.context().close();
  });

  test('lifted, the button comes back, and nothing has fired', async () => {
    await inge.getByRole('button', { name: 'Release…' }).click();
    await inge
      .getByRole('dialog')
      .getByRole('button', { name: 'Release freeze' })
      .click();
    await inge.getByText('Nothing is locked or frozen now').waitFor();
    await until(() => isEnabled('Production'));
    const runs = await stage.portal.call('dana', 'GET', '/runs/v1/runs');
    assert.deepEqual(runs.body.items, []);
  });
});

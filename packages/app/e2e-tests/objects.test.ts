// A service that no Application deploys gets a version on its objects, and the one before again, in a real browser. Makes pictures of the docs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { picture, reasonToSkip } from '../../../scripts/testing/browser.mjs';
import {
  ENDED,
  readObject,
  waitForRun,
} from '../../../scripts/testing/portal.mjs';
import { openStage } from '../../../scripts/testing/stage.mjs';

const GATEWAY = '/catalog/default/component/gateway';
const PATH = '/apis/apps/v1/namespaces/platform/deployments/gateway';
const CLUSTERS = ['prod-blue', 'prod-green'];
const BEFORE = 'v2.8.4';
const NEXT = 'v2.8.6';

describe(
  'a service that no Application deploys',
  { skip: reasonToSkip() },
  () => {
    const stage = openStage();

    const images = () =>
      Promise.all(
        CLUSTERS.map(async cluster => {
          const { spec } = await readObject(stage.portal, cluster, PATH);
          return spec.template.spec.containers[0].image.split('_').at(-1);
        }),
      );

    test('is shipped by the same walk, and rolled back', async () => {
      const page = await stage.open('inge', GATEWAY);
      const confirm = async (name: RegExp, reason: string) => {
        const walk = page.getByRole('dialog');
        await walk.getByLabel(/Reason/).fill(reason);
        await walk.getByRole('button', { name }).click();
        const link = walk.getByRole('link', { name: /Open run/ }).last();
        await link.waitFor();
        const id = (await link.getAttribute('href'))!.split('/').pop()!;
        const run = await waitForRun(stage.portal, id, ENDED, {
          timeoutMs: 240_000,
        });
        assert.equal(run.status, 'succeeded', JSON.stringify(run, null, 1));
        await walk.getByRole('button', { name: 'Close' }).click();
        await walk.waitFor({ state: 'hidden' });
      };
      assert.deepEqual(await images(), [BEFORE, BEFORE]);
      await page
        .getByRole('button', { name: 'Hotfix… in Production' })
        .first()
        .click();
      const walk = page.getByRole('dialog');
      await walk.getByRole('option', { name: new RegExp(NEXT) }).click();
      await walk.getByRole('button', { name: 'See the change' }).click();
      await walk.getByText('Set on the object itself').first().waitFor();
      await walk
        .getByText(`gateway_${NEXT}`, { exact: false })
        .first()
        .waitFor();
      // The window fades in, labels move.
      await page.waitForTimeout(500);
      await picture(page, 'objects-change-light');
      await confirm(/Ship v2\.8\.6 to 2 clusters/, 'Timeouts at the way in');
      assert.deepEqual(await images(), [NEXT, NEXT]);
      const table = page.getByRole('table', { name: /deploy/i }).first();
      await table.getByText(NEXT).first().waitFor();

      await page
        .getByRole('button', { name: /^More for Production/i })
        .first()
        .click();
      await page.getByRole('menuitem', { name: 'Roll back…' }).click();
      const version = walk.getByRole('radio', { name: BEFORE });
      await version.waitFor();
      assert.equal(await walk.getByRole('radio').count(), 2);
      await version.check();
      await page.waitForTimeout(500);
      await picture(page, 'objects-rollback-light');
      await walk.getByRole('button', { name: 'See the change' }).click();
      await confirm(/Roll back to v2\.8\.4 in 2 clusters/, 'Worse than before');
      assert.deepEqual(await images(), [BEFORE, BEFORE]);
      assert.deepEqual(page.problems, []);
      await page.context().close();
    });
  },
);

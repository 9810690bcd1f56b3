// A release of a system in a real browser: a missing image is named, waves go through, one that fails stops the rest and is taken up again. Makes pictures of the docs.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { picture, reasonToSkip } from '../../../scripts/testing/browser.mjs';
import {
  readCounts,
  setFault,
  waitForRun,
} from '../../../scripts/testing/portal.mjs';
import { openStage, type Page } from '../../../scripts/testing/stage.mjs';

const REALTIME = '/catalog/default/system/realtime';
const FIRST_WAVE = ['chat', 'match', 'push-android', 'push-ios'];
const SERVICES = ['api', ...FIRST_WAVE];
/** The registry has no image of `match` with it. */
const INCOMPLETE = 'v2.8.2';
const COMPLETE = 'v2.8.6';

describe('the release of a system', { skip: reasonToSkip() }, () => {
  const stage = openStage();
  let ravi: Page;
  let runId: string;

  before(async () => {
    ravi = await stage.open('ravi', REALTIME);
  });

  const walk = () => ravi.getByRole('dialog');
  const version = () =>
    walk().getByRole('textbox', { name: 'Version of all services' });
  const read = (id: string) =>
    waitForRun(stage.portal, id, ['failed', 'succeeded'], {
      person: 'ravi',
      timeoutMs: 240_000,
    });

  test('begins on its page, and names the image that is missing before anything is touched', async () => {
    await ravi
      .getByRole('button', { name: 'Release to Production…' })
      .first()
      .click();
    for (const name of SERVICES)
      assert.equal(
        await walk()
          .getByRole('checkbox', { name: new RegExp(`^${name} `) })
          .isChecked(),
        true,
        name,
      );
    // Its Application is somebody else's: it says so, and is not chosen.
    assert.equal(
      await walk()
        .getByRole('checkbox', { name: /^intruder / })
        .isDisabled(),
      true,
    );
    await version().fill(INCOMPLETE);
    await ravi.keyboard.press('Escape').catch(() => {});
    await walk().getByText(`${INCOMPLETE} has no image of match`).waitFor();
    const earlier = await readCounts(stage.portal);
    await walk().getByRole('button', { name: 'See the change' }).click();
    await walk()
      .getByText(`The registry has no ${INCOMPLETE} of match`)
      .first()
      .waitFor();
    assert.equal(
      await walk()
        .getByRole('button', {
          name: `Release ${INCOMPLETE} of 5 services to production`,
          exact: true,
        })
        .isDisabled(),
      true,
    );
    await picture(ravi, 'release-missing-light');
    assert.deepEqual(
      (await readCounts(stage.portal)).repositories,
      earlier.repositories,
    );
    await walk().getByRole('button', { name: 'Back' }).click();
  });

  test('shows who comes when, and stops the next wave where one has failed', async () => {
    await setFault(stage.portal, {
      fault: 'git-push-refused',
      target: 'deploy-green',
      on: true,
    });
    await version().fill(COMPLETE);
    await walk().getByRole('button', { name: 'See the change' }).click();
    const runs = walk().getByRole('table', { name: 'Runs that it asks for' });
    await runs.getByRole('row', { name: /^api .*v2\.8\.6 2/ }).waitFor();
    await runs.getByRole('row', { name: /^chat .*v2\.8\.6 1/ }).waitFor();
    await picture(ravi, 'release-change-light');
    await walk()
      .getByLabel(/Reason/)
      .fill('The season begins');
    await walk()
      .getByRole('button', {
        name: `Release ${COMPLETE} of 5 services to production`,
        exact: true,
      })
      .click();
    const link = walk()
      .getByRole('link', { name: /Open run/ })
      .last();
    await link.waitFor();
    runId = (await link.getAttribute('href'))!.split('/').pop()!;
    await link.click();

    const failed = await read(runId);
    assert.equal(failed.status, 'failed', JSON.stringify(failed, null, 1));
    assert.match(failed.cause, /of chat failed: .*refused the push/);
    const states = new Map<string, string | undefined>(
      failed.children.map((child: any) => [child.id, child.run?.status]),
    );
    assert.equal(states.get('chat'), 'failed');
    assert.equal(states.get('match'), 'succeeded');
    assert.equal(states.get('api'), undefined);
    const children = ravi.getByRole('table', { name: 'Runs that it asks for' });
    await children
      .getByRole('row', { name: /Not asked for yet/ })
      .filter({ hasText: 'api' })
      .waitFor();
    await children.getByRole('row', { name: /^Failed .*chat/ }).waitFor();
    await picture(ravi, 'release-run-light');
  });

  test('goes on where it stopped, and asks nobody twice', async () => {
    await setFault(stage.portal, {
      fault: 'git-push-refused',
      target: 'deploy-green',
      on: false,
    });
    await ravi.getByRole('button', { name: 'Try run again…' }).click();
    await ravi
      .getByRole('dialog')
      .getByRole('button', { name: /^Try run #\d+ again$/ })
      .click();
    const done = await waitForRun(
      stage.portal,
      runId,
      ['succeeded', 'dead', 'needs-attention', 'cancelled'],
      { person: 'ravi', timeoutMs: 240_000 },
    );
    assert.equal(done.status, 'succeeded', JSON.stringify(done, null, 1));
    const { body } = await stage.portal.call(
      'ravi',
      'GET',
      '/runs/v1/runs?kind=hotfix',
    );
    assert.equal(body.items.length, SERVICES.length);
    for (const run of body.items) {
      assert.equal(run.status, 'succeeded');
      assert.equal(run.parent.id, runId);
    }
    await ravi
      .getByRole('table', { name: 'Runs that it asks for' })
      .getByRole('link', { name: /Ship v2\.8\.6/ })
      .first()
      .click();
    await ravi
      .getByRole('link', { name: new RegExp(`Release ${COMPLETE}`) })
      .first()
      .waitFor();
    assert.deepEqual((await readCounts(stage.portal)).unimplemented, {});
    assert.deepEqual((ravi as any).problems, []);
  });
});

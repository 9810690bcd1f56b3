// A canary in a real browser: a deploy waits at its last step, and is promoted beside it; the next one is held, let go on and taken back. Makes pictures of the docs.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { picture, reasonToSkip } from '../../../scripts/testing/browser.mjs';
import {
  ENDED,
  readCounts,
  requestHotfix,
  until,
  waitForRun,
} from '../../../scripts/testing/portal.mjs';
import { checkScreen, checkTheme } from '../../../scripts/testing/screens.mjs';
import { openStage, type Page } from '../../../scripts/testing/stage.mjs';

const RECOMMEND = '/catalog/default/component/recommend/deploy';
const STABLE = 'v1.4.3';
const BAD = 'v1.4.4';
/** Its last step: half of the pods are new, and the rest waits for a person. */
const WAITS = /waits at step 5 of 5: pause until somebody promotes it/;

describe('a canary', { skip: reasonToSkip() }, () => {
  const stage = openStage();
  let dana: Page;
  let deploy: { id: string; number: number };

  before(async () => {
    dana = await stage.open('dana', RECOMMEND);
  });

  /** Ships a version, and waits until it waits. */
  const ship = async (version: string) => {
    const run = await requestHotfix(stage.portal, {
      component: 'recommend',
      environment: 'development',
      version,
      reason: 'Answers are ranked wrongly',
    });
    await until(async () => {
      const { body } = await stage.portal.call(
        'dana',
        'GET',
        `/runs/v1/runs/${run.id}`,
      );
      assert.ok(!ENDED.includes(body.status), JSON.stringify(body, null, 1));
      return body.steps.some(({ progress }: any) => WAITS.test(progress ?? ''));
    }, 180_000);
    return run;
  };
  const openMenu = () =>
    dana
      .getByRole('button', { name: /^More for Development/i })
      .first()
      .click();
  /** What of Rollouts the menu that is open has: what makes no sense now is not offered. */
  const offered = async () =>
    (await dana.getByRole('menuitem').allInnerTexts()).filter((item: string) =>
      /promote|rollout/i.test(item),
    );
  /** The window of an action, from the menu of development. */
  const openAction = async (title: string) => {
    await openMenu();
    await dana.getByRole('menuitem', { name: `${title}…` }).click();
    const walk = dana.getByRole('dialog', {
      name: `${title}: recommend in Development`,
    });
    await walk.waitFor();
    return walk;
  };
  // The window fades in, labels move; other things on the card turn for ever, so there is no end of all animations to wait for.
  const stand = () => dana.waitForTimeout(500);
  /** Gives the reason, confirms, and follows the run to its end. */
  const confirm = async (name: RegExp, reason: string) => {
    const walk = dana.getByRole('dialog');
    await walk.getByLabel(/Reason/).fill(reason);
    await walk.getByRole('button', { name }).click();
    const link = walk.getByRole('link', { name: /Open run/ }).last();
    await link.waitFor();
    const id = (await link.getAttribute('href'))!.split('/').pop()!;
    const run = await waitForRun(stage.portal, id, ENDED);
    assert.equal(run.status, 'succeeded', JSON.stringify(run, null, 1));
    return { run, walk };
  };
  const close = async () => {
    const walk = dana.getByRole('dialog');
    await walk.getByRole('button', { name: 'Close' }).click();
    await walk.waitFor({ state: 'hidden' });
  };

  test('a deploy waits at a step, and says for what', async () => {
    deploy = await ship(STABLE);
    await checkScreen(dana, 'canary-waits', {
      show: () => dana.getByText(WAITS).first().waitFor(),
    });
    await openMenu();
    await stand();
    await picture(dana, 'canary-menu-dark');
    assert.deepEqual(await offered(), [
      'Promote…',
      'Abort rollout…',
      'Pause rollout…',
    ]);
    await dana.keyboard.press('Escape');
  });

  test('it is promoted by a run of its own, which does not wait for the one that waits for it', async () => {
    const walk = await openAction('Promote');
    await walk.getByLabel('To the next step').waitFor();
    await stand();
    await picture(dana, 'canary-promote-dark');
    await walk.getByRole('button', { name: 'See the change' }).click();
    await walk.getByText('all 5 steps done').waitFor();
    await walk.getByText('Nothing stands in the way').waitFor();
    await checkTheme(dana, 'canary-promotion-dark');
    const { run } = await confirm(
      /^Promote Rollout recommend in dev/,
      'Answers of the canary are fine',
    );
    assert.equal(run.kind, 'promote');
    await walk
      .getByRole('link', { name: /Open run/ })
      .last()
      .click();
    await dana.waitForURL(new RegExp(`/runs/${run.id}`));
    await dana
      .getByText(/4 of 4 pods new and ready/)
      .first()
      .waitFor();

    const ended = await waitForRun(stage.portal, deploy.id, ENDED);
    assert.equal(ended.status, 'succeeded', JSON.stringify(ended, null, 1));
    const { repositories } = await readCounts(stage.portal);
    assert.equal(repositories['deploy-dev'].commits, 1);
  });

  test('the next one is held by hand and let go on', async () => {
    await dana.goto(`${stage.portal.url}${RECOMMEND}`);
    deploy = await ship(BAD);
    await dana.getByText(WAITS).first().waitFor();
    await openAction('Pause rollout');
    const paused = await confirm(/^Pause Rollout recommend/, 'Lunch');
    assert.equal(paused.run.kind, 'pause-rollout');
    await close();
    await dana
      .getByText(/paused by hand/)
      .first()
      .waitFor();
    // What is held is not promoted by accident.
    await openMenu();
    await dana.getByRole('menuitem', { name: 'Resume rollout…' }).waitFor();
    assert.deepEqual(await offered(), ['Abort rollout…', 'Resume rollout…']);
    await dana.keyboard.press('Escape');
    await openAction('Resume rollout');
    await confirm(/^Resume Rollout recommend/, 'Back from lunch');
    await close();
  });

  test('an abort brings the stable version back, and ends the deploy with what happened', async () => {
    const walk = await openAction('Abort rollout');
    await walk.getByText('Git still wants it').waitFor();
    await walk.getByText('v1.4.3 takes all traffic again').waitFor();
    await stand();
    await checkTheme(dana, 'canary-abort-light');
    await confirm(/^Abort Rollout recommend/, 'Answers are worse');
    await close();
    const ended = await waitForRun(stage.portal, deploy.id, ENDED);
    assert.equal(ended.status, 'failed', JSON.stringify(ended, null, 1));
    assert.match(
      ended.cause,
      /^Roll out recommend-dev: Rollout recommend: .*abort/i,
    );
    await dana.goto(`${stage.portal.url}/runs/${deploy.id}`);
    await dana.getByText(ended.cause).first().waitFor();
    assert.deepEqual(dana.problems, []);
  });
});

// What runs where, looked at closely, in a real browser: details of a deployment, pods that are not well, logs, a terminal, a system, the sources. Makes
// their pictures.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { picture, reasonToSkip } from '../../../scripts/testing/browser.mjs';
import {
  patchObject,
  readCounts,
  setFault,
} from '../../../scripts/testing/portal.mjs';
import {
  checkScreen,
  checkTheme,
  setTheme,
  tabTo,
} from '../../../scripts/testing/screens.mjs';
import {
  openStage,
  type Page,
  type WindowOptions,
} from '../../../scripts/testing/stage.mjs';

const LIVE_VERSION = 'v5.3.24';
/** The machine may be busy with other things. */
const TIMEOUT_MS = 60_000;

describe('the state of things', { skip: reasonToSkip() }, () => {
  const stage = openStage();

  /** Lets a person look at a page; nothing may have been thrown in it. */
  async function look(
    person: string,
    address: string,
    work: (page: Page) => Promise<void>,
    options?: WindowOptions,
  ) {
    const page = await stage.open(person, address, options);
    page.setDefaultTimeout(TIMEOUT_MS);
    try {
      await work(page);
    } catch (error) {
      const shown = await page.locator('body').innerText();
      throw new Error(`${error}\n${page.url()} shows:\n${shown}`);
    }
    assert.deepEqual(page.problems, []);
    await page.context().close();
  }
  /** Somebody syncs an Application past the portal. */
  async function sync(application: string) {
    const { url, token } = stage.portal.sandbox.argocd;
    const response = await fetch(
      `${url}/api/v1/applications/${application}/sync`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
        },
        body: '{}',
      },
    );
    assert.equal(response.status, 200, await response.text());
  }
  const deployTab = (component: string) =>
    `/catalog/default/component/${component}/deploy`;
  const podsOf = (page: Page, component: string) =>
    page.getByRole('table', { name: `Pods of ${component}` });

  test('a developer reads by keyboard alone what Argo CD knows of a deployment', async () => {
    const window = { fault: 'argocd-window', target: 'storefront' };
    await look('dana', deployTab('orders'), async page => {
      const opener = page.getByRole('button', {
        name: 'Details of orders-green',
      });
      await opener.waitFor();
      await sync('orders-green');
      await page.getByText('Migration ran').first().waitFor();
      await setFault(stage.portal, window);
      await tabTo(page, opener);
      await page.keyboard.press('Enter');
      const panel = page.getByRole('tabpanel');
      await checkScreen(page, 'deploy-last-sync', {
        show: () => panel.getByText('Job storefront/orders-migrate').waitFor(),
      });
      const goOn = async (from: string, to: string) => {
        await tabTo(page, page.getByRole('tab', { name: from }));
        await page.keyboard.press('ArrowRight');
        await page.keyboard.press('Enter');
        await page.getByRole('tab', { name: to, selected: true }).waitFor();
      };
      await goOn('Last sync', 'Resources');
      await checkScreen(page, 'deploy-resources', {
        show: () => panel.getByText('Deployment orders').waitFor(),
      });
      await goOn('Resources', 'Diff');
      await panel.getByText(/resources are as Git wants them/).waitFor();
      await goOn('Diff', 'History');
      await checkScreen(page, 'deploy-history', {
        show: () =>
          panel
            .getByText(/orders v5\.3\./)
            .first()
            .waitFor(),
      });
      await goOn('History', 'Windows & conditions');
      await checkScreen(page, 'deploy-windows', {
        show: () => panel.getByText('Deny window active now').waitFor(),
      });
      assert.match(page.url(), /deploymentTab=windows/);
      await setFault(stage.portal, { ...window, on: false });

      // The pods are reached the same way, and their logs are left with Esc.
      const logs = page.getByRole('button', { name: 'Logs of all' }).first();
      await tabTo(page, logs);
      await page.keyboard.press('Enter');
      const drawer = page.getByRole('dialog', { name: /^Logs of / });
      await drawer
        .getByText(/GET \/orders/)
        .first()
        .waitFor();
      await page.keyboard.press('Escape');
      await drawer.waitFor({ state: 'hidden' });
    });
  });

  test('what a sync would change of an app that somebody scaled by hand', async () => {
    await look('inge', deployTab('handbook'), async page => {
      await page.getByRole('button', { name: /^Details of .*dev$/ }).click();
      await page.getByRole('tab', { name: 'Diff' }).click();
      const panel = page.getByRole('tabpanel');
      await panel.getByText(/differs? from what Git wants/).waitFor();
      await checkScreen(page, 'deploy-diff', {
        show: () =>
          panel
            .getByText(/replicas: \d/)
            .first()
            .waitFor(),
      });
    });
  });

  test('why pods are not ready, in words, with their events and what they use', async () => {
    await look('inge', deployTab('workbench'), async page => {
      const pods = podsOf(page, 'workbench');
      const from = page.getByRole('heading', { name: 'Pods' });
      for (const words of [
        /ended with exit code 1,/,
        /exit code 139 \(SIGSEGV\)/,
        /was killed for using more memory than its limit of 128Mi/,
        /readiness probe failed: .*503/,
        /v9\.9\.9 of container no-image cannot be pulled/,
        /configmap "nowhere" not found/,
        /0\/3 nodes are available: 3 Insufficient cpu/,
        /unbound immediate PersistentVolumeClaims/,
        /exceeded quota: workbench/,
      ])
        await pods.getByText(words).first().waitFor();
      await checkScreen(page, 'pods-problems', {
        show: () => pods.getByText('CrashLoopBackOff').first().waitFor(),
        from,
      });
      await page.getByRole('searchbox', { name: 'Filter pods' }).fill('hungry');
      await page.waitForURL(/[?&]pods=hungry/);
      await pods
        .getByRole('button', { name: /^Containers of hungry/ })
        .first()
        .click();
      await checkScreen(page, 'pods-details', {
        show: async () => {
          const used = pods.getByText(/\d+m used, \d+m requested/);
          await used.first().waitFor();
          await pods
            .getByText(/Created pod: hungry/)
            .first()
            .waitFor();
        },
        from,
      });
    });
  });

  test('the logs of all pods of a workload, merged and searched', async () => {
    await look('dana', deployTab('orders'), async page => {
      await page.getByRole('button', { name: 'Logs of all' }).first().click();
      const drawer = page.getByRole('dialog', { name: /^Logs of / });
      await checkScreen(page, 'logs', {
        show: async () => {
          const line = drawer.getByText(/GET \/orders/);
          await line.first().waitFor();
          await drawer.getByRole('searchbox').fill('healthz');
          await drawer.getByText(/^[\d,]+ (of [\d,]+|found)$/).waitFor();
        },
      });
      const sources = drawer.getByRole('list', {
        name: 'Sources of these lines',
      });
      assert.ok((await sources.getByRole('listitem').count()) > 1);
    });
  });

  test('an owner works in a terminal in production, a developer on dev; there the developer reads why not', async () => {
    const open = async (page: Page, button: ReturnType<Page['locator']>) => {
      await button.click();
      const drawer = page.getByRole('dialog', { name: /^Terminal in / });
      await drawer.getByLabel(/^Reason/).fill('Looking for a core dump');
      await drawer.getByRole('button', { name: 'Open terminal' }).click();
      await drawer
        .getByText(/\/app \$/)
        .first()
        .waitFor();
      await page.keyboard.type('ls\r');
      await drawer
        .getByText(/node_modules/)
        .first()
        .waitFor();
      return drawer;
    };
    const leave = async (
      page: Page,
      drawer: Awaited<ReturnType<typeof open>>,
    ) => {
      await page.keyboard.type('exit\r');
      await drawer.getByText('Connected').waitFor({ state: 'hidden' });
      await drawer.getByRole('button', { name: 'Close terminal' }).focus();
      await page.keyboard.press('Escape');
      await drawer.waitFor({ state: 'hidden' });
    };
    await look('omar', deployTab('orders'), async page => {
      const terminals = page.getByRole('button', { name: 'Terminal' });
      const drawer = await open(page, terminals.first());
      await checkTheme(page, 'terminal-light');
      await leave(page, drawer);
    });
    await look(
      'dana',
      deployTab('orders'),
      async page => {
        const terminals = page.getByRole('button', { name: 'Terminal' });
        const drawer = await open(page, terminals.last());
        await checkTheme(page, 'terminal-dark');
        await leave(page, drawer);

        const refused = page.getByRole('button', {
          name: 'Terminal',
          disabled: true,
        });
        await checkScreen(page, 'terminal-not-permitted', {
          show: async () => {
            const dialog = page.getByRole('dialog');
            if (!(await dialog.isVisible()))
              await refused.first().press('Enter');
            await dialog.getByText('Not permitted').first().waitFor();
          },
        });
      },
      { theme: 'dark' },
    );
  });

  test('a canary is seen as the Rollout that it is', async () => {
    await look('dana', deployTab('recommend'), async page => {
      const pods = podsOf(page, 'recommend');
      await checkScreen(page, 'rollout', {
        show: () => pods.getByText(/^Rollout in storefront/).waitFor(),
      });
    });
  });

  test('a system, the sources, and the tab that people know', async () => {
    await look('dana', '/catalog/default/system/storefront', async page => {
      await checkScreen(page, 'system', {
        show: () => page.getByText(/\d+ components: /).waitFor(),
        from: page.getByRole('heading', { name: 'Deploys' }),
      });
    });
    await look('inge', '/deploys/sources', async page => {
      await checkScreen(page, 'sources', {
        show: async () => {
          const clusters = page.getByRole('table', { name: 'Clusters' });
          await clusters.getByText('live').first().waitFor();
          await page.getByText('prod-red').first().waitFor();
        },
      });
    });
    // Its own screens are not ours to judge.
    await look(
      'dana',
      '/catalog/default/component/orders/kubernetes',
      async page => {
        for (const theme of ['light', 'dark']) {
          await setTheme(page, theme);
          await page.getByText('4 pods').first().waitFor();
          await page.getByRole('button', { name: /prod-blue/ }).click();
          // Hovering waits until it has unfolded.
          await page.getByText('Deployment', { exact: true }).first().hover();
          await picture(page, `kubernetes-tab-${theme}`);
        }
      },
    );
  });

  test('a cluster is changed and the page follows, without being loaded again', async () => {
    await look('inge', deployTab('gateway'), async page => {
      const line = page.getByRole('row', { name: /^Details of dev/ });
      await line.getByText('v2.8.7').waitFor();
      const image = `${stage.portal.sandbox.registry.host}/main_service:gateway_v2.8.8`;
      const containers = [{ name: 'gateway', image }];
      await page.evaluate(() => Object.assign(window, { isTheSame: true }));
      await patchObject(
        stage.portal,
        'dev',
        '/apis/apps/v1/namespaces/platform/deployments/gateway',
        { spec: { template: { spec: { containers } } } },
      );
      await line.getByText('v2.8.8', { exact: true }).waitFor();
      assert.ok(await page.evaluate('isTheSame'));
    });
  });

  test('a cluster that is gone is shown as it was, with since when, and comes back', async () => {
    await look('dana', deployTab('orders'), async page => {
      const deploys = page.getByRole('table', { name: 'Deploys of orders' });
      const green = deploys.getByRole('row', { name: /^Details of .*green/ });
      await green.getByText(LIVE_VERSION).waitFor();
      const down = { fault: 'cluster-down', target: 'prod-green' };
      await setFault(stage.portal, down);
      await green.getByText(/unreachable since \d\d:\d\d/).waitFor();
      await green.getByText(LIVE_VERSION).waitFor();
      await green.getByText('last known').waitFor();
      await checkScreen(page, 'cluster-unreachable', {
        show: () => green.getByText('last known').waitFor(),
      });
      await setFault(stage.portal, { ...down, on: false });
      await green.getByText(/unreachable since/).waitFor({ state: 'hidden' });
      await green.getByText('last known').waitFor({ state: 'hidden' });
    });
  });

  test('nothing was asked of the clusters that docs/install does not give rights for', async () => {
    const { rights } = await readCounts(stage.portal);
    assert.deepEqual(rights.refused, {});
  });
});

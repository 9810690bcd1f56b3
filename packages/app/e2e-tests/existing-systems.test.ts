// `npm start -- --config FILE`: the portal against systems that it did not start, with a real sign-in (docs/existing-systems.md).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../../../scripts/launch/checks.mjs';
import { root } from '../../../scripts/launch/paths.mjs';
import { Processes } from '../../../scripts/launch/processes.mjs';
import {
  launchBrowser,
  picture,
  reasonToSkip,
} from '../../../scripts/testing/browser.mjs';
import { startOidcProvider } from '../../../scripts/testing/oidcProvider.mjs';
import { until } from '../../../scripts/testing/portal.mjs';

const node = process.env.SWITCHYARD_NODE ?? process.execPath;

describe('existing systems', { skip: reasonToSkip() }, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'switchyard-existing-'));
  const processes = new Processes();
  const portals: Array<ReturnType<typeof spawn>> = [];
  let systems: any;
  let oidc: Awaited<ReturnType<typeof startOidcProvider>>;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  let port: number;

  before(async () => {
    port = await freePort();
    // Clusters, Argo CD, Git and a registry that run by themselves: to the portal they are somebody else's.
    const ready = path.join(folder, 'systems.json');
    processes.startNode(
      node,
      'existing-systems',
      [
        '--require',
        '@backstage/cli/config/nodeTransform.cjs',
        path.join(root, 'packages/sandbox/src/main.ts'),
        '--dir',
        path.join(folder, 'world'),
        '--ready-file',
        ready,
      ],
      { cwd: path.join(root, 'packages/sandbox') },
    );
    oidc = await startOidcProvider({
      redirectUri: `http://localhost:${port}/api/auth/oidc/handler/frame`,
      emailOf: login => `${login}@example.com`,
    });
    await until(() => fs.existsSync(ready), 60_000);
    systems = JSON.parse(fs.readFileSync(ready, 'utf8'));
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    for (const portal of portals) {
      if (portal.exitCode === null) {
        portal.kill('SIGTERM');
        await new Promise(resolve => portal.once('exit', resolve));
      }
    }
    processes.stopping = true;
    processes.killAll();
    await oidc?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  function writeConfig(name: string, content: object): string {
    const file = path.join(folder, name);
    fs.writeFileSync(file, JSON.stringify(content, null, 2));
    return file;
  }

  function start(args: string[]) {
    const child = spawn(
      node,
      [path.join(root, 'scripts/start.mjs'), '--port', String(port), ...args],
      {
        cwd: root,
        env: {
          ...process.env,
          npm_config_user_agent: 'npm',
          SWITCHYARD_RUN_FILE: path.join(folder, 'run.json'),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    portals.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream!.setEncoding('utf8').on('data', text => (output += text));
    const ended = new Promise<number>(resolve =>
      child.once('exit', code => resolve(code ?? 1)),
    );
    return { output: () => output, ended };
  }

  const systemsConfig = () => ({
    catalog: {
      locations: [
        {
          type: 'file',
          target: systems.catalog,
          rules: [
            { allow: ['Component', 'System', 'Group', 'User', 'Location'] },
          ],
        },
      ],
    },
    kubernetes: {
      serviceLocatorMethod: { type: 'multiTenant' },
      clusterLocatorMethods: [
        {
          type: 'config',
          clusters: systems.clusters.map((cluster: any) => ({
            name: cluster.name,
            url: cluster.url,
            authProvider: 'serviceAccount',
            serviceAccountToken: cluster.token,
            skipMetricsLookup: true,
          })),
        },
      ],
    },
    argocd: {
      appLocatorMethods: [
        {
          type: 'config',
          instances: [
            {
              name: 'main',
              url: systems.argocd.url,
              username: systems.argocd.username,
              password: systems.argocd.password,
            },
          ],
        },
      ],
    },
    switchyard: {
      environments: [{ name: 'production', match: [{ cluster: ['prod-*'] }] }],
      clusterAliases: [{ argocd: 'green-eu', cluster: 'prod-green' }],
      access: [{ allow: ['see'] }],
    },
  });

  test('refuses to start without an auth provider, in one sentence', async () => {
    const portal = start([
      '--config',
      writeConfig('no-auth.yaml', systemsConfig()),
    ]);
    assert.equal(await portal.ended, 1);
    assert.match(
      portal.output(),
      /No auth provider is configured, so nobody could sign in/,
    );
    assert.doesNotMatch(portal.output(), /\n\s+at /);
  });

  test('names a config file that is not there', async () => {
    const portal = start(['--config', path.join(folder, 'nowhere.yaml')]);
    assert.equal(await portal.ended, 1);
    assert.match(portal.output(), /There is no file .*nowhere\.yaml/);
  });

  test("shows somebody else's clusters and Argo CD to a person who signed in with OIDC", async () => {
    const file = writeConfig('systems.yaml', {
      ...systemsConfig(),
      auth: {
        environment: 'development',
        session: { secret: 'a-secret-of-a-test-on-loopback' },
        providers: {
          oidc: {
            development: {
              metadataUrl: `${oidc.issuer}/.well-known/openid-configuration`,
              clientId: oidc.clientId,
              clientSecret: oidc.clientSecret,
              prompt: 'login',
              additionalScopes: ['email', 'profile'],
              signIn: {
                resolvers: [
                  { resolver: 'emailMatchingUserEntityProfileEmail' },
                ],
              },
            },
          },
        },
      },
    });
    const portal = start(['--config', file]);
    await until(() => {
      assert.equal(portals.at(-1)!.exitCode, null, portal.output());
      return portal.output().includes('Switchyard is ready');
    }, 120_000);
    assert.doesNotMatch(portal.output(), /Sign in as/);

    const url = `http://localhost:${port}`;
    const guest = await fetch(`${url}/api/auth/sandbox/refresh`, {
      headers: { 'x-switchyard-person': 'dana' },
    });
    assert.equal(
      guest.status,
      404,
      'picking a person exists only in the sandbox',
    );

    const context = await browser.newContext({
      viewport: { width: 1440, height: 1000 },
    });
    const page = await context.newPage();
    await page.goto(`${url}/catalog/default/component/orders`);
    const [popup] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('button', { name: /sign in/i }).click(),
    ]);
    await popup.locator('input[name=login]').fill('aude');
    await popup.locator('input[name=password]').fill('any');
    await popup.locator('button[type=submit]').click();
    const consent = popup.locator('button[type=submit]');
    if (!popup.isClosed())
      await consent.click({ timeout: 5_000 }).catch(() => undefined);
    await page.getByText('v5.3.24').first().waitFor({ timeout: 60_000 });
    await page.getByText('prod-green').first().waitFor();
    assert.equal(await page.getByRole('button', { name: /Hotfix/ }).count(), 0);
    await picture(page, 'existing-systems-light');
    await context.close();
  });
});

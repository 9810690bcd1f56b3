import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  ContainerUsage,
  DeploymentState,
  EntityDeploysState,
  LogRecord,
} from '@switchyard/backstage-plugin-deploys-common';
import { SandboxHandle, startSandbox } from '@switchyard/sandbox';
import request from 'supertest';
import { deploysPlugin } from '../plugin';
import {
  clustersOf,
  configOf,
  eventually,
  readComponents,
} from './sandboxWorld';

jest.setTimeout(120_000);

const run = promisify(execFile);
const API = '/api/deploys/v1/entities/component/default';

/** Logs that API servers of the sandbox have open now: it runs in this process. */
const followedLogs = new Set<ServerResponse>();
subscribe('http.server.request.start', message => {
  const { request: asked, response } = message as {
    request: IncomingMessage;
    response: ServerResponse;
  };
  if (!/^\/api\/v1\/.*\/log\?.*follow=true/.test(asked.url ?? '')) return;
  followedLogs.add(response);
  response.once('close', () => followedLogs.delete(response));
});

/** Counts requests to servers of this process, where the sandbox is. */
function countRequests(path: RegExp) {
  let count = 0;
  const look = (message: unknown) => {
    const { request: asked } = message as { request: IncomingMessage };
    if (path.test(asked.url ?? '')) count += 1;
  };
  subscribe('http.server.request.start', look);
  return {
    count: () => count,
    stop: () => unsubscribe('http.server.request.start', look),
  };
}

describe('deploys in the sandbox', () => {
  let dir: string;
  let sandbox: SandboxHandle;
  let server: Awaited<ReturnType<typeof startTestBackend>>['server'];
  let stop: () => Promise<void>;
  let components: Entity[];
  const publish = jest.fn(async (_: unknown) => {});

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'deploys-sandbox-'));
    sandbox = await startSandbox({ dir });
    components = await readComponents(sandbox.catalog);
    const backend = await startTestBackend({
      features: [
        deploysPlugin,
        clustersOf(sandbox),
        mockServices.rootConfig.factory({ data: configOf(sandbox) }),
        mockServices.permissions.factory({ result: AuthorizeResult.ALLOW }),
        catalogServiceMock.factory({ entities: components }),
        createServiceFactory({
          service: signalsServiceRef,
          deps: {},
          factory: () => ({ publish }),
        }),
      ],
    });
    server = backend.server;
    stop = () => backend.stop();
    await eventually(async () => {
      const { body } = await request(server).get('/api/deploys/v1/fleet');
      const sources = [...body.clusters, ...body.argoInstances];
      const live = sources.filter(({ state }) => state === 'live');
      if (live.length !== 5) throw new Error('The fleet is not connected yet');
    });
  });

  afterAll(async () => {
    await stop?.();
    await sandbox?.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function stateOf(name: string): Promise<EntityDeploysState> {
    const response = await request(server).get(`${API}/${name}/state`);
    expect(response.status).toBe(200);
    return response.body;
  }

  function outline(rows: DeploymentState[]) {
    return rows.map(
      ({ environment, cluster, application, version, consent }) => [
        environment,
        cluster,
        application?.name,
        version.version,
        consent.by,
      ],
    );
  }

  it('tells everything that opens below a line, and keeps it from who only claims it', async () => {
    const read = async (name: string, part: string) => {
      const { deployments } = await stateOf(name);
      const [{ id }] = deployments.filter(({ application }) => application);
      return request(server).get(
        `${API}/${name}/deployments/${encodeURIComponent(id)}/${part}`,
      );
    };
    const details = await read('orders', 'details');
    expect(details.status).toBe(200);
    expect(details.body.sources[0].repository).toMatch(/^http/);
    const tree = await read('orders', 'tree');
    expect(tree.body.roots.map(({ kind }: { kind: string }) => kind)).toContain(
      'Deployment',
    );
    const windows = await read('orders', 'windows');
    expect(windows.body).toMatchObject({ canSync: expect.any(Boolean) });
    const history = await read('orders', 'history');
    expect(history.body.entries[0].commits[0]).toMatchObject({
      author: expect.any(String),
      message: expect.any(String),
    });
    const diff = await read('orders', 'diff');
    expect(diff.status).toBe(200);
    expect(diff.body.unchanged).toBeGreaterThan(0);
    for (const part of ['tree', 'diff']) {
      expect((await read('intruder', part)).status).toBe(403);
    }
  });

  it('knows where orders runs, in which version, and that its Applications agree', async () => {
    // Argo CD's full Applications come after the first look.
    await eventually(async () => {
      const { deployments } = await stateOf('orders');
      for (const { application } of deployments) {
        expect(application?.lastDeploy?.at).toEqual(expect.any(String));
      }
    });
    const { deployments, problems, summary } = await stateOf('orders');
    expect(problems).toEqual([]);
    expect(summary.tone).toBe('ok');
    expect(outline(deployments)).toEqual([
      ['production', 'prod-blue', 'orders-blue', 'v5.3.24', 'annotation'],
      ['production', 'prod-green', 'orders-green', 'v5.3.24', 'annotation'],
      ['development', 'dev', 'orders-dev', expect.any(String), 'annotation'],
    ]);
    for (const { workloads, application } of deployments) {
      expect(application).toMatchObject({ sync: 'Synced', health: 'Healthy' });
      const [{ kind, pods, desired, ready }] = workloads;
      expect([kind, pods.length, ready]).toEqual([
        'Deployment',
        desired,
        desired,
      ]);
      expect(pods[0]).toMatchObject({
        ready: true,
        zone: expect.any(String),
        version: expect.stringMatching(/^v5\.3\.\d+$/),
      });
    }
  });

  it('puts Applications of two Argo CDs, and of two namespaces, into one entity', async () => {
    const applicationsOf = async (name: string) =>
      (await stateOf(name)).deployments
        .map(({ cluster, application }) => [
          cluster,
          application?.instance,
          application?.namespace,
          application?.name,
          application?.health,
        ])
        .sort();
    expect(await applicationsOf('handbook')).toEqual([
      ['dev', 'main', 'argocd', 'handbook-dev', 'Healthy'],
      ['prod-blue', 'main', 'argocd', 'handbook-blue', 'Healthy'],
      ['prod-green', 'edge', 'argocd', 'handbook-green', 'Healthy'],
    ]);
    expect(await applicationsOf('status-page')).toEqual([
      ['dev', 'edge', 'teams', 'status-page-dev', 'Healthy'],
      ['prod-blue', 'main', 'argocd', 'status-page-blue', 'Healthy'],
      ['prod-green', 'main', 'argocd', 'status-page-green', 'Healthy'],
    ]);
    const { deployments } = await stateOf('status-page');
    const { id } = deployments.find(({ cluster }) => cluster === 'dev')!;
    for (const part of ['details', 'tree', 'windows', 'history', 'diff']) {
      const { status } = await request(server).get(
        `${API}/status-page/deployments/${encodeURIComponent(id)}/${part}`,
      );
      expect([part, status]).toEqual([part, 200]);
    }
  });

  it('has a state for every component of the world', async () => {
    for (const { metadata } of components) {
      const { deployments, summary } = await stateOf(metadata.name);
      expect([metadata.name, deployments.length > 0, summary.text]).toEqual([
        metadata.name,
        true,
        expect.any(String),
      ]);
      for (const { version } of deployments) {
        expect([metadata.name, version.images.length > 0]).toEqual([
          metadata.name,
          true,
        ]);
      }
    }
  });

  it('follows a canary from its pause to the analysis that ends it', async () => {
    const rollout = async () => {
      const { deployments, hash } = await stateOf('recommend');
      const [dev] = deployments.filter(({ cluster }) => cluster === 'dev');
      return { ...dev.workloads[0], hash };
    };
    const before = await rollout();
    expect(before).toMatchObject({
      kind: 'Rollout',
      rollout: { strategy: 'canary', status: 'healthy' },
    });
    await deploy('v1.5.0-bad-answers');
    await eventually(async () => {
      const { rollout: now, hash } = await rollout();
      expect(hash).not.toBe(before.hash);
      expect(now).toMatchObject({
        status: 'paused',
        text: 'Canary step 2 of 5 · 20 % · paused for 1 min',
        step: { number: 2, of: 5 },
        weight: 20,
        stable: { version: expect.any(String) },
        next: { version: 'v1.5.0-bad-answers' },
      });
    });
    await eventually(async () => {
      const { rollout: now, problem } = await rollout();
      expect(now).toMatchObject({
        status: 'aborted',
        text: expect.stringMatching(
          /^Canary of v1\.5\.0-bad-answers · aborted, v1\.\S+ stays$/,
        ),
        message: expect.stringContaining('success-rate'),
        analyses: [
          {
            type: 'Step',
            phase: 'Failed',
            metrics: [{ name: 'success-rate', phase: 'Failed' }],
          },
        ],
      });
      expect(problem).toMatch(/^RolloutAborted/);
    });
    await deploy(before.rollout!.stable!.version!);
    await eventually(async () => {
      const { rollout: now, problem } = await rollout();
      expect([now?.status, problem]).toEqual(['healthy', undefined]);
    });
  });

  it('lets search agree by a binding, and finds gateway without any Application', async () => {
    const search = await stateOf('search');
    expect(
      new Set(search.deployments.map(({ consent }) => consent.by)),
    ).toEqual(new Set(['binding']));
    const gateway = await stateOf('gateway');
    expect(gateway.deployments.length).toBeGreaterThan(0);
    for (const { application, workloads } of gateway.deployments) {
      expect(application).toBeUndefined();
      expect(workloads.length).toBeGreaterThan(0);
    }
  });

  it('gives the intruder no consent, no log and no version', async () => {
    const { deployments } = await stateOf('intruder');
    expect(deployments.length).toBeGreaterThan(0);
    for (const { consent, workloads } of deployments) {
      expect(consent.given).toBe(false);
      for (const workload of workloads) {
        expect(workload.consent?.given ?? false).toBe(false);
      }
    }
    const [pod] = (await stateOf('orders')).deployments[0].workloads[0].pods;
    const log = await request(server).get(
      `${API}/intruder/pods/prod-blue/storefront/${pod.name}/logs`,
    );
    expect(log.status).toBe(403);
    const versions = await request(server).get(
      `${API}/intruder/versions?environment=production`,
    );
    expect(versions.status).toBe(403);
  });

  it('reads the log of a pod, and the versions that the registry has', async () => {
    const [pod] = (await stateOf('orders')).deployments[0].workloads[0].pods;
    const log = await request(server).get(
      `${API}/orders/pods/prod-blue/storefront/${pod.name}/logs?tail=5&timestamps=true`,
    );
    expect(log.status).toBe(200);
    const lines = log.text.trimEnd().split('\n');
    for (const line of lines) {
      expect(line).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{9}Z \S/);
    }
    const { body } = await request(server).get(
      `${API}/orders/versions?environment=production`,
    );
    expect(
      body.items.map(({ version }: { version: string }) => version),
    ).toEqual(expect.arrayContaining(['v5.3.25', 'v5.3.24', 'v5.3.10']));
    expect(body.repositories).toEqual([
      {
        repository: `${sandbox.registry.host}/storefront/orders`,
        state: 'read',
      },
    ]);
  });

  it('reads the logs of a whole workload, and leaves nothing behind when its reader goes', async () => {
    const path = `${API}/orders/logs?cluster=prod-blue&namespace=storefront&workload=Deployment/orders&tail=20`;
    const { text } = await request(server).get(path);
    const records: LogRecord[] = text
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line));
    const times = records.flatMap(record =>
      Array.isArray(record) && record[1] ? [record[1]] : [],
    );
    expect(times.length).toBeGreaterThan(20);
    expect(times).toEqual([...times].sort());
    const sources = new Set(
      records.flatMap(each => (Array.isArray(each) ? [each[0]] : [])),
    );
    expect(sources.size).toBeGreaterThan(1);

    const { port } = server.address() as { port: number };
    const caller = new AbortController();
    const response = await fetch(
      `http://127.0.0.1:${port}${path}&follow=true`,
      {
        signal: caller.signal,
      },
    );
    const reader = response.body!.getReader();
    await reader.read();
    await eventually(async () => {
      if (followedLogs.size === 0) throw new Error('No log is followed yet');
    });
    caller.abort();
    await eventually(async () => {
      const open = followedLogs.size;
      if (open > 0) throw new Error(`${open} logs are still followed`);
    });
  });

  it('says of a pod that is deleted while its log is followed that it is gone, and goes on with the one that takes its place', async () => {
    const { port } = server.address() as { port: number };
    const caller = new AbortController();
    const response = await fetch(
      `http://127.0.0.1:${port}${API}/orders/logs?cluster=dev&namespace=storefront&workload=Deployment/orders&tail=1&follow=true`,
      { signal: caller.signal },
    );
    const records: LogRecord[] = [];
    const reading = (async () => {
      let rest = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body!) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split(
          '\n',
        );
        rest = lines.pop()!;
        records.push(...lines.filter(Boolean).map(line => JSON.parse(line)));
      }
    })().catch(() => {});
    const podsOf = () =>
      records.flatMap(each =>
        !Array.isArray(each) && each.type === 'source' ? [each.pod] : [],
      );
    const statesOf = (source: number) =>
      records.flatMap(each =>
        !Array.isArray(each) && each.type === 'state' && each.source === source
          ? [each.state]
          : [],
      );
    try {
      await eventually(() => expect(statesOf(0)).toContain('reading'));
      const before = podsOf();
      const { url, tokens } = sandbox.clusters.find(
        ({ name }) => name === 'dev',
      )!;
      await fetch(`${url}/api/v1/namespaces/storefront/pods/${before[0]}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${tokens.admin}` },
      });
      await eventually(() => expect(statesOf(0).at(-1)).toBe('gone'));
      await eventually(() => {
        const next = podsOf().findIndex(pod => !before.includes(pod));
        expect(statesOf(next)).toContain('reading');
      });
    } finally {
      caller.abort();
      await reading;
    }
    await eventually(() => expect(followedLogs.size).toBe(0));
  });

  it('reads what a migration said after it has ended, and says when that is gone', async () => {
    const green = async () => {
      const { deployments } = await stateOf('orders');
      return deployments.find(({ cluster }) => cluster === 'prod-green')!;
    };
    const { url, token } = sandbox.argocd;
    const response = await fetch(
      `${url}/api/v1/applications/orders-green/sync`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
        },
        body: '{}',
      },
    );
    expect(response.status).toBe(200);
    await eventually(async () => {
      const { migration, workloads } = await green();
      expect(migration).toMatchObject({
        verdict: 'ran',
        text: 'PreSync hook Job orders-migrate ran',
        log: { cluster: 'prod-green', namespace: 'storefront' },
        job: { kind: 'Job', name: 'orders-migrate' },
      });
      expect(workloads.map(({ kind }) => kind)).toEqual(['Deployment']);
    });
    const { pod } = (await green()).migration!.log!;
    const { text } = await request(server).get(
      `${API}/orders/logs?cluster=prod-green&namespace=storefront&workload=Job/orders-migrate&pod=${pod}&tail=50`,
    );
    expect(text).toMatch(/migrat/i);
    const alone = await request(server).get(
      `${API}/orders/pods/prod-green/storefront/${pod}/logs`,
    );
    expect(alone.text).toMatch(/migrat/i);

    const cluster = sandbox.clusters.find(({ name }) => name === 'prod-green')!;
    const deleted = await fetch(
      `${cluster.url}/api/v1/namespaces/storefront/pods/${pod}`,
      {
        method: 'DELETE',
        headers: { authorization: `Bearer ${cluster.tokens.admin}` },
      },
    );
    expect(deleted.status).toBe(200);
    await eventually(async () => {
      const { migration } = await green();
      expect(migration).toMatchObject({ verdict: 'ran', logIsGone: true });
      expect(migration).not.toHaveProperty('log');
    });
  });

  it('measures what pods use, once for all who look', async () => {
    const asked = countRequests(/^\/apis\/metrics\.k8s\.io\//);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        request(server).get(`${API}/orders/metrics`),
      ),
    );
    asked.stop();
    // Of three clusters, one namespace each.
    expect(asked.count()).toBe(3);
    const [{ body }] = answers;
    expect(
      body.places.map(({ cluster, state }: Record<string, string>) => [
        cluster,
        state,
      ]),
    ).toEqual([
      ['prod-blue', 'read'],
      ['prod-green', 'read'],
      ['dev', 'read'],
    ]);
    const { deployments } = await stateOf('orders');
    for (const { uid, containers } of deployments.flatMap(({ workloads }) =>
      workloads.flatMap(({ pods }) => pods),
    )) {
      const usages: ContainerUsage[] = body.pods[uid];
      expect(usages.map(({ name }) => name)).toEqual(
        containers.map(({ name }) => name),
      );
      const [main] = usages;
      expect(main.cpu).toBeGreaterThan(0);
      expect(main.memory).toBeGreaterThan(2 ** 20);
      expect(main.memory).toBeLessThan(main.memoryLimit!);
    }
    const claimed = await request(server).get(`${API}/intruder/metrics`);
    expect(claimed.body).toEqual({ places: [], pods: {} });
  });

  it('tells why a Deployment has the pods it has', async () => {
    const [pod] = (await stateOf('orders')).deployments[0].workloads[0].pods;
    const { body } = await request(server).get(
      `${API}/orders/pods/prod-blue/storefront/${pod.name}/events`,
    );
    expect(body.readable).toBe(true);
    const times = body.items.map(({ lastAt }: { lastAt: string }) =>
      Date.parse(lastAt),
    );
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('keeps within 20 kB, and says what its own share of the time was', async () => {
    const response = await request(server).get(`${API}/orders/state`);
    expect(Buffer.byteLength(response.text)).toBeLessThan(20_000);
    // What it may be is for `yarn bench entity-view` to say.
    expect(response.headers['server-timing']).toMatch(/own;dur=[\d.]+/);
  });

  it('rings after a pod has changed', async () => {
    for (let restarts = 1; restarts <= 3; restarts++) {
      const { channel, hash } = await stateOf('orders');
      publish.mockClear();
      await restartAPod(restarts);
      await eventually(() => {
        expect(publish).toHaveBeenCalledWith(
          expect.objectContaining({ channel }),
        );
      });
      expect((await stateOf('orders')).hash).not.toBe(hash);
    }
  });

  it('keeps the last state of a cluster that is down, and says so', async () => {
    const before = await stateOf('orders');
    await fault({ fault: 'cluster-down', target: 'prod-green', on: true });
    await eventually(async () => {
      const { sources } = await stateOf('orders');
      expect(sources.find(({ id }) => id === 'cluster:prod-green')?.state).toBe(
        'unreachable',
      );
    });
    const { deployments, summary } = await stateOf('orders');
    expect(summary).toEqual({
      tone: 'warning',
      text: 'prod-green cannot be reached, the last state is shown',
    });
    const green = deployments.find(({ cluster }) => cluster === 'prod-green')!;
    expect(deployments[0]).toBe(green);
    expect(green.application).toMatchObject({
      health: 'Healthy',
      healthIsStale: true,
    });
    expect(green.workloads[0].pods.length).toBe(
      before.deployments.find(({ cluster }) => cluster === 'prod-green')!
        .workloads[0].pods.length,
    );
    await fault({ fault: 'cluster-down', target: 'prod-green', on: false });
    await eventually(async () => {
      expect((await stateOf('orders')).summary.tone).toBe('ok');
    });
  });

  async function fault(body: object) {
    const response = await fetch(`${sandbox.faults.url}/api/faults`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  }

  /** By Git, for Argo CD takes back what is not there. */
  async function deploy(version: string) {
    const { url, username, token } = sandbox.git;
    const tree = await mkdtemp(join(dir, 'deploy-dev-'));
    const git = (...args: string[]) =>
      run('git', ['-C', tree, '-c', 'user.name=dana', ...args]);
    const address = new URL(`${url}/deploy-dev.git`);
    Object.assign(address, { username, password: token });
    await git('clone', '-q', address.href, '.');
    const file = join(tree, 'apps', 'recommend', 'rollout.yaml');
    const manifest = await readFile(file, 'utf8');
    const changed = manifest.replace(
      /(image: \S+\/recommend):\S+/,
      `$1:${version}`,
    );
    expect(changed).not.toBe(manifest);
    await writeFile(file, changed);
    const author = ['-c', 'user.email=dana@example.com'];
    await git(...author, 'commit', '-qam', `Deploy recommend ${version}`);
    await git('push', '-q');
    const { url: argocd, token: bearer } = sandbox.argocd;
    const response = await fetch(
      `${argocd}/api/v1/applications/recommend-dev?refresh=normal`,
      { headers: { authorization: `Bearer ${bearer}` } },
    );
    expect(response.status).toBe(200);
  }

  async function restartAPod(restarts: number) {
    const { url, tokens } = sandbox.clusters.find(
      ({ name }) => name === 'prod-blue',
    )!;
    const { deployments } = await stateOf('orders');
    const [pod] = deployments.find(({ cluster }) => cluster === 'prod-blue')!
      .workloads[0].pods;
    const path = `${url}/api/v1/namespaces/storefront/pods/${pod.name}/status`;
    const headers = { authorization: `Bearer ${tokens.admin}` };
    const object = await (await fetch(path, { headers })).json();
    const response = await fetch(path, {
      method: 'PATCH',
      headers: { ...headers, 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({
        status: {
          containerStatuses: object.status.containerStatuses.map(
            (status: object) => ({ ...status, restartCount: restarts }),
          ),
        },
      }),
    });
    expect(response.status).toBe(200);
  }
});

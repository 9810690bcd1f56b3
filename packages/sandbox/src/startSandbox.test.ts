import { createServer } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Application } from './argocd/types';
import type { WorldCounts } from './faults/counts';
import { BareRepository } from './git';
import { SandboxHandle } from './handle';
import type { KubernetesObject } from './kubernetes/types';
import { startSandbox } from './startSandbox';

jest.setTimeout(60_000);

const SPEED = 100;
let folder: string;
let sandbox: SandboxHandle;

async function json<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

async function application(name: string, query = ''): Promise<Application> {
  return json(
    await fetch(`${sandbox.argocd.url}/api/v1/applications/${name}${query}`, {
      headers: { Authorization: `Bearer ${sandbox.argocd.token}` },
    }),
  );
}

async function applications(): Promise<Application[]> {
  const { items } = await json<{ items: Application[] }>(
    await fetch(`${sandbox.argocd.url}/api/v1/applications`, {
      headers: { Authorization: `Bearer ${sandbox.argocd.token}` },
    }),
  );
  return items;
}

async function sync(name: string): Promise<Response> {
  return fetch(`${sandbox.argocd.url}/api/v1/applications/${name}/sync`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${sandbox.argocd.token}`,
      'Content-Type': 'application/json',
    },
    body: '{}',
  });
}

async function pods(
  cluster: string,
  component: string,
): Promise<KubernetesObject[]> {
  const { url, token } = sandbox.clusters.find(item => item.name === cluster)!;
  const { items } = await json<{ items: KubernetesObject[] }>(
    await fetch(
      `${url}/api/v1/pods?labelSelector=app.kubernetes.io/name%3D${component}`,
      { headers: { Authorization: `Bearer ${token}` } },
    ),
  );
  return items;
}

const faults = (method: string, path: string, body?: unknown) =>
  fetch(sandbox.faults.url + path, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
const counts = async () =>
  json<WorldCounts>(await faults('GET', '/api/counts'));

async function until<T>(
  read: () => Promise<T>,
  isThere: (value: T) => unknown,
): Promise<T> {
  const end = Date.now() + 30_000;
  for (;;) {
    const value = await read();
    if (isThere(value)) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(
        `It did not get there: ${JSON.stringify(value).slice(0, 2000)}`,
      );
    }
    await new Promise(resolve => setTimeout(resolve, 30));
  }
}

const isDone = ({ operation, status }: Application) =>
  !operation && status.operationState?.finishedAt;
const isSettled = (app: Application) =>
  isDone(app) &&
  app.status.sync.status === 'Synced' &&
  app.status.health.status === 'Healthy';

/** Changes a text in a file and commits, as a person would. */
async function edit(
  repository: string,
  path: string,
  from: string,
  to: string,
): Promise<string> {
  const bare = await BareRepository.open({
    name: repository,
    directory: join(sandbox.dir, 'git', `${repository}.git`),
  });
  const text = (await bare.files('main', ''))!.get(path)!.toString();
  expect(text).toContain(from);
  return bare.commit('main', [
    {
      author: { name: 'Dana', email: 'dana@example.com' },
      message: `${to}\n\nSwitchyard-Run: 42`,
      files: { [path]: text.split(from).join(to) },
    },
  ]);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  sandbox = await startSandbox({ dir: join(folder, 'world'), speed: SPEED });
});

afterEach(async () => {
  await faults('DELETE', '/api/faults');
});

afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a new world', () => {
  it('runs what is in Git: every Application that is not broken on purpose is Synced and Healthy', async () => {
    const broken = ['archive', 'handbook-dev', 'reports-dev'];
    const all = (await applications()).filter(
      ({ metadata }) => !broken.includes(metadata.name),
    );
    expect(all.length).toBeGreaterThanOrEqual(30);
    expect(
      all
        .filter(
          ({ status }) =>
            status.sync.status !== 'Synced' ||
            status.health.status !== 'Healthy',
        )
        .map(app => app.metadata.name),
    ).toEqual([]);
    const automated = all.filter(app => app.spec.syncPolicy?.automated).length;
    expect(automated / all.length).toBeGreaterThan(0.4);
    expect(automated / all.length).toBeLessThan(0.75);
  });

  it('has a second Argo CD, which takes Applications from another namespace too', async () => {
    const { url, username, password } = sandbox.edgeArgocd;
    const { token } = await json<{ token: string }>(
      await fetch(`${url}/api/v1/session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ username, password }),
      }),
    );
    const headers = { Authorization: `Bearer ${token}` };
    const { items } = await json<{ items: Application[] }>(
      await fetch(`${url}/api/v1/applications`, { headers }),
    );
    expect(
      items.map(({ metadata, spec, status }) => [
        `${metadata.namespace}/${metadata.name}`,
        spec.destination.name,
        status.sync.status,
        status.health.status,
      ]),
    ).toEqual([
      ['argocd/handbook-green', 'prod-green', 'Synced', 'Healthy'],
      ['teams/status-page-dev', 'dev', 'Synced', 'Healthy'],
    ]);
    // Neither knows the other's.
    expect(
      (await applications()).map(({ metadata }) => metadata.name),
    ).not.toContain('handbook-green');
    await faults('POST', '/api/faults', {
      fault: 'edge-argocd-down',
      on: true,
    });
    await expect(fetch(`${url}/api/version`)).rejects.toThrow();
    expect((await fetch(`${sandbox.argocd.url}/api/version`)).status).toBe(200);
    await faults('POST', '/api/faults', {
      fault: 'edge-argocd-down',
      on: false,
    });
    expect((await fetch(`${url}/api/version`)).status).toBe(200);
  });

  it('has Applications that are made of others, and some that are broken', async () => {
    const [parent, drifted, page, lost, broken] = await Promise.all(
      [
        'platform-apps',
        'handbook-dev',
        'status-page-blue',
        'archive',
        'reports-dev',
      ].map(name => application(name)),
    );
    expect(parent.status).toMatchObject({
      sync: { status: 'Synced' },
      health: { status: 'Healthy' },
      resources: [{ name: 'handbook-blue' }, { name: 'handbook-dev' }],
    });
    expect(drifted.metadata.annotations['argocd.argoproj.io/tracking-id']).toBe(
      'platform-apps:argoproj.io/Application:argocd/handbook-dev',
    );
    const { items } = await json<{ items: any[] }>(
      await fetch(
        `${sandbox.argocd.url}/api/v1/applications/handbook-dev/managed-resources`,
        { headers: { Authorization: `Bearer ${sandbox.argocd.token}` } },
      ),
    );
    const modified = items.filter(item => item.modified);
    expect(modified.map(({ kind }) => kind)).toEqual(['Deployment']);
    expect(
      ['normalizedLiveState', 'predictedLiveState'].map(
        state => JSON.parse(modified[0][state]).spec.replicas,
      ),
    ).toEqual([2, 1]);
    expect(page.metadata.ownerReferences).toMatchObject([
      { kind: 'ApplicationSet', name: 'status-page' },
    ]);
    expect(page.spec.sources).toHaveLength(2);
    expect(page.status).toMatchObject({
      sync: { status: 'Synced', revisions: ['1.4.2', expect.any(String)] },
      history: [{ id: 0, revisions: ['1.4.2', expect.any(String)] }],
    });
    expect(lost.status.conditions).toMatchObject([
      { type: 'InvalidSpecError' },
    ]);
    expect(broken.status).toMatchObject({
      sync: { status: 'Unknown' },
      conditions: [{ type: 'ComparisonError' }],
    });
  });

  it('has orders as the story needs it', async () => {
    const [blue, green, dev] = await Promise.all(
      ['orders-blue', 'orders-green', 'orders-dev'].map(name =>
        application(name),
      ),
    );
    expect(blue.spec).toMatchObject({
      project: 'storefront',
      destination: { server: sandbox.clusters[0].url, namespace: 'storefront' },
    });
    expect(green.spec.destination).toEqual({
      name: 'green-eu',
      namespace: 'storefront',
    });
    expect(dev.spec.destination).toEqual({
      name: 'dev',
      namespace: 'storefront',
    });
    expect(
      [blue, green].map(app => Boolean(app.spec.syncPolicy?.automated)),
    ).toEqual([true, false]);
    for (const app of [blue, green, dev]) {
      expect(app.metadata.labels['backstage-name']).toBe('orders');
      expect(app.metadata.annotations['backstage.io/entity-ref']).toBe(
        'component:default/orders',
      );
    }
    expect([blue.status.sourceType, green.status.sourceType]).toEqual([
      'Directory',
      'Kustomize',
    ]);
    expect(blue.status.summary.images).toEqual([
      `${sandbox.registry.host}/storefront/orders:v5.3.24`,
    ]);
    const running = (await pods('prod-blue', 'orders')).filter(
      pod => pod.status.phase === 'Running',
    );
    expect(running).toHaveLength(3);
    expect(
      running.every(
        pod => pod.metadata.labels!['backstage.io/kubernetes-id'] === 'orders',
      ),
    ).toBe(true);
  });

  it('runs 140 pods of webapp in production, and gateway without an Application', async () => {
    const webapp = await Promise.all(
      ['prod-blue', 'prod-green'].map(cluster => pods(cluster, 'webapp')),
    );
    expect(webapp.flat()).toHaveLength(140);
    expect(webapp.flat().every(pod => pod.status.phase === 'Running')).toBe(
      true,
    );
    expect(
      (await applications()).filter(app =>
        app.metadata.name.startsWith('gateway'),
      ),
    ).toEqual([]);
    expect(await pods('prod-green', 'gateway')).toHaveLength(3);
  });

  it('has every image that it names', async () => {
    const waiting = (
      await Promise.all(
        sandbox.clusters.map(({ name }) => pods(name, 'orders')),
      )
    ).flat();
    expect(
      waiting
        .flatMap(pod => pod.status.containerStatuses ?? [])
        .filter(({ state }) => state.waiting),
    ).toEqual([]);
    expect(
      (await pods('prod-blue', 'legacy-web')).every(
        pod => pod.status.phase === 'Running',
      ),
    ).toBe(true);
  });

  it('gives a catalog with its own addresses, and the people in it', async () => {
    const names: string[] = [];
    const { targets } = parseAllDocuments(
      await readFile(sandbox.catalog, 'utf8'),
    )[0].toJS().spec;
    for (const target of targets as string[]) {
      const text = await readFile(join(sandbox.catalog, '..', target), 'utf8');
      expect(text).not.toContain('sandbox.invalid');
      for (const document of parseAllDocuments(text)) {
        expect(document.errors).toEqual([]);
        const entity = document.toJS();
        names.push(`${entity.kind}:${entity.metadata.name}`);
        const image = entity.metadata.annotations?.['switchyard/image'];
        expect(
          image === undefined || image.startsWith(`${sandbox.registry.host}/`),
        ).toBe(true);
        expect(entity.metadata.description).toBeTruthy();
      }
    }
    for (const component of 'webapp orders search payments api match push-android push-ios chat gateway settlement campaign recommend workbench legacy-web intruder'.split(
      ' ',
    )) {
      expect(names).toContain(`Component:${component}`);
    }
    expect(sandbox.people.map(person => person.name)).toEqual([
      'dana',
      'omar',
      'ravi',
      'inge',
      'pia',
      'aude',
      'guest',
    ]);
    expect(sandbox.people[1].groups).toEqual([
      'storefront',
      'storefront-owners',
    ]);
    expect(names).toEqual(
      expect.arrayContaining([
        'User:dana',
        'Group:storefront-owners',
        'System:realtime',
      ]),
    );
  });

  it('begins to count at nothing', async () => {
    const { repositories, applications: syncs, migrations } = await counts();
    expect(Object.values(repositories).map(({ commits }) => commits)).toEqual([
      0, 0, 0,
    ]);
    expect(
      Object.values(syncs).every(
        count => count.syncs === 0 && count.operations === 0,
      ),
    ).toBe(true);
    expect(migrations).toEqual([]);
  });
});

describe('a hotfix', () => {
  it('on blue is synced by itself: one commit, one sync, one migration, new pods', async () => {
    const sha = await edit(
      'deploy-blue',
      'apps/orders/orders.yaml',
      'orders:v5.3.24',
      'orders:v5.3.25',
    );
    await application('orders-blue', '?refresh=normal');
    const done = await until(
      () => application('orders-blue'),
      app => isSettled(app) && app.status.sync.revision === sha,
    );
    expect(done.status.history!.at(-1)).toMatchObject({
      revision: sha,
      initiatedBy: { automated: true },
    });
    const running = (await pods('prod-blue', 'orders')).filter(
      pod => pod.status.phase === 'Running' && !pod.metadata.deletionTimestamp,
    );
    expect(
      running.every(pod => pod.spec.containers[0].image.endsWith(':v5.3.25')),
    ).toBe(true);
    const counted = await counts();
    expect(counted.repositories['deploy-blue']).toMatchObject({
      commits: 1,
      items: [{ sha, trailers: { 'Switchyard-Run': '42' } }],
    });
    expect(counted.applications['orders-blue']).toEqual({
      syncs: 1,
      operations: 1,
    });
    expect(counted.migrations).toMatchObject([
      {
        component: 'orders',
        version: 'v5.3.25',
        cluster: 'prod-blue',
        outcome: 'changed',
      },
    ]);
  });

  it('on green waits for a sync; its migration finds the schema changed already', async () => {
    const sha = await edit(
      'deploy-green',
      'apps/orders/kustomization.yaml',
      'v5.3.24 ',
      'v5.3.25 ',
    );
    expect(
      (await application('orders-green', '?refresh=normal')).status.sync.status,
    ).toBe('OutOfSync');
    expect((await sync('orders-green')).status).toBe(200);
    await until(
      () => application('orders-green'),
      app => isSettled(app) && app.status.sync.revision === sha,
    );
    expect((await counts()).applications['orders-green']).toEqual({
      syncs: 1,
      operations: 1,
    });
    expect((await counts()).migrations.at(-1)).toMatchObject({
      cluster: 'prod-green',
      version: 'v5.3.25',
      outcome: 'already',
    });
  });

  it('with a migration that fails changes no pod', async () => {
    await edit(
      'deploy-green',
      'apps/orders/kustomization.yaml',
      'v5.3.25 ',
      'v5.4.0-bad-migration ',
    );
    await sync('orders-green');
    const failed = await until(() => application('orders-green'), isDone);
    expect(failed.status.operationState).toMatchObject({
      phase: 'Failed',
      message: 'one or more synchronization tasks completed unsuccessfully',
    });
    const images = (await pods('prod-green', 'orders'))
      .filter(pod => pod.status.phase === 'Running')
      .map(pod => pod.spec.containers[0].image);
    expect(new Set(images)).toEqual(
      new Set([`${sandbox.registry.host}/storefront/orders:v5.3.25`]),
    );
    await edit(
      'deploy-green',
      'apps/orders/kustomization.yaml',
      'v5.4.0-bad-migration ',
      'v5.3.25 ',
    );
  });

  it('to an image that the registry lacks ends Degraded, in the words of the registry', async () => {
    await edit(
      'deploy-blue',
      'apps/campaign/deployment.yaml',
      'v1.12.21',
      'v9.9.9',
    );
    await application('campaign-blue', '?refresh=normal');
    const stuck = await until(
      () => pods('prod-blue', 'campaign'),
      found =>
        found.some(
          pod =>
            pod.status.containerStatuses?.[0].state.waiting?.reason ===
            'ImagePullBackOff',
        ),
    );
    expect(
      JSON.stringify(stuck.map(pod => pod.status.containerStatuses)),
    ).toContain('campaign:v9.9.9');
    await until(
      () => application('campaign-blue'),
      app => app.status.health.status === 'Degraded',
    );
    await edit(
      'deploy-blue',
      'apps/campaign/deployment.yaml',
      'v9.9.9',
      'v1.12.21',
    );
    await application('campaign-blue', '?refresh=normal');
    await until(() => application('campaign-blue'), isSettled);
  });
});

describe('faults', () => {
  it('cover what the field reports tell of', async () => {
    const { items } = await json<{
      items: Array<{ id: string; about: string }>;
    }>(await faults('GET', '/api/faults'));
    const ids = items.map(item => item.id);
    for (const id of [
      'cluster-down cluster-hangs cluster-slow cluster-forbids cluster-410 cluster-429 cluster-token-expired cluster-patch-answer-dropped cluster-patch-answer-held migrations-fail pod-lost node-lost node-restored',
      'argocd-down argocd-slow argocd-stuck argocd-forbidden argocd-window argocd-sync-answer-dropped argocd-sync-answer-held argocd-self-heal',
      'argocd-token-expired argocd-streams-cut argocd-streams-silent registry-down registry-429 registry-slow',
      'git-down git-slow git-push-refused git-push-forbidden git-push-answer-dropped git-push-answer-held git-competitor-first git-competitor-commit git-branch-protected',
      'forge-down forge-checks-fail forge-open-answer-dropped forge-open-answer-held forge-merge forge-close',
    ]
      .join(' ')
      .split(' ')) {
      expect(ids).toContain(id);
    }
  });

  it('take a cluster down and bring it back', async () => {
    const [{ url, token }] = sandbox.clusters;
    const read = () =>
      fetch(`${url}/version`, {
        headers: { Authorization: `Bearer ${token}` },
      });
    await faults('POST', '/api/faults', {
      fault: 'cluster-down',
      target: 'prod-blue',
    });
    await expect(read()).rejects.toThrow();
    await faults('POST', '/api/faults', {
      fault: 'cluster-down',
      target: 'prod-blue',
      on: false,
    });
    expect((await read()).status).toBe(200);
  });

  it('lose a pod, which comes back under another name', async () => {
    const before = (await pods('prod-blue', 'orders')).filter(
      pod => pod.status.phase === 'Running',
    );
    const { result } = await json<{ result: string[] }>(
      await faults('POST', '/api/faults', {
        fault: 'pod-lost',
        target: 'prod-blue',
      }),
    );
    expect(result).toHaveLength(1);
    const lost = result[0].split('/').pop();
    expect(before.map(pod => pod.metadata.name)).toContain(lost);
    await until(
      () => pods('prod-blue', 'orders'),
      found =>
        found.every(pod => pod.metadata.name !== lost) &&
        found.filter(
          pod =>
            pod.status.phase === 'Running' &&
            pod.status.containerStatuses?.[0].ready,
        ).length === 3,
    );
  });

  it.each([
    [{ fault: 'nothing' }, "There is no fault 'nothing'"],
    [
      { fault: 'git-push-refused', target: 'elsewhere' },
      "has no target 'elsewhere'",
    ],
    [{ fault: 'git-slow', on: 'yes' }, 'on true or false'],
    [{}, 'needs `fault`'],
    [[], 'JSON object'],
  ])('refuse %j with a sentence', async (body, sentence) => {
    const response = await faults('POST', '/api/faults', body);
    expect(response.status).toBe(400);
    expect((await json<{ error: string }>(response)).error).toContain(sentence);
  });

  it('have a page', async () => {
    const page = await faults('GET', '/');
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('<h1>Faults and counts');
  });

  it('set the speed of the world', async () => {
    expect(
      await json(await faults('POST', '/api/speed', { speed: 50 })),
    ).toEqual({ speed: 50 });
    expect(await json(await faults('GET', '/api/speed'))).toEqual({
      speed: 50,
    });
    expect((await faults('POST', '/api/speed', { speed: 0 })).status).toBe(400);
    await faults('POST', '/api/speed', { speed: SPEED });
  });

  it('count what is not there', async () => {
    expect((await faults('POST', '/api/nothing')).status).toBe(501);
    expect((await counts()).unimplemented).toEqual({
      'faults POST /api/nothing': 1,
    });
  });
});

describe('a world that is started again', () => {
  it('goes on where it was, at the same addresses', async () => {
    const before = await counts();
    const names = (await pods('prod-blue', 'orders'))
      .map(pod => pod.metadata.uid)
      .sort();
    const { close, ...addresses } = sandbox;
    await close();
    sandbox = await startSandbox({ dir: join(folder, 'world'), speed: SPEED });
    expect({ ...sandbox, close: undefined }).toEqual({
      ...addresses,
      close: undefined,
    });
    expect(
      (await pods('prod-blue', 'orders')).map(pod => pod.metadata.uid).sort(),
    ).toEqual(names);
    // Who asked how often belongs to the process, not to the world.
    const {
      unimplemented: _,
      requests: ___,
      rights: _1,
      ...after
    } = await counts();
    const {
      unimplemented: __,
      requests: ____,
      rights: _2,
      ...expected
    } = before;
    expect(after).toEqual(expected);
    expect(
      (await application('orders-blue')).status.history!.at(-1)!.initiatedBy,
    ).toEqual({ automated: true });
  });

  it('names the port that somebody else took', async () => {
    const { dir, registry } = sandbox;
    await sandbox.close();
    const thief = createServer().listen(
      Number(registry.host.split(':')[1]),
      '127.0.0.1',
    );
    await new Promise(resolve => thief.once('listening', resolve));
    await expect(startSandbox({ dir, speed: SPEED })).rejects.toThrow(
      `Port ${registry.host.split(':')[1]} on 127.0.0.1`,
    );
    await new Promise(resolve => thief.close(resolve));
    sandbox = await startSandbox({ dir, speed: SPEED });
  });

  it('is the same for the same seed', async () => {
    const port = (url: string) => Number(new URL(url).port);
    const ports = {
      registry: port(sandbox.registry.url),
      git: port(sandbox.git.url),
      argocd: port(sandbox.argocd.url),
      faults: port(sandbox.faults.url),
      kubernetes: sandbox.clusters.map(cluster => port(cluster.url)),
    };
    const worldOf = async (dir: string) => {
      await sandbox.close();
      sandbox = await startSandbox({
        dir: join(folder, dir),
        speed: SPEED,
        ports,
      });
      return {
        pods: (await pods('prod-green', 'orders')).map(
          ({ metadata: { name, uid } }) => [name, uid],
        ),
        revisions: (await applications()).map(app => [
          app.metadata.name,
          app.metadata.uid,
          app.status.sync.revision,
        ]),
        tokens: [
          sandbox.argocd.token,
          sandbox.git.token,
          sandbox.clusters[0].token,
        ],
      };
    };
    const first = await worldOf('second');
    expect(await worldOf('third')).toEqual(first);
  });
});

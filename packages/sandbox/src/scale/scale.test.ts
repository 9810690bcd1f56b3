import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { JsonTemplate } from './JsonTemplate';
import { readScaleOptions } from './options';
import { ScaleHandle, startScaleWorld } from './startScaleWorld';

const SIZE = { clusters: 3, apps: 9, pods: 100 };

describe('the large world', () => {
  let dir: string;
  let world: ScaleHandle;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'scale-'));
    world = await startScaleWorld({ size: SIZE, dir, seed: 1, perSecond: 0 });
  });
  afterEach(async () => {
    await world.close();
    await rm(dir, { recursive: true, force: true });
  });

  const ask = (cluster: number, path: string) =>
    fetch(`${world.clusters[cluster].url}${path}`, {
      headers: { authorization: `Bearer ${world.clusters[cluster].token}` },
    });
  const read = async (cluster: number, path: string): Promise<any> =>
    (await ask(cluster, path)).json();
  const askArgo = (path: string) =>
    fetch(`${world.argocd.url}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${world.argocd.token}` },
    });
  const setRate = async (perSecond: number): Promise<any> =>
    (
      await fetch(world.control.url, {
        method: 'POST',
        body: JSON.stringify({ perSecond }),
      })
    ).json();

  async function listPods(cluster: number) {
    const pods = new Map<string, any>();
    let version: string | undefined;
    let page: any;
    do {
      const from = page ? `&continue=${page.metadata.continue}` : '';
      page = await read(cluster, `/api/v1/pods?limit=7${from}`);
      version ??= page.metadata.resourceVersion;
      for (const pod of page.items) pods.set(pod.metadata.uid, pod);
    } while (page.metadata.continue);
    return { pods, version };
  }

  it('has as many of everything as was asked for, of a realistic size', async () => {
    const uids = new Set<string>();
    for (const cluster of [0, 1, 2]) {
      const { pods } = await listPods(cluster);
      for (const [uid, pod] of pods) {
        uids.add(uid);
        const { length } = JSON.stringify(pod);
        expect(length).toBeGreaterThan(9_000);
        expect(length).toBeLessThan(12_000);
        expect(pod.spec.containers).toHaveLength(3);
      }
    }
    expect(uids.size).toBe(SIZE.pods);
    const { items } = await (await askArgo('applications')).json();
    expect(items).toHaveLength(SIZE.apps);
    const components = parseAllDocuments(await readFile(world.catalog, 'utf8'));
    expect(components).toHaveLength(SIZE.apps / SIZE.clusters);
    expect(components.map(each => (each.toJS() as any).metadata.name)).toEqual([
      'service-0000',
      'service-0001',
      'service-0002',
    ]);
  });

  it('finds by namespace, label and name, and says what there is not', async () => {
    const label = 'backstage.io%2Fkubernetes-id%3Dservice-0001';
    const byLabel = await read(1, `/api/v1/pods?labelSelector=${label}`);
    expect(byLabel.items.length).toBeGreaterThan(10);
    const { namespace, name } = byLabel.items[0].metadata;
    const inNamespace = await read(1, `/api/v1/namespaces/${namespace}/pods`);
    expect(inNamespace.items).toEqual(byLabel.items);
    expect(
      await read(1, `/api/v1/namespaces/${namespace}/pods/${name}`),
    ).toEqual(byLabel.items[0]);
    const deployments = await read(1, '/apis/apps/v1/deployments');
    expect(deployments.items).toHaveLength(3);
    expect(await read(1, '/apis/batch/v1/jobs')).toMatchObject({
      kind: 'JobList',
      items: [],
    });
    expect((await ask(1, '/apis/x.io/v1/things')).status).toBe(404);
    expect((await fetch(`${world.clusters[1].url}/api/v1/pods`)).status).toBe(
      401,
    );
  });

  it('tells a watch all that changed since a list, deletions too', async () => {
    const { pods, version } = await listPods(0);
    await setRate(2_000);
    await new Promise(resolve => setTimeout(resolve, 300));
    const stop = new AbortController();
    const { url, token } = world.clusters[0];
    const response = await fetch(
      `${url}/api/v1/pods?watch=true&resourceVersion=${version}`,
      {
        headers: { authorization: `Bearer ${token}` },
        signal: stop.signal,
      },
    );
    await new Promise(resolve => setTimeout(resolve, 200));
    const { changes } = await setRate(0);
    expect(changes).toBeGreaterThan(100);
    const now = (await listPods(0)).pods;
    const newest = Math.max(
      ...[...now.values()].map(pod => Number(pod.metadata.resourceVersion)),
    );

    let rest = '';
    let last = 0;
    let deletions = 0;
    for await (const chunk of response.body!) {
      const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const { type, object } = JSON.parse(line);
        const { uid, resourceVersion } = object.metadata;
        expect(Number(resourceVersion)).toBeGreaterThan(last);
        last = Number(resourceVersion);
        if (type === 'DELETED') {
          deletions += 1;
          pods.delete(uid);
        } else {
          pods.set(uid, object);
        }
      }
      if (last >= newest) break;
    }
    stop.abort();
    expect(deletions).toBeGreaterThan(0);
    const sorted = (from: Map<string, any>) =>
      [...from.values()].sort((a, b) =>
        a.metadata.uid < b.metadata.uid ? -1 : 1,
      );
    expect(sorted(pods)).toEqual(sorted(now));
  });

  it('streams every Application with the fields that are asked for', async () => {
    const response = await askArgo(
      'stream/applications?fields=result.type,result.application.metadata.name,result.application.status.health',
    );
    let text = '';
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk).toString('utf8');
      if (text.split('data: ').length > SIZE.apps) break;
    }
    const events = text
      .split('data: ')
      .slice(1)
      .map(each => JSON.parse(each).result);
    expect(events[0]).toEqual({
      type: 'ADDED',
      application: {
        metadata: { name: 'service-0000-scale-prod-00' },
        status: { health: expect.objectContaining({ status: 'Healthy' }) },
      },
    });
    expect(
      new Set(events.map(each => each.application.metadata.name)).size,
    ).toBe(SIZE.apps);
    expect((await askArgo('applications/x/resource-tree')).status).toBe(501);
  });

  it('lists the Applications that are asked for by label and project', async () => {
    const names = async (query: string) => {
      const { items } = (await (
        await askArgo(`applications?${query}`)
      ).json()) as any;
      return items?.map(({ metadata }: any) => metadata.name);
    };
    const selector = 'selector=app.kubernetes.io/name%3Dservice-0000';
    const found = await names(selector);
    expect(found).toContain('service-0000-scale-prod-00');
    expect(found.length).toBeLessThan(SIZE.apps);
    expect(await names(`${selector}&projects=nobody`)).toBeUndefined();
  });
});

describe('JsonTemplate', () => {
  it('fills places in strings and those of other types', () => {
    const template = JsonTemplate.of<'name' | 'count'>({
      a: 'x-<<name>>-y',
      b: ['<<#count>>', '<<name>>'],
    });
    expect(JSON.parse(template.fill({ name: 'n', count: 3 }))).toEqual({
      a: 'x-n-y',
      b: [3, 'n'],
    });
  });
});

describe('readScaleOptions', () => {
  it('is off unless asked for, and completes what is not given', () => {
    expect(readScaleOptions({ rate: '5' })).toBeUndefined();
    expect(readScaleOptions({ clusters: '3', pods: '60' })).toEqual({
      size: { clusters: 3, apps: 10_000, pods: 60 },
      perSecond: 10,
    });
    expect(() => readScaleOptions({ apps: 'many' })).toThrow(
      "--apps takes a whole number from 1 to 50000, not 'many'",
    );
  });
});

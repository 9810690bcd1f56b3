// Clusters and Argo CD in trouble, seen from the pages of people: what is said, what stays usable, that it mends itself, and that nothing is left open.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../scripts/testing/portal.mjs';
import { Scene } from './support/Scene.ts';

const DETECTED_MS = 90_000;
const HEALED_MS = 120_000;
/** Connections that come and go by themselves: of the database, of log-ins, of heartbeats. */
const COMING_AND_GOING = 12;

interface Source {
  name: string;
  state: string;
  problem?: string;
}

describe('sources', () => {
  let scene: Scene;
  let socketsBefore: number;

  const get = async (path: string) =>
    (await scene.portal.call('dana', 'GET', `/deploys/v1/${path}`)).body;
  const sourcesOf = async (): Promise<Source[]> => {
    const { clusters, argoInstances } = await get('fleet');
    return [...clusters, ...argoInstances];
  };
  const sourceOf = async (name: string) =>
    (await sourcesOf()).find(each => each.name === name)!;
  const troubled = async () =>
    (await sourcesOf()).filter(
      ({ state, problem }) => state !== 'live' || problem,
    );
  const stateOf = (entity: string) =>
    get(`entities/component/default/${entity}/state`);
  const placesOf = async (entity: string): Promise<string[]> =>
    (await stateOf(entity)).deployments
      .map(({ cluster, application, workloads }: any) =>
        [cluster, application?.name, workloads.length].join(' '),
      )
      // What is in trouble stands first on the page.
      .sort();

  /** Those of the backend; where that cannot be looked at, none. */
  function sockets(): number {
    const [{ pid }] = scene.portal.replicas;
    const folder = `/proc/${pid}/fd`;
    if (!fs.existsSync(folder)) return 0;
    return fs.readdirSync(folder).filter(fd => {
      try {
        return fs.readlinkSync(`${folder}/${fd}`).startsWith('socket:');
      } catch {
        return false;
      }
    }).length;
  }

  before(async () => {
    scene = await Scene.start();
    await until(async () => (await troubled()).length === 0, DETECTED_MS);
    socketsBefore = sockets();
  });
  after(() => scene?.finish('sources', 'Clusters and Argo CD in trouble'));

  const CASES: Array<{
    source: string;
    fault: string;
    value?: number | string;
    /** Only what is opened anew notices it. */
    reopen?: 'argocd-restarts' | 'cluster-down';
    says: RegExp;
  }> = [
    {
      source: 'prod-green',
      fault: 'cluster-down',
      says: /^prod-green (refuses connections|does not answer|broke the connection off)/,
    },
    {
      source: 'prod-green',
      fault: 'cluster-hangs',
      says: /^prod-green does not answer/,
    },
    {
      source: 'prod-green',
      fault: 'cluster-token-expired',
      reopen: 'cluster-down',
      says: /^prod-green does not accept the credential/,
    },
    {
      source: 'main',
      fault: 'argocd-down',
      says: /^Argo CD main (refuses connections|does not answer|broke the connection off)/,
    },
    {
      source: 'main',
      fault: 'argocd-token-expired',
      reopen: 'argocd-restarts',
      says: /^Argo CD main does not accept the portal's account/,
    },
  ];
  for (const { source, fault, value, reopen, says } of CASES) {
    test(`${fault}: said in words, the rest as usual, and over when it is over`, () =>
      scene.case({ step: source, point: 'any', how: fault }, async row => {
        const target = source === 'main' ? undefined : source;
        await until(async () => (await troubled()).length === 0, HEALED_MS);
        const places = await placesOf('orders');
        await scene.fault(fault, { target, value });
        if (reopen === 'argocd-restarts') await scene.fault(reopen);
        if (reopen === 'cluster-down') {
          await scene.fault(reopen, { target });
          await scene.fault(reopen, { target, on: false });
        }
        const seen = await until(async () => {
          const found = await sourceOf(source);
          const isSaid = says.test(found.problem ?? '');
          return isSaid && found.state !== 'live' ? found : undefined;
        }, DETECTED_MS);
        assert.deepEqual(await placesOf('orders'), places);
        const { summary } = await stateOf('orders');
        assert.notEqual(summary.tone, 'ok');
        assert.deepEqual(
          (await troubled()).map(({ name }) => name),
          [source],
        );
        row.note = `${seen.problem}; ${summary.text}`;
        await scene.fault(fault, { target, on: false });
        await until(async () => (await troubled()).length === 0, HEALED_MS);
        row.end = 'healed';
      }));
  }

  test('Argo CD that streams twice, lists for half a minute and forbids a project: the rest is there, and all of it again afterwards', () =>
    scene.case(
      { step: 'main', point: 'restart', how: 'twice, slow, forbidden' },
      async row => {
        const places = await placesOf('orders');
        const { applications } = (await sourceOf('main')) as any;
        await scene.fault('argocd-streams-twice');
        await scene.fault('argocd-list-slow', {
          value: Math.ceil(30_000 / Math.max(1, applications ?? 30)),
        });
        await scene.fault('argocd-project-forbidden', { target: 'storefront' });
        await scene.fault('argocd-restarts');
        await until(
          async () => (await sourceOf('main')).state !== 'live',
          DETECTED_MS,
        );
        await until(
          async () => (await sourceOf('main')).state === 'live',
          HEALED_MS,
        );
        // Workloads are seen by the cluster, their Applications not any more.
        const without = await placesOf('orders');
        assert.ok(without.every(place => !place.includes('orders-')));
        assert.ok(without.length > 0);
        row.note = (await stateOf('orders')).summary.text;
        for (const fault of ['argocd-streams-twice', 'argocd-list-slow']) {
          await scene.fault(fault, { on: false });
        }
        await scene.fault('argocd-project-forbidden', {
          target: 'storefront',
          on: false,
        });
        await scene.fault('argocd-restarts');
        await until(
          async () =>
            JSON.stringify(await placesOf('orders')) === JSON.stringify(places),
          HEALED_MS,
        );
        row.end = 'healed';
      },
    ));

  test('nothing is left open', async () => {
    if (socketsBefore === 0) return;
    await until(
      async () => sockets() <= socketsBefore + COMING_AND_GOING,
      60_000,
    ).catch(() => {
      assert.fail(`${sockets()} sockets, before ${socketsBefore}`);
    });
  });
});

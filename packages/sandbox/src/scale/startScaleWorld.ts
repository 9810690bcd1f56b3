import { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { answerJson, Listener, listen, readBody } from '../http/listen';
import { worldSecret, writeWhole } from '../worldFile';
import { clusterName, layOut, ScaleApp, ScaleSize } from './layout';
import { Replay } from './Replay';
import { ScaleArgoCd } from './ScaleArgoCd';
import { ScaleClock } from './ScaleClock';
import { ScaleCluster } from './ScaleCluster';

/** More make the catalog slow, which is not what this is for. */
const MOST_COMPONENTS = 200;
const OWNERS = ['storefront', 'realtime', 'platform'];

/** What a started large world tells the launcher and benches. */
export interface ScaleHandle {
  clusters: Array<{ name: string; url: string; token: string }>;
  argocd: { instance: string; url: string; token: string };
  /** Components that name some of the Applications. */
  catalog: string;
  /** `GET`: what it did so far, `POST { perSecond }`: how many pods change. */
  control: { url: string };
  close(): Promise<void>;
}

/** What the control address answers. */
export interface ScaleCounts {
  /** Requests to clusters and Argo CD, heartbeats not counted. */
  requests: number;
  changes: number;
  perSecond: number;
  /** Processor time of this process so far. */
  cpuMs: number;
}

/** Starts as many API servers as asked for, all in this process, and an Argo CD whose Applications deploy to them. */
export async function startScaleWorld(options: {
  size: ScaleSize;
  /** For the catalog's file. */
  dir: string;
  seed: number;
  perSecond: number;
  /** Of an earlier start, so that addresses stay valid. */
  ports?: { kubernetes: number[]; argocd: number };
}): Promise<ScaleHandle> {
  const { size, dir, seed } = options;
  const apps = layOut(size);
  const clock = new ScaleClock();
  const now = Date.now();
  const listeners: Listener[] = [];
  let requests = 0;
  const count = () => {
    requests += 1;
  };
  const open = async (
    part: string,
    port: number,
    handler: (
      request: IncomingMessage,
      response: ServerResponse,
    ) => void | Promise<void>,
  ) => {
    const listener = await listen({ part, port, handler });
    listeners.push(listener);
    return listener;
  };

  const byCluster = Array.from({ length: size.clusters }, (): ScaleApp[] => []);
  for (const app of apps) byCluster[app.cluster].push(app);
  const clusters = byCluster.map((own, index) => ({
    token: worldSecret(seed, `scale ${clusterName(index)}`),
    index,
    own,
  }));
  const servers: ScaleCluster[] = [];
  const urls: string[] = [];
  for (const { token, index, own } of clusters) {
    const server = new ScaleCluster({ index, apps: own, clock, token, now });
    servers.push(server);
    const { url } = await open(
      `the cluster ${server.name}`,
      options.ports?.kubernetes[index] ?? 0,
      (request, response) => {
        if (request.url !== '/version') count();
        server.handle(request, response);
      },
    );
    urls.push(url);
  }

  const argocdToken = worldSecret(seed, 'scale argocd');
  const argocd = new ScaleArgoCd({
    apps,
    clock,
    token: argocdToken,
    urlOf: cluster => urls[cluster],
  });
  const argocdListener = await open(
    'the Argo CD of the large world',
    options.ports?.argocd ?? 0,
    (request, response) => {
      count();
      argocd.handle(request, response);
    },
  );

  const replay = new Replay({ clusters: servers, argocd, apps });
  replay.perSecond = options.perSecond;
  const counts = (): ScaleCounts => {
    const { user, system } = process.cpuUsage();
    return {
      requests,
      changes: replay.changes,
      perSecond: replay.perSecond,
      cpuMs: (user + system) / 1000,
    };
  };
  const control = await open(
    'the control of the large world',
    0,
    async (request, response) => {
      if (request.method === 'POST') {
        const body = JSON.parse((await readBody(request)).toString('utf8'));
        replay.perSecond = Number(body.perSecond) || 0;
      }
      answerJson(response, 200, counts());
    },
  );

  const catalog = join(dir, 'catalog', 'scale.yaml');
  await writeWhole(catalog, componentsOf(apps));
  return {
    clusters: servers.map(({ name }, index) => ({
      name,
      url: urls[index],
      token: clusters[index].token,
    })),
    argocd: { instance: 'scale', url: argocdListener.url, token: argocdToken },
    catalog,
    control: { url: control.url },
    async close() {
      replay.stop();
      await Promise.all(listeners.map(listener => listener.close()));
    },
  };
}

/** Prints every ten seconds what the process takes: figures of a bench are worth little where the generator is what is slow. */
export function printOwnShare(): NodeJS.Timeout {
  let before = process.cpuUsage();
  let at = performance.now();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    const share = (user + system) / 10 / (performance.now() - at);
    process.stdout.write(
      `The large world takes ${share.toFixed(0)} % of a processor\n`,
    );
    before = process.cpuUsage();
    at = performance.now();
  }, 10_000);
  timer.unref();
  return timer;
}

function componentsOf(apps: readonly ScaleApp[]): string {
  const services = new Map(apps.map(app => [app.serviceIndex, app]));
  const every = Math.max(1, Math.ceil(services.size / MOST_COMPONENTS));
  return [...services]
    .filter(([index]) => index % every === 0)
    .map(([index, { service }]) =>
      stringify({
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Component',
        metadata: {
          name: service,
          description: `Number ${index} of the services of the large world.`,
          annotations: {
            'argocd/app-selector': `app.kubernetes.io/name=${service}`,
            'backstage.io/kubernetes-id': service,
          },
        },
        spec: {
          type: 'service',
          lifecycle: 'production',
          owner: `group:default/${OWNERS[index % OWNERS.length]}`,
          system: OWNERS[index % OWNERS.length],
        },
      }),
    )
    .join('---\n');
}

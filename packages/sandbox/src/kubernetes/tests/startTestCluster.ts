import {
  Behaviours,
  ContainerBehaviour,
  worldBehaviours,
} from '../../world/behaviours';
import { clusterFurniture } from '../../world/clusterFurniture';
import { LiveClock, SteppedClock } from '../../world/clock';
import { PullImage } from '../../world/images';
import { Ledger } from '../../world/Ledger';
import { nodesOf } from '../../world/nodes';
import { ClusterOptions, SandboxCluster } from '../cluster';
import { createCluster } from '../createCluster';
import { KubernetesObject } from '../types';

export const TEST_TOKEN = 'test-token';

type TestClock = SteppedClock | LiveClock;

export interface TestCluster<Clock extends TestClock = SteppedClock>
  extends SandboxCluster {
  clock: Clock;
  ledger: Ledger;
  /** Verbs that were asked for and are not there. */
  unimplemented: string[];
  /** What was asked for and no rule allows. */
  refused: string[];
  pods(namespace?: string): KubernetesObject[];
  find(kind: string, name: string, namespace?: string): KubernetesObject;
  events(reason?: string): KubernetesObject[];
  /** Lets time pass in small steps and calls back after each. */
  watchFor(seconds: number, each: () => void): void;
}

/** A cluster whose time passes only when told, with three nodes and the world's namespaces. */
export async function startTestCluster<Clock extends TestClock = SteppedClock>(
  options: {
    behaviour?: Partial<ContainerBehaviour>;
    pullImage?: PullImage;
    version?: string;
    file?: string;
    /** One that begins in the past. */
    clock?: Clock;
    /** Others than the administrator, by their tokens. */
    users?: ClusterOptions['users'];
  } = {},
): Promise<TestCluster<Clock>> {
  const clock = (options.clock ??
    SteppedClock.create({ start: new Date('2026-11-20T12:00:00Z') })) as Clock;
  const ledger = Ledger.create();
  const unimplemented: string[] = [];
  const refused: string[] = [];
  const version = options.version ?? '1.34.2';
  const behaviours: Behaviours = facts => ({
    ...worldBehaviours(facts),
    ...options.behaviour,
  });
  const cluster = await createCluster({
    name: 'test',
    version,
    token: TEST_TOKEN,
    port: 0,
    clock,
    seed: 1,
    database: 'production',
    ledger,
    pullImage:
      options.pullImage ??
      (() => ({ found: true, digest: `sha256:${'0a'.repeat(32)}` })),
    behaviours,
    unimplemented: { count: verb => unimplemented.push(verb) },
    file: options.file,
    users: options.users,
    audit: (_, what, isAllowed) => {
      if (!isAllowed) {
        refused.push(what);
      }
    },
  });
  if (cluster.isNew) {
    for (const node of nodesOf({
      cluster: 'test',
      version,
      perZone: 1,
      network: 16,
      now: clock.now(),
    })) {
      cluster.add(node, { manager: 'kubelet' });
    }
    for (const object of clusterFurniture({ minorVersion: 34 })) {
      if (object.metadata.namespace !== 'kube-system') {
        cluster.add(object, { manager: 'test' });
      }
    }
    clock.advance(1_000);
  }
  const { store } = cluster;
  const apiVersions: Record<string, string> = {
    Deployment: 'apps/v1',
    ReplicaSet: 'apps/v1',
    StatefulSet: 'apps/v1',
    DaemonSet: 'apps/v1',
    Job: 'batch/v1',
    CronJob: 'batch/v1',
    HorizontalPodAutoscaler: 'autoscaling/v2',
    PodDisruptionBudget: 'policy/v1',
    Rollout: 'argoproj.io/v1alpha1',
    AnalysisRun: 'argoproj.io/v1alpha1',
  };
  return {
    ...cluster,
    clock,
    ledger,
    unimplemented,
    refused,
    pods: (namespace = 'storefront') =>
      store.list({ apiVersion: 'v1', kind: 'Pod', namespace }),
    find(kind, name, namespace = kind === 'Node' ? undefined : 'storefront') {
      const object = store.get({
        apiVersion: apiVersions[kind] ?? 'v1',
        kind,
        namespace,
        name,
      });
      if (!object) {
        throw new Error(`There is no ${kind} ${namespace}/${name}`);
      }
      return object;
    },
    events: reason =>
      store
        .list({ apiVersion: 'v1', kind: 'Event' })
        .filter(event => reason === undefined || event.reason === reason),
    watchFor(seconds, each) {
      for (let passed = 0; passed < seconds * 10; passed += 1) {
        clock.advance(100);
        each();
      }
    },
  };
}

/** A Deployment as people write it. */
export function deployment(change: {
  name?: string;
  image?: string;
  replicas?: number;
  spec?: Record<string, unknown>;
  pod?: Record<string, unknown>;
  container?: Record<string, unknown>;
}): KubernetesObject {
  const name = change.name ?? 'orders';
  const labels = { 'app.kubernetes.io/name': name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'storefront', labels },
    spec: {
      replicas: change.replicas ?? 4,
      selector: { matchLabels: labels },
      ...change.spec,
      template: {
        metadata: { labels },
        spec: {
          ...change.pod,
          containers: [
            {
              name,
              image: change.image ?? '127.0.0.1:5001/storefront/orders:v5.3.24',
              args: ['serve'],
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: {
                httpGet: { path: '/healthz', port: 'http' },
                periodSeconds: 5,
              },
              ...change.container,
            },
          ],
        },
      },
    },
  };
}

export function job(change: {
  name?: string;
  image?: string;
  args?: string[];
  spec?: Record<string, unknown>;
  restartPolicy?: string;
}): KubernetesObject {
  const name = change.name ?? 'orders-migrate';
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'storefront' },
    spec: {
      ...change.spec,
      template: {
        metadata: { labels: { 'app.kubernetes.io/name': 'orders' } },
        spec: {
          restartPolicy: change.restartPolicy ?? 'Never',
          containers: [
            {
              name: 'migrate',
              image: change.image ?? '127.0.0.1:5001/storefront/orders:v5.3.25',
              args: change.args ?? ['migrate'],
            },
          ],
        },
      },
    },
  };
}

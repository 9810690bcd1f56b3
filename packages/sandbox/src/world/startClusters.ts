import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterOptions, createCluster, SandboxCluster } from '../kubernetes';
import { worldBehaviours } from './behaviours';
import { LiveClock } from './clock';
import { CLUSTER_USERS, clusterRights, ClusterUserName } from './clusterAccess';
import { furnish } from './furnish';
import { pullFrom, PullImage } from './images';
import { kubeconfig } from './kubeconfig';
import { Ledger, MigrationRun } from './Ledger';
import { writeFileAtomically } from './writeFileAtomically';

/** The clusters of the world, in the order of their ports. */
const CLUSTERS = [
  {
    name: 'prod-blue',
    version: '1.31.9',
    database: 'production',
    nodesPerZone: 2,
    network: 16,
  },
  {
    name: 'prod-green',
    version: '1.34.2',
    database: 'production',
    nodesPerZone: 2,
    network: 17,
  },
  {
    name: 'dev',
    version: '1.34.2',
    database: 'development',
    nodesPerZone: 1,
    network: 24,
  },
] as const;

/** Lies in the folder once the world's past has been played. */
const BEGUN_FILE = 'begun';
const DAY_MS = 24 * 3_600_000;

export interface WorldClustersOptions {
  /** Folder of the world; the clusters keep themselves in a folder of their own in it. */
  dir: string;
  /** Of prod-blue, prod-green and dev; 0 or nothing takes any free port. */
  ports?: number[];
  seed: number;
  speed: number;
  tokenOf(cluster: string, user: ClusterUserName): string;
  /** Files with what people who install the portal apply, so that it may do its work. */
  portalRights: string[];
  /** `127.0.0.1:5001` */
  registryHost: string;
  /** The world's registry, as a kubelet sees it. */
  pull: PullImage;
  /** Folder of manifests that people apply with kubectl, one folder a cluster. */
  manifests: string;
  unimplemented: { count(verb: string): void };
  audit: ClusterOptions['audit'];
  /** Told when something in the world throws; the world goes on. */
  onError(error: unknown): void;
}

export interface WorldClusters {
  /** prod-blue, prod-green, dev. */
  clusters: SandboxCluster[];
  /**
   * In a new world it stands in the past until {@link WorldClusters.goLive}: what is applied then, with `clock.advance` between, has happened days ago.
   */
  clock: LiveClock;
  ledger: Ledger;
  /** File with a context for each cluster, for kubectl. */
  kubeconfig: string;
  /** True when the folder held no world yet. */
  isNew: boolean;
  /** Plays what is left of the past, follows the wall from then on, and gives the portal and others their rights. */
  goLive(): void;
  close(): Promise<void>;
}

/** Starts the three clusters, or continues those that lie in the folder. Nodes and kube-system are there when this resolves. */
export async function startClusters(
  options: WorldClustersOptions,
): Promise<WorldClusters> {
  const dir = join(options.dir, 'kubernetes');
  const begunFile = join(dir, BEGUN_FILE);
  const isNew = !existsSync(begunFile);
  if (isNew) {
    // What a start that was cut off left behind has half a past.
    await rm(dir, { recursive: true, force: true });
  }
  await mkdir(dir, { recursive: true });
  const ledgerFile = join(dir, 'migrations.json');
  const clock = LiveClock.create({
    speed: options.speed,
    past: isNew ? new Date(Date.now() - 3 * DAY_MS) : undefined,
    onError: options.onError,
  });
  const ledger = Ledger.create({
    runs: isNew ? [] : await readRuns(ledgerFile),
  });
  const saveLedger = () =>
    writeFileAtomically(ledgerFile, JSON.stringify(ledger.runs()));
  saveLedger();
  ledger.subscribe(saveLedger);
  const clusters: SandboxCluster[] = [];
  const close = async () => {
    await Promise.all(clusters.map(cluster => cluster.close()));
    clock.close();
  };
  try {
    for (const [
      index,
      { name, version, database, nodesPerZone, network },
    ] of CLUSTERS.entries()) {
      const cluster = await createCluster({
        name,
        version,
        database,
        token: options.tokenOf(name, 'admin'),
        users: Object.fromEntries(
          Object.entries(CLUSTER_USERS).map(([user, account]) => [
            options.tokenOf(name, user as ClusterUserName),
            account,
          ]),
        ),
        audit: options.audit,
        port: options.ports?.[index] ?? 0,
        clock,
        seed: options.seed,
        ledger,
        pullImage: pullFrom(options),
        behaviours: facts => {
          const usual = worldBehaviours(facts);
          const { migration } = usual;
          const isBroken = clusters
            .find(each => each.name === name)
            ?.faults.state().migrationsFail;
          return migration && isBroken
            ? { ...usual, migration: { ...migration, fails: true } }
            : usual;
        },
        unimplemented: options.unimplemented,
        file: join(dir, `${name}.json`),
      });
      clusters.push(cluster);
      if (cluster.isNew) {
        furnish({ ...options, cluster, clock, nodesPerZone, network });
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  const kubeconfigFile = join(dir, 'kubeconfig.yaml');
  writeFileAtomically(kubeconfigFile, kubeconfig(clusters));
  return {
    clusters,
    clock,
    ledger,
    kubeconfig: kubeconfigFile,
    isNew,
    goLive() {
      clock.goLive();
      // At each start: the file may say something else than when the world began.
      for (const cluster of clusters) {
        for (const object of clusterRights(options.portalRights)) {
          cluster.store.apply(object, { manager: 'kubectl-client-side-apply' });
        }
      }
      clusters.forEach(cluster => cluster.save());
      writeFileAtomically(begunFile, '');
    },
    close,
  };
}

async function readRuns(file: string): Promise<MigrationRun[]> {
  return JSON.parse(await readFile(file, 'utf8'));
}

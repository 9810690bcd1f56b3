import { mkdir, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OpenStreams } from './argocd/api/OpenStreams';
import { composedApplications } from './argocd/composedApplications';
import {
  edgeApplications,
  edgeProjects,
  TEAMS_NAMESPACE,
} from './argocd/edgeApplications';
import { ManifestSource } from './argocd/ManifestSource';
import { Charts } from './argocd/render/charts';
import { startArgocd } from './argocd/startArgocd';
import {
  CHARTS_URL,
  worldApplications,
  worldProjects,
} from './argocd/worldApplications';
import {
  ARGOCD_NAMES,
  clusterOf,
  destinationsOf,
  edgeAccess,
  edgeAccounts,
  edgeClusters,
  mainAccess,
  mainAccounts,
  mainClusters,
} from './argocdInstances';
import { addArgocdFaults, addEdgeArgocdFaults } from './faults/argocdFaults';
import { addClusterFaults } from './faults/clusterFaults';
import { countCommits } from './faults/counts';
import { FaultBoard } from './faults/FaultBoard';
import { startFaultsServer } from './faults/faultsServer';
import { addForgeFaults } from './faults/forgeFaults';
import { addGitFaults } from './faults/gitFaults';
import { addRegistryFaults } from './faults/registryFaults';
import { addSlackFaults } from './faults/slackFaults';
import { Forge, openRepositories, startGitServer } from './git';
import { PullRequestStore, startForgeServer } from './forge';
import { SandboxHandle, SandboxOptions } from './handle';
import { countRequests, Listener } from './http/listen';
import { VerbCounts } from './http/VerbCounts';
import type { SandboxCluster } from './kubernetes';
import { createImagePull, startRegistryServer, worldImages } from './registry';
import { startScaleWorld } from './scale/startScaleWorld';
import { seedClusters } from './seedClusters';
import { seedWorkbench } from './seedWorkbench';
import { startSlackServer } from './slack';
import { ClusterUserName, startClusters } from './world';
import { readJson, worldSecret, writeWhole } from './worldFile';
import { writeCatalog } from './writeCatalog';

// Catalog and repositories are read from the sources: the sandbox is never built.
const PACKAGE = dirname(require.resolve('@switchyard/sandbox/package.json'));
const DEFAULT_SEED = 1;
const DEFAULT_SPEED = 20;

/** Of the forge, in which new services are published: the projects of Argo CD. */
const ORGANIZATIONS = ['storefront', 'realtime', 'platform'];
/** Where the second Argo CD keeps itself. */
const EDGE_FILE = 'argocd-edge.json';

/** Keeps the pull requests. */
const FORGE_FILE = 'forge.json';

/** What a world's folder remembers of how it was made. */
interface WorldFile {
  seed: number;
  ports: {
    registry: number;
    git: number;
    argocd: number;
    edgeArgocd?: number;
    faults: number;
    slack?: number;
    forge?: number;
    kubernetes: number[];
    scale?: { kubernetes: number[]; argocd: number };
  };
  /** How many migrations had run when the world began. */
  firstMigration: number;
}

/**
 * Starts the sandbox's world, or continues the one that lies in the folder. It is ready when this resolves: everything listens, pods run.
 *
 * @throws an error with one clear sentence when a port that the world had before is taken, or git is missing
 * @public
 */
export async function startSandbox(
  options: SandboxOptions,
): Promise<SandboxHandle> {
  await mkdir(options.dir, { recursive: true });
  const dir = await realpath(options.dir);
  const closers: Array<() => Promise<void>> = [];
  // What was started last ends first: nobody is left without what it needs.
  const close = async () => {
    for (const end of closers.splice(0).reverse()) {
      await end();
    }
  };
  try {
    return await startParts({ ...options, dir }, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  options: SandboxOptions,
  closers: Array<() => Promise<void>>,
  close: () => Promise<void>,
): Promise<SandboxHandle> {
  const { dir } = options;
  const worldFile = join(dir, 'sandbox.json');
  const known = await readJson<WorldFile>(worldFile);
  if (!known) {
    // A first start that was killed half way leaves parts that name each other's old addresses.
    await Promise.all(
      [
        'kubernetes',
        'git',
        'catalog',
        'argocd.json',
        EDGE_FILE,
        FORGE_FILE,
      ].map(part => rm(join(dir, part), { recursive: true, force: true })),
    );
  }
  const seed = known?.seed ?? options.seed ?? DEFAULT_SEED;
  const ports = {
    registry: 0,
    git: 0,
    argocd: 0,
    edgeArgocd: 0,
    faults: 0,
    slack: 0,
    forge: 0,
    kubernetes: [],
    ...known?.ports,
    ...options.ports,
  };
  const keep = async (listener: Promise<Listener>) => {
    const started = await listener;
    closers.push(() => started.close());
    return started;
  };
  const onError = (error: unknown) => {
    process.stderr.write(
      `The sandbox goes on after an error: ${
        error instanceof Error ? error.stack : String(error)
      }\n`,
    );
  };
  const board = FaultBoard.create();
  const unimplemented = VerbCounts.create();
  const rights = { used: VerbCounts.create(), refused: VerbCounts.create() };

  const registryAccess = {
    username: 'portal',
    password: worldSecret(seed, 'registry'),
  };
  const images = worldImages();
  const registryFaults = addRegistryFaults(board);
  const registry = await keep(
    startRegistryServer({
      port: ports.registry,
      catalog: images,
      ...registryAccess,
      faults: registryFaults,
      unimplemented,
    }),
  );
  const slack = await startSlackServer({
    port: ports.slack,
    token: `xoxb-${worldSecret(seed, 'slack')}`,
    webhookSecret: worldSecret(seed, 'slack webhook'),
    faults: addSlackFaults(board),
    unimplemented,
  });
  closers.push(() => slack.close());
  const { location, people } = await writeCatalog({
    sources: join(PACKAGE, 'catalog'),
    directory: join(dir, 'catalog'),
    registryHost: registry.host,
  });

  const repositories = await openRepositories({
    sources: join(PACKAGE, 'repositories'),
    directory: join(dir, 'git'),
    registryHost: registry.host,
  });
  const bare = new Map(
    [...repositories].map(([name, { repository }]) => [name, repository]),
  );
  const gitAccess = { username: 'switchyard', token: worldSecret(seed, 'git') };
  const gitFaults = addGitFaults(board, bare);
  const forge = await Forge.open({
    directory: join(dir, 'git', 'organizations'),
    organizations: ORGANIZATIONS,
    repositories: bare,
  });
  const git = await keep(
    startGitServer({
      port: ports.git,
      repositories: bare,
      forge,
      ...gitAccess,
      faults: gitFaults,
      unimplemented,
    }),
  );

  const pulls = await PullRequestStore.open({
    repositories: bare,
    file: join(dir, FORGE_FILE),
  });
  const forgeToken = worldSecret(seed, 'forge');
  const pullServer = await keep(
    startForgeServer({
      port: ports.forge,
      forge: pulls,
      token: forgeToken,
      faults: addForgeFaults(board, {
        forge: pulls,
        repositories: [...bare.keys()],
      }),
      unimplemented,
    }),
  );

  const tokenOfCluster = (cluster: string, user: ClusterUserName) =>
    worldSecret(seed, `cluster ${cluster} ${user}`);
  const world = await startClusters({
    manifests: join(PACKAGE, 'repositories', 'unmanaged'),
    dir,
    ports: ports.kubernetes,
    seed,
    speed: options.speed ?? DEFAULT_SPEED,
    tokenOf: tokenOfCluster,
    portalRights: [
      'kubernetes-rbac.yaml',
      'kubernetes-rbac-operations.yaml',
    ].map(file => join(PACKAGE, '../../docs/install', file)),
    registryHost: registry.host,
    pull: createImagePull({ catalog: images, faults: registryFaults }),
    unimplemented,
    audit: (user, what, isAllowed) =>
      rights[isAllowed ? 'used' : 'refused'].count(`${user} ${what}`),
    onError,
  });
  closers.push(() => world.close());
  addClusterFaults(board, world.clusters);

  const destinations = destinationsOf(world.clusters);
  const charts = Charts.create();
  await charts.addFolder(
    CHARTS_URL,
    join(PACKAGE, 'repositories', 'charts'),
    registry.host,
  );
  const manifests = ManifestSource.create({
    repositories: bare,
    gitUrl: git.url,
    charts,
    isDown: gitFaults.isDown,
  });
  const now = new Date();
  const composed = await composedApplications({
    clusters: destinations,
    manifests,
    gitUrl: git.url,
    now,
  });
  const deployed = [
    ...(await worldApplications({
      clusters: destinations,
      repositories: bare,
      gitUrl: git.url,
      now,
    })),
    ...composed.deployed,
  ];
  const firstApplications = [...deployed, ...composed.others];
  const onEdge = await edgeApplications({ manifests, now });
  const streams = OpenStreams.create();
  const edgeStreams = OpenStreams.create();
  const projects = worldProjects({ gitUrl: git.url, clusters: destinations });
  const argocdFaults = addArgocdFaults(board, {
    applications: firstApplications.map(({ metadata }) => metadata.name),
    projects: projects.map(project => project.metadata.name),
    cutStreams: () => streams.cutAll(),
  });
  const edgeFaults = addEdgeArgocdFaults(board, {
    cutStreams: () => edgeStreams.cutAll(),
  });
  if (world.isNew) {
    await seedClusters({
      clusters: world.clusters,
      advance: milliseconds => world.clock.advance(milliseconds),
      applications: [...deployed, ...onEdge],
      clusterOf: application => clusterOf(world.clusters, application),
      manifests,
      repositories: bare,
      unmanaged: join(PACKAGE, 'repositories', 'unmanaged'),
      registryHost: registry.host,
    });
    scaleByHand(world.clusters);
  }
  if (world.isNew) {
    await seedWorkbench({
      cluster: world.clusters.find(({ name }) => name === 'dev')!,
      clock: world.clock,
      file: join(PACKAGE, 'repositories', 'workbench', 'dev.yaml'),
      registryHost: registry.host,
    });
  }
  world.goLive();
  const secret = worldSecret(seed, 'argocd');
  const argocd = await startArgocd({
    dir,
    port: ports.argocd,
    clock: world.clock,
    manifests,
    clusters: mainClusters(world.clusters),
    projects,
    accounts: mainAccounts(seed),
    secret,
    faults: argocdFaults,
    streams,
    unimplemented,
    firstApplications,
    applicationSets: composed.sets,
    onError,
  });
  closers.push(() => argocd.close());
  const edgeArgocd = await startArgocd({
    dir,
    file: EDGE_FILE,
    port: ports.edgeArgocd,
    clock: world.clock,
    manifests,
    clusters: edgeClusters(world.clusters),
    projects: edgeProjects(),
    accounts: edgeAccounts(seed),
    secret: worldSecret(seed, 'argocd edge'),
    faults: edgeFaults,
    streams: edgeStreams,
    unimplemented,
    firstApplications: onEdge,
    applicationNamespaces: [TEAMS_NAMESPACE],
    onError,
  });
  closers.push(() => edgeArgocd.close());

  const scale = options.scale
    ? await startScaleWorld({
        ...options.scale,
        dir,
        seed,
        ports: known?.ports.scale,
      })
    : undefined;
  if (scale) closers.push(() => scale.close());

  const firstMigration = known?.firstMigration ?? world.ledger.runs().length;
  const faults = await keep(
    startFaultsServer({
      port: ports.faults,
      board,
      unimplemented,
      speed: {
        get: () => world.clock.speed,
        set: speed => world.clock.setSpeed(speed),
      },
      counts: async () => ({
        repositories: await countCommits(repositories),
        applications: { ...argocd.counts(), ...edgeArgocd.counts() },
        migrations: world.ledger.runs().slice(firstMigration),
        pullRequests: pulls.list(),
        unimplemented: unimplemented.counts(),
        rights: {
          used: rights.used.counts(),
          refused: rights.refused.counts(),
        },
        slack: {
          messages: slack.messages(),
          webhookPosts: slack.webhookPosts(),
        },
        requests: countRequests(),
      }),
    }),
  );
  const listening = {
    registry: registry.port,
    git: git.port,
    argocd: argocd.listener.port,
    edgeArgocd: edgeArgocd.listener.port,
    faults: faults.port,
    slack: slack.port,
    forge: pullServer.port,
    kubernetes: world.clusters.map(cluster => cluster.port),
    scale: scale
      ? {
          kubernetes: scale.clusters.map(({ url }) => portOf(url)),
          argocd: portOf(scale.argocd.url),
        }
      : known?.ports.scale,
  };
  await writeWhole(
    worldFile,
    JSON.stringify({
      seed,
      ports: listening,
      firstMigration,
    } satisfies WorldFile),
  );
  return {
    clusters: world.clusters.map(({ name, url }) => ({
      name,
      url,
      token: tokenOfCluster(name, 'portal'),
      tokens: {
        admin: tokenOfCluster(name, 'admin'),
        viewer: tokenOfCluster(name, 'viewer'),
        developer: tokenOfCluster(name, 'developer'),
      },
      argocdName: ARGOCD_NAMES[name],
    })),
    kubeconfig: world.kubeconfig,
    argocd: mainAccess(argocd, seed),
    edgeArgocd: edgeAccess(edgeArgocd, seed),
    git: { url: git.url, ...gitAccess, repositories: [...repositories.keys()] },
    forge: { url: pullServer.url, token: forgeToken },
    registry: { host: registry.host, url: registry.url, ...registryAccess },
    ...(scale && { scale }),
    slack: {
      apiUrl: slack.apiUrl,
      token: slack.token,
      webhookUrl: slack.webhookUrl,
      channels: slack.channels,
    },
    faults: { url: faults.url },
    people,
    catalog: location,
    dir,
    close,
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** Somebody has scaled the handbook with kubectl: what Git says is not what lives. */
function scaleByHand(clusters: readonly SandboxCluster[]): void {
  const dev = clusters.find(({ name }) => name === 'dev')!;
  dev.store.edit(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'platform',
      name: 'handbook-dev',
    },
    draft => {
      draft.spec.replicas = 2;
    },
    { manager: 'kubectl-scale' },
  );
}

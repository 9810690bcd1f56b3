import { BareRepository, CommitInfo } from '../git';
import { IN_CLUSTER } from './ApplicationCluster';
import { uidOf } from './newApplication';
import { timestamp } from './OperationRunner';
import {
  Application,
  ApplicationSource,
  AppProject,
  ARGOCD_NAMESPACE,
  HistoryEntry,
} from './types';

/** Helm repository of the platform team, which only Argo CD reaches. */
export const CHARTS_URL = 'https://charts.sandbox.invalid/platform';

/** A destination of the world: a cluster and the repository that is deployed to it. */
export interface DestinationCluster {
  /** Last part of the Applications' names. */
  suffix: 'blue' | 'green' | 'dev';
  repository: string;
  /** Argo CD's name for it. */
  name: string;
  destination: { server: string } | { name: string };
}

interface ComponentApplications {
  component: string;
  project: 'storefront' | 'realtime' | 'platform';
  /** Where it is deployed, and whether Argo CD syncs it there by itself. */
  automated: Partial<Record<DestinationCluster['suffix'], boolean>>;
  /** Bound to its entity in the portal's configuration instead of by an annotation. */
  withoutEntityRef?: boolean;
}

const COMPONENTS: readonly ComponentApplications[] = [
  {
    component: 'webapp',
    project: 'storefront',
    automated: { blue: false, green: false, dev: true },
  },
  {
    component: 'orders',
    project: 'storefront',
    automated: { blue: true, green: false, dev: true },
  },
  {
    component: 'search',
    project: 'storefront',
    automated: { blue: true, green: true, dev: true },
    withoutEntityRef: true,
  },
  {
    component: 'payments',
    project: 'storefront',
    automated: { blue: false, green: false, dev: true },
  },
  {
    component: 'campaign',
    project: 'storefront',
    automated: { blue: true, green: false, dev: true },
  },
  { component: 'recommend', project: 'storefront', automated: { dev: true } },
  {
    component: 'api',
    project: 'realtime',
    automated: { blue: true, green: false, dev: true },
  },
  {
    component: 'match',
    project: 'realtime',
    automated: { blue: false, dev: true },
  },
  {
    component: 'push-android',
    project: 'realtime',
    automated: { blue: false, dev: true },
  },
  {
    component: 'push-ios',
    project: 'realtime',
    automated: { blue: false, dev: true },
  },
  {
    component: 'chat',
    project: 'realtime',
    automated: { blue: true, green: false, dev: true },
  },
  {
    component: 'settlement',
    project: 'platform',
    automated: { blue: false, green: false, dev: true },
  },
  { component: 'legacy-web', project: 'platform', automated: { blue: false } },
];

const DAY_MS = 24 * 3_600_000;
const HISTORY_LIMIT = 10;

/** The Applications that a world begins with; their history is that of their folders in Git. */
export async function worldApplications(options: {
  clusters: readonly DestinationCluster[];
  repositories: ReadonlyMap<string, BareRepository>;
  gitUrl: string;
  now: Date;
}): Promise<Application[]> {
  const wanted = COMPONENTS.flatMap(component =>
    options.clusters
      .filter(cluster => component.automated[cluster.suffix] !== undefined)
      .map(cluster => ({
        component,
        cluster,
        automated: component.automated[cluster.suffix]!,
      })),
  );
  return Promise.all(
    wanted.map(async ({ component, cluster, automated }) => {
      const path = `apps/${component.component}`;
      const source: ApplicationSource = {
        repoURL: `${options.gitUrl}/${cluster.repository}.git`,
        path,
        targetRevision: 'main',
      };
      const repository = options.repositories.get(cluster.repository)!;
      const commits = (
        await repository.log({ revision: 'main', path })
      ).reverse();
      return applicationOf({
        component,
        cluster,
        automated,
        source,
        commits,
        now: options.now,
      });
    }),
  );
}

function applicationOf(options: {
  component: ComponentApplications;
  cluster: DestinationCluster;
  automated: boolean;
  source: ApplicationSource;
  commits: readonly CommitInfo[];
  now: Date;
}): Application {
  const { component, cluster, automated, source, commits, now } = options;
  const name = `${component.component}-${cluster.suffix}`;
  const destination = { ...cluster.destination, namespace: component.project };
  const history = commits.map((commit, index): HistoryEntry => {
    // Never in the future, whatever the machine's clock says.
    const latest = now.getTime() - (commits.length - index) * DAY_MS;
    const at = Math.min(Date.parse(commit.at) + 40_000, latest);
    return {
      id: index,
      revision: commit.sha,
      source,
      deployStartedAt: timestamp(new Date(at)),
      deployedAt: timestamp(new Date(at + 20_000)),
      initiatedBy: automated
        ? { automated: true }
        : { username: commit.author.email },
    };
  });
  const last = history[history.length - 1];
  return {
    metadata: {
      name,
      namespace: 'argocd',
      uid: uidOf(`application ${name}`),
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: timestamp(
        new Date(Date.parse(history[0].deployStartedAt) - 60_000),
      ),
      labels: { 'backstage-name': component.component },
      annotations: component.withoutEntityRef
        ? {}
        : {
            'backstage.io/entity-ref': `component:default/${component.component}`,
          },
    },
    spec: {
      project: component.project,
      source,
      destination,
      ...(automated
        ? { syncPolicy: { automated: { prune: true, selfHeal: true } } }
        : {}),
    },
    status: {
      sync: {
        status: 'Synced',
        revision: last.revision,
        comparedTo: { source, destination },
      },
      health: { status: 'Healthy', lastTransitionTime: last.deployedAt },
      history: history.slice(-HISTORY_LIMIT),
      summary: {},
      controllerNamespace: 'argocd',
      resourceHealthSource: 'appTree',
      operationState: {
        operation: {
          sync: { revision: last.revision },
          initiatedBy: last.initiatedBy,
          retry: automated ? { limit: 5 } : {},
        },
        phase: 'Succeeded',
        message: 'successfully synced (all tasks run)',
        startedAt: last.deployStartedAt,
        finishedAt: last.deployedAt,
        syncResult: { revision: last.revision, source },
      },
    },
  };
}

/** The projects, with roles, and a window that keeps settlement's nightly run undisturbed. */
export function worldProjects(options: {
  gitUrl: string;
  clusters: readonly DestinationCluster[];
}): AppProject[] {
  const about = {
    storefront: 'Everything between a visitor and a paid order',
    realtime: 'Games, chat and push messages',
    platform: 'The way in, the settlement, the old site',
  };
  return Object.entries(about).map(([name, description]) => ({
    metadata: {
      name,
      namespace: 'argocd',
      uid: uidOf(`project ${name}`),
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-09-14T07:30:00Z',
    },
    spec: {
      description,
      sourceRepos: [
        ...options.clusters.map(
          cluster => `${options.gitUrl}/${cluster.repository}.git`,
        ),
        // Services that bring their manifests with them.
        `${options.gitUrl}/${name}/*`,
        ...(name === 'platform' ? [CHARTS_URL] : []),
      ],
      destinations: [
        ...options.clusters.map(cluster => ({
          ...cluster.destination,
          namespace: name,
        })),
        ...(name === 'platform'
          ? [{ server: IN_CLUSTER.server, namespace: ARGOCD_NAMESPACE }]
          : []),
      ],
      roles: [
        {
          name: 'developer',
          description: 'May look and sync',
          groups: [name],
          policies: [
            `p, proj:${name}:developer, applications, get, ${name}/*, allow`,
            `p, proj:${name}:developer, applications, sync, ${name}/*, allow`,
          ],
        },
      ],
      ...(name === 'platform'
        ? {
            syncWindows: [
              {
                kind: 'deny' as const,
                schedule: '30 23 * * *',
                duration: '1h',
                timeZone: 'Europe/Berlin',
                applications: ['settlement-*'],
                manualSync: false,
                description: 'The day is being settled',
              },
              {
                kind: 'allow' as const,
                schedule: '0 7 * * 1-5',
                duration: '11h',
                timeZone: 'Europe/Berlin',
                applications: ['handbook-blue'],
                manualSync: true,
                description: 'Working hours; by hand at any time',
              },
            ],
          }
        : {}),
    },
    status: {},
  }));
}

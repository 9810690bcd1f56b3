import { ApplicationSet, childrenOf } from './ApplicationSetController';
import { IN_CLUSTER } from './ApplicationCluster';
import { ManifestSource } from './ManifestSource';
import { newApplication, uidOf } from './newApplication';
import { timestamp } from './OperationRunner';
import { onlySources, writtenRevisions } from './sources';
import { Application, ARGOCD_NAMESPACE } from './types';
import { CHARTS_URL, DestinationCluster } from './worldApplications';

const DAY_MS = 24 * 3_600_000;
const ENTITY_REF = 'backstage.io/entity-ref';

/** What of the world's Applications is made of others or of several sources, and what of them is broken. */
export interface ComposedApplications {
  /** Running since some days, Synced. */
  deployed: Application[];
  /** Those that stand above others, and those that nobody could ever deploy. */
  others: Application[];
  sets: ApplicationSet[];
}

/**
 * `platform-apps` deploys the Applications of `handbook`; the ApplicationSet `status-page` makes one for each production cluster, of a chart and a file of
 * values in Git; `reports-dev` names a folder that is not there, `archive` a cluster that nobody knows any more.
 */
export async function composedApplications(options: {
  clusters: readonly DestinationCluster[];
  manifests: ManifestSource;
  gitUrl: string;
  now: Date;
}): Promise<ComposedApplications> {
  const { manifests, gitUrl, now } = options;
  const createdAt = new Date(now.getTime() - 9 * DAY_MS);
  const make = (name: string, spec: object, labels = {}) =>
    newApplication(
      { metadata: { name, labels }, spec: { project: 'platform', ...spec } },
      createdAt,
    );
  const inDev = (path: string) => ({
    repoURL: `${gitUrl}/deploy-dev.git`,
    path,
    targetRevision: 'main',
  });
  const parent = make('platform-apps', {
    source: inDev('platform-apps'),
    destination: { server: IN_CLUSTER.server, namespace: ARGOCD_NAMESPACE },
    syncPolicy: { automated: { prune: true, selfHeal: true } },
  });
  const { objects } = await manifests.render(
    parent,
    await manifests.resolveAll(parent.spec),
  );
  const sets = [statusPage(options)];
  const children = [
    ...objects.map(object => newApplication(object, createdAt)),
    ...sets.flatMap(childrenOf).map(child => ({
      ...child,
      metadata: {
        ...child.metadata,
        creationTimestamp: timestamp(createdAt),
      },
    })),
  ];
  return {
    deployed: await Promise.all(
      children.map(async child =>
        asDeployed(
          child,
          await manifests.resolveAll(child.spec),
          new Date(now.getTime() - 3 * DAY_MS),
        ),
      ),
    ),
    others: [
      parent,
      make('reports-dev', {
        source: inDev('apps/reports'),
        destination: { name: 'dev', namespace: 'platform' },
      }),
      make('archive', {
        source: inDev('apps/settlement'),
        destination: { name: 'prod-red', namespace: 'platform' },
      }),
    ],
    sets,
  };
}

function statusPage({
  clusters,
  gitUrl,
}: {
  clusters: readonly DestinationCluster[];
  gitUrl: string;
}): ApplicationSet {
  const elements = clusters
    .filter(({ suffix }) => suffix !== 'dev')
    .map(({ suffix, repository, name }) => ({ suffix, repository, name }));
  const template = {
    metadata: {
      name: 'status-page-{{suffix}}',
      labels: { 'backstage-name': 'status-page' },
      annotations: { [ENTITY_REF]: 'component:default/status-page' },
    },
    spec: {
      project: 'platform',
      sources: [
        {
          repoURL: CHARTS_URL,
          chart: 'site',
          targetRevision: '1.4.2',
          helm: { valueFiles: ['$values/values/status-page.yaml'] },
        },
        {
          repoURL: `${gitUrl}/{{repository}}.git`,
          targetRevision: 'main',
          ref: 'values',
        },
      ],
      destination: { name: '{{name}}', namespace: 'platform' },
    },
  };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: {
      name: 'status-page',
      namespace: ARGOCD_NAMESPACE,
      uid: uidOf('applicationset status-page'),
    },
    spec: {
      generators: [{ list: { elements } }],
      template,
    },
  };
}

/** As if it had been synced once by somebody, some days ago. */
export function asDeployed(
  application: Application,
  revisions: readonly string[],
  at: Date,
): Application {
  const { spec, status } = application;
  const deployedAt = timestamp(at);
  const deployed = {
    ...writtenRevisions(spec, revisions),
    ...onlySources(spec),
  };
  const initiatedBy = { username: 'inge@example.com' };
  return {
    ...application,
    status: {
      ...status,
      sync: {
        ...status.sync,
        status: 'Synced',
        ...writtenRevisions(spec, revisions),
      },
      health: { status: 'Healthy', lastTransitionTime: deployedAt },
      history: [
        {
          id: 0,
          ...deployed,
          deployStartedAt: deployedAt,
          deployedAt,
          initiatedBy,
        },
      ],
      operationState: {
        operation: { sync: { ...deployed }, initiatedBy, retry: {} },
        phase: 'Succeeded',
        message: 'successfully synced (all tasks run)',
        startedAt: deployedAt,
        finishedAt: deployedAt,
        syncResult: deployed,
      },
    },
  };
}

import { asDeployed } from './composedApplications';
import { ManifestSource } from './ManifestSource';
import { newApplication, uidOf } from './newApplication';
import { Application, AppProject } from './types';
import { CHARTS_URL } from './worldApplications';

const DAY_MS = 24 * 3_600_000;

/** Where the second Argo CD takes Applications from besides its own namespace. */
export const TEAMS_NAMESPACE = 'teams';

/** Namespace of the Application, and the cluster that it deploys to. */
const SITES = [
  {
    component: 'handbook',
    name: 'handbook-green',
    namespace: 'argocd',
    cluster: 'prod-green',
    tag: 'v1.9.1',
  },
  {
    component: 'status-page',
    name: 'status-page-dev',
    namespace: TEAMS_NAMESPACE,
    cluster: 'dev',
    tag: 'v1.9.2',
  },
];

/**
 * What the second Argo CD deploys, running since some days: the part of `handbook` that the first one leaves out, and `status-page` on dev, whose
 * Application lies outside of Argo CD's own namespace.
 */
export async function edgeApplications(options: {
  manifests: ManifestSource;
  now: Date;
}): Promise<Application[]> {
  const { manifests, now } = options;
  return Promise.all(
    SITES.map(async ({ component, name, namespace, cluster, tag }) => {
      const application = newApplication(
        {
          metadata: {
            name,
            namespace,
            labels: { 'backstage-name': component },
            annotations: {
              'backstage.io/entity-ref': `component:default/${component}`,
            },
          },
          spec: {
            project: 'sites',
            source: {
              repoURL: CHARTS_URL,
              chart: 'site',
              targetRevision: '1.4.2',
              helm: {
                valuesObject: { component, replicas: 1, image: { tag } },
              },
            },
            destination: { name: cluster, namespace: 'platform' },
          },
        },
        new Date(now.getTime() - 9 * DAY_MS),
      );
      return asDeployed(
        application,
        await manifests.resolveAll(application.spec),
        new Date(now.getTime() - 4 * DAY_MS),
      );
    }),
  );
}

export function edgeProjects(): AppProject[] {
  return [
    {
      metadata: {
        name: 'sites',
        namespace: 'argocd',
        uid: uidOf('project sites'),
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: '2026-09-21T09:00:00Z',
      },
      spec: {
        description: 'Sites that change seldom',
        sourceRepos: [CHARTS_URL],
        sourceNamespaces: [TEAMS_NAMESPACE],
        destinations: SITES.map(({ cluster }) => ({
          name: cluster,
          namespace: 'platform',
        })),
        roles: [],
      },
      status: {},
    },
  ];
}

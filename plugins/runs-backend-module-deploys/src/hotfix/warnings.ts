import { PlanProblem, Warning } from '@switchyard/backstage-plugin-runs-common';
import {
  compareVersions,
  RegistryClient,
  RegistryError,
} from '@switchyard/backstage-plugin-deploys-node';
import { FleetReader, TargetDeployment } from '@switchyard/fleet-node';
import { HotfixTarget } from './findTargets';
import { runningObjects } from './runningObjects';
import { exactly } from '../exactly';

/** What the registries say of the images that are to be shipped. */
export interface FoundImages {
  problems: PlanProblem[];
  digestOf(target: HotfixTarget): string | undefined;
}

/**
 * Asks the registries whether they have the version. Not knowing is a problem too: pods would find out too late.
 */
export async function findImages(
  targets: readonly HotfixTarget[],
  registry: RegistryClient,
  signal: AbortSignal,
): Promise<FoundImages> {
  const images = new Map(
    targets.map(({ wanted, tag }) => [
      `${wanted.repository}:${tag}`,
      { repository: wanted.repository, tag },
    ]),
  );
  const digests = new Map<string, string>();
  const problems = await Promise.all(
    [...images].map(
      async ([image, { repository, tag }]): Promise<PlanProblem[]> => {
        try {
          const digest = await registry.findDigest(repository, tag, { signal });
          if (digest) {
            digests.set(image, digest);
            return [];
          }
          return [
            {
              what: 'The version does not exist',
              why: `The registry has no image ${image}`,
              field: 'version',
              ref: image,
            },
          ];
        } catch (error) {
          if (signal.aborted || !(error instanceof RegistryError)) throw error;
          return [
            {
              what: 'The registry cannot be asked',
              why: `Whether the image exists is not known: ${error.message}`,
              ref: image,
            },
          ];
        }
      },
    ),
  );
  return {
    problems: problems.flat(),
    digestOf: ({ wanted, tag }) => digests.get(`${wanted.repository}:${tag}`),
  };
}

/**
 * Clusters of the environment that run the image and that this would not change: one version everywhere is what a hotfix promises.
 */
export function findLeftOut(
  targets: readonly HotfixTarget[],
  withoutApplication: readonly TargetDeployment[],
): PlanProblem[] {
  return withoutApplication.flatMap((deployment): PlanProblem[] => {
    const [object] = targets.flatMap(({ wanted }) =>
      runningObjects({ deployment, wanted }),
    );
    if (!object) return [];
    const place = [deployment.cluster, deployment.namespace]
      .filter(Boolean)
      .join('/');
    return [
      {
        what: 'A cluster is left out',
        why: `${object.kind} ${object.name} in ${place} runs the image too and belongs to no Application that is known, so it would keep its version`,
        ref: `${object.kind} ${place}/${object.name}`,
      },
    ];
  });
}

/** What a person should know before confirming. */
export function findWarnings(
  options: {
    version: string;
    targets: readonly HotfixTarget[];
    withoutApplication: readonly TargetDeployment[];
  },
  fleet: FleetReader,
): Warning[] {
  const { version, targets, withoutApplication } = options;
  const clusters = new Map(
    fleet.clusters().map(cluster => [cluster.name, cluster]),
  );
  const instances = new Map(
    fleet.argoInstances().map(instance => [instance.name, instance]),
  );
  const warnings = targets.flatMap(({ deployment }): Warning[] => {
    const { application, cluster, unjoined, version: live } = deployment;
    const ref = `Application ${application.namespace}/${application.name}`;
    const place = cluster ?? unjoined?.destination ?? ref;
    const found: Warning[] = [];
    if (
      live.version !== undefined &&
      compareVersions(version, live.version) < 0
    ) {
      found.push({
        what: 'Older version',
        why: `${version} is older than ${live.version}, which runs in ${place}; a migration of the newer one stays`,
        ref,
      });
    }
    if (application.autoSync.enabled) {
      found.push({
        what: 'Auto-sync is on',
        why: `Argo CD deploys to ${place} as soon as the commit is pushed; a lock set after that does not stop it`,
        ref,
      });
    }
    const status = cluster === undefined ? undefined : clusters.get(cluster);
    if (status && status.state !== 'live') {
      found.push({
        what: 'Cluster unreachable',
        why: `${cluster} has not answered since ${exactly(
          status.since,
        )}; if Argo CD cannot reach it either, the sync fails, otherwise the run waits for the pods until its time is up`,
        ref: cluster,
      });
    }
    if (unjoined) {
      found.push({
        what: 'Cluster not known',
        why: `${unjoined.destination}: ${unjoined.why}. Pods there cannot be watched; Argo CD's word has to do`,
        ref,
      });
    }
    const instance = instances.get(application.instance);
    if (instance && instance.state !== 'live') {
      found.push({
        what: 'Argo CD unreachable',
        why: `Argo CD ${instance.name} has not answered since ${exactly(
          instance.since,
        )}`,
        ref: instance.name,
      });
    }
    if (application.operation && isRunning(application.operation.phase)) {
      found.push({
        what: 'An operation is running',
        why: `Argo CD is syncing ${application.name} now; the run waits until it has ended`,
        ref,
      });
    }
    return found;
  });
  for (const { cluster, namespace } of withoutApplication) {
    warnings.push({
      what: 'Not changed by this',
      why: `What runs in ${[cluster, namespace]
        .filter(Boolean)
        .join('/')} belongs to no Application`,
    });
  }
  return [
    ...new Map(
      warnings.map(warning => [JSON.stringify(warning), warning]),
    ).values(),
  ];
}

function isRunning(phase: string | undefined): boolean {
  return phase === undefined || phase === 'Running' || phase === 'Terminating';
}

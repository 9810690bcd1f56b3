import { PlanProblem, Warning } from '@switchyard/backstage-plugin-runs-common';
import {
  compareVersions,
  RegistryClient,
  RegistryError,
} from '@switchyard/backstage-plugin-deploys-node';
import { FleetReader, TargetDeployment } from '@switchyard/fleet-node';
import { exactly } from '../exactly';
import { titleOf } from '../operations/applicationTargets';
import { distinct, isRunning, warnOfHold } from '../operations/warnings';
import { HotfixTarget, ImageTarget } from './findTargets';
import { runningObjects } from './runningObjects';

/** An image that is to run. */
export interface WantedVersion extends Pick<ImageTarget, 'wanted'> {
  tag: string;
  /** Where this very image is meant, whatever the tag names by now. */
  digest?: string;
}

/** What the registries say of the images that are to be shipped. */
export interface FoundImages {
  problems: PlanProblem[];
  digestOf(image: WantedVersion): string | undefined;
  /** ISO time at which the oldest of them was built, where a registry tells. */
  builtAt?: string;
}

/** It is for the record only: no preview waits longer for it. */
const BUILD_TIME_LIMIT_MS = 1_500;

/**
 * Asks the registries whether they have the version. Not knowing is a problem too: pods would find out too late.
 *
 * @param options.describeMissing - what is said of an image that is not there
 */
export async function findImages(
  targets: readonly WantedVersion[],
  registry: RegistryClient,
  options: {
    describeMissing?: (image: string) => Pick<PlanProblem, 'what' | 'why'>;
    signal: AbortSignal;
  },
): Promise<FoundImages> {
  const { describeMissing = describeUnknown, signal } = options;
  const images = new Map(
    targets.map(target => [
      nameOf(target),
      {
        repository: target.wanted.repository,
        reference: target.digest ?? target.tag,
      },
    ]),
  );
  const digests = new Map<string, string>();
  const buildTimes: string[] = [];
  const problems = await Promise.all(
    [...images].map(
      async ([image, { repository, reference }]): Promise<PlanProblem[]> => {
        try {
          const digest = await registry.findDigest(repository, reference, {
            signal,
          });
          if (digest) {
            digests.set(image, digest);
            const time = await readBuildTime(
              registry,
              repository,
              reference,
              signal,
            );
            if (time !== undefined) buildTimes.push(time);
            return [];
          }
          return [{ ...describeMissing(image), field: 'version', ref: image }];
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
    digestOf: image => digests.get(nameOf(image)),
    builtAt: buildTimes.sort()[0],
  };
}

function nameOf({ wanted, tag, digest }: WantedVersion): string {
  return `${wanted.repository}:${tag}${
    digest === undefined ? '' : `@${digest}`
  }`;
}

/** What is said where a registry has no image of the version. */
export const NO_SUCH_VERSION = 'The version does not exist';

function describeUnknown(image: string) {
  return {
    what: NO_SUCH_VERSION,
    why: `The registry has no image ${image}`,
  };
}

async function readBuildTime(
  registry: RegistryClient,
  repository: string,
  reference: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const image = await registry.findImage(repository, reference, {
      signal: AbortSignal.any([
        signal,
        AbortSignal.timeout(BUILD_TIME_LIMIT_MS),
      ]),
    });
    const at = image?.createdAt && Date.parse(image.createdAt);
    // Builds that are to be the same each time give their images the year 1970, or none.
    return at ? new Date(at).toISOString() : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Clusters of the environment that run the image and that this would not change: one version everywhere is what a hotfix promises.
 */
export function findLeftOut(
  targets: ReadonlyArray<Pick<ImageTarget, 'wanted'>>,
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
  },
  fleet: FleetReader,
): Warning[] {
  const { version, targets } = options;
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
    found.push(...warnOfAutoSync(deployment), ...warnOfHold(application));
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
  return distinct(warnings);
}

/** That with the change Argo CD acts by itself: it is the last moment at which anything stops it. */
export function warnOfAutoSync(
  { application, cluster, unjoined }: HotfixTarget['deployment'],
  moment = 'the commit is pushed',
): Warning[] {
  if (!application.autoSync.enabled) return [];
  const ref = titleOf(application);
  return [
    {
      what: 'Auto-sync is on',
      why: `Argo CD deploys to ${
        cluster ?? unjoined?.destination ?? ref
      } as soon as ${moment}; a lock set after that does not stop it`,
      ref,
    },
  ];
}

/** What a commit cannot change. */
export function warnOfUntouched(
  withoutApplication: readonly TargetDeployment[],
): Warning[] {
  return withoutApplication.map(({ cluster, namespace }) => ({
    what: 'Not changed by this',
    why: `What runs in ${[cluster, namespace]
      .filter(Boolean)
      .join('/')} belongs to no Application`,
  }));
}

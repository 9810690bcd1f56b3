import { JsonObject } from '@backstage/types';
import {
  compareVersions,
  parseImageReference,
} from '@switchyard/backstage-plugin-deploys-node';
import {
  Change,
  PlannedStep,
  PlanProblem,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import { FleetReader } from '@switchyard/fleet-node';
import { distinct, warnOfCluster } from '../operations/warnings';
import { NewImage, UneditableError, writeReference } from '../manifests';
import { warnOfReplacement } from '../workloads/replacement';
import { titleOfWorkload } from '../workloads/workloadTargets';
import { workloadSteps } from '../workloads/workloadSteps';
import { ImageWorkload } from './findImageWorkloads';
import { PlannedContainer, SetImageStepInput } from './types';

/** A workload with the images that it gets. */
export interface ImageChange {
  workload: ImageWorkload;
  /** The new version, as people say it. */
  version: string;
  containers: PlannedContainer[];
}

/** What an image is for each workload. A container that is pinned by digest gets that of the new tag. */
export function planImageChanges(
  wanted: ReadonlyArray<{
    workload: ImageWorkload;
    version: string;
    image: NewImage;
  }>,
): { changes: ImageChange[]; problems: PlanProblem[] } {
  const changes: ImageChange[] = [];
  const problems: PlanProblem[] = [];
  for (const { workload, version, image } of wanted) {
    try {
      const containers = [...workload.images].map(([name, before]) => ({
        name,
        before,
        after: writeReference(parseImageReference(before)!, image),
      }));
      changes.push({ workload, version, containers });
    } catch (error) {
      if (!(error instanceof UneditableError)) throw error;
      const ref = titleOfWorkload(workload.id);
      problems.push({
        what: 'The image cannot be changed safely',
        why: `${ref}: ${error.why}`,
        ref,
      });
    }
  }
  return { changes, problems };
}

/** Whether it runs something else than what is wanted. */
export function changesImages({ containers }: ImageChange): boolean {
  return containers.some(({ before, after }) => before !== after);
}

/** The steps: each workload gets its image, and is followed until it runs. */
export function imageSteps(
  changes: readonly ImageChange[],
  needs: string[],
): PlannedStep[] {
  const inputs = new Map(
    changes.map(({ workload, containers }) => [workload.id, { containers }]),
  );
  return workloadSteps(
    changes.map(({ workload }) => workload),
    {
      verb: 'image',
      title: ({ kind, name }) => `Set the image of ${kind} ${name}`,
      handler: 'set-image',
      needs,
      input: ({ id }): Omit<SetImageStepInput, 'workload'> & JsonObject =>
        inputs.get(id)!,
      follow: {
        id: 'rollout',
        title: ({ kind, name }) => `Roll out ${kind} ${name}`,
        handler: 'image-rollout',
      },
    },
  );
}

/** Everything that is meant, nothing of what was before: the hash is taken of this. */
export function intentOfImages(changes: readonly ImageChange[]): JsonObject[] {
  return changes.map(({ workload: { id }, containers }) => ({
    workload: id,
    cluster: id.cluster,
    images: containers.map(({ name, after }) => ({ container: name, after })),
  }));
}

/** The images that change, for people. */
export function describeImages(changes: readonly ImageChange[]): Change[] {
  return changes.flatMap(({ workload: { id }, containers }) =>
    containers
      .filter(({ before, after }) => before !== after)
      .map(({ name, before, after }) => ({
        system: 'kubernetes',
        what: `image of ${id.kind} ${id.name}`,
        ref: `${id.namespace}/${id.name}/${name}`,
        cluster: id.cluster,
        before,
        after,
      })),
  );
}

/** What a person should know before the images are set. */
export function warnOfImages(
  changes: readonly ImageChange[],
  fleet: FleetReader,
): Warning[] {
  return distinct([
    ...changes.flatMap(({ workload }) => [
      ...warnOfCluster(workload.id.cluster, fleet),
      ...(workload.id.kind === 'CronJob' ? [] : warnOfReplacement(workload)),
    ]),
    ...(changes.length > 0
      ? [
          {
            what: 'Set on the object itself',
            why: `No Application deploys ${[
              ...new Set(
                changes.map(({ workload }) => titleOfWorkload(workload.id)),
              ),
            ].join(
              ', ',
            )}: the image is set in the cluster, and stands in no Git`,
          },
        ]
      : []),
  ]);
}

/** That an older version is shipped than the one that runs. */
export function warnOfOlderImages(changes: readonly ImageChange[]): Warning[] {
  return changes.flatMap(({ workload, version }) =>
    versionsOf(workload)
      .filter(now => compareVersions(version, now) < 0)
      .map(now => ({
        what: 'Older version',
        why: `${version} is older than ${now}, which ${workload.id.cluster} has; a migration of the newer one stays`,
        ref: titleOfWorkload(workload.id),
      })),
  );
}

/** How a person takes it back. */
export function describeUndo(changes: readonly ImageChange[]): string {
  const versions = new Set(
    changes.flatMap(({ workload }) => versionsOf(workload)),
  );
  return `Roll back to ${
    [...versions].join(' or ') || 'the version before'
  }: what ran before is noted on each object`;
}

/** The versions that its containers name now, as people say them. */
export function versionsOf({ images, wanted }: ImageWorkload): string[] {
  const versions = [...images.values()].flatMap(
    image =>
      parseImageReference(image)?.tag?.slice(wanted.tagPrefix.length) ?? [],
  );
  return [...new Set(versions)];
}

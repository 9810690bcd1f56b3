import { Entity } from '@backstage/catalog-model';
import { PlanProblem, Warning } from '@switchyard/backstage-plugin-runs-common';
import {
  FleetReader,
  SwitchyardConfig,
  TargetDeployment,
  TargetWorkload,
  WorkloadRow,
} from '@switchyard/fleet-node';
import { findWanted } from '../hotfix/findTargets';
import { isLasting } from '../hotfix/runningObjects';
import { warnOfUntouched } from '../hotfix/warnings';
import { isWanted, WantedImage } from '../manifests';
import { findStandingPods } from '../workloads/replacement';
import {
  titleOfWorkload,
  toWorkloadId,
  WorkloadTarget,
} from '../workloads/workloadTargets';
import { findOtherOwners } from './otherOwners';
import { imagesOf } from './podTemplate';

/** A workload that no Application deploys, with the containers that run the component's image. */
export interface ImageWorkload extends WorkloadTarget {
  wanted: WantedImage;
  /** The whole image of each by name, init containers among them. */
  images: ReadonlyMap<string, string>;
}

/** What of an entity runs its image and stands in no Git. */
export interface FoundImageWorkloads {
  workloads: ImageWorkload[];
  problems: PlanProblem[];
  warnings: Warning[];
}

/**
 * The workloads of places without an Application that run the component's image, from memory. One that does not agree, or that something else would put back, is a
 * problem and left out.
 *
 * @param options - `beside` is what Applications of the same environment run: where there is such an image, no other is meant
 */
export function findImageWorkloads(
  options: {
    entity: Entity;
    deployments: readonly TargetDeployment[];
    beside: readonly WantedImage[];
  },
  fleet: FleetReader,
  config: SwitchyardConfig,
): FoundImageWorkloads {
  const { entity, deployments, beside } = options;
  const found: FoundImageWorkloads = {
    workloads: [],
    problems: [],
    warnings: [],
  };
  for (const deployment of deployments) {
    const wanted = beside.length > 0 ? beside : wantedOf(entity, deployment);
    if ('what' in wanted) {
      found.problems.push(wanted);
      continue;
    }
    const running = deployment.workloads.flatMap(workload => {
      const image = wanted.find(each => runs(workload, each));
      return image ? [{ workload, image }] : [];
    });
    const lasting = running.filter(({ workload }) => isLasting(workload.row));
    for (const { workload, image } of lasting)
      add(found, workload, image, fleet, config);
    if (lasting.length === 0)
      found.warnings.push(...warnOfUntouched([deployment]));
    found.warnings.push(...warnOfPassing(deployment, wanted));
  }
  return found;
}

function wantedOf(
  entity: Entity,
  deployment: TargetDeployment,
): WantedImage[] | PlanProblem {
  const found = findWanted(entity, deployment);
  return 'wanted' in found ? [found.wanted] : found;
}

function add(
  found: FoundImageWorkloads,
  { row: lasting, consent }: TargetWorkload,
  wanted: WantedImage,
  fleet: FleetReader,
  config: SwitchyardConfig,
): void {
  const row = lasting as WorkloadRow;
  const ref = titleOfWorkload(row);
  const object = fleet.object({ cluster: row.cluster, uid: row.uid });
  if (!consent.given || !object) {
    found.problems.push({
      what: consent.given ? 'Not known' : 'The target does not agree',
      why: consent.given ? `${ref} is not in the portal's memory` : consent.why,
      ref,
    });
    return;
  }
  const id = toWorkloadId(row);
  const owners = findOtherOwners(row, object, fleet, config);
  const problems = [
    ...owners.problems,
    ...findBorrower(row, fleet),
    ...findStandingPods({ id, row, object }),
  ];
  found.problems.push(...problems);
  found.warnings.push(...owners.warnings);
  if (problems.length > 0) return;
  found.workloads.push({
    id,
    row,
    object,
    wanted,
    images: new Map(
      [...imagesOf(row.kind, object)].filter(([, image]) =>
        isWanted(image, wanted),
      ),
    ),
  });
}

function runs({ row }: TargetWorkload, wanted: WantedImage): boolean {
  return row.containers.some(
    ({ image, kind }) => kind !== 'ephemeral' && isWanted(image, wanted),
  );
}

/** A Rollout that takes its template from a Deployment rolls out by its own steps, which nobody would follow here. */
function findBorrower(row: WorkloadRow, fleet: FleetReader): PlanProblem[] {
  const { cluster, namespace } = row;
  const rollout = fleet
    .workloads({ cluster, namespace })
    .find(({ rollout: progress }) => {
      const ref = progress?.workloadRef;
      return ref?.kind === row.kind && ref.name === row.name;
    });
  if (!rollout) return [];
  return [
    {
      what: 'A Rollout takes its template',
      why: `Rollout ${rollout.name} in ${cluster} runs the template of ${row.kind} ${row.name}; the portal sets an image only where it stands in the Rollout itself`,
      ref: titleOfWorkload(row),
    },
  ];
}

/** What ran the image and is not run again: nobody but a tool that deploys would do that. */
function warnOfPassing(
  { workloads, endedJobs, cluster, namespace }: TargetDeployment,
  wanted: readonly WantedImage[],
): Warning[] {
  const passing = [...workloads, ...endedJobs].filter(
    workload =>
      !isLasting(workload.row) && wanted.some(each => runs(workload, each)),
  );
  const place = [cluster, namespace].filter(Boolean).join('/');
  const namesOf = (kind: (name: string) => boolean) => [
    ...new Set(
      passing
        .filter(({ row }) => kind(row.kind))
        .map(({ row }) => `${row.kind} ${row.name}`),
    ),
  ];
  const jobs = namesOf(kind => kind === 'Job');
  const others = namesOf(kind => kind !== 'Job');
  return [
    ...(jobs.length > 0
      ? [
          {
            what: 'No Job is run',
            why: `${jobs.join(', ')} in ${place} ${
              jobs.length === 1 ? 'has' : 'have'
            } run the image. Without Argo CD nothing runs such a Job with the new version: a migration has to be run by hand before`,
          },
        ]
      : []),
    ...(others.length > 0
      ? [
          {
            what: 'Not changed by this',
            why: `${others.join(', ')} in ${place} ${
              others.length === 1 ? 'keeps its' : 'keep their'
            } image: nothing replaces what has no template`,
          },
        ]
      : []),
  ];
}

import { PlanProblem, Warning } from '@switchyard/backstage-plugin-runs-common';
import { titleOfWorkload, WorkloadTarget } from './workloadTargets';

type Replaced = Pick<WorkloadTarget, 'id' | 'row' | 'object'>;

/** Why the pods of a workload would not be replaced by a change of its template. */
export function findStandingPods({ id, object }: Replaced): PlanProblem[] {
  const spec = specOf(object);
  if (id.kind === 'Deployment' && spec.paused === true)
    return [
      {
        what: 'The Deployment is paused',
        why: `Kubernetes makes no new pods of ${id.name} in ${id.cluster} until somebody resumes it`,
        ref: titleOfWorkload(id),
      },
    ];
  if (spec.updateStrategy?.type === 'OnDelete')
    return [
      {
        what: 'Pods are replaced by hand',
        why: `The updateStrategy of ${id.kind} ${id.name} in ${id.cluster} is OnDelete: its pods are made anew only where somebody deletes them`,
        ref: titleOfWorkload(id),
      },
    ];
  return [];
}

/** What it costs to replace the pods of a workload now. */
export function warnOfReplacement({ id, row, object }: Replaced): Warning[] {
  const spec = specOf(object);
  const ref = titleOfWorkload(id);
  const warnings: Warning[] = [];
  if (row.desired === 0)
    warnings.push({
      what: 'Nothing runs',
      why: `${id.kind} ${id.name} in ${id.cluster} has no pods, and gets none by this`,
      ref,
    });
  else if (isAwayMeanwhile(id.kind, row.desired, spec))
    warnings.push({
      what: 'Down for a while',
      why: `The old pods of ${id.name} in ${id.cluster} go before new ones are ready`,
      ref,
    });
  if (row.updated < row.desired || row.unavailable > 0)
    warnings.push({
      what: 'Not at rest',
      why: `Of ${id.kind} ${id.name} in ${id.cluster} ${Math.min(
        row.updated,
        row.available,
      )} of ${
        row.desired
      } pods are ready; a rollout that is under way begins over`,
      ref,
    });
  if (row.rollout?.workloadRef === undefined && spec.partition > 0)
    warnings.push({
      what: 'Some pods stay',
      why: `The partition of StatefulSet ${id.name} in ${id.cluster} keeps pods below number ${spec.partition} as they are`,
      ref,
    });
  return warnings;
}

/** What is read of a spec; other fields do not matter here. */
interface ReplacedSpec {
  paused?: unknown;
  updateStrategy?: { type?: string };
  isRecreated: boolean;
  /** Pods of a StatefulSet with a lower number are not touched. */
  partition: number;
}

function specOf(object: Replaced['object']): ReplacedSpec {
  const spec = (object as { spec?: any }).spec ?? {};
  return {
    paused: spec.paused,
    updateStrategy: spec.updateStrategy,
    isRecreated: spec.strategy?.type === 'Recreate',
    partition: Number(spec.updateStrategy?.rollingUpdate?.partition ?? 0),
  };
}

function isAwayMeanwhile(
  kind: string,
  desired: number,
  { isRecreated }: ReplacedSpec,
): boolean {
  if (kind === 'Deployment') return isRecreated;
  // Each pod of these goes before another takes its place.
  return desired === 1 && (kind === 'StatefulSet' || kind === 'Rollout');
}

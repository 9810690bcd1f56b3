import {
  ConsentState,
  WorkloadState,
} from '@switchyard/backstage-plugin-deploys-common';
import { TargetWorkload } from '@switchyard/fleet-node';
import { toPodState } from './podState';
import { workloadProblemWords } from './problemWords';

type Numbers = Pick<
  WorkloadState,
  'desired' | 'ready' | 'updated' | 'available'
>;

/** What screens show of a workload with its pods. */
export function toWorkloadState(
  workload: TargetWorkload,
  deploymentConsent: ConsentState,
): WorkloadState {
  const { row, consent, pods } = workload;
  const problem = workloadProblemWords(workload);
  return {
    kind: row.kind,
    name: row.name,
    namespace: row.namespace,
    uid: row.uid,
    ...numbersOf(workload),
    images: [...new Set(row.containers.map(({ image }) => image))],
    ...(problem !== undefined && { problem }),
    ...(consent.given !== deploymentConsent.given && { consent }),
    pods: pods.map(pod => toPodState(pod, workload)),
  };
}

function numbersOf({ row, pods }: TargetWorkload): Numbers {
  if ('desired' in row) {
    const { desired, ready, updated, available } = row;
    return { desired, ready, updated, available };
  }
  // Jobs and pods without an owner want themselves.
  const ready = pods.filter(pod => pod.row.ready).length;
  return { desired: 1, ready, updated: pods.length, available: ready };
}

import { Entity } from '@backstage/catalog-model';
import {
  ConsentState,
  WorkloadState,
} from '@switchyard/backstage-plugin-deploys-common';
import { FleetReader, TargetWorkload } from '@switchyard/fleet-node';
import { toPodState } from './podState';
import { workloadProblemWords } from './problemWords';
import { readRollout } from './rolloutState';

type Numbers = Pick<
  WorkloadState,
  'desired' | 'ready' | 'updated' | 'available'
>;

/** What screens show of a workload with its pods. */
export function toWorkloadState(
  workload: TargetWorkload,
  options: {
    deploymentConsent: ConsentState;
    entity: Entity;
    fleet: FleetReader;
  },
): WorkloadState {
  const { row, consent, pods } = workload;
  const problem = workloadProblemWords(workload);
  const { deploymentConsent } = options;
  const rollout = rolloutOf(workload, options);
  return {
    kind: row.kind,
    name: row.name,
    namespace: row.namespace,
    uid: row.uid,
    ...numbersOf(workload),
    images: [...new Set(row.containers.map(({ image }) => image))],
    ...(problem !== undefined && { problem }),
    ...(rollout && { rollout }),
    ...(consent.given !== deploymentConsent.given && { consent }),
    pods: pods.map(pod => toPodState(pod, workload)),
  };
}

function rolloutOf(
  { row, consent }: TargetWorkload,
  { entity, fleet }: { entity: Entity; fleet: FleetReader },
): WorkloadState['rollout'] {
  if (!('rollout' in row) || !row.rollout) return undefined;
  const made = { cluster: row.cluster, ownerUid: row.uid };
  return readRollout({
    row,
    entity,
    replicaSets: fleet.replicaSets(made),
    analysisRuns: fleet.analysisRuns(made),
    isAgreed: consent.given,
  });
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

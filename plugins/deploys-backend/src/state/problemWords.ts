import {
  describePodProblem,
  PodRow,
  TargetPod,
  TargetWorkload,
} from '@switchyard/fleet-node';

/**
 * Why a pod is not ready. To an entity to which its workload does not agree it is said without what events and programs say: a probe's answer is the
 * program's own words, as its log is.
 */
export function podProblemWords(
  { row, problem }: TargetPod,
  { consent }: Pick<TargetWorkload, 'consent'>,
): string | undefined {
  if (!problem || consent.given) return problem?.text;
  return describePodProblem(withoutMessages(row))?.text ?? wordOf(problem.text);
}

/** What is wrong with a workload itself, likewise. */
export function workloadProblemWords({
  problem,
  consent,
}: Pick<TargetWorkload, 'consent' | 'problem'>): string | undefined {
  return problem === undefined || consent.given ? problem : wordOf(problem);
}

function withoutMessages(row: PodRow): PodRow {
  return {
    ...row,
    message: undefined,
    containers: row.containers.map(container => ({
      ...container,
      message: undefined,
      ...(container.last && {
        last: { ...container.last, message: undefined },
      }),
    })),
  };
}

/** The word of Kubernetes, with which sentences begin. */
function wordOf(text: string): string {
  return text.split(':')[0];
}

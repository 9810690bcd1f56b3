import { PlanProblem } from '@switchyard/backstage-plugin-runs-common';
import { ApplicationTarget } from './applicationTargets';

/**
 * Looks at all Applications of a target at once: what the look finds at each, nothing where there is nothing, and all problems, those of finding them first.
 */
export async function lookAtTargets<T extends object>(
  found: {
    targets: readonly ApplicationTarget[];
    problems: readonly PlanProblem[];
  },
  look: (
    target: ApplicationTarget,
  ) => Promise<T | { problem: PlanProblem } | undefined>,
): Promise<{ looked: T[]; problems: PlanProblem[] }> {
  const looked: T[] = [];
  const problems = [...found.problems];
  for (const each of await Promise.all(found.targets.map(look))) {
    if (each === undefined) continue;
    if ('problem' in each) problems.push(each.problem);
    else looked.push(each);
  }
  return { looked, problems };
}

import { PlanProblem } from '@switchyard/backstage-plugin-runs-common';
import {
  Application,
  ApplicationRow,
  FleetService,
} from '@switchyard/fleet-node';
import { titleOf } from './applicationTargets';

/**
 * A full Application, from Argo CD itself; the problem of a plan where it cannot be asked.
 *
 * @param options.unknown - what is not known then: 'What ran so far'
 */
export async function readApplication(
  fleet: Pick<FleetService, 'argo'>,
  application: Pick<
    ApplicationRow,
    'instance' | 'namespace' | 'name' | 'project'
  >,
  options: {
    unknown: string;
    refresh?: 'normal' | 'hard';
    signal: AbortSignal;
  },
): Promise<{ full: Application } | { problem: PlanProblem }> {
  const { unknown, refresh, signal } = options;
  const { instance, namespace, name, project } = application;
  try {
    const full = await fleet
      .argo(instance)
      .getApplication({ namespace, name, project }, { refresh, signal });
    return { full };
  } catch (error) {
    if (signal.aborted) throw error;
    return {
      problem: {
        what: 'Argo CD cannot be asked',
        why: `${unknown} is not known: ${(error as Error).message}`,
        ref: titleOf(application),
      },
    };
  }
}

import { Warning } from '@switchyard/backstage-plugin-runs-common';
import {
  Application,
  ApplicationRow,
  FleetReader,
  migrationHooksOf,
} from '@switchyard/fleet-node';
import { ROLLED_BACK_BY } from '../argocd/autoSyncHold';
import { exactly } from '../exactly';
import { ApplicationTarget, titleOf } from './applicationTargets';

/** What a person should know of the state of the Applications before anything is asked of them. */
export function warnOfApplications(
  targets: ReadonlyArray<Pick<ApplicationTarget, 'deployment'>>,
  fleet: FleetReader,
): Warning[] {
  return targets.flatMap(({ deployment }): Warning[] => {
    const { application, cluster, unjoined } = deployment;
    const ref = titleOf(application);
    const found = [
      ...warnOfCluster(cluster, fleet),
      ...warnOfInstance(application.instance, fleet),
    ];
    if (unjoined)
      found.push({
        what: 'Cluster not known',
        why: `${unjoined.destination}: ${unjoined.why}. Pods there cannot be watched; Argo CD's word has to do`,
        ref,
      });
    found.push(...warnOfHold(application));
    const { operation } = application;
    if (operation && isRunning(operation.phase))
      found.push({
        what: 'An operation is running',
        why: `Argo CD is syncing ${application.name} now; the run waits until it has ended`,
        ref,
      });
    return found;
  });
}

/** That a rollback by Argo CD has taken it from its branch. */
export function warnOfHold(application: ApplicationRow): Warning[] {
  const run = application.annotations[ROLLED_BACK_BY];
  if (run === undefined) return [];
  return [
    {
      what: 'Rolled back by Argo CD',
      why: `Run ${run} holds ${application.name}: it does not follow its branch, and auto-sync stays off until somebody resumes`,
      ref: titleOf(application),
    },
  ];
}

/** That more than one thing goes live with the head of a branch. */
export function warnOfHead(
  { application }: ApplicationTarget['deployment'],
  full: Application,
  since: string,
): Warning {
  const [hook] = migrationHooksOf(full.status?.operationState ?? {});
  return {
    what: 'The head of the branch is deployed',
    why: `All that was pushed since ${
      application.name
    } ${since} goes live with this${
      hook ? `, and the migration ${hook.name} runs` : ', and its hooks run'
    }`,
    ref: titleOf(application),
  };
}

/** That a cluster does not answer. */
export function warnOfCluster(
  cluster: string | undefined,
  fleet: FleetReader,
): Warning[] {
  const status = fleet.clusters().find(({ name }) => name === cluster);
  if (!status || status.state === 'live') return [];
  return [
    {
      what: 'Cluster unreachable',
      why: `${status.name} has not answered since ${exactly(
        status.since,
      )}; the run waits for it until its time is up`,
      ref: status.name,
    },
  ];
}

function warnOfInstance(name: string, fleet: FleetReader): Warning[] {
  const status = fleet.argoInstances().find(each => each.name === name);
  if (!status || status.state === 'live') return [];
  return [
    {
      what: 'Argo CD unreachable',
      why: `Argo CD ${name} has not answered since ${exactly(status.since)}`,
      ref: name,
    },
  ];
}

/** The phase is missing between a request and the beginning of its operation. */
export function isRunning(phase: string | undefined): boolean {
  return phase === undefined || phase === 'Running' || phase === 'Terminating';
}

/** Each said once. */
export function distinct<T>(findings: readonly T[]): T[] {
  return [
    ...new Map(findings.map(each => [JSON.stringify(each), each])).values(),
  ];
}

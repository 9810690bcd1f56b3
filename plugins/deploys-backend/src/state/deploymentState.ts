import { Entity } from '@backstage/catalog-model';
import { DeploymentState } from '@switchyard/backstage-plugin-deploys-common';
import { readOverride } from '@switchyard/backstage-plugin-deploys-node';
import {
  ApplicationRow,
  FleetReader,
  TargetDeployment,
  TargetWorkload,
} from '@switchyard/fleet-node';
import { readMigration } from './migration';
import { ApplicationDetails } from './types';
import { toWorkloadState } from './workloadState';

type ApplicationState = NonNullable<DeploymentState['application']>;

/** What screens show of one line of the Deploy card. */
export function toDeploymentState(
  deployment: TargetDeployment,
  known: {
    entity: Entity;
    fleet: FleetReader;
    drift?: DeploymentState['drift'];
    details?: ApplicationDetails;
    healthIsStale: boolean;
    /** The cluster can be seen now, and the target agrees. */
    isSeen: boolean;
  },
): DeploymentState {
  const { id, environment, cluster, unjoined, namespace } = deployment;
  const { application, consent, version, workloads, endedJobs } = deployment;
  const migration = readMigration({
    facts: known.details?.migration,
    withMessages: consent.given,
    hasHookJob:
      application?.resources.some(({ kind, hook }) => kind === 'Job' && hook) ??
      false,
    workloads,
    endedJobs,
    isSeen: known.isSeen,
  });
  const { ended, ...told } = migration;
  const toState = (workload: TargetWorkload) =>
    toWorkloadState(workload, {
      deploymentConsent: consent,
      entity: known.entity,
      fleet: known.fleet,
    });
  return {
    id,
    environment,
    ...(cluster !== undefined && { cluster }),
    ...(unjoined && { unjoinedDestination: unjoined.destination }),
    ...(namespace !== undefined && { namespace }),
    version,
    ...(known.drift && { drift: known.drift }),
    ...(application && {
      application: {
        ...toApplicationState(application, known.details, consent),
        healthIsStale: known.healthIsStale,
        // Argo CD goes on saying Healthy of a cluster that is down; where nobody else sees it, the age of its word is all there is.
        ...(cluster === undefined &&
          known.details?.reconciledAt && {
            reconciledAt: known.details.reconciledAt,
          }),
      },
    }),
    ...(told.verdict !== 'not-there' && {
      migration: {
        ...told,
        ...(ended && !workloads.includes(ended) && { job: toState(ended) }),
      },
    }),
    consent,
    workloads: workloads.map(toState),
  };
}

function toApplicationState(
  row: ApplicationRow,
  details: ApplicationDetails | undefined,
  consent: TargetDeployment['consent'],
): Omit<ApplicationState, 'healthIsStale'> {
  const operation = toOperation(row, details, consent);
  const revision = row.sync.revisions.join(', ');
  return {
    instance: row.instance,
    namespace: row.namespace,
    name: row.name,
    project: row.project,
    ...(row.url && { url: row.url }),
    sync: row.sync.status,
    health: row.health.status,
    autoSync: row.autoSync.enabled,
    ...(revision && { revision }),
    ...(operation && { operation }),
    ...(details?.lastDeploy && { lastDeploy: details.lastDeploy }),
    ...(consent.given && describeOverride(row)),
  };
}

function describeOverride({
  annotations,
}: ApplicationRow): Pick<ApplicationState, 'override'> {
  const mark = readOverride(annotations);
  if (!mark) return {};
  const { version, at, run, number } = mark;
  return { override: { version, at, run, number } };
}

function toOperation(
  row: ApplicationRow,
  details: ApplicationDetails | undefined,
  consent: TargetDeployment['consent'],
): ApplicationState['operation'] {
  if (!row.operation) return undefined;
  const { phase, startedAt, finishedAt } = row.operation;
  // The full Application may be of another moment: only words about this very operation count. An annotation is enough to claim an
  // Application of somebody else, and the words are those of servers and programs.
  const message =
    consent.given && details?.operation?.startedAt === startedAt
      ? details?.operation?.message
      : undefined;
  return {
    // Asked for, and the controller has not begun.
    phase: phase ?? 'Pending',
    ...(message && { message }),
    ...(startedAt && { startedAt }),
    // Running with an end means that it waits to try again.
    ...(finishedAt && phase !== 'Running' && { finishedAt }),
  };
}

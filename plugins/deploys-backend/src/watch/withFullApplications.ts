import {
  ApplicationRow,
  applicationRow,
  EntityDeployments,
  FleetReader,
  FleetService,
} from '@switchyard/fleet-node';

/**
 * Lets what is shown of Applications be what their full objects say, where those are kept. The stream that brings the rows has no version: Argo CD
 * sends a row only when one of the chosen fields is another, so that a version among them would make an event of each reconciliation of each Application.
 * The full object has one, and by it a browser knows an older answer of another replica.
 */
export function withFullApplications(
  found: EntityDeployments,
  fleet: Pick<FleetReader & FleetService, 'fullApplication'>,
): EntityDeployments {
  return {
    ...found,
    deployments: found.deployments.map(deployment => {
      const { application } = deployment;
      return application
        ? { ...deployment, application: asInFull(application, fleet) }
        : deployment;
    }),
  };
}

function asInFull(
  row: ApplicationRow,
  fleet: Pick<FleetService, 'fullApplication'>,
): ApplicationRow {
  const { instance, namespace, name, observedAt } = row;
  const full = fleet.fullApplication({ instance, namespace, name });
  if (!full) return row;
  const { autoSync, sync, health, operation } = applicationRow(full, {
    instance,
    uiUrl: '',
    observedAt,
  });
  const other = { ...row, autoSync, sync, health, operation };
  // Its stream may have broken while that of the rows goes on.
  return isOperationLater(row, other) ? row : other;
}

/** By Argo CD's own clock. A request that waits to be started has no time, and is in both. */
function isOperationLater(a: ApplicationRow, b: ApplicationRow): boolean {
  const timesOf = ({ operation }: ApplicationRow) =>
    [operation?.startedAt ?? '', operation?.finishedAt ?? ''].join(' ');
  return timesOf(a) > timesOf(b);
}

import {
  Application,
  ApplicationRow,
  FleetReader,
} from '@switchyard/fleet-node';

/**
 * What makes an Application, and would undo a change of the Application itself: an ApplicationSet, or another Application that has it among its resources.
 */
export function findMaker(
  full: Application,
  row: ApplicationRow,
  fleet: Pick<FleetReader, 'applications'>,
): string | undefined {
  const owner = full.metadata.ownerReferences?.find(
    ({ kind }) => kind === 'ApplicationSet',
  );
  if (owner) return `ApplicationSet ${owner.name}`;
  const parent = fleet
    .applications({ instance: row.instance })
    .find(({ resources }) =>
      resources.some(
        ({ group, kind, namespace, name }) =>
          group === 'argoproj.io' &&
          kind === 'Application' &&
          name === row.name &&
          namespace === row.namespace,
      ),
    );
  return parent && `Application ${parent.namespace}/${parent.name}`;
}

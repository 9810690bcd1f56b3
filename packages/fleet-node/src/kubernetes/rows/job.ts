import { JobRow } from '../../rows';
import { KubernetesObject } from '../kubernetesObject';
import { count, entityRefOf, objectRow, templateContainers } from './common';
import { shorten } from './containers';

/** @internal */
export function jobRow(
  job: KubernetesObject,
  options: { cluster: string },
): JobRow {
  const { spec, status } = job;
  const entityRef = entityRefOf(job.metadata.annotations);
  // SuccessCriteriaMet and FailureTarget only announce the end: pods may still run.
  const end = status?.conditions?.find(
    (condition: any) =>
      ['Complete', 'Failed'].includes(condition.type) &&
      condition.status === 'True',
  );
  const finishedAt = status?.completionTime ?? end?.lastTransitionTime;
  return {
    ...objectRow(job, options),
    active: count(status?.active),
    succeeded: count(status?.succeeded),
    failed: count(status?.failed),
    ...(status?.startTime && { startedAt: status.startTime }),
    ...(finishedAt && { finishedAt }),
    ...(end && {
      condition: {
        type: end.type,
        ...(end.reason && { reason: end.reason }),
        ...(end.message && { message: shorten(end.message) }),
      },
    }),
    containers: templateContainers(spec?.template?.spec),
    ...(entityRef && { entityRef }),
  };
}

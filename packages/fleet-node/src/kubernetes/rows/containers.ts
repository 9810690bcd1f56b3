import { ContainerResources, ContainerRow } from '../../rows';
import { KubernetesObject } from '../kubernetesObject';
import { initKind } from './common';

const MESSAGE_LENGTH = 1024;

/**
 * Containers in the order in which they start: init containers and sidecars, containers, ephemeral ones.
 *
 * @internal
 */
export function containerRows(pod: KubernetesObject): ContainerRow[] {
  const { spec, status } = pod;
  return [
    ...merge(spec?.initContainers, status?.initContainerStatuses, initKind),
    ...merge(spec?.containers, status?.containerStatuses, () => 'container'),
    ...merge(
      spec?.ephemeralContainers,
      status?.ephemeralContainerStatuses,
      () => 'ephemeral',
    ),
  ];
}

/** Termination messages may be long; a row is small. @internal */
export function shorten(text: unknown): string | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  return text.length > MESSAGE_LENGTH
    ? `${text.slice(0, MESSAGE_LENGTH - 1)}…`
    : text;
}

function merge(
  specs: any[] | undefined,
  statuses: any[] | undefined,
  kindOf: (container: any) => ContainerRow['kind'],
): ContainerRow[] {
  return (specs ?? []).map(container => {
    const status = statuses?.find(each => each.name === container.name);
    return containerRow(container, status, kindOf(container));
  });
}

function containerRow(
  container: any,
  status: any,
  kind: ContainerRow['kind'],
): ContainerRow {
  const row: ContainerRow = {
    name: container.name,
    kind,
    image: container.image ?? '',
    ready: status?.ready === true,
    restarts: status?.restartCount ?? 0,
    state: 'unknown',
  };
  const resources = resourcesOf(container);
  if (resources) row.resources = resources;
  if (status?.imageID) row.imageId = withoutScheme(status.imageID);
  const { waiting, running, terminated } = status?.state ?? {};
  if (running) {
    row.state = 'running';
    if (running.startedAt) row.startedAt = running.startedAt;
  } else if (terminated) {
    row.state = 'terminated';
    Object.assign(row, ending(terminated));
    if (terminated.startedAt) row.startedAt = terminated.startedAt;
  } else if (waiting) {
    row.state = 'waiting';
    if (waiting.reason) row.reason = waiting.reason;
    const message = shorten(waiting.message);
    if (message) row.message = message;
  }
  const last = status?.lastState?.terminated;
  if (last) {
    row.last = {
      ...ending(last),
      ...(last.finishedAt && { finishedAt: last.finishedAt }),
    };
  }
  return row;
}

function resourcesOf(container: any): ContainerResources | undefined {
  const { requests, limits } = container.resources ?? {};
  const record: Record<string, string> = {};
  const add = (key: keyof ContainerResources, value: unknown) => {
    if (value !== undefined && value !== null) record[key] = String(value);
  };
  add('cpuRequest', requests?.cpu);
  add('memoryRequest', requests?.memory);
  add('cpuLimit', limits?.cpu);
  add('memoryLimit', limits?.memory);
  return Object.keys(record).length > 0 ? record : undefined;
}

function ending(terminated: any) {
  const message = shorten(terminated.message);
  return {
    ...(terminated.reason && { reason: terminated.reason }),
    ...(typeof terminated.exitCode === 'number' && {
      exitCode: terminated.exitCode as number,
    }),
    ...(terminated.signal && { signal: terminated.signal as number }),
    ...(message && { message }),
  };
}

function withoutScheme(imageId: string): string {
  return imageId.replace(/^[a-z-]+:\/\//, '');
}

import { JsonObject } from '@backstage/types';
import { ArgoCdError } from './ArgoCdError';
import { ArgoProject, ManagedResource, ProjectSyncWindow } from './types';

/** @throws ArgoCdError @internal */
export function readManagedResource(
  value: unknown,
  instance: string,
): ManagedResource {
  const item = asObject(value, instance);
  const text = (key: string) =>
    typeof item[key] === 'string' ? (item[key] as string) : '';
  const live = text('normalizedLiveState') || text('liveState');
  const desired = text('predictedLiveState') || text('targetState');
  return {
    group: text('group'),
    kind: text('kind'),
    namespace: text('namespace'),
    name: text('name'),
    hook: item.hook === true,
    live: readManifest(live, instance),
    desired: readManifest(desired, instance),
  };
}

/** @throws ArgoCdError @internal */
export function readProject(value: unknown, instance: string): ArgoProject {
  const project = asObject(value, instance) as {
    metadata?: { name?: string };
    spec?: { description?: string; syncWindows?: ProjectSyncWindow[] | null };
  };
  if (typeof project.metadata?.name !== 'string') throw senseless(instance);
  return {
    name: project.metadata.name,
    ...(project.spec?.description && { description: project.spec.description }),
    syncWindows: project.spec?.syncWindows ?? [],
  };
}

/** A manifest comes as text; `null` for what is not there. */
function readManifest(text: string, instance: string): JsonObject | undefined {
  if (text === '' || text === 'null') return undefined;
  try {
    return asObject(JSON.parse(text), instance) as JsonObject;
  } catch {
    throw senseless(instance);
  }
}

function asObject(value: unknown, instance: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw senseless(instance);
  return value as Record<string, unknown>;
}

function senseless(instance: string): ArgoCdError {
  return new ArgoCdError({
    kind: 'unexpected',
    instance,
    message: `Argo CD ${instance} gives answers that make no sense`,
  });
}

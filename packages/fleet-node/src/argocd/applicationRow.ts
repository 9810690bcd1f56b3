import { ApplicationRow, ApplicationSource } from '../rows';
import { internString } from '../store/intern';
import { Application } from './types';

/**
 * Fields of the narrow stream. A stream takes any path, a list only those that Argo CD knows. Everything here changes what a row says:
 * what does not (history, messages, times of reconciliation) would only make events. So would `metadata.resourceVersion`: Argo CD's forwarder compares
 * the chosen fields with what it sent of the Application before, and it changes with each reconciliation.
 *
 * @internal
 */
export const STREAM_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.labels',
  'metadata.annotations',
  // As a whole: servers differ in which of its parts they know.
  'spec',
  'operation.sync',
  'operation.initiatedBy',
  'status.sync.status',
  'status.sync.revision',
  'status.sync.revisions',
  'status.health',
  'status.operationState.phase',
  'status.operationState.startedAt',
  'status.operationState.finishedAt',
  'status.operationState.operation.sync',
  'status.operationState.operation.initiatedBy',
  'status.summary',
  'status.resources',
];

/** What the fleet keeps of every Application, of a full one. @public */
export function applicationRow(
  application: Application,
  options: { instance: string; uiUrl: string; observedAt: string },
): ApplicationRow {
  const { metadata, spec, status } = application;
  const { sources, multiSource } = sourcesOf(spec);
  const automated = spec.syncPolicy?.automated;
  const operation = operationOf(application);
  return {
    instance: options.instance,
    namespace: internString(metadata.namespace ?? ''),
    name: metadata.name,
    project: internString(spec.project ?? ''),
    labels: metadata.labels ?? {},
    annotations: joining(metadata.annotations),
    destination: {
      ...(spec.destination?.server && { server: spec.destination.server }),
      ...(spec.destination?.name && { name: spec.destination.name }),
      ...(spec.destination?.namespace && {
        namespace: spec.destination.namespace,
      }),
    },
    sources,
    multiSource,
    autoSync: {
      enabled: Boolean(automated) && automated?.enabled !== false,
      prune: automated?.prune === true,
      selfHeal: automated?.selfHeal === true,
    },
    sync: {
      status: status?.sync?.status ?? 'Unknown',
      revisions: revisionsOf(status?.sync),
    },
    health: { status: status?.health?.status ?? 'Unknown' },
    ...(operation && { operation }),
    images: status?.summary?.images ?? [],
    resources: (status?.resources ?? []).map(resource => ({
      group: internString(resource.group ?? ''),
      version: internString(resource.version ?? ''),
      kind: internString(resource.kind),
      namespace: internString(resource.namespace ?? ''),
      name: resource.name,
      ...(resource.status && { status: internString(resource.status) }),
      ...(resource.health?.status && {
        health: internString(resource.health.status),
      }),
      ...(resource.hook && { hook: true }),
    })),
    url: `${options.uiUrl}/applications/${encodeURIComponent(
      metadata.namespace ?? '',
    )}/${encodeURIComponent(metadata.name)}`,
    observedAt: options.observedAt,
  };
}

/** While an operation waits to be started there is no state, or still that of the one before. */
function operationOf({
  operation,
  status,
}: Application): ApplicationRow['operation'] {
  const state = status?.operationState;
  if (!state?.phase) {
    if (!operation) return undefined;
    return {
      revisions: revisionsOf(operation.sync),
      ...initiator(operation.initiatedBy),
    };
  }
  return {
    phase: state.phase,
    ...(state.startedAt && { startedAt: state.startedAt }),
    ...(state.finishedAt && { finishedAt: state.finishedAt }),
    revisions: revisionsOf(state.operation?.sync),
    ...initiator(state.operation?.initiatedBy),
  };
}

function initiator(by: { username?: string; automated?: boolean } | undefined) {
  return {
    ...(by?.username && { initiatedBy: by.username }),
    ...(by?.automated && { automated: true }),
  };
}

function revisionsOf(
  of: { revision?: string; revisions?: string[] } | null | undefined,
): string[] {
  if (of?.revisions?.length) return of.revisions;
  return of?.revision ? [of.revision] : [];
}

function sourcesOf(spec: Application['spec']): {
  sources: ApplicationSource[];
  multiSource: boolean;
} {
  // Where both are given Argo CD looks at sources only.
  if (spec.sources?.length) return { sources: spec.sources, multiSource: true };
  return { sources: spec.source ? [spec.source] : [], multiSource: false };
}

function joining(
  annotations: Record<string, string> | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations ?? {}).filter(
      ([name]) =>
        name.startsWith('backstage.io/') || name.startsWith('switchyard/'),
    ),
  );
}

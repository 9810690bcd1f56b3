import { revisionsOf, sameRevisions, writtenRevisions } from './sources';
import { Application, Operation } from './types';

/** Argo CD lets a self-heal wait this long after an operation, in world milliseconds. */
const SELF_HEAL_AFTER_MS = 2_000;
const AUTOMATED_RETRIES = 5;

export interface NextAutomatedOperation {
  operation?: Operation;
  /** Why none comes, where a person should know. */
  problem?: string;
  /** World milliseconds after which to look again. */
  againMs?: number;
}

export function isAutoSync(application: Application): boolean {
  const automated = application.spec.syncPolicy?.automated;
  return (
    automated !== undefined && automated !== null && automated.enabled !== false
  );
}

/** What Argo CD does by itself about an Application that was just compared. */
export function nextAutomatedOperation(
  application: Application,
  surroundings: {
    sinceMs(time: string): number;
    canSync: boolean;
    takeNeedlessSelfHeal(): boolean;
  },
): NextAutomatedOperation {
  const { status, spec } = application;
  const automated = spec.syncPolicy?.automated ?? {};
  const revisions = revisionsOf(status.sync);
  const last = status.operationState;
  const attempted = sameRevisions(last?.syncResult ?? {}, status.sync);
  if (
    attempted &&
    last?.phase === 'Succeeded' &&
    automated.selfHeal &&
    !last.operation.sync.resources &&
    surroundings.takeNeedlessSelfHeal()
  ) {
    const all =
      status.resources?.filter(resource => resource.kind === 'Deployment') ??
      [];
    return { operation: operationFor(application, all) };
  }
  const outOfSync =
    status.resources?.filter(resource => resource.status === 'OutOfSync') ?? [];
  const onlyPruning =
    outOfSync.length > 0 &&
    outOfSync.every(resource => resource.requiresPruning) &&
    !automated.prune;
  if (
    status.sync.status !== 'OutOfSync' ||
    revisions.length === 0 ||
    onlyPruning ||
    !surroundings.canSync
  ) {
    return {};
  }
  if (!attempted) {
    return { operation: operationFor(application) };
  }
  if (last?.phase !== 'Succeeded') {
    return {
      problem: `Failed last sync attempt to ${revisions.join(', ')}: ${
        last?.message
      }`,
    };
  }
  if (!automated.selfHeal) {
    return {};
  }
  const waitMs =
    SELF_HEAL_AFTER_MS -
    surroundings.sinceMs(last.finishedAt ?? last.startedAt);
  if (waitMs > 0) {
    return { againMs: waitMs };
  }
  return { operation: operationFor(application, outOfSync) };
}

/** @param only - for a self-heal: the resources that drifted. Such an operation leaves no history. */
function operationFor(
  application: Application,
  only?: ReadonlyArray<{
    group?: string;
    kind: string;
    namespace?: string;
    name: string;
  }>,
): Operation {
  const { syncPolicy } = application.spec;
  const healed =
    application.status.operationState?.operation.sync.autoHealAttemptsCount ??
    0;
  return {
    sync: {
      ...writtenRevisions(
        application.spec,
        revisionsOf(application.status.sync),
      ),
      ...(syncPolicy?.automated?.prune ? { prune: true } : {}),
      ...(syncPolicy?.syncOptions
        ? { syncOptions: syncPolicy.syncOptions }
        : {}),
      ...(only
        ? {
            resources: only.map(({ group, kind, name, namespace }) => ({
              ...(group ? { group } : {}),
              kind,
              name,
              ...(namespace ? { namespace } : {}),
            })),
            autoHealAttemptsCount: healed + 1,
          }
        : {}),
    },
    initiatedBy: { automated: true },
    retry: syncPolicy?.retry ?? { limit: AUTOMATED_RETRIES },
  };
}

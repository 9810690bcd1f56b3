import { JsonObject } from '@backstage/types';
import { Application, ApplicationRow } from '@switchyard/fleet-node';

/** How Argo CD synced by itself before a rollback switched that off: `spec.syncPolicy.automated` as JSON, `null` where it did not. */
export const AUTO_SYNC_BEFORE = 'switchyard/auto-sync-before';
/** The run that has rolled the Application back, and holds it so until somebody resumes. */
export const ROLLED_BACK_BY = 'switchyard/rolled-back-by-run';

type AutoSync = NonNullable<
  NonNullable<Application['spec']['syncPolicy']>['automated']
>;

/** An Application that a rollback by Argo CD has taken from its branch. */
export interface AutoSyncHold {
  /** Id of the run. */
  run: string;
  /** Null where it was off; undefined where what is written cannot be read. */
  before: AutoSync | null | undefined;
}

/** Whether Argo CD syncs the Application by itself. */
export function hasAutoSync({ spec }: Application): boolean {
  const automated = spec.syncPolicy?.automated;
  return Boolean(automated) && automated?.enabled !== false;
}

/** Whether a rollback holds it, by the fleet's memory. */
export function isHeld({ annotations }: ApplicationRow): boolean {
  return annotations[ROLLED_BACK_BY] !== undefined;
}

/** Undefined where nobody holds it. */
export function readHold({ metadata }: Application): AutoSyncHold | undefined {
  const { [ROLLED_BACK_BY]: run, [AUTO_SYNC_BEFORE]: before } =
    metadata.annotations ?? {};
  return run === undefined ? undefined : { run, before: parse(before) };
}

/** Switches auto-sync off, and keeps what it was. What an earlier rollback has kept stays: that is what it was before all of them. */
export function holdPatch(application: Application, run: string): JsonObject {
  const isKept = readHold(application)?.before !== undefined;
  const automated = application.spec.syncPolicy?.automated ?? null;
  return {
    metadata: {
      annotations: {
        [ROLLED_BACK_BY]: run,
        ...((!isKept || automated !== null) && {
          [AUTO_SYNC_BEFORE]: JSON.stringify(automated),
        }),
      },
    },
    spec: { syncPolicy: { automated: null } },
  };
}

/** Makes Argo CD sync by itself again, if it did. */
export function releasePatch(before: AutoSync | null): JsonObject {
  return {
    metadata: {
      annotations: { [ROLLED_BACK_BY]: null, [AUTO_SYNC_BEFORE]: null },
    },
    ...(before && { spec: { syncPolicy: { automated: { ...before } } } }),
  };
}

/** 'on (prune, self-heal)', for people. */
export function describeAutoSync(
  automated: AutoSync | null | undefined,
): string {
  if (!automated || automated.enabled === false) return 'off';
  const how = [
    automated.prune && 'prune',
    automated.selfHeal && 'self-heal',
  ].filter(Boolean);
  return how.length > 0 ? `on (${how.join(', ')})` : 'on';
}

function parse(text: string | undefined): AutoSync | null | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value === null ||
      (typeof value === 'object' && !Array.isArray(value))
      ? (value as AutoSync | null)
      : undefined;
  } catch {
    return undefined;
  }
}

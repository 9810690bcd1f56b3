import {
  OperationDetails,
  SyncedResource,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  Application,
  hasFailed,
  isAtWork,
  Operation,
  OperationState,
  SyncResourceResult,
} from '@switchyard/fleet-node';
import { shorten } from './shorten';

const MAX_RESOURCES = 300;
const MAX_INFOS = 20;
const RUN_INFO = 'switchyard-run';
const OWN_INFO = /^switchyard-/;

const WORDS: Record<OperationDetails['kind'], string> = {
  sync: 'The sync',
  'partial-sync': 'The sync of chosen resources',
  'dry-run': 'The dry run',
  rollback: 'The rollback',
};

/**
 * The last operation of an Application, with what it is doing in plain words; undefined where there was none.
 *
 * @param options - `withMessages`: false leaves out what servers and programs answered, and what the requester wrote
 */
export function describeOperation(
  application: Application,
  { withMessages }: { withMessages: boolean } = { withMessages: true },
): OperationDetails | undefined {
  const { operation: asked, status } = application;
  const state = status?.operationState;
  const isOver =
    state && ['Succeeded', 'Failed', 'Error'].includes(state.phase);
  // Between the request and the controller's start there is no state, or still the one of the operation before.
  const isPending = asked !== undefined && (!state || isOver);
  const operation = isPending ? asked : state?.operation;
  if (!operation) return undefined;
  const shown = isPending ? undefined : state;
  const results = [...(shown?.syncResult?.resources ?? [])].sort(
    (a, b) => urgency(a) - urgency(b),
  );
  const revisions = revisionsOf(shown, operation);
  return {
    phase: shown?.phase ?? 'Pending',
    text: describeState(shown, operation),
    ...(withMessages && shown?.message && { message: shorten(shown.message) }),
    ...(shown?.startedAt && { startedAt: shown.startedAt }),
    ...(shown?.finishedAt &&
      shown.phase !== 'Running' && { finishedAt: shown.finishedAt }),
    ...(shown?.retryCount && { retryCount: shown.retryCount }),
    kind: kindOf(operation),
    revisions,
    by: describeInitiator(operation),
    infos: (withMessages ? operation.info ?? [] : [])
      .filter(({ name }) => !OWN_INFO.test(name))
      .slice(0, MAX_INFOS)
      .map(({ name, value }) => ({
        name: shorten(name),
        value: shorten(value),
      })),
    resources: results
      .slice(0, MAX_RESOURCES)
      .map(result => toResource(result, withMessages)),
    moreResources: Math.max(0, results.length - MAX_RESOURCES),
  };
}

/** What kind of thing was asked of Argo CD. */
export function kindOf(operation: Operation): OperationDetails['kind'] {
  const { sync } = operation;
  if (sync?.dryRun) return 'dry-run';
  if ((sync?.resources ?? []).length > 0) return 'partial-sync';
  // Only a rollback, or somebody who wants no hooks, applies without them.
  if (sync?.syncStrategy?.apply) return 'rollback';
  return 'sync';
}

function describeState(
  state: OperationState | undefined,
  operation: Operation,
): string {
  const what = WORDS[kindOf(operation)];
  if (!state) return `${what} was asked for; Argo CD has not begun`;
  const message = state.message?.trim() ?? '';
  switch (state.phase) {
    case 'Terminating':
      return `${what} is being stopped`;
    case 'Succeeded':
      return operation.sync?.dryRun
        ? 'The dry run succeeded; nothing was changed'
        : `${what} succeeded: everything was applied. Whether it runs well is what health says`;
    case 'Failed':
    case 'Error':
      return message === 'Operation terminated'
        ? `${what} was stopped before it ended`
        : `${what} failed${counted(state)}`;
    default:
      return describeRunning(what, message, state);
  }
}

function describeRunning(
  what: string,
  message: string,
  state: OperationState,
): string {
  // Phase Running with an end: it is not done, it waits.
  if (state.finishedAt || /Retrying attempt/.test(message)) {
    const at = /Retrying attempt #(\d+)(?: at ([\d:APM]+))?/.exec(message);
    return at
      ? `${what} failed; Argo CD tries again (attempt ${at[1]}${
          at[2] ? ` at ${at[2]}, on Argo CD's clock` : ''
        })`
      : `${what} failed; Argo CD will try again`;
  }
  if (/blocked by sync window/.test(message)) {
    return `${what} waits until a sync window lets it through; it then runs by itself`;
  }
  const hook = /^waiting for completion of hook (\S+)/.exec(message);
  if (hook) return `${what} waits for the hook ${named(hook[1])} to end`;
  const gone = /^waiting for deletion of hook (\S+)/.exec(message);
  if (gone) {
    return `${what} waits until the hook ${named(
      gone[1],
    )} of the sync before is deleted`;
  }
  const healthy = /^waiting for healthy state of (\S+)(.*)$/.exec(message);
  if (healthy) {
    return `${what} waits for ${named(healthy[1])}${
      healthy[2]
    } to become healthy, before it goes on to the next wave`;
  }
  return `${what} is under way`;
}

/** `batch/Job/orders-migrate` as people say it. */
function named(resource: string): string {
  const [kind, name] = resource.split('/').slice(-2);
  return name ? `${kind} ${name}` : resource;
}

function counted(state: OperationState): string {
  const failed = (state.syncResult?.resources ?? []).filter(hasFailed);
  if (failed.length === 0) return '';
  const [{ kind, name }] = failed;
  return failed.length === 1
    ? ` at ${kind} ${name}`
    : ` at ${failed.length} resources`;
}

function describeInitiator(operation: Operation): OperationDetails['by'] {
  const { username, automated } = operation.initiatedBy ?? {};
  const info = (name: string) =>
    operation.info?.find(each => each.name === name)?.value;
  const run = info(RUN_INFO);
  const requestedBy = info('switchyard-requested-by');
  return {
    ...(username && { name: username }),
    automated: automated === true,
    ...(run && {
      run: {
        id: shorten(run),
        ...(requestedBy && { requestedBy: shorten(requestedBy) }),
      },
    }),
  };
}

function revisionsOf(
  state: OperationState | undefined,
  operation: Operation,
): string[] {
  for (const part of [state?.syncResult, operation.sync]) {
    if (part?.revisions?.length) return part.revisions;
    if (part?.revision) return [part.revision];
  }
  return [];
}

function toResource(
  result: SyncResourceResult,
  withMessages: boolean,
): SyncedResource {
  return {
    group: result.group ?? '',
    kind: result.kind,
    namespace: result.namespace ?? '',
    name: result.name,
    status:
      (result.hookType ? result.hookPhase : result.status) ??
      result.hookPhase ??
      result.status ??
      'Unknown',
    ...(withMessages && result.message && { message: shorten(result.message) }),
    ...(result.hookType && { hook: result.hookType }),
  };
}

/** What failed, then what is under way, then the rest. */
function urgency(result: SyncResourceResult): number {
  if (hasFailed(result)) return 0;
  return isAtWork(result) ? 1 : 2;
}

import {
  Application,
  Operation,
  OperationState,
  RevisionHistory,
} from '@switchyard/fleet-node';
import { carriesRun } from './operationIdentity';

/** Clocks of Argo CD and the portal differ, by minutes: this only saves questions to Git. */
const CLOCK_SLACK_MS = 3_600_000;

/** Asks Git whether a revision holds the commit. */
export type Contains = (revision: string) => Promise<boolean>;

/** What Argo CD says about our commit. */
export type SyncEvidence =
  /** It was synced. */
  | {
      state: 'done';
      revision: string;
      by: string | null;
      finishedAt: string | null;
      why: string;
    }
  /** An operation with it is under way, or asked for. */
  | { state: 'running'; operation: OperationState | undefined; mine: boolean }
  /** An operation with it ended badly. */
  | { state: 'failed'; operation: OperationState; mine: boolean }
  /** Another operation is under way. */
  | { state: 'busy'; operation: OperationState | undefined }
  | { state: 'none' };

/** Where in an Application's sources the commit belongs. */
export interface SourcePlace {
  sourceIndex: number;
  multiSource: boolean;
}

/** What is asked about. */
export interface EvidenceQuestion {
  runId: string;
  contains: Contains;
  /**
   * True when the commit was there before the run: then only what was deployed last counts, because the Application may have been rolled back since an
   * earlier deploy of it.
   */
  isOld: boolean;
  /** ISO time of the request: what was deployed long before it cannot hold a commit that was made for it, and need not be looked up in Git. */
  requestedAt: string;
}

/**
 * Finds out what became of a commit. What the history names was deployed. Else an operation counts that carries our run's id or whose revision holds the
 * commit, whoever asked for it. Partial syncs and dry runs prove nothing.
 */
export async function findEvidence(
  application: Application,
  place: SourcePlace,
  question: EvidenceQuestion,
): Promise<SyncEvidence> {
  const { operation: asked, status } = application;
  const state = status?.operationState;
  const deployed = await findDeployed(status?.history ?? [], place, question);
  // The history is written a moment before the operation ends, and what became of its hooks is said at its end.
  const isEnding =
    state !== undefined &&
    !isOver(state) &&
    state.startedAt === deployed?.deployStartedAt;
  if (deployed && !isEnding) return describeDeployed(deployed, state, place);
  const current =
    asked ?? (state && !isOver(state) ? state.operation : undefined);
  if (!current)
    return state && isWhole(state.operation)
      ? judgeEnded(state, place, question)
      : { state: 'none' };
  // While an operation waits to be started there may still be the state of the one before.
  const started = isOver(state) ? undefined : state;
  const mine = carriesRun(current, question.runId);
  const revision =
    revisionOf(started?.syncResult ?? {}, place) ??
    revisionOf(current.sync ?? {}, place);
  const holds =
    isWhole(current) &&
    (revision === undefined ? mine : await question.contains(revision));
  return holds
    ? { state: 'running', operation: started, mine }
    : { state: 'busy', operation: started };
}

async function judgeEnded(
  state: OperationState,
  place: SourcePlace,
  { runId, contains }: EvidenceQuestion,
): Promise<SyncEvidence> {
  const revision =
    revisionOf(state.syncResult ?? {}, place) ??
    revisionOf(state.operation.sync ?? {}, place);
  const mine = carriesRun(state.operation, runId);
  if (revision === undefined)
    return mine && state.phase !== 'Succeeded'
      ? { state: 'failed', operation: state, mine }
      : { state: 'none' };
  if (!(await contains(revision))) return { state: 'none' };
  if (state.phase !== 'Succeeded')
    return { state: 'failed', operation: state, mine };
  return {
    state: 'done',
    revision,
    by: nameOf(state.operation.initiatedBy),
    finishedAt: state.finishedAt ?? null,
    why: mine
      ? 'the operation carries the id of this run'
      : 'the operation names the revision',
  };
}

function describeDeployed(
  deployed: RevisionHistory & { revision: string },
  state: OperationState | undefined,
  place: SourcePlace,
): SyncEvidence {
  const isLast =
    state?.phase === 'Succeeded' &&
    revisionOf(state.syncResult ?? {}, place) === deployed.revision;
  return {
    state: 'done',
    revision: deployed.revision,
    by: nameOf(deployed.initiatedBy),
    finishedAt: (isLast && state.finishedAt) || deployed.deployedAt,
    why: 'the history of the Application names the revision',
  };
}

async function findDeployed(
  history: readonly RevisionHistory[],
  place: SourcePlace,
  { contains, isOld, requestedAt }: EvidenceQuestion,
): Promise<(RevisionHistory & { revision: string }) | undefined> {
  const newestFirst = [...history].reverse();
  const oldest = Date.parse(requestedAt) - CLOCK_SLACK_MS;
  const candidates = isOld
    ? newestFirst.slice(0, 1)
    : newestFirst.filter(
        ({ deployedAt }) => !(Date.parse(deployedAt) < oldest),
      );
  for (const entry of candidates) {
    const revision = revisionOf(entry, place);
    if (revision !== undefined && (await contains(revision))) {
      return { ...entry, revision };
    }
  }
  return undefined;
}

function nameOf(
  by: { username?: string; automated?: boolean } | undefined,
): string | null {
  return by?.automated ? 'automated' : by?.username ?? null;
}

/** The revision of the source that carries the commit. */
export function revisionOf(
  of: { revision?: string; revisions?: string[] },
  { sourceIndex, multiSource }: SourcePlace,
): string | undefined {
  const revision = multiSource
    ? of.revisions?.[sourceIndex]
    : of.revision ?? of.revisions?.[0];
  return revision === '' ? undefined : revision;
}

/** Whether all of the Application is synced, and really. */
export function isWhole(operation: Operation): boolean {
  return (
    operation.sync !== undefined &&
    operation.sync.dryRun !== true &&
    (operation.sync.resources ?? []).length === 0
  );
}

/** An operation that waits to try again has the time of its last try, and is not over. */
export function isOver(state: OperationState | undefined): boolean {
  return (
    state !== undefined &&
    (state.phase === 'Succeeded' ||
      state.phase === 'Failed' ||
      state.phase === 'Error')
  );
}

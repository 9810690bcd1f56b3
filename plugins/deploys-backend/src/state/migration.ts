import { MigrationState } from '@switchyard/backstage-plugin-deploys-common';
import {
  Application,
  ContainerRow,
  SyncResourceResult,
  TargetPod,
  TargetWorkload,
} from '@switchyard/fleet-node';
import { kindOf } from '../details/operation';
import { shorten } from '../details/shorten';

const TELLTALE = /migrat|schema/i;
const MAX_HOOKS = 10;
const MAX_MESSAGE = 300;
/** What a person has to know first. */
const WORST_FIRST: Array<MigrationState['verdict']> = [
  'failed',
  'running',
  'unknown',
  'skipped',
  'ran',
  'not-there',
];

type Hook = Pick<
  SyncResourceResult,
  'namespace' | 'name' | 'hookType' | 'hookPhase' | 'message'
>;

/** What an operation tells about migrations. */
export interface MigrationFacts {
  phase: string;
  kind: ReturnType<typeof kindOf>;
  /** Somebody stopped it. */
  isStopped: boolean;
  /** It deploys, or deployed, what is deployed now. */
  isCurrent: boolean;
  hooks: Hook[];
}

/** Takes them out of a full Application; undefined where it has had no operation. */
export function migrationFactsOf({
  status,
}: Application): MigrationFacts | undefined {
  const state = status?.operationState;
  if (!state) return undefined;
  const last = status?.history?.at(-1);
  const hooks = (state.syncResult?.resources ?? []).filter(
    ({ kind, hookType }) =>
      kind === 'Job' && (hookType === 'PreSync' || hookType === 'Sync'),
  );
  const named = hooks.filter(({ name }) => TELLTALE.test(name));
  return {
    phase: state.phase,
    kind: kindOf(state.operation),
    isStopped:
      state.phase === 'Terminating' || state.message === 'Operation terminated',
    isCurrent:
      state.phase !== 'Succeeded' ||
      !last ||
      revisionsOf(state.syncResult) === revisionsOf(last),
    hooks: (named.length > 0 ? named : hooks)
      .slice(0, MAX_HOOKS)
      .map(({ namespace, name, hookType, hookPhase, message }) => ({
        namespace,
        name,
        hookType,
        hookPhase,
        ...(message && { message: shorten(message, MAX_MESSAGE) }),
      })),
  };
}

/**
 * The verdict on the migration of the present version. Several things may tell it; what needs a person most is said. An init container that
 * fails is known minutes before Argo CD gives up on its Deployment.
 */
export function readMigration(options: {
  facts: MigrationFacts | undefined;
  /** Argo CD knows a Job of the Application that is a hook. */
  hasHookJob: boolean;
  /** Whether the Application agrees that the entity is told what its hooks said. */
  withMessages: boolean;
  workloads: readonly TargetWorkload[];
}): MigrationState {
  const { workloads } = options;
  const verdicts = [
    readHooks(options),
    ...workloads.flatMap(readJob),
    ...workloads.flatMap(({ row, pods }) =>
      row.kind === 'Job' ? [] : pods.flatMap(readInitContainers),
    ),
  ];
  return verdicts.sort(
    (a, b) => WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict),
  )[0];
}

function readHooks(options: {
  facts: MigrationFacts | undefined;
  hasHookJob: boolean;
  withMessages: boolean;
  workloads: readonly TargetWorkload[];
}): MigrationState {
  const { facts, hasHookJob, withMessages, workloads } = options;
  const none = { verdict: 'not-there' as const, text: 'No migration is known' };
  if (!facts) return none;
  const { hooks, isStopped } = facts;
  if (hooks.length === 0) return hasHookJob ? withoutHook(facts) : none;
  if (!facts.isCurrent) {
    return {
      verdict: 'unknown',
      text: 'The last operation belongs to another deploy',
    };
  }
  const failed = hooks.find(
    ({ hookPhase }) => hookPhase === 'Failed' || hookPhase === 'Error',
  );
  const running = hooks.find(
    ({ hookPhase }) => hookPhase === 'Running' || hookPhase === 'Terminating',
  );
  const about = failed ?? running ?? hooks[0];
  const called = `${about.hookType} hook Job ${about.name}`;
  const log = logOfJob(about, workloads);
  if (isStopped && (failed || running)) {
    return {
      verdict: 'unknown',
      text: `${called} was stopped by a person: the state of the database is not known`,
      ...log,
    };
  }
  if (failed) {
    const why = withMessages && failed.message ? `: ${failed.message}` : '';
    return { verdict: 'failed', text: `${called} failed${why}`, ...log };
  }
  if (running)
    return { verdict: 'running', text: `${called} is running`, ...log };
  return hooks.every(({ hookPhase }) => hookPhase === 'Succeeded')
    ? { verdict: 'ran', text: `${called} ran`, ...log }
    : { verdict: 'running', text: `${called} has not ended`, ...log };
}

/** There is one in other syncs, and none in this. */
function withoutHook({
  phase,
  kind,
  isStopped,
}: MigrationFacts): MigrationState {
  if (kind === 'partial-sync') {
    return {
      verdict: 'skipped',
      text: 'Only some resources were synced, which runs no hooks',
    };
  }
  if (kind === 'rollback') {
    return { verdict: 'skipped', text: 'A rollback runs no hooks' };
  }
  const started = 'not-there' as const;
  if (kind === 'dry-run') {
    return { verdict: started, text: 'A dry run runs no hooks' };
  }
  if (phase === 'Succeeded') {
    return { verdict: started, text: 'No migration in this revision' };
  }
  if (isStopped) {
    return {
      verdict: started,
      text: 'The operation was stopped before any migration was started',
    };
  }
  return phase === 'Failed' || phase === 'Error'
    ? {
        verdict: started,
        text: 'The operation failed before any migration was started',
      }
    : { verdict: started, text: 'No migration has been started yet' };
}

function readJob({ row, pods, consent }: TargetWorkload): MigrationState[] {
  // Of a CronJob, or of a hook whose result Argo CD tells: its name decides.
  if (!('active' in row) || row.owner || !TELLTALE.test(row.name)) return [];
  const called = `Job ${row.name}`;
  const log = logOf(pods.at(-1));
  if (row.condition?.type === 'Failed') {
    const { reason, message } = row.condition;
    const why = (consent.given ? message : undefined) ?? reason;
    return [
      {
        verdict: 'failed',
        text: `${called} failed${why ? `: ${why}` : ''}`,
        ...log,
      },
    ];
  }
  if (row.condition?.type === 'Complete') {
    return [{ verdict: 'ran', text: `${called} ran`, ...log }];
  }
  return [{ verdict: 'running', text: `${called} is running`, ...log }];
}

function readInitContainers(pod: TargetPod): MigrationState[] {
  // Pods of the version before have run the migration of theirs.
  if (pod.old || pod.row.deletedAt) return [];
  return pod.row.containers
    .filter(({ kind, name }) => kind === 'init' && TELLTALE.test(name))
    .map(container => ({
      ...judgeInit(container),
      ...logOf(pod, container.name),
    }));
}

function judgeInit(
  container: ContainerRow,
): Pick<MigrationState, 'verdict' | 'text'> {
  const { name, state, reason, exitCode, restarts, last } = container;
  const called = `Init container ${name}`;
  if (state === 'terminated' && exitCode === 0) {
    return { verdict: 'ran', text: `${called} ran` };
  }
  const code = state === 'terminated' ? exitCode : last?.exitCode;
  if (
    state === 'terminated' ||
    reason === 'CrashLoopBackOff' ||
    (restarts > 0 && code !== undefined && code !== 0)
  ) {
    const ended = code === undefined ? '' : ` with exit code ${code}`;
    const again = state === 'running' ? ', and is being tried again' : '';
    return { verdict: 'failed', text: `${called} ended${ended}${again}` };
  }
  return state === 'running'
    ? { verdict: 'running', text: `${called} is running` }
    : { verdict: 'running', text: `${called} has not begun` };
}

function logOfJob(
  { namespace, name }: Hook,
  workloads: readonly TargetWorkload[],
): Pick<MigrationState, 'log'> {
  const job = workloads.find(
    ({ row }) =>
      row.kind === 'Job' && row.name === name && row.namespace === namespace,
  );
  return logOf(job?.pods.at(-1));
}

function logOf(
  pod: TargetPod | undefined,
  container?: string,
): Pick<MigrationState, 'log'> {
  if (!pod) return {};
  const { cluster, namespace, name } = pod.row;
  return {
    log: { cluster, namespace, pod: name, ...(container && { container }) },
  };
}

function revisionsOf(
  part: { revision?: string; revisions?: string[] } | undefined,
): string {
  return (part?.revisions ?? [part?.revision ?? '']).join(' ');
}

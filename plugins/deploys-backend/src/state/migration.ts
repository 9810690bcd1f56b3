import { MigrationState } from '@switchyard/backstage-plugin-deploys-common';
import {
  Application,
  ContainerRow,
  isStopped,
  judgeHooks,
  migrationHooksOf,
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
  /** When the deploy of what runs now began, where Argo CD tells. */
  deployStartedAt?: string;
  hooks: Hook[];
}

/** Takes them out of a full Application; undefined where it has had no operation. */
export function migrationFactsOf({
  status,
}: Application): MigrationFacts | undefined {
  const state = status?.operationState;
  if (!state) return undefined;
  const last = status?.history?.at(-1);
  const hooks = migrationHooksOf(state);
  const named = hooks.filter(({ name }) => TELLTALE.test(name));
  return {
    phase: state.phase,
    kind: kindOf(state.operation),
    isStopped: isStopped(state),
    isCurrent:
      state.phase !== 'Succeeded' ||
      !last ||
      revisionsOf(state.syncResult) === revisionsOf(last),
    ...(last && { deployStartedAt: last.deployStartedAt ?? last.deployedAt }),
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
  endedJobs: readonly TargetWorkload[];
  /** The cluster and its Jobs can be seen, by an entity to which the target agrees: what is not there is gone. */
  isSeen: boolean;
}): FoundMigration {
  const { workloads, endedJobs, isSeen, facts, hasHookJob } = options;
  // Of a hook Argo CD tells more; what is left of one may be of the deploy before.
  const lastEnded = hasHookJob
    ? undefined
    : endedJobs.find(
        job => isMigrationJob(job) && isOfPresent(job, workloads, facts),
      );
  const verdicts: FoundMigration[] = [
    readHooks({ ...options, jobs: [...workloads, ...endedJobs] }),
    ...[...workloads, ...(lastEnded ? [lastEnded] : [])].flatMap(readJob),
    ...workloads.flatMap(({ row, pods }) =>
      row.kind === 'Job' ? [] : pods.flatMap(readInitContainers),
    ),
  ];
  const [worst] = verdicts.sort(
    (a, b) =>
      WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict) ||
      // The same from two who know: from the one who knows what it said.
      Number(!a.log) - Number(!b.log),
  );
  const hasRun = worst.verdict === 'ran' || worst.verdict === 'failed';
  return isSeen && hasRun && !worst.log ? { ...worst, logIsGone: true } : worst;
}

/** With the Job as the fleet knows it, where one was found. */
export type FoundMigration = Omit<MigrationState, 'job'> & {
  ended?: TargetWorkload;
};

function readHooks(options: {
  facts: MigrationFacts | undefined;
  hasHookJob: boolean;
  withMessages: boolean;
  jobs: readonly TargetWorkload[];
}): FoundMigration {
  const { facts, hasHookJob, withMessages, jobs } = options;
  const none = { verdict: 'not-there' as const, text: 'No migration is known' };
  if (!facts) return none;
  const { hooks } = facts;
  if (hooks.length === 0 && isNotTheDeploy(facts)) {
    return hasHookJob ? readHookJob(facts, jobs) : none;
  }
  const judged = judgeHooks(hooks, facts);
  if (judged.outcome === 'none') {
    return hasHookJob ? withoutHook(facts) : none;
  }
  if (!facts.isCurrent) {
    return {
      verdict: 'unknown',
      text: 'The last operation belongs to another deploy',
    };
  }
  const { outcome, hook } = judged;
  const called = `${hook.hookType} hook Job ${hook.name}`;
  const log = logOfJob(hook, jobs);
  switch (outcome) {
    case 'stopped':
      return {
        verdict: 'unknown',
        text: `${called} was stopped by a person: the state of the database is not known`,
        ...log,
      };
    case 'failed': {
      const why = withMessages && hook.message ? `: ${hook.message}` : '';
      return { verdict: 'failed', text: `${called} failed${why}`, ...log };
    }
    case 'running':
      return { verdict: 'running', text: `${called} is running`, ...log };
    case 'ran':
      return { verdict: 'ran', text: `${called} ran`, ...log };
    default:
      return { verdict: 'running', text: `${called} has not ended`, ...log };
  }
}

/**
 * Argo CD tells of the last operation only. It heals single resources within a second of a sync, and people try things in dry runs: neither says anything of
 * the sync that deployed what runs.
 */
function isNotTheDeploy({ kind, isCurrent, deployStartedAt }: MigrationFacts) {
  const isOther = kind === 'dry-run' || (kind === 'partial-sync' && isCurrent);
  return isOther && deployStartedAt !== undefined;
}

/** What the operation told that deployed what runs is not known any more: the Job that it made may still be there. */
function readHookJob(
  { deployStartedAt = '' }: MigrationFacts,
  jobs: readonly TargetWorkload[],
): FoundMigration {
  const job = jobs.find(
    workload =>
      isMigrationJob(workload) &&
      Date.parse(workload.row.createdAt) >= Date.parse(deployStartedAt),
  );
  const [verdict] = job ? readJob(job) : [];
  return (
    verdict ?? {
      verdict: 'unknown',
      text: 'Argo CD tells of a later operation only, and the Job is no longer in the cluster',
    }
  );
}

/** There is one in other syncs, and none in this. */
function withoutHook({
  phase,
  kind,
  isStopped: wasStopped,
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
  if (wasStopped) {
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

/** Neither of a CronJob, nor one of another purpose: its name decides. */
function isMigrationJob({ row }: TargetWorkload): boolean {
  return 'active' in row && !row.owner && TELLTALE.test(row.name);
}

/** It runs an image that is wanted now, or was made by the last deploy. */
function isOfPresent(
  { row }: TargetWorkload,
  workloads: readonly TargetWorkload[],
  facts: MigrationFacts | undefined,
): boolean {
  const wanted = new Set(
    workloads.flatMap(workload =>
      workload.row.containers.map(({ image }) => image),
    ),
  );
  return (
    row.containers.some(({ image }) => wanted.has(image)) ||
    (facts?.deployStartedAt !== undefined &&
      Date.parse(row.createdAt) >= Date.parse(facts.deployStartedAt))
  );
}

function readJob(workload: TargetWorkload): FoundMigration[] {
  const { row, consent } = workload;
  if (!('active' in row) || !isMigrationJob(workload)) return [];
  const called = `Job ${row.name}`;
  const log = logOfWorkload(workload);
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

function readInitContainers(pod: TargetPod): FoundMigration[] {
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
  jobs: readonly TargetWorkload[],
): Pick<FoundMigration, 'log' | 'ended'> {
  const job = jobs.find(
    ({ row }) =>
      row.kind === 'Job' && row.name === name && row.namespace === namespace,
  );
  return job ? logOfWorkload(job) : {};
}

/** Of its newest pod: the others are attempts before. */
function logOfWorkload(
  job: TargetWorkload,
): Pick<FoundMigration, 'log' | 'ended'> {
  const [newest] = [...job.pods].sort((a, b) =>
    a.row.createdAt < b.row.createdAt ? 1 : -1,
  );
  if (!newest) return {};
  const hasEnded = 'active' in job.row && job.row.condition !== undefined;
  return { ...logOf(newest), ...(hasEnded && { ended: job }) };
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

import { ClusterStore, KubernetesObject } from '../../kubernetes/types';
import { healthOf } from '../health';
import {
  keyText,
  Operation,
  OperationPhase,
  ResourceKey,
  ResourceResult,
} from '../types';
import {
  buildTasks,
  isPending,
  isRunning,
  isUnsuccessful,
  SyncTask,
} from './tasks';

export const MANAGER = 'argocd-controller';

/** Argo CD waits between two waves, so that controllers see the first one's objects before the next come. */
const WAVE_DELAY_MS = 2_000;

export interface SyncInput {
  store: ClusterStore;
  operation: Operation;
  targets: readonly KubernetesObject[];
  leftOver: readonly KubernetesObject[];
  /** Where the Application deploys to: made first where the sync options say so. */
  namespace?: string;
  /** What became of each resource so far; changed in place. */
  results: ResourceResult[];
}

export interface SyncProgress {
  phase: OperationPhase;
  message: string;
  /** World milliseconds before it makes sense to go on. */
  waitMs?: number;
}

/**
 * Takes a sync one step further, as Argo CD's engine does when it is called again and again: it looks at what runs, waits for it, or starts the next wave.
 * Everything that it has to remember stands in the results, so an operation goes on after a restart.
 */
export function advanceSync(input: SyncInput): SyncProgress {
  const { operation, store } = input;
  if (operation.sync.dryRun) {
    return {
      phase: 'Succeeded',
      message: 'successfully synced (no more tasks)',
    };
  }
  const all = tasksOf(input);
  observeRunning(all, input.results);
  const steps = new Set(
    all
      .filter(task => task.phase !== 'SyncFail')
      .map(task => `${task.phase} ${task.wave}`),
  ).size;
  const running = all.filter(
    task => isRunning(task) && (task.isHook || steps > 1),
  );
  if (running.length > 0) {
    return { phase: 'Running', message: waitingFor(running) };
  }
  const onFailure = all.filter(task => task.phase === 'SyncFail');
  const tasks = all.filter(task => task.phase !== 'SyncFail');
  if (tasks.some(isUnsuccessful)) {
    deleteHooks(store, tasks, 'HookFailed');
    return failed(
      input,
      onFailure,
      'one or more synchronization tasks completed unsuccessfully',
    );
  }
  const pending = tasks.filter(isPending);
  if (pending.length === 0) {
    deleteHooks(store, tasks, 'HookSucceeded');
    return {
      phase: 'Succeeded',
      message:
        tasks.length === 0
          ? 'successfully synced (no more tasks)'
          : 'successfully synced (all tasks run)',
    };
  }
  return startWave(input, tasks, pending, onFailure);
}

/** Ends a sync that was asked to stop: running hooks are removed. */
export function terminateSync(input: SyncInput): SyncProgress {
  for (const task of tasksOf(input).filter(
    candidate => candidate.isHook && isRunning(candidate),
  )) {
    remove(input.store, task);
    setResult(input.results, task, {
      hookPhase: 'Failed',
      message: 'Terminated',
    });
  }
  return { phase: 'Failed', message: 'Operation terminated' };
}

function tasksOf(input: SyncInput): SyncTask[] {
  return buildTasks({
    ...input,
    live: (key, object) => input.store.get(identityOf(key, object)),
  });
}

function startWave(
  input: SyncInput,
  tasks: readonly SyncTask[],
  pending: readonly SyncTask[],
  onFailure: readonly SyncTask[],
): SyncProgress {
  const { phase, wave } = pending[0];
  const now = pending.filter(
    task => task.phase === phase && task.wave === wave,
  );
  // The usual case: the last wave without hooks is done when it is applied, whatever becomes of the objects then.
  const remaining = pending.filter(
    task => task.phase !== phase || task.wave !== wave || task.isHook,
  );
  const inTheWay = now.filter(
    task =>
      task.isHook &&
      task.live &&
      task.deletePolicies.includes('BeforeHookCreation'),
  );
  if (inTheWay.length > 0) {
    for (const task of inTheWay) {
      remove(input.store, task);
    }
    return { phase: 'Running', message: waitingForDeletion(inTheWay) };
  }
  const outcome = applyTasks(input, now);
  if (outcome.failure) {
    return failed(
      input,
      onFailure,
      `one or more objects failed to apply, reason: ${outcome.failure}`,
    );
  }
  if (remaining.length === 0) {
    deleteHooks(input.store, tasks, 'HookSucceeded');
    return {
      phase: 'Succeeded',
      message: 'successfully synced (all tasks run)',
    };
  }
  return {
    phase: 'Running',
    message: waitingFor(now.filter(isRunning).length > 0 ? now : remaining),
    waitMs: WAVE_DELAY_MS,
  };
}

function applyTasks(
  input: SyncInput,
  tasks: readonly SyncTask[],
): { failure?: string } {
  let failure: string | undefined;
  for (const task of tasks) {
    try {
      if (task.target) {
        const serverSide = isServerSide(input.operation, task.target);
        const { changed } = input.store.apply(task.target, {
          manager: MANAGER,
          serverSide,
        });
        let verb = changed ? 'configured' : 'unchanged';
        if (!task.live) {
          verb = 'created';
        }
        if (serverSide) {
          verb = 'serverside-applied';
        }
        setResult(input.results, task, {
          status: 'Synced',
          hookPhase: 'Running',
          message: `${task.key.kind.toLowerCase()}${
            task.key.group ? `.${task.key.group}` : ''
          }/${task.key.name} ${verb}`,
          images: imagesOf(task.target),
        });
      } else if (input.operation.sync.prune) {
        remove(input.store, task);
        setResult(input.results, task, {
          status: 'Pruned',
          hookPhase: 'Succeeded',
          message: 'pruned',
        });
      } else {
        setResult(input.results, task, {
          status: 'PruneSkipped',
          hookPhase: 'Succeeded',
          message: 'ignored (requires pruning)',
        });
      }
    } catch (error) {
      failure ??= error instanceof Error ? error.message : String(error);
      setResult(input.results, task, {
        status: 'SyncFailed',
        hookPhase: 'Failed',
        message: failure,
      });
    }
  }
  return { failure };
}

/** What a resource says of itself counts before what the Application says of all. */
function isServerSide(
  { sync }: Operation,
  { metadata }: KubernetesObject,
): boolean {
  const own =
    metadata.annotations?.['argocd.argoproj.io/sync-options']?.split(',') ?? [];
  const said = [...own, ...(sync.syncOptions ?? [])]
    .map(option => /^ServerSideApply=(true|false)$/.exec(option.trim())?.[1])
    .find(Boolean);
  return said === 'true';
}

/** Reads off the live objects what became of the tasks that run. */
function observeRunning(
  tasks: readonly SyncTask[],
  results: ResourceResult[],
): void {
  for (const task of tasks.filter(
    candidate => isRunning(candidate) && candidate.live,
  )) {
    const health = healthOf(task.live!);
    if (task.isHook) {
      const phase = hookPhaseOf(health?.status);
      if (phase !== 'Running') {
        setResult(results, task, {
          hookPhase: phase,
          message: health?.message,
        });
      }
    } else if (!health || health.status === 'Healthy') {
      setResult(results, task, { hookPhase: 'Succeeded' });
    } else if (health.status === 'Degraded') {
      setResult(results, task, {
        hookPhase: 'Failed',
        message: health.message,
      });
    }
  }
}

function hookPhaseOf(health: string | undefined): OperationPhase {
  switch (health) {
    case 'Degraded':
    case 'Unknown':
      return 'Failed';
    case 'Progressing':
    case 'Suspended':
      return 'Running';
    default:
      // Healthy, and kinds without a health.
      return 'Succeeded';
  }
}

/** SyncFail hooks run first, where there are any; then the operation has failed. */
function failed(
  input: SyncInput,
  onFailure: readonly SyncTask[],
  message: string,
): SyncProgress {
  const waiting = onFailure.filter(isPending);
  if (waiting.length === 0) {
    return { phase: 'Failed', message };
  }
  const { failure } = applyTasks(input, waiting);
  return failure
    ? { phase: 'Failed', message }
    : { phase: 'Running', message: waitingFor(waiting) };
}

function deleteHooks(
  store: ClusterStore,
  tasks: readonly SyncTask[],
  policy: 'HookSucceeded' | 'HookFailed',
): void {
  for (const task of tasks) {
    const matches =
      policy === 'HookSucceeded'
        ? task.result?.hookPhase === 'Succeeded'
        : isUnsuccessful(task);
    if (task.isHook && matches && task.deletePolicies.includes(policy)) {
      remove(store, task);
    }
  }
}

function remove(store: ClusterStore, task: SyncTask): void {
  const object = task.target ?? task.live!;
  store.delete(identityOf(task.key, object));
}

function identityOf(key: ResourceKey, object: KubernetesObject) {
  return {
    apiVersion: object.apiVersion,
    kind: key.kind,
    name: key.name,
    ...(key.namespace ? { namespace: key.namespace } : {}),
  };
}

function waitingFor(tasks: readonly SyncTask[]): string {
  const [first, ...others] = tasks;
  const what = `${first.key.group}/${first.key.kind}/${first.key.name}`;
  const more =
    others.length > 0
      ? ` and ${others.length} more ${first.isHook ? 'hooks' : 'resources'}`
      : '';
  return first.isHook
    ? `waiting for completion of hook ${what}${more}`
    : `waiting for healthy state of ${what}${more}`;
}

function waitingForDeletion(tasks: readonly SyncTask[]): string {
  const [first, ...others] = tasks;
  return `waiting for deletion of hook ${first.key.group}/${first.key.kind}/${
    first.key.name
  }${others.length > 0 ? ` and ${others.length} more hooks` : ''}`;
}

function setResult(
  results: ResourceResult[],
  task: SyncTask,
  change: Pick<ResourceResult, 'hookPhase' | 'message'> &
    Partial<Pick<ResourceResult, 'status' | 'images'>>,
): void {
  const previous = results.find(
    result =>
      keyText(result) === keyText(task.key) && result.syncPhase === task.phase,
  );
  const result: ResourceResult = previous ?? {
    ...task.key,
    version: task.version,
    syncPhase: task.phase,
    ...(task.isHook ? { hookType: task.phase } : {}),
  };
  // The latest message is kept: a success without one does not wipe out what was said before.
  Object.assign(result, change, {
    message: change.message ?? previous?.message,
  });
  if (!previous) {
    results.push(result);
  }
  task.result = result;
}

/** Images that an object names, for the operation's result. */
function imagesOf(object: KubernetesObject): string[] {
  const spec = object.spec?.template?.spec ?? object.spec;
  const containers: Array<{ image?: string }> = [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
  ];
  return containers
    .map(container => container.image)
    .filter((image): image is string => Boolean(image));
}

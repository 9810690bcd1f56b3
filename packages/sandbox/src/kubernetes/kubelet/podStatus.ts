import { deepEqual, Json } from '../json';
import { KubernetesObject } from '../types';
import { ContainerRun, RunState, TerminatedState } from './ContainerRun';

export interface PodStatusInput {
  pod: KubernetesObject;
  /** In the order of the spec. */
  init: ContainerRun[];
  main: ContainerRun[];
  ephemeral: ContainerRun[];
  hostIp: string;
  /** Empty until the pod has its sandbox. */
  podIp: string;
  now: string;
  startTime: string;
  minorVersion: number;
}

/** What the kubelet writes of a pod. Equal to what the pod has if nothing changed. */
export function podStatus(input: PodStatusInput): Json {
  const { pod, init, main, podIp } = input;
  const before: Json = pod.status ?? {};
  const phase = phaseOf(input);
  const status: Json = {
    ...(input.minorVersion >= 34
      ? { observedGeneration: pod.metadata.generation }
      : {}),
    phase,
    conditions: conditionsOf(input, phase),
    hostIP: input.hostIp,
    hostIPs: [{ ip: input.hostIp }],
    ...(podIp ? { podIP: podIp, podIPs: [{ ip: podIp }] } : {}),
    startTime: input.startTime,
    ...(init.length > 0
      ? { initContainerStatuses: init.map(run => containerStatus(run, input)) }
      : {}),
    containerStatuses: main.map(run => containerStatus(run, input)),
    ...(input.ephemeral.length > 0
      ? {
          ephemeralContainerStatuses: input.ephemeral.map(run =>
            containerStatus(run, input),
          ),
        }
      : {}),
    qosClass: before.qosClass,
  };
  return deepEqual(status, before) ? before : status;
}

function phaseOf({ pod, init, main }: PodStatusInput): string {
  const { restartPolicy } = pod.spec;
  const failedInit = init.find(
    run =>
      !run.isSidecar &&
      run.state.is === 'terminated' &&
      run.state.exitCode !== 0 &&
      restartPolicy === 'Never',
  );
  if (failedInit) {
    return 'Failed';
  }
  if (!isInitialized(init)) {
    return 'Pending';
  }
  const exits = main
    .map(run => run.state)
    .filter((state): state is TerminatedState => state.is === 'terminated');
  const isSidecarLeft = init.some(
    run => run.isSidecar && run.state.is === 'running',
  );
  if (exits.length === main.length && !isSidecarLeft) {
    if (pod.metadata.deletionTimestamp || restartPolicy === 'Never') {
      return exits.every(exit => exit.exitCode === 0) ? 'Succeeded' : 'Failed';
    }
    if (
      restartPolicy === 'OnFailure' &&
      exits.every(exit => exit.exitCode === 0)
    ) {
      return 'Succeeded';
    }
  }
  const hasStarted = main.some(run => run.state.is !== 'waiting' || run.last);
  return hasStarted ? 'Running' : 'Pending';
}

/** All init containers have done their part; a sidecar has when it runs, also if it ended later. */
export function isInitialized(init: ContainerRun[]): boolean {
  return init.every(run =>
    run.isSidecar
      ? (run.state.is === 'running' && run.started) || run.hasStarted
      : run.state.is === 'terminated' && run.state.exitCode === 0,
  );
}

function conditionsOf(
  { pod, init, main, podIp, now }: PodStatusInput,
  phase: string,
): Json[] {
  const before: Json[] = pod.status?.conditions ?? [];
  const hasEnded = phase === 'Succeeded' || phase === 'Failed';
  const unfinished = init
    .filter(run => !isInitialized([run]))
    .map(run => run.name);
  const unready = [...init.filter(run => run.isSidecar), ...main]
    .filter(run => !run.ready)
    .map(run => run.name);
  const ended = {
    status: 'False',
    reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed',
  };
  const containers =
    unready.length === 0
      ? { status: 'True' }
      : {
          status: 'False',
          reason: 'ContainersNotReady',
          message: `containers with unready status: [${unready.join(' ')}]`,
        };
  const initialized =
    unfinished.length === 0
      ? {
          status: 'True',
          ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}),
        }
      : {
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${unfinished.join(
            ' ',
          )}]`,
        };
  const wanted: Json[] = [
    {
      type: 'PodReadyToStartContainers',
      status: podIp && !hasEnded ? 'True' : 'False',
    },
    { type: 'Initialized', ...initialized },
    { type: 'Ready', ...(hasEnded ? ended : containers) },
    { type: 'ContainersReady', ...(hasEnded ? ended : containers) },
  ];
  const scheduled = before.find(condition => condition.type === 'PodScheduled');
  const mine = wanted.map(condition => {
    const current = before.find(({ type }) => type === condition.type);
    return {
      ...condition,
      lastProbeTime: null,
      lastTransitionTime:
        current?.status === condition.status
          ? current!.lastTransitionTime
          : now,
    };
  });
  const foreign = before.filter(
    ({ type }) =>
      type !== 'PodScheduled' && !wanted.some(each => each.type === type),
  );
  return [...mine, ...(scheduled ? [scheduled] : []), ...foreign];
}

function containerStatus(run: ContainerRun, { pod }: PodStatusInput): Json {
  const mounts = (run.spec.volumeMounts ?? []).map((mount: Json) => ({
    mountPath: mount.mountPath,
    name: mount.name,
    ...(mount.readOnly
      ? { readOnly: true, recursiveReadOnly: 'Disabled' }
      : {}),
  }));
  const { resources } = run.spec;
  return {
    ...(run.containerId ? { containerID: run.containerId } : {}),
    image: run.spec.image,
    imageID: run.imageId,
    lastState: run.last ? stateOf(run.last) : {},
    name: run.name,
    ready: run.ready,
    ...(run.containerId && Object.keys(resources ?? {}).length > 0
      ? { resources }
      : {}),
    restartCount: run.restarts,
    started: run.state.is === 'running' ? run.started : false,
    state: stateOf(initialWait(run, pod)),
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
  };
}

/** Main containers wait for the init containers under a name of their own. */
function initialWait(run: ContainerRun, pod: KubernetesObject): RunState {
  const isFirstWait =
    run.state.is === 'waiting' && run.state.reason === 'ContainerCreating';
  return isFirstWait &&
    (run.isInit || (pod.spec.initContainers ?? []).length > 0)
    ? { is: 'waiting', reason: 'PodInitializing' }
    : run.state;
}

function stateOf(state: RunState): Json {
  if (state.is === 'running') {
    return { running: { startedAt: state.startedAt } };
  }
  if (state.is === 'waiting') {
    const { is: _, ...waiting } = state;
    return { waiting };
  }
  const { is: _, containerId, ...terminated } = state;
  return { terminated: { ...terminated, containerID: containerId } };
}

/** Takes up what a status says of a container; the opposite of what is written above. */
export function restoreRun(run: ContainerRun, status: Json): void {
  run.restarts = status.restartCount ?? 0;
  run.crashes = run.restarts;
  run.ready = status.ready ?? false;
  run.started = status.started ?? false;
  run.hasStarted = run.started || run.restarts > 0;
  run.imageId = status.imageID ?? '';
  run.containerId = status.containerID ?? '';
  if (status.lastState?.terminated) {
    run.last = terminatedState(status.lastState.terminated);
  }
  if (status.state?.terminated) {
    run.state = terminatedState(status.state.terminated);
  } else if (status.state?.waiting) {
    run.state = { is: 'waiting', ...status.state.waiting };
  }
}

function terminatedState({ containerID, ...rest }: Json): TerminatedState {
  return { is: 'terminated', containerId: containerID ?? '', ...(rest as any) };
}

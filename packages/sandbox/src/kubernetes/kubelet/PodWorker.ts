import { identityOf } from '../identity';
import { Json } from '../json';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { ContainerRun, RunContext } from './ContainerRun';
import { isInitialized, podStatus, restoreRun } from './podStatus';
import { NodeRuntime } from './NodeRuntime';

const SANDBOX_MS = 800;
const STATUS_MS = 50;
const MOUNT_RETRY_MS = 15_000;
const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 300_000;
/** A program that ran so long starts anew with its backoff. */
const BACKOFF_RESET_MS = 600_000;
/** Between a crash and the kubelet's next look. */
const RELIST_MS = 1_000;
const TEARDOWN_MS = 300;

/** Runs one pod on its node: sandbox, init containers one after the other, then the others; restarts what ends; ends what is deleted. */
export class PodWorker {
  readonly uid: string;
  readonly #runtime: NodeRuntime;
  readonly #init: ContainerRun[];
  readonly #main: ContainerRun[];
  readonly #ephemeral: ContainerRun[] = [];
  readonly #cancels = new Set<() => void>();
  #pod: KubernetesObject;
  #podIp = '';
  #startTime: string;
  #isWriting = false;
  /** 'asking' while its containers are being told to stop. */
  #phase: 'working' | 'asking' | 'stopping' | 'stopped' = 'working';
  readonly #begun = new Set<ContainerRun>();
  #isFrozen = false;

  static start(options: {
    pod: KubernetesObject;
    runtime: NodeRuntime;
  }): PodWorker {
    const worker = new PodWorker(options);
    worker.#begin();
    return worker;
  }

  private constructor(options: {
    pod: KubernetesObject;
    runtime: NodeRuntime;
  }) {
    const { pod, runtime } = options;
    this.#pod = pod;
    this.#runtime = runtime;
    this.uid = pod.metadata.uid!;
    this.#startTime = pod.status?.startTime ?? timestamp(runtime.clock.now());
    const context = this.#context();
    const run = (isInit: boolean) => (spec: Json) =>
      ContainerRun.create({ spec, isInit, context });
    this.#init = (pod.spec.initContainers ?? []).map(run(true));
    this.#main = pod.spec.containers.map(run(false));
    this.#takeUpEphemeral();
  }

  get podIp(): string {
    return this.#podIp;
  }

  /** Told of each new version of the pod. */
  update(pod: KubernetesObject): void {
    this.#pod = pod;
    if (this.#phase === 'working' && !this.#isFrozen && this.#podIp) {
      this.#takeUpEphemeral().forEach(run => run.begin());
    }
    if (
      pod.metadata.deletionTimestamp &&
      this.#phase === 'working' &&
      !this.#isFrozen
    ) {
      this.#terminate();
    }
  }

  /** Stops all that is planned, without a word: the node is lost, or the pod is gone. */
  freeze(): void {
    this.#isFrozen = true;
    this.#cancels.forEach(cancel => cancel());
    this.#runs().forEach(run => run.freeze());
  }

  #runs(): ContainerRun[] {
    return [...this.#init, ...this.#main, ...this.#ephemeral];
  }

  /** Those that the pod was given since. */
  #takeUpEphemeral(): ContainerRun[] {
    const known = new Set(this.#ephemeral.map(run => run.name));
    const added: ContainerRun[] = (this.#pod.spec.ephemeralContainers ?? [])
      .filter((spec: Json) => !known.has(spec.name))
      .map((spec: Json) =>
        ContainerRun.create({
          spec,
          isInit: false,
          isEphemeral: true,
          context: this.#context(),
        }),
      );
    this.#ephemeral.push(...added);
    return added;
  }

  #begin(): void {
    const { status } = this.#pod;
    if (status?.podIP) {
      this.#podIp = status.podIP;
    }
    const known = [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
      ...(status?.ephemeralContainerStatuses ?? []),
    ];
    if (known.length > 0) {
      this.#resume(known);
      return;
    }
    if (this.#pod.metadata.deletionTimestamp) {
      this.#terminate();
      return;
    }
    this.#writeStatus();
    this.#mount();
  }

  /** Goes on where the world was left. */
  #resume(statuses: Json[]): void {
    for (const run of this.#runs()) {
      const status = statuses.find(each => each.name === run.name);
      if (status) {
        restoreRun(run, status);
        if (status.state?.running) {
          run.resume(status.state.running.startedAt);
        }
      }
    }
    if (this.#pod.metadata.deletionTimestamp) {
      this.#terminate();
      return;
    }
    if (!this.#podIp) {
      this.#mount();
      return;
    }
    const isWaiting = (run: ContainerRun) => run.state.is === 'waiting';
    const current = this.#currentInit();
    const runs = current ? [current] : this.#main;
    for (const run of runs) {
      this.#begun.add(run);
      if (isWaiting(run)) {
        this.#later(RELIST_MS, () =>
          run.last ? this.#restart(run) : run.begin(),
        );
      } else if (run.state.is === 'terminated') {
        this.#exited(run);
      }
    }
  }

  #later(delayMs: number, callback: () => void): void {
    const cancel = this.#runtime.clock.schedule(delayMs, () => {
      this.#cancels.delete(cancel);
      callback();
    });
    this.#cancels.add(cancel);
  }

  /** Volumes first, then the sandbox with the pod's address. */
  #mount(): void {
    const problem = this.#runtime.missingVolume(this.#pod);
    if (problem) {
      this.#runtime.note(this.#pod, 'Warning', 'FailedMount', problem);
      this.#later(MOUNT_RETRY_MS, () => this.#mount());
      return;
    }
    this.#later(SANDBOX_MS, () => {
      this.#podIp = this.#runtime.newPodIp();
      this.#writeStatus();
      this.#startNext();
    });
  }

  #currentInit(): ContainerRun | undefined {
    return this.#init.find(run => !isInitialized([run]));
  }

  #startNext(): void {
    const next = this.#currentInit();
    for (const run of next ? [next] : this.#main) {
      if (!this.#begun.has(run)) {
        this.#begun.add(run);
        run.begin();
      }
    }
  }

  #context(): RunContext {
    const runtime = this.#runtime;
    return {
      clock: runtime.clock,
      podIp: () => this.#podIp,
      newContainerId: () => runtime.newContainerId(),
      behaviour: run =>
        runtime.behaviour(this.#pod, run.spec, run.isInit && !run.isSidecar),
      missingReference: spec => runtime.missingReference(this.#pod, spec),
      pull: (run, pulled) => runtime.pull(this.#pod, run, pulled),
      note: (run, type, reason, message) =>
        runtime.note(this.#pod, type, reason, message, {
          fieldPath: run.fieldPath,
        }),
      createdMessage: name => runtime.createdMessage(name),
      changed: () => this.#changed(),
      exited: run => this.#exited(run),
      lastWords: run => runtime.lastWords(this.#pod, run),
      migrate: (run, fails) => runtime.migrate(this.#pod, run, fails),
    };
  }

  #changed(): void {
    // A sidecar lets the next one start once it runs, not when it ends.
    if (this.#phase === 'working' && this.#init.some(run => run.isSidecar)) {
      this.#startNext();
    }
    if (!this.#isWriting) {
      this.#isWriting = true;
      this.#later(STATUS_MS, () => this.#writeStatus());
    }
  }

  #writeStatus(): void {
    this.#isWriting = false;
    const written = this.#runtime.writeStatus(this.#pod, pod =>
      podStatus({
        pod,
        init: this.#init,
        main: this.#main,
        ephemeral: this.#ephemeral,
        hostIp: this.#runtime.hostIp,
        podIp: this.#podIp,
        now: timestamp(this.#runtime.clock.now()),
        startTime: this.#startTime,
        minorVersion: this.#runtime.minorVersion,
      }),
    );
    this.#pod = written ?? this.#pod;
  }

  #exited(run: ContainerRun): void {
    if (this.#phase !== 'working') {
      this.#finishIfStopped();
      return;
    }
    if (run.state.is !== 'terminated' || run.isEphemeral) {
      return;
    }
    if (run.isSidecar && this.#haveMainEnded()) {
      return;
    }
    const { exitCode } = run.state;
    const { restartPolicy } = this.#pod.spec;
    const isEnding = run.isInit && !run.isSidecar;
    if (isEnding && exitCode === 0) {
      this.#startNext();
      return;
    }
    const restarts =
      run.isSidecar ||
      (isEnding ? restartPolicy !== 'Never' : restartPolicy === 'Always') ||
      (restartPolicy === 'OnFailure' && exitCode !== 0);
    if (restarts) {
      this.#backOff(run);
    } else if (this.#haveMainEnded()) {
      // Sidecars are there for the others only.
      this.#init
        .filter(each => each.isSidecar)
        .forEach(each => each.stop(this.#graceMs(), preStopMs(each.spec)));
    }
  }

  /** All main containers are through and none comes again. */
  #haveMainEnded(): boolean {
    const { restartPolicy } = this.#pod.spec;
    return (
      restartPolicy !== 'Always' &&
      this.#main.every(
        ({ state }) =>
          state.is === 'terminated' &&
          (restartPolicy === 'Never' || state.exitCode === 0),
      )
    );
  }

  #graceMs(): number {
    return (this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  /** The first restart comes at once, later ones after a time that doubles. */
  #backOff(run: ContainerRun): void {
    const { clock } = this.#runtime;
    const ranMs = clock.elapsed() - run.startedElapsed;
    run.crashes = ranMs > BACKOFF_RESET_MS ? 1 : run.crashes + 1;
    if (run.crashes === 1) {
      this.#later(RELIST_MS, () => this.#restart(run));
      return;
    }
    const delay = Math.min(
      LONGEST_BACKOFF_MS,
      FIRST_BACKOFF_MS * 2 ** (run.crashes - 2),
    );
    const { namespace, name, uid } = this.#pod.metadata;
    this.#later(RELIST_MS, () => {
      if (run.state.is === 'terminated') {
        run.last = run.state;
      }
      const backOff = delay >= 60_000 ? goMinutes(delay) : `${delay / 1000}s`;
      run.wait(
        'CrashLoopBackOff',
        `back-off ${backOff} restarting failed container=${run.name} pod=${name}_${namespace}(${uid})`,
      );
      this.#context().note(
        run,
        'Warning',
        'BackOff',
        `Back-off restarting failed container ${run.name} in pod ${name}_${namespace}(${uid})`,
      );
      this.#later(delay, () => this.#restart(run));
    });
  }

  #restart(run: ContainerRun): void {
    if (this.#phase === 'working') {
      run.forgetExit();
      run.begin();
    }
  }

  #terminate(): void {
    this.#phase = 'asking';
    this.#cancels.forEach(cancel => cancel());
    this.#cancels.clear();
    this.#isWriting = false;
    const graceMs =
      ((this.#pod.metadata.deletionGracePeriodSeconds as number | undefined) ??
        30) * 1000;
    for (const run of this.#runs()) {
      if (run.state.is === 'running') {
        this.#context().note(
          run,
          'Normal',
          'Killing',
          `Stopping container ${run.name}`,
        );
      }
      run.stop(graceMs, preStopMs(run.spec));
    }
    this.#phase = 'stopping';
    this.#finishIfStopped();
  }

  #finishIfStopped(): void {
    const runs = this.#runs();
    if (
      this.#phase !== 'stopping' ||
      runs.some(run => run.state.is === 'running')
    ) {
      return;
    }
    this.#phase = 'stopped';
    this.#later(TEARDOWN_MS, () => {
      this.#writeStatus();
      this.#runtime.finish(identityOf(this.#pod), this.uid);
    });
  }
}

function goMinutes(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

function preStopMs(spec: Json): number {
  const preStop = spec.lifecycle?.preStop;
  if (preStop?.sleep) {
    return preStop.sleep.seconds * 1000;
  }
  const seconds = /\bsleep\s+(\d+)/.exec(
    (preStop?.exec?.command ?? []).join(' '),
  )?.[1];
  if (seconds) {
    return Number(seconds) * 1000;
  }
  return preStop ? 100 : 0;
}

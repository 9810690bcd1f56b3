import { ContainerBehaviour } from '../../world/behaviours';
import { WorldClock } from '../../world/clock';
import { Json } from '../json';
import { timestamp } from '../time';
import { Probe, ProbeKind, probeProblem } from './Probe';

export type RunState =
  | { is: 'waiting'; reason: string; message?: string }
  | { is: 'running'; startedAt: string }
  | TerminatedState;

export interface TerminatedState {
  is: 'terminated';
  startedAt: string;
  finishedAt: string;
  exitCode: number;
  signal?: number;
  reason: string;
  message?: string;
  containerId: string;
}

export interface RunContext {
  clock: WorldClock;
  podIp(): string;
  /** `sha256` of anything, for container ids. */
  newContainerId(): string;
  behaviour(run: ContainerRun): ContainerBehaviour;
  /** What is missing for the container to be made: `configmap "x" not found`. */
  missingReference(spec: Json): string | undefined;
  pull(run: ContainerRun, pulled: (imageId: string) => void): void;
  note(
    run: ContainerRun,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void;
  createdMessage(name: string): string;
  /** The status is to be written. */
  changed(): void;
  exited(run: ContainerRun): void;
  /** The container's last words, when it is to leave them in its status. */
  lastWords(run: ContainerRun): string;
  /** Carries out the migration of the container's behaviour. */
  migrate(run: ContainerRun, fails: boolean): void;
}

const CREATE_MS = 300;
const REFERENCE_RETRY_MS = 10_000;

/** One container of a pod: from pull to exit, as often as it is started. */
export class ContainerRun {
  readonly spec: Json;
  readonly isInit: boolean;
  /** Put into a running pod to look around; started once, never ready. */
  readonly isEphemeral: boolean;
  state: RunState = { is: 'waiting', reason: 'ContainerCreating' };
  last: TerminatedState | undefined;
  restarts = 0;
  ready = false;
  /** Startup probe has passed, or there is none. */
  started = false;
  /** It was started up once in this pod's life. */
  hasStarted = false;
  imageId = '';
  containerId = '';
  /** Failures in a row of the pull, and of the program: how long the kubelet waits grows with them. */
  pullFailures = 0;
  crashes = 0;
  readonly #context: RunContext;
  #behaviour: ContainerBehaviour | undefined;
  #startedElapsed = 0;
  #probes: Probe[] = [];
  #cancels: Array<() => void> = [];

  static create(options: {
    spec: Json;
    isInit: boolean;
    isEphemeral?: boolean;
    context: RunContext;
  }): ContainerRun {
    return new ContainerRun(options);
  }

  private constructor(options: {
    spec: Json;
    isInit: boolean;
    isEphemeral?: boolean;
    context: RunContext;
  }) {
    this.spec = options.spec;
    this.isInit = options.isInit;
    this.isEphemeral = options.isEphemeral ?? false;
    this.#context = options.context;
  }

  get name(): string {
    return this.spec.name;
  }

  /** An init container that goes on running beside the others. */
  get isSidecar(): boolean {
    return this.isInit && this.spec.restartPolicy === 'Always';
  }

  /** `spec.initContainers{migrate}` */
  get fieldPath(): string {
    const list = this.isInit ? 'initContainers' : 'containers';
    return `spec.${this.isEphemeral ? 'ephemeralContainers' : list}{${
      this.name
    }}`;
  }

  get startedElapsed(): number {
    return this.#startedElapsed;
  }

  /** Pulls, makes and starts it. */
  begin(): void {
    this.#context.pull(this, imageId => {
      this.imageId = imageId;
      this.pullFailures = 0;
      this.#create();
    });
  }

  wait(reason: string, message?: string): void {
    this.state = { is: 'waiting', reason, ...(message ? { message } : {}) };
    this.#context.changed();
  }

  /** Calls back unless the container is stopped before. */
  later(delayMs: number, callback: () => void): void {
    this.#cancels.push(this.#context.clock.schedule(delayMs, callback));
  }

  /** The program is told to end. It does after its time, or when its grace is over. */
  stop(graceMs: number, afterPreStopMs: number): void {
    this.#quiet();
    if (this.state.is !== 'running') {
      this.#context.exited(this);
      return;
    }
    const wanted = afterPreStopMs + this.behaviour().shutdownMs;
    const isKilled = wanted > graceMs || this.#ignoresTerm();
    this.later(isKilled ? graceMs : wanted, () =>
      isKilled ? this.exit(137, 9) : this.exit(0),
    );
  }

  exit(exitCode: number, signal?: number, reason?: string): void {
    this.#quiet();
    if (this.state.is !== 'running') {
      return;
    }
    const { clock } = this.#context;
    this.state = {
      is: 'terminated',
      startedAt: this.state.startedAt,
      finishedAt: timestamp(clock.now()),
      exitCode,
      ...(signal ? { signal } : {}),
      reason: reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
      containerId: this.containerId,
    };
    this.ready = this.isInit && !this.isSidecar && exitCode === 0;
    this.started = false;
    if (
      exitCode !== 0 &&
      this.spec.terminationMessagePolicy === 'FallbackToLogsOnError'
    ) {
      this.state.message = this.#context.lastWords(this);
    }
    this.#context.changed();
    this.#context.exited(this);
  }

  /** Its next start counts as a restart. */
  forgetExit(): void {
    if (this.state.is === 'terminated') {
      this.last = this.state;
    }
    this.restarts += 1;
    this.imageId = '';
    this.containerId = '';
  }

  /** Nothing of what was planned for it happens any more. */
  freeze(): void {
    this.#quiet();
  }

  /** Takes up what an object says of a container that was running when the world was left. */
  resume(startedAt: string): void {
    this.state = { is: 'running', startedAt };
    this.#startedElapsed =
      this.#context.clock.elapsed() - this.#context.clock.since(startedAt);
    this.#live();
  }

  behaviour(): ContainerBehaviour {
    this.#behaviour ??= this.#context.behaviour(this);
    return this.#behaviour;
  }

  #quiet(): void {
    this.#probes.forEach(probe => probe.stop());
    this.#probes = [];
    this.#cancels.forEach(cancel => cancel());
    this.#cancels = [];
  }

  #ignoresTerm(): boolean {
    // A shell that sleeps is process 1 and has no handler for SIGTERM.
    return this.behaviour().style === 'task' && !this.isInit;
  }

  #create(): void {
    const missing = this.#context.missingReference(this.spec);
    if (missing) {
      this.#context.note(this, 'Warning', 'Failed', `Error: ${missing}`);
      this.wait('CreateContainerConfigError', missing);
      this.later(REFERENCE_RETRY_MS, () => this.#create());
      return;
    }
    this.later(CREATE_MS, () => {
      this.containerId = `containerd://${this.#context.newContainerId()}`;
      this.#context.note(
        this,
        'Normal',
        'Created',
        this.#context.createdMessage(this.name),
      );
      this.#context.note(
        this,
        'Normal',
        'Started',
        `Started container ${this.name}`,
      );
      this.state = {
        is: 'running',
        startedAt: timestamp(this.#context.clock.now()),
      };
      this.#startedElapsed = this.#context.clock.elapsed();
      this.ready = false;
      this.#behaviour = undefined;
      this.#live();
      this.#context.changed();
    });
  }

  #live(): void {
    const behaviour = this.behaviour();
    const age = this.#context.clock.elapsed() - this.#startedElapsed;
    if (behaviour.migration) {
      const { afterMs, fails } = behaviour.migration;
      this.later(Math.max(0, afterMs - age), () => {
        this.#context.migrate(this, fails);
        this.exit(fails ? 1 : 0);
      });
    } else if (behaviour.exit) {
      const { afterMs, code, signal, isOutOfMemory } = behaviour.exit;
      this.later(Math.max(0, afterMs - age), () =>
        this.exit(code, signal, isOutOfMemory ? 'OOMKilled' : undefined),
      );
    }
    if (this.spec.startupProbe && !this.started) {
      this.#probe('startup', this.spec.startupProbe);
    } else {
      this.#startedUp();
    }
  }

  #startedUp(): void {
    this.started = true;
    this.hasStarted = true;
    if ((this.isInit && !this.isSidecar) || this.isEphemeral) {
      return;
    }
    if (!this.spec.readinessProbe) {
      this.ready = true;
    } else if (!this.ready) {
      this.#probe('readiness', this.spec.readinessProbe);
    }
    if (this.spec.livenessProbe) {
      this.#probe('liveness', this.spec.livenessProbe);
    }
  }

  #probe(kind: ProbeKind, spec: Json): void {
    const { clock } = this.#context;
    const age = () => clock.elapsed() - this.#startedElapsed;
    this.#probes.push(
      Probe.start({
        kind,
        spec,
        clock,
        age,
        problem: () =>
          probeProblem({
            spec,
            podIp: this.#context.podIp(),
            ports: this.spec.ports ?? [],
            answer: this.#answer(kind, age()),
          }),
        failed: message =>
          this.#context.note(
            this,
            'Warning',
            'Unhealthy',
            `${kind[0].toUpperCase()}${kind.slice(1)} probe failed: ${message}`,
          ),
        passed: () => this.#passed(kind),
        gaveUp: () => this.#gaveUp(kind),
      }),
    );
  }

  #answer(
    kind: ProbeKind,
    ageMs: number,
  ): { listens: boolean; status: number } {
    const {
      startMs,
      listenMs = startMs,
      unreadyStatus,
      unaliveStatus = 200,
    } = this.behaviour();
    const listens = ageMs >= Math.min(listenMs, startMs);
    if (kind === 'liveness') {
      return { listens, status: unaliveStatus };
    }
    if (ageMs < startMs) {
      return { listens, status: 503 };
    }
    return {
      listens,
      status: kind === 'readiness' ? unreadyStatus ?? 200 : 200,
    };
  }

  #passed(kind: ProbeKind): void {
    if (kind === 'startup') {
      this.#startedUp();
      this.#context.changed();
    } else if (kind === 'readiness') {
      this.ready = true;
      this.#context.changed();
    }
  }

  #gaveUp(kind: ProbeKind): void {
    if (kind === 'readiness') {
      return;
    }
    this.#context.note(
      this,
      'Normal',
      'Killing',
      `Container ${this.name} failed ${kind} probe, will be restarted`,
    );
    this.#quiet();
    this.ready = false;
    this.later(this.behaviour().shutdownMs, () =>
      this.exit(137, undefined, 'Error'),
    );
  }
}

import { WorldClock } from '../../world/clock';
import { Json } from '../json';

export type ProbeKind = 'startup' | 'readiness' | 'liveness';

export interface ProbeOptions {
  kind: ProbeKind;
  /** With defaults. */
  spec: Json;
  clock: WorldClock;
  /** World milliseconds since the container was started. */
  age(): number;
  /** Why it would fail just now; undefined when it would succeed. */
  problem(): string | undefined;
  failed(message: string): void;
  /** So many successes in a row as it takes. */
  passed(): void;
  /** So many failures in a row as it takes. */
  gaveUp(): void;
}

/**
 * One probe of a running container. A program of this world that works goes on working, so a probe that passed is asked no more: a quiet world costs
 * nothing.
 */
export class Probe {
  readonly #options: ProbeOptions;
  #successes = 0;
  #failures = 0;
  #cancel: () => void;

  static start(options: ProbeOptions): Probe {
    return new Probe(options);
  }

  private constructor(options: ProbeOptions) {
    this.#options = options;
    const delay =
      (options.spec.initialDelaySeconds ?? 0) * 1000 - options.age();
    this.#cancel = options.clock.schedule(Math.max(0, delay), () =>
      this.#ask(),
    );
  }

  stop(): void {
    this.#cancel();
  }

  #ask(): void {
    const { spec, clock } = this.#options;
    // Before the callbacks: they may stop the probe.
    this.#cancel = clock.schedule(spec.periodSeconds * 1000, () => this.#ask());
    const problem = this.#options.problem();
    if (problem === undefined) {
      this.#failures = 0;
      this.#successes += 1;
      if (this.#successes >= spec.successThreshold) {
        this.stop();
        this.#options.passed();
      }
      return;
    }
    this.#successes = 0;
    this.#failures += 1;
    this.#options.failed(problem);
    if (this.#failures >= spec.failureThreshold) {
      this.#failures = 0;
      this.#options.gaveUp();
    }
  }
}

/** What a kubelet writes of a probe that meets nobody, or is answered with a status that is no success. */
export function probeProblem(options: {
  spec: Json;
  podIp: string;
  ports: Json[];
  answer: { listens: boolean; status: number };
}): string | undefined {
  const { spec, podIp, answer } = options;
  const handler: Json = spec.httpGet ?? spec.tcpSocket ?? spec.grpc ?? {};
  const port =
    typeof handler.port === 'string'
      ? options.ports.find(each => each.name === handler.port)?.containerPort ??
        handler.port
      : handler.port;
  const address = `${handler.host ?? podIp}:${port}`;
  if (spec.httpGet) {
    if (!answer.listens) {
      const scheme = String(handler.scheme).toLowerCase();
      return `Get "${scheme}://${address}${handler.path}": dial tcp ${address}: connect: connection refused`;
    }
    return answer.status < 400
      ? undefined
      : `HTTP probe failed with statuscode: ${answer.status}`;
  }
  if (spec.tcpSocket) {
    return answer.listens
      ? undefined
      : `dial tcp ${address}: connect: connection refused`;
  }
  if (answer.listens && answer.status < 400) {
    return undefined;
  }
  return spec.grpc
    ? `timeout: failed to connect service "${address}" within ${spec.timeoutSeconds}s: context deadline exceeded`
    : 'command exited with code 1';
}

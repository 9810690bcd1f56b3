import {
  StepContext,
  StepFailedError,
} from '@switchyard/backstage-plugin-runs-node';
import { Application, FleetService } from '@switchyard/fleet-node';
import { readContainerLog } from './podLog';
import { RolloutView, TroubledPod } from './troubledPods';
import { Patience } from './types';

/** What a registry says of an image that will not appear by waiting. */
const NO_SUCH_IMAGE =
  /not found|manifest unknown|name unknown|does not exist|denied|unauthorized|authentication required|invalid reference|InvalidImageName/i;

/**
 * Decides when waiting for a rollout makes no sense any more. What may pass by itself gets its time.
 */
export class RolloutJudge {
  readonly #fleet: FleetService;
  readonly #patience: Patience;
  readonly #context: StepContext;
  /** When a pod's problem was first seen, by pod and kind of problem. */
  readonly #firstSeen = new Map<string, number>();

  static create(options: {
    fleet: FleetService;
    patience: Patience;
    context: StepContext;
  }): RolloutJudge {
    return new RolloutJudge(options);
  }

  private constructor(options: {
    fleet: FleetService;
    patience: Patience;
    context: StepContext;
  }) {
    this.#fleet = options.fleet;
    this.#patience = options.patience;
    this.#context = options.context;
  }

  /** @throws StepFailedError with the cause */
  async failIfHopeless(
    view: RolloutView,
    health: NonNullable<Application['status']>['health'],
  ): Promise<void> {
    const hopeless = view.troubled.find(troubled => this.#isHopeless(troubled));
    if (hopeless) throw await this.#describe(hopeless, view);
    if (view.givenUp === undefined) return;
    // Kubernetes says that it made no progress; the pods say why.
    const [cause] = [...view.troubled].sort(
      (a, b) => Number(a.problem.passing) - Number(b.problem.passing),
    );
    if (cause) throw await this.#describe(cause, view);
    const word = health?.message;
    throw new StepFailedError(
      word && !view.givenUp.includes(word)
        ? `${view.givenUp} (${word})`
        : view.givenUp,
    );
  }

  #isHopeless({ pod, problem }: TroubledPod): boolean {
    const restarts =
      pod.containers.find(({ name }) => name === problem.container)?.restarts ??
      0;
    switch (problem.code) {
      case 'image-pull':
        return (
          NO_SUCH_IMAGE.test(`${problem.text} ${problem.detail ?? ''}`) ||
          this.#lastsFor(pod.uid, problem.code) >= this.#patience.imagePullMs
        );
      case 'config':
        return (
          this.#lastsFor(pod.uid, problem.code) >= this.#patience.imagePullMs
        );
      case 'crash':
      case 'out-of-memory':
        return restarts >= this.#patience.restarts;
      case 'unschedulable':
      case 'volume':
        return (
          this.#lastsFor(pod.uid, problem.code) >=
          this.#patience.unschedulableMs
        );
      default:
        // Probes: how long a start may take is what progressDeadlineSeconds says.
        return false;
    }
  }

  #lastsFor(uid: string, code: string): number {
    const key = `${uid}/${code}`;
    const since = this.#firstSeen.get(key) ?? Date.now();
    this.#firstSeen.set(key, since);
    return Date.now() - since;
  }

  async #describe(
    { pod, problem }: TroubledPod,
    view: RolloutView,
  ): Promise<StepFailedError> {
    const { container } = problem;
    const hasLog =
      container !== undefined &&
      ['crash', 'out-of-memory', 'probe', 'starting', 'init'].includes(
        problem.code,
      );
    const hasRestarted =
      (pod.containers.find(({ name }) => name === container)?.restarts ?? 0) >
      0;
    const log = hasLog
      ? await readContainerLog(this.#fleet, pod, container, {
          previous: hasRestarted && problem.code !== 'probe',
          signal: this.#context.signal,
        })
      : [];
    return new StepFailedError(`Pod ${pod.name}: ${problem.text}`, {
      details: [
        ...(problem.detail ? [problem.detail] : []),
        ...(view.givenUp ? [view.givenUp] : []),
        view.text,
        ...log,
      ],
    });
  }
}

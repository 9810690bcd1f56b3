import { Controller, ControlPlane } from '../controllers/ControlPlane';
import { OwnerQueue } from '../controllers/OwnerQueue';
import { withoutZeros } from '../controllers/pods';
import { templateHash } from '../controllers/templateHash';
import { identityOf } from '../identity';
import { deepEqual, Json } from '../json';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { AnalysisRuns } from './AnalysisRuns';
import { advanceBlueGreen } from './blueGreen';
import { advanceCanary } from './advanceCanary';
import { restartPods } from './restartPods';
import { conditionsOf, phaseOf } from './rolloutStatus';
import {
  hashOf,
  MANAGER,
  revisionOf,
  ROLLOUT_HASH,
  ROLLOUT_REVISION,
  RolloutSets,
} from './RolloutSets';

/** What a strategy works with, and the status that it changes. */
export interface RolloutRound {
  rollout: KubernetesObject;
  status: Json;
  newSet: KubernetesObject;
  stableSet: KubernetesObject | undefined;
  sets: KubernetesObject[];
  runs: AnalysisRuns;
  scale(set: KubernetesObject, replicas: number): void;
  /** Why it is being aborted in this very look. */
  abortReason?: string;
  /** What is written into the status as the present time. */
  now(): string;
  /** World milliseconds since a pause, an abort, a switch of Services began. */
  sincePause(): number;
  sinceAbort(): number;
  sinceSwitch(): number;
  noteSwitch(): void;
  beginPause(reason: string): void;
  again(delayMs: number): void;
  /** Points a Service at the pods of one set. */
  pointService(name: string | undefined, hash: string): void;
  note(type: 'Normal' | 'Warning', reason: string, message: string): void;
}

/** Carries out Rollouts, as the controller of Argo Rollouts does: canaries by steps, and blue-green. */
export class RolloutController implements Controller {
  readonly #plane: ControlPlane;
  readonly #sets: RolloutSets;
  readonly #runs: AnalysisRuns;
  readonly #queue: OwnerQueue;
  /** World time at which a pause began, at which Services were switched and at which something last moved, by uid. */
  readonly #pausedAt = new Map<string, { written: string; at: number }>();
  readonly #switchedAt = new Map<string, number>();
  readonly #movedAt = new Map<string, { state: string; at: number }>();

  static create(plane: ControlPlane): RolloutController {
    return new RolloutController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#sets = RolloutSets.create(plane);
    this.#runs = AnalysisRuns.create(plane);
    this.#queue = OwnerQueue.create({
      plane,
      of: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' },
      owned: ['ReplicaSet', 'AnalysisRun'],
      sync: rollout => this.#sync(rollout),
    });
  }

  close(): void {
    this.#queue.close();
  }

  #sync(rollout: KubernetesObject): void {
    const { spec } = rollout;
    if (
      rollout.metadata.deletionTimestamp ||
      !spec?.template ||
      !(spec.strategy?.canary || spec.strategy?.blueGreen)
    ) {
      return;
    }
    const newSet = this.#sets.current(rollout);
    const round = this.#roundOf(rollout, newSet);
    this.#takeUpChange(round);
    if (spec.strategy.canary) {
      advanceCanary(round);
    } else {
      advanceBlueGreen(round);
    }
    this.#shrinkOthers(round);
    restartPods(round, this.#plane);
    this.#writeStatus(round);
    this.#sets.forgetOldest(rollout, [
      round.status.stableRS,
      round.status.currentPodHash,
    ]);
  }

  #roundOf(rollout: KubernetesObject, newSet: KubernetesObject): RolloutRound {
    const { clock, registry, events } = this.#plane;
    const uid = rollout.metadata.uid!;
    const sets = this.#sets.of(rollout);
    const status: Json = { ...rollout.status };
    return {
      rollout,
      status,
      newSet,
      sets,
      stableSet: sets.find(set => hashOf(set) === status.stableRS),
      runs: this.#runs,
      scale: (set, replicas) => this.#sets.scale(rollout, set, replicas),
      sincePause: () => {
        const written: string = status.pauseConditions[0].startTime;
        const known = this.#pausedAt.get(uid);
        return known?.written === written
          ? clock.elapsed() - known.at
          : clock.since(written);
      },
      now: () => timestamp(clock.now()),
      sinceAbort: () => clock.since(status.abortedAt),
      sinceSwitch: () =>
        clock.elapsed() - (this.#switchedAt.get(uid) ?? -Infinity),
      noteSwitch: () => this.#switchedAt.set(uid, clock.elapsed()),
      beginPause: reason => {
        const startTime = timestamp(clock.now());
        this.#pausedAt.set(uid, { written: startTime, at: clock.elapsed() });
        status.pauseConditions = [{ reason, startTime }];
        status.controllerPause = true;
        events.record({
          about: rollout,
          type: 'Normal',
          reason: 'RolloutPaused',
          message: `Rollout is paused (${reason})`,
          component: MANAGER,
        });
      },
      again: delayMs => this.#queue.again(rollout, delayMs),
      pointService: (name, hash) => {
        if (name === undefined) {
          return;
        }
        registry.modify(
          {
            apiVersion: 'v1',
            kind: 'Service',
            namespace: rollout.metadata.namespace,
            name,
          },
          { manager: MANAGER },
          service => ({
            ...service,
            spec: {
              ...service.spec,
              selector: { ...service.spec.selector, [ROLLOUT_HASH]: hash },
            },
          }),
        );
      },
      note: (type, reason, message) =>
        events.record({
          about: rollout,
          type,
          reason,
          message,
          component: MANAGER,
        }),
    };
  }

  /** Another template, or other steps, begin from the first step; the template that is stable has them behind it. */
  #takeUpChange({ rollout, status, newSet, note, runs }: RolloutRound): void {
    const steps = rollout.spec.strategy.canary?.steps ?? [];
    const hash = hashOf(newSet);
    const stepHash = templateHash(steps);
    const isOther = status.currentPodHash !== hash;
    if (!isOther && (status.currentStepHash ?? stepHash) === stepHash) {
      return;
    }
    if (isOther && status.currentPodHash !== undefined) {
      runs.end(rollout);
    }
    status.currentPodHash = hash;
    status.currentStepHash = stepHash;
    status.pauseConditions = undefined;
    status.controllerPause = undefined;
    status.abort = undefined;
    status.abortedAt = undefined;
    status.promoteFull = undefined;
    if (rollout.spec.strategy.canary) {
      const isStable =
        status.stableRS === undefined || status.stableRS === hash;
      status.currentStepIndex = isStable ? steps.length : 0;
      if (isStable && status.stableRS !== undefined) {
        note('Normal', 'SkipSteps', 'Rollback to stable ReplicaSets');
      }
    }
  }

  /** What is neither new nor stable serves nobody. */
  #shrinkOthers({ sets, newSet, status, scale }: RolloutRound): void {
    const active = status.blueGreen?.activeSelector;
    if (active === hashOf(newSet)) {
      return;
    }
    for (const set of sets) {
      const hash = hashOf(set);
      if (
        hash !== hashOf(newSet) &&
        hash !== status.stableRS &&
        hash !== active
      ) {
        scale(set, 0);
      }
    }
  }

  #writeStatus(round: RolloutRound): void {
    const { registry, clock } = this.#plane;
    const rollout = registry.get(identityOf(round.rollout));
    if (!rollout) {
      return;
    }
    const { spec } = rollout;
    const sets = this.#sets.of(rollout);
    const newSet = sets.find(
      set => set.metadata.uid === round.newSet.metadata.uid,
    )!;
    const { status } = round;
    const total = (count: string) =>
      sets.reduce((sum, set) => sum + (set.status?.[count] ?? 0), 0);
    const revision = revisionOf(newSet);
    const replicas = spec.replicas ?? 1;
    const counts = {
      HPAReplicas: total('replicas'),
      availableReplicas: total('availableReplicas'),
      readyReplicas: total('readyReplicas'),
      replicas: total('replicas'),
      updatedReplicas: newSet.status?.replicas ?? 0,
    };
    const isStable = status.stableRS === status.currentPodHash;
    const isPaused = Boolean(status.pauseConditions?.length || spec.paused);
    const isHealthy =
      isStable &&
      !isPaused &&
      counts.updatedReplicas === replicas &&
      counts.availableReplicas >= replicas &&
      counts.replicas === replicas;
    const {
      HPAReplicas: _,
      availableReplicas: __,
      readyReplicas: ___,
      replicas: ____,
      updatedReplicas: _____,
      ...rest
    } = status;
    const next: Json = {
      ...rest,
      ...withoutZeros(counts),
      conditions: conditionsOf({
        before: rollout.status?.conditions ?? [],
        now: timestamp(clock.now()),
        isAvailable: counts.availableReplicas >= replicas,
        isPaused,
        isCompleted: isStable,
        isHealthy,
        revision,
        newSet: newSet.metadata.name,
        abort: status.abort ? abortTextOf(round) : undefined,
        isOverdue: this.#isOverdue(rollout, counts, isPaused || isHealthy),
      }),
      observedGeneration: String(rollout.metadata.generation),
      selector: Object.entries(spec.selector?.matchLabels ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(),
    };
    const { phase, message } = phaseOf({ ...rollout, status: next });
    const written: Json = withoutUndefined({ ...next, phase, message });
    if (phase === 'Healthy' && rollout.status?.phase !== 'Healthy') {
      round.note(
        'Normal',
        'RolloutCompleted',
        `Rollout completed update to revision ${revision} (${
          status.currentPodHash
        }): ${
          status.promoteFull ? 'Full promotion requested' : reasonOf(spec)
        }`,
      );
      delete written.promoteFull;
    }
    const annotations = {
      ...rollout.metadata.annotations,
      [ROLLOUT_REVISION]: String(revision),
    };
    if (
      !deepEqual(written, rollout.status) ||
      !deepEqual(annotations, rollout.metadata.annotations)
    ) {
      registry.replace(
        rollout,
        {
          ...rollout,
          metadata: { ...rollout.metadata, annotations },
          status: written,
        },
        { manager: MANAGER, subresource: 'status' },
      );
    }
  }

  /** Nothing has moved for longer than the deadline. */
  #isOverdue(
    rollout: KubernetesObject,
    counts: Json,
    isAtRest: boolean,
  ): boolean {
    const uid = rollout.metadata.uid!;
    if (isAtRest) {
      this.#movedAt.delete(uid);
      return false;
    }
    const { clock } = this.#plane;
    const state = `${rollout.metadata.generation} ${JSON.stringify(counts)} ${
      rollout.status?.currentStepIndex
    }`;
    if (this.#movedAt.get(uid)?.state !== state) {
      this.#movedAt.set(uid, { state, at: clock.elapsed() });
    }
    const deadline = (rollout.spec.progressDeadlineSeconds ?? 600) * 1000;
    const left = this.#movedAt.get(uid)!.at + deadline - clock.elapsed();
    if (left > 0) {
      this.#queue.again(rollout, left + 1_000);
    }
    return left <= 0;
  }
}

function withoutUndefined(status: Json): Json {
  return Object.fromEntries(
    Object.entries(status).filter(([, value]) => value !== undefined),
  );
}

/** Why it was aborted, now or before; empty if somebody wanted it. */
function abortTextOf({ rollout, abortReason }: RolloutRound): string {
  const known = (rollout.status?.conditions ?? []).find(
    (each: Json) => each.reason === 'RolloutAborted',
  );
  return (
    abortReason ??
    /^.* update to revision \d+: (.*)$/.exec(known?.message)?.[1] ??
    ''
  );
}

function reasonOf(spec: Json): string {
  const steps = spec.strategy.canary?.steps?.length ?? 0;
  return steps > 0 ? `Completed all ${steps} canary steps` : 'Initial deploy';
}

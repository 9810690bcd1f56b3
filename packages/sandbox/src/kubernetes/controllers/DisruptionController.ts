import { matchesSelector } from '../selectors';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { CONTROLLER_MANAGER, Controller, ControlPlane } from './ControlPlane';
import { setCondition } from './deploymentStatus';
import { controllerOf, hasEnded, isReady } from './pods';
import { resolveShare } from './rollout';

const REACTION_MS = 500;

/** Writes into each PodDisruptionBudget how many of its pods may be taken away just now. */
export class DisruptionController implements Controller {
  readonly #plane: ControlPlane;
  readonly #stop: () => void;
  #cancel: (() => void) | undefined;

  static create(plane: ControlPlane): DisruptionController {
    return new DisruptionController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#stop = plane.registry.storage.subscribe(({ object }) => {
      if (object.kind === 'PodDisruptionBudget' || object.kind === 'Pod') {
        this.#look();
      }
    });
  }

  close(): void {
    this.#stop();
    this.#cancel?.();
  }

  #budgets(): readonly KubernetesObject[] {
    return this.#plane.registry.storage.list({
      group: 'policy',
      kind: 'PodDisruptionBudget',
    });
  }

  #look(): void {
    if (this.#cancel || this.#budgets().length === 0) {
      return;
    }
    this.#cancel = this.#plane.clock.schedule(REACTION_MS, () => {
      this.#cancel = undefined;
      this.#budgets().forEach(budget => this.#count(budget));
    });
  }

  #count(budget: KubernetesObject): void {
    const { registry, clock } = this.#plane;
    const { spec, metadata } = budget;
    const pods = registry.storage
      .list({ group: '', kind: 'Pod' })
      .filter(
        pod =>
          pod.metadata.namespace === metadata.namespace &&
          !hasEnded(pod) &&
          matchesSelector(pod.metadata.labels, spec.selector),
      );
    const expectedPods = Math.max(this.#wanted(pods), 0);
    const desiredHealthy =
      spec.maxUnavailable === undefined
        ? resolveShare(spec.minAvailable ?? 0, expectedPods, Math.ceil)
        : Math.max(
            0,
            expectedPods -
              resolveShare(spec.maxUnavailable, expectedPods, Math.ceil),
          );
    const currentHealthy = pods.filter(
      pod => isReady(pod) && !pod.metadata.deletionTimestamp,
    ).length;
    const disruptionsAllowed =
      expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
    const isAllowed = disruptionsAllowed > 0;
    const conditions = setCondition(
      budget.status?.conditions ?? [],
      {
        type: 'DisruptionAllowed',
        status: isAllowed ? 'True' : 'False',
        reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
        message: '',
      },
      timestamp(clock.now()),
    ).map(({ lastUpdateTime: _, ...condition }) => ({
      ...condition,
      observedGeneration: metadata.generation,
    }));
    registry.replaceStatus(
      budget,
      {
        conditions,
        currentHealthy,
        desiredHealthy,
        disruptionsAllowed,
        expectedPods,
        observedGeneration: metadata.generation,
      },
      CONTROLLER_MANAGER,
    );
  }

  /** How many pods the owners of these want: `spec.replicas` of their owners' owners. */
  #wanted(pods: readonly KubernetesObject[]): number {
    const sizes = new Map<string, number>();
    for (const pod of pods) {
      const owner = this.#scalableOf(pod);
      sizes.set(
        owner?.metadata.uid ?? pod.metadata.uid!,
        owner?.spec.replicas ?? owner?.status?.desiredNumberScheduled ?? 1,
      );
    }
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  #scalableOf(object: KubernetesObject): KubernetesObject | undefined {
    const owner = controllerOf(object) as any;
    const found =
      owner &&
      this.#plane.registry.get({
        apiVersion: owner.apiVersion,
        kind: owner.kind,
        namespace: object.metadata.namespace,
        name: owner.name,
      });
    return found ? this.#scalableOf(found) ?? found : undefined;
  }
}

import { usedOf } from '../store/quota';
import { CONTROLLER_MANAGER, Controller, ControlPlane } from './ControlPlane';

const REACTION_MS = 1_000;
const KINDS = new Set([
  'Pod',
  'Service',
  'ConfigMap',
  'Secret',
  'PersistentVolumeClaim',
  'Job',
  'Deployment',
  'ResourceQuota',
]);

/** Writes into each ResourceQuota what of it is used. */
export class QuotaController implements Controller {
  readonly #plane: ControlPlane;
  readonly #stop: () => void;
  readonly #waiting = new Map<string, () => void>();

  static create(plane: ControlPlane): QuotaController {
    return new QuotaController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#stop = plane.registry.storage.subscribe(({ object }) => {
      if (KINDS.has(object.kind) && object.metadata.namespace) {
        this.#look(object.metadata.namespace);
      }
    });
  }

  close(): void {
    this.#stop();
    this.#waiting.forEach(cancel => cancel());
  }

  #look(namespace: string): void {
    if (!this.#waiting.has(namespace) && this.#quotasIn(namespace).length > 0) {
      this.#waiting.set(
        namespace,
        this.#plane.clock.schedule(REACTION_MS, () => {
          this.#waiting.delete(namespace);
          this.#count(namespace);
        }),
      );
    }
  }

  #quotasIn(namespace: string) {
    return this.#plane.registry.storage
      .list({ group: '', kind: 'ResourceQuota' })
      .filter(quota => quota.metadata.namespace === namespace);
  }

  #count(namespace: string): void {
    const { registry } = this.#plane;
    for (const quota of this.#quotasIn(namespace)) {
      const status = {
        hard: quota.spec.hard,
        used: usedOf(registry.storage, quota),
      };
      registry.replaceStatus(quota, status, CONTROLLER_MANAGER);
    }
  }
}

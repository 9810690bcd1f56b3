import { Controller } from '../controllers/ControlPlane';
import { conditionOf, hasEnded } from '../controllers/pods';
import { KubernetesObject } from '../types';
import { NodeOptions, NodeRuntime } from './NodeRuntime';
import { PodWorker } from './PodWorker';

/** The kubelets of all nodes of a cluster. */
export class Kubelets implements Controller {
  readonly #options: NodeOptions;
  readonly #nodes = new Map<string, NodeRuntime>();
  readonly #workers = new Map<string, PodWorker>();
  readonly #lost = new Set<string>();
  readonly #stop: () => void;

  static create(options: NodeOptions): Kubelets {
    return new Kubelets(options);
  }

  private constructor(options: NodeOptions) {
    this.#options = options;
    const { storage } = options.plane.registry;
    for (const node of storage.list({ group: '', kind: 'Node' })) {
      if (conditionOf(node, 'Ready')?.status !== 'True') {
        this.#lost.add(node.metadata.name);
      }
    }
    this.#stop = storage.subscribe(({ type, object }) => {
      if (object.kind === 'Pod') {
        this.#look(object, type === 'DELETED');
      }
    });
    for (const pod of storage.list({ group: '', kind: 'Pod' })) {
      this.#look(pod, false);
    }
  }

  close(): void {
    this.#stop();
    this.#workers.forEach(worker => worker.freeze());
  }

  /** The node is lost: its pods are heard of no more. */
  lose(nodeName: string): void {
    this.#lost.add(nodeName);
    for (const pod of this.#podsOn(nodeName)) {
      this.#workers.get(pod.metadata.uid!)?.freeze();
      this.#workers.delete(pod.metadata.uid!);
    }
  }

  restore(nodeName: string): void {
    this.#lost.delete(nodeName);
    this.#podsOn(nodeName).forEach(pod => this.#look(pod, false));
  }

  #podsOn(nodeName: string): KubernetesObject[] {
    return this.#options.plane.registry.storage
      .list({ group: '', kind: 'Pod' })
      .filter(pod => pod.spec.nodeName === nodeName);
  }

  #look(pod: KubernetesObject, isGone: boolean): void {
    const uid = pod.metadata.uid!;
    const { nodeName } = pod.spec;
    const worker = this.#workers.get(uid);
    if (isGone) {
      worker?.freeze();
      this.#workers.delete(uid);
    } else if (worker) {
      worker.update(pod);
    } else if (
      nodeName &&
      !this.#lost.has(nodeName) &&
      !(hasEnded(pod) && !pod.metadata.deletionTimestamp)
    ) {
      this.#workers.set(
        uid,
        PodWorker.start({ pod, runtime: this.#runtimeOf(nodeName) }),
      );
    }
  }

  #runtimeOf(nodeName: string): NodeRuntime {
    let runtime = this.#nodes.get(nodeName);
    if (!runtime) {
      runtime = NodeRuntime.create({
        ...this.#options,
        nodeName,
        usedIps: () => this.#usedIps(),
      });
      this.#nodes.set(nodeName, runtime);
    }
    return runtime;
  }

  #usedIps(): Set<string> {
    return new Set([...this.#workers.values()].map(worker => worker.podIp));
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { ApiException, CoreV1Api, V1Pod } from '@kubernetes/client-node';
import { NOWHERE } from './manifests';

const LOOK_EVERY_MS = 250;

/**
 * Ends pods that never get a node as failed, as a node would: a cluster without kubelets cannot run a program that fails, and a test cannot wait for images.
 */
export class MigrationFailer {
  readonly #core: CoreV1Api;
  readonly #namespace: string;
  readonly #stopped = new AbortController();
  #running?: Promise<void>;
  #error?: unknown;

  constructor(options: { core: CoreV1Api; namespace: string }) {
    this.#core = options.core;
    this.#namespace = options.namespace;
  }

  start(): void {
    this.#running ??= this.#run().catch(error => {
      this.#error = error;
    });
  }

  /** @throws what kept it from failing pods */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    if (this.#error) throw this.#error;
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const { items } = await this.#core.listNamespacedPod({
        namespace: this.#namespace,
      });
      for (const pod of items) {
        if (
          pod.spec?.nodeSelector?.[NOWHERE] &&
          pod.status?.phase === 'Pending'
        ) {
          await this.#fail(pod);
        }
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  async #fail({ metadata, spec, status }: V1Pod): Promise<void> {
    try {
      await this.#core.replaceNamespacedPodStatus({
        namespace: this.#namespace,
        name: metadata!.name!,
        body: { metadata, spec, status: { ...status, phase: 'Failed' } },
      });
    } catch (error) {
      // The scheduler has written to it meanwhile, or it is gone: the next look sees.
      if (error instanceof ApiException && [404, 409].includes(error.code)) {
        return;
      }
      throw error;
    }
  }
}

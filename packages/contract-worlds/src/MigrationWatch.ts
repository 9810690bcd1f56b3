import { BatchV1Api, V1Job, Watch } from '@kubernetes/client-node';
import { ContractDeployment, ContractWorld } from './types';

/** Every migration of a deployment since the watch began, by uid: the Job is made anew for each sync. */
export class MigrationWatch {
  readonly jobs: ReadonlyMap<string, V1Job>;
  readonly #controller: AbortController;

  static async start(
    world: ContractWorld,
    deployment: ContractDeployment,
  ): Promise<MigrationWatch> {
    const { cluster, namespace, migration } = deployment;
    const { kubeConfig } = world.clusters.find(({ name }) => name === cluster)!;
    const fieldSelector = `metadata.name=${migration}`;
    const { metadata } = await kubeConfig
      .makeApiClient(BatchV1Api)
      .listNamespacedJob({ namespace, fieldSelector });
    const jobs = new Map<string, V1Job>();
    const controller = await new Watch(kubeConfig).watch(
      `/apis/batch/v1/namespaces/${namespace}/jobs`,
      { fieldSelector, resourceVersion: metadata?.resourceVersion },
      (type, job: V1Job) => {
        // What was there before and is deleted now was no work of this time.
        if (type === 'ADDED' || jobs.has(job.metadata!.uid!)) {
          jobs.set(job.metadata!.uid!, job);
        }
      },
      () => undefined,
    );
    return new MigrationWatch(jobs, controller);
  }

  private constructor(
    jobs: ReadonlyMap<string, V1Job>,
    controller: AbortController,
  ) {
    this.jobs = jobs;
    this.#controller = controller;
  }

  stop(): void {
    this.#controller.abort();
  }
}

import { BatchV1Api, KubeConfig, V1Job, Watch } from '@kubernetes/client-node';

/** Every Job of one name that was there since the watch began, by uid: the same hook is made anew for each sync. */
export class JobWatch {
  readonly jobs = new Map<string, V1Job>();
  readonly #controller: AbortController;

  static async start(options: {
    kubeConfig: KubeConfig;
    namespace: string;
    name: string;
  }): Promise<JobWatch> {
    const { kubeConfig, namespace, name } = options;
    const fieldSelector = `metadata.name=${name}`;
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
    return new JobWatch(jobs, controller);
  }

  private constructor(jobs: Map<string, V1Job>, controller: AbortController) {
    this.jobs = jobs;
    this.#controller = controller;
  }

  stop(): void {
    this.#controller.abort();
  }
}

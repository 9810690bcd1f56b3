import { FleetService, PodRow } from '@switchyard/fleet-node';

const LINES = 20;
const TIMEOUT_MS = 5_000;
const MAX_LINE_LENGTH = 500;

/** The last lines of a Job's newest pod; none when it is gone, or the cluster does not answer. */
export async function readJobLog(
  fleet: FleetService,
  job: { cluster: string | null; namespace: string; name: string },
  signal: AbortSignal,
): Promise<string[]> {
  if (job.cluster === null) return [];
  const { cluster, namespace, name } = job;
  // The older of the two labels is there on every version of Kubernetes.
  const pods = fleet.pods({ cluster, namespace, labels: { 'job-name': name } });
  const newest = [...pods].sort((a, b) =>
    b.createdAt.localeCompare(a.createdAt),
  )[0];
  const container = newest?.containers.find(({ kind }) => kind === 'container');
  return newest && container
    ? readContainerLog(fleet, newest, container.name, { signal })
    : [];
}

/** The last lines of a container, for people; none when they cannot be had. */
export async function readContainerLog(
  fleet: FleetService,
  pod: Pick<PodRow, 'cluster' | 'namespace' | 'name'>,
  container: string,
  options: { previous?: boolean; signal: AbortSignal },
): Promise<string[]> {
  const signal = AbortSignal.any([
    options.signal,
    AbortSignal.timeout(TIMEOUT_MS),
  ]);
  try {
    const lines: string[] = [];
    const log = await fleet.podLogs({
      cluster: pod.cluster,
      namespace: pod.namespace,
      pod: pod.name,
      container,
      previous: options.previous,
      tailLines: LINES,
      signal,
    });
    for await (const line of log) lines.push(line.slice(0, MAX_LINE_LENGTH));
    return lines.length === 0
      ? []
      : [
          `Last lines of ${pod.name}, container ${container}:`,
          ...lines.slice(-LINES),
        ];
  } catch (error) {
    options.signal.throwIfAborted();
    return [
      `The log of ${pod.name}, container ${container}, cannot be read: ${
        (error as Error).message
      }`,
    ];
  }
}

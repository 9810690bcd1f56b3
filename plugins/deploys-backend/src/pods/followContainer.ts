import { LogSourceState } from '@switchyard/backstage-plugin-deploys-common';
import { ContainerRow, FleetService, PodRow } from '@switchyard/fleet-node';
import { LogOptions } from '../service/types';
import { Lane } from './TimeMerge';

/** A connection that ends although its container runs: API servers end long ones, networks break them. */
const REOPEN_AFTER_MS = 2_000;
const REOPEN_AFTER_MAX_MS = 30_000;
const MAX_FAILURES = 6;
/** Last words of a pod that was deleted; a stream that goes on all the same, as when its node is lost, is left. */
const LAST_WORDS_MS = 3_000;
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})) /;

/**
 * Reads the log of a container into a lane; where it is followed over restarts of the container and breaks of the connection too, until the pod is gone
 * or done. Never rejects.
 */
export async function followContainer(options: {
  fleet: FleetService;
  /** As it was when it was chosen. */
  pod: PodRow;
  container: string;
  source: number;
  how: LogOptions;
  lane: Lane;
  signal: AbortSignal;
}): Promise<void> {
  const { fleet, container, source, how, lane, signal } = options;
  const { cluster, namespace, name, uid } = options.pod;
  const tell = (state: LogSourceState, why?: string) =>
    lane.say({ type: 'state', source, state, ...(why && { why }) });
  const look = () => lookAt(fleet, { cluster, uid, container });
  let lastAt: string | undefined;
  let failures = 0;

  /** Undefined when it came to its end; what went wrong otherwise. */
  const readOnce = async (): Promise<Error | undefined> => {
    const readUpTo = lastAt;
    const { within, stop } = untilGone(options);
    try {
      const lines = await fleet.podLogs({
        cluster,
        namespace,
        pod: name,
        container,
        previous: how.previous,
        follow: how.follow,
        timestamps: true,
        ...(readUpTo === undefined
          ? { tailLines: how.tailLines, sinceSeconds: how.sinceSeconds }
          : { sinceTime: toSecond(readUpTo) }),
        signal: within,
      });
      tell('reading');
      for await (const line of lines) {
        const at = TIMESTAMP.exec(line)?.[1];
        // The API knows seconds only: the rest of that second was read before.
        if (at !== undefined && readUpTo !== undefined && at <= readUpTo)
          continue;
        if (at !== undefined) lastAt = at;
        failures = 0;
        await lane.push({
          at,
          text: at === undefined ? line : line.slice(at.length + 1),
        });
      }
      return undefined;
    } catch (error) {
      return error as Error;
    } finally {
      stop();
    }
  };

  try {
    while (!signal.aborted) {
      const startedAt = look()?.container?.startedAt;
      const error = await readOnce();
      if (signal.aborted) return;
      const found = look();
      const tellEnd = () =>
        error ? tell('failed', error.message) : tell('ended');
      if (!how.follow) {
        tellEnd();
        return;
      }
      if (!found) {
        tell('gone', 'The pod was deleted');
        return;
      }
      if (error && error.name !== 'ConflictError') failures += 1;
      if (error?.name === 'NotAllowedError' || failures >= MAX_FAILURES) {
        tell('failed', error?.message);
        return;
      }
      if (isDone(found)) {
        if (found.pod.deletedAt && (await isSoonGone(options)))
          tell('gone', 'The pod was deleted');
        else tellEnd();
        return;
      }
      lane.rest();
      tell('waiting', error?.message ?? whyWaiting(found.container));
      await untilWorthAnotherLook(options, {
        startedAt,
        waitMs: Math.min(
          REOPEN_AFTER_MS * 2 ** Math.max(0, failures - 1),
          REOPEN_AFTER_MAX_MS,
        ),
      });
    }
  } catch (error) {
    if (!signal.aborted) tell('failed', String(error));
  } finally {
    lane.end();
  }
}

/** Aborts with the reader, and a while after the pod was deleted. */
function untilGone({
  fleet,
  pod: { cluster, uid },
  container,
  signal,
}: Parameters<typeof followContainer>[0]): {
  within: AbortSignal;
  stop(): void;
} {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    if (timer || lookAt(fleet, { cluster, uid, container })) return;
    timer = setTimeout(() => over.abort(), LAST_WORDS_MS);
  };
  const unsubscribe = fleet.subscribe(change => {
    const isAbout =
      change.type === 'object' && change.deleted && change.row.uid === uid;
    if (isAbout) look();
  });
  return {
    within: AbortSignal.any([signal, over.signal]),
    stop: () => {
      unsubscribe();
      clearTimeout(timer);
    },
  };
}

interface Found {
  pod: PodRow;
  container: ContainerRow | undefined;
}

function lookAt(
  fleet: FleetService,
  place: { cluster: string; uid: string; container: string },
): Found | undefined {
  const { cluster, uid, container } = place;
  const [pod] = fleet.pods({ cluster, uid });
  return (
    pod && {
      pod,
      container: pod.containers.find(({ name }) => name === container),
    }
  );
}

/** Whether the container will not be started again. */
function isDone({ pod, container }: Found): boolean {
  if (pod.phase === 'Succeeded' || pod.phase === 'Failed') return true;
  return (
    container?.state === 'terminated' &&
    container.kind === 'init' &&
    container.exitCode === 0
  );
}

/** Whether one that is being deleted, and has ended, goes while its last words are waited for. Which of the two is heard first is chance. */
async function isSoonGone({
  fleet,
  pod: { cluster, uid },
  container,
  signal,
}: Parameters<typeof followContainer>[0]): Promise<boolean> {
  const place = { cluster, uid, container };
  const limit = AbortSignal.timeout(LAST_WORDS_MS);
  try {
    await fleet.until(() => (lookAt(fleet, place) ? undefined : true), {
      signal: AbortSignal.any([signal, limit]),
    });
    return true;
  } catch {
    return false;
  }
}

function whyWaiting(container: ContainerRow | undefined): string {
  if (container?.state === 'running') {
    return 'The connection ended; it is opened again';
  }
  const ended = container?.state === 'terminated' ? container : container?.last;
  const code = ended?.exitCode;
  return `The container ended${
    code === undefined ? '' : ` with exit code ${code}`
  }; its next start is waited for`;
}

/**
 * Until the container was started anew or its pod is gone or done. One that seems to run all the time is looked at again after a moment: the fleet may
 * know of its end a little later than the connection.
 */
async function untilWorthAnotherLook(
  options: Parameters<typeof followContainer>[0],
  before: { startedAt: string | undefined; waitMs: number },
): Promise<void> {
  const { fleet, container, pod, signal } = options;
  const place = { cluster: pod.cluster, uid: pod.uid, container };
  const ended = AbortSignal.timeout(before.waitMs);
  const isWorthIt = (isLate: boolean) => () => {
    const found = lookAt(fleet, place);
    if (!found || isDone(found)) return true;
    if (found.container?.state !== 'running') return undefined;
    return isLate || found.container.startedAt !== before.startedAt
      ? true
      : undefined;
  };
  try {
    await fleet.until(isWorthIt(false), {
      signal: AbortSignal.any([signal, ended]),
    });
  } catch (error) {
    if (signal.aborted || !ended.aborted) throw error;
    await fleet.until(isWorthIt(true), { signal });
  }
}

function toSecond(at: string): string {
  return at.replace(/\.\d+/, '');
}

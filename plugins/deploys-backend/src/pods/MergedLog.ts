import { NotAllowedError, toError } from '@backstage/errors';
import { FleetChange, FleetService, PodRow } from '@switchyard/fleet-node';
import { LogOptions } from '../service/types';
import { followContainer } from './followContainer';
import { TimeMerge } from './TimeMerge';

/** More at once nobody can read, and each is a connection to an API server. */
export const MAX_MERGED_PODS = 10;
const MAX_SOURCES = 30;
/** A rollout makes pods in bursts. */
const GATHER_MS = 300;

/** A pod whose log is wanted, with the containers of it. */
export interface WantedPod {
  pod: PodRow;
  containers: string[];
}

interface MergedLogOptions {
  fleet: FleetService;
  how: LogOptions;
  /** A place for one container, and the way to give it back. Throws why there is none. */
  takeSlot: () => () => void;
  select: () => WantedPod[] | undefined;
  concerns: (change: FleetChange) => boolean;
  signal: AbortSignal;
}

class MergedLog {
  readonly #options: MergedLogOptions;
  /** Pods that were read or are, by uid; those that are have a number of sources that have not ended. */
  readonly #pods = new Map<string, number>();
  readonly #ended = new AbortController();
  readonly #signal: AbortSignal;
  readonly #merge: TimeMerge;
  #sources = 0;
  #open = 0;
  #leftOut = '';
  #isRefused = false;

  constructor(options: MergedLogOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#ended.signal]);
    this.#merge = new TimeMerge({
      signal: this.#signal,
      goesOn: options.how.follow === true,
    });
  }

  async *lines(): AsyncGenerator<string> {
    const { fleet, how, concerns } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const lookSoon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        this.#look();
      }, GATHER_MS);
    };
    const unsubscribe = how.follow
      ? fleet.subscribe(change => {
          if (concerns(change)) lookSoon();
        })
      : () => {};
    try {
      this.#look();
      if (!how.follow) this.#merge.complete();
      for await (const record of this.#merge.records()) {
        yield record === undefined ? '' : JSON.stringify(record);
      }
      if (this.#isRefused) {
        throw new NotAllowedError('These logs may not be read any more');
      }
    } finally {
      // Also when the reader leaves the loop.
      unsubscribe();
      clearTimeout(timer);
      this.#ended.abort();
    }
  }

  #look() {
    if (this.#signal.aborted) return;
    const wanted = this.#options.select();
    if (!wanted) {
      this.#isRefused = true;
      this.#ended.abort();
      return;
    }
    const leftOut: string[] = [];
    for (const each of wanted) {
      if (this.#pods.has(each.pod.uid)) continue;
      const isRoom =
        this.#readPods() < MAX_MERGED_PODS &&
        this.#open + each.containers.length <= MAX_SOURCES;
      if (isRoom) this.#add(each);
      else leftOut.push(each.pod.name);
    }
    this.#forget(new Set(wanted.map(({ pod }) => pod.uid)));
    const text = leftOut.join();
    if (text === this.#leftOut) return;
    this.#leftOut = text;
    this.#merge.say({
      type: 'left-out',
      pods: leftOut,
      limit: MAX_MERGED_PODS,
    });
  }

  #readPods(): number {
    return [...this.#pods.values()].filter(open => open > 0).length;
  }

  /** A pod that is wanted no more, and has ended, will not come back. */
  #forget(wanted: ReadonlySet<string>) {
    for (const [uid, open] of this.#pods) {
      if (open === 0 && !wanted.has(uid)) this.#pods.delete(uid);
    }
  }

  #add({ pod, containers }: WantedPod) {
    const { fleet, how, takeSlot } = this.#options;
    this.#pods.set(pod.uid, containers.length);
    for (const container of containers) {
      const source = this.#sources;
      this.#sources += 1;
      this.#merge.say({ type: 'source', source, pod: pod.name, container });
      let release: () => void;
      try {
        release = takeSlot();
      } catch (error) {
        const why = toError(error).message;
        this.#merge.say({ type: 'state', source, state: 'failed', why });
        this.#close(pod.uid);
        continue;
      }
      this.#open += 1;
      const lane = this.#merge.lane(source);
      followContainer({
        fleet,
        pod,
        container,
        source,
        how,
        lane,
        signal: this.#signal,
      }).finally(() => {
        release();
        this.#open -= 1;
        this.#close(pod.uid);
        // Its place may be another's.
        if (how.follow) this.#look();
      });
    }
  }

  #close(uid: string) {
    const open = this.#pods.get(uid);
    if (open) this.#pods.set(uid, open - 1);
  }
}

/**
 * The logs of several pods as one stream. Where they are followed, pods that appear are added and those that end make room.
 *
 * @param options.select - the pods that may be read now, the most wanted first; asked again after changes. Undefined when nothing may be read any
 *   more: then it ends with a NotAllowedError
 * @param options.concerns - whether a change may have made the answer of `select` another
 */
export function openMergedLog(
  options: MergedLogOptions,
): AsyncIterable<string> {
  return new MergedLog(options).lines();
}

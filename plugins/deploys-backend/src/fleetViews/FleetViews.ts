import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  FleetView,
  SourceState,
} from '@switchyard/backstage-plugin-deploys-common';
import { FleetService, SwitchyardConfig } from '@switchyard/fleet-node';
import { oldestWord } from '../state/highestVersions';
import { Channels } from '../watch/Channels';
import { BucketHashes } from './BucketHashes';
import { FleetRows } from './FleetRows';
import { RowChange } from './types';
import { VisibilityClass } from './Visibility';

const compress = promisify(gzip);

/** Between two signals of one view, however much changes. */
const MIN_BETWEEN_SIGNALS_MS = 500;
/** Screens ask at least once a minute; a view that nobody asked for this long is dropped. */
const FORGET_AFTER_MS = 10 * 60_000;
/** Those beyond are worked out anew when they are asked for, and get no signals meanwhile. */
const MAX_VIEWS = 100;
/** How old an answer may be that is given again: it says how far the clusters had come. */
const ANSWER_LIFE_MS = 1000;
/** Most viewers come from the same state and want the same difference. */
const MAX_ANSWERS = 4;
const HASH_LENGTH = 20;
const WORKLOAD_KINDS = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Job',
]);

/** A view as it goes to the caller. */
export interface FleetViewAnswer {
  etag: string;
  /** JSON text of a `FleetView`, compressed. Made once for all who come from the same state. */
  gzipped: Promise<Buffer>;
}

interface View {
  visibility: VisibilityClass;
  /** Of the visibility, when the hashes were made. */
  visibleSince: number;
  channel: string;
  buckets: BucketHashes;
  /** Undefined after a change, until somebody wants to know. */
  hash?: string;
  published?: string;
  askedAt: number;
  timer?: NodeJS.Timeout;
  /** By what the caller had. */
  answers: Map<string, FleetViewAnswer & { madeAt: number }>;
}

/**
 * What each class of viewers sees of the fleet. All who see the same share one view, one channel and one answer; a change costs each view the
 * lines that changed.
 */
export class FleetViews {
  readonly #rows: FleetRows;
  readonly #fleet: FleetService;
  readonly #config: SwitchyardConfig;
  readonly #channels: Channels;
  readonly #publish: (channel: string, hash: string) => void;
  readonly #isComplete: () => boolean;
  /** The one that was asked for least recently first. */
  readonly #views = new Map<string, View>();

  static create(options: {
    rows: FleetRows;
    fleet: FleetService;
    config: SwitchyardConfig;
    channels: Channels;
    /** Must not throw. */
    publish: (channel: string, hash: string) => void;
    isComplete: () => boolean;
  }): FleetViews {
    return new FleetViews(options);
  }

  private constructor(options: Parameters<typeof FleetViews.create>[0]) {
    this.#rows = options.rows;
    this.#fleet = options.fleet;
    this.#config = options.config;
    this.#channels = options.channels;
    this.#publish = options.publish;
    this.#isComplete = options.isComplete;
  }

  /** The view of a class, whole or what differs from `since`. From here on its changes are told. */
  answer(
    visibility: VisibilityClass,
    since: string | undefined,
  ): FleetViewAnswer {
    const view = this.#view(visibility);
    const hash = this.#hashOf(view);
    const known = view.answers.get(since ?? '');
    if (known && Date.now() - known.madeAt < ANSWER_LIFE_MS) return known;
    const answer = {
      madeAt: Date.now(),
      etag: hash,
      gzipped: compress(this.#render(view, hash, since), { level: 5 }),
    };
    view.answers.set(since ?? '', answer);
    if (view.answers.size > MAX_ANSWERS) {
      const [oldest] = view.answers.keys();
      view.answers.delete(oldest);
    }
    return answer;
  }

  /** Takes over what changed in the lines. */
  changed(changes: readonly RowChange[]): void {
    for (const view of this.#views.values()) {
      let isTouched = false;
      for (const { before, after } of changes) {
        for (const row of [before, after]) {
          if (!row || !view.visibility.sees(row.row.entity)) continue;
          view.buckets.toggle(row);
          isTouched = true;
        }
      }
      if (isTouched) this.#touch(view);
    }
  }

  /** Something changed that every view tells. */
  changedForAll(): void {
    for (const view of this.#views.values()) this.#touch(view);
  }

  stop(): void {
    for (const { timer } of this.#views.values()) clearTimeout(timer);
    this.#views.clear();
  }

  #view(visibility: VisibilityClass): View {
    this.#forgetOld();
    const known = this.#views.get(visibility.key);
    // What its class may see can have become another.
    const isCurrent = known?.visibleSince === visibility.since;
    const view = known ?? {
      visibility,
      visibleSince: visibility.since,
      channel: this.#channels.of(`fleet-view ${visibility.key}`),
      buckets: new BucketHashes(),
      askedAt: 0,
      answers: new Map(),
    };
    if (!isCurrent) {
      view.visibility = visibility;
      view.visibleSince = visibility.since;
      view.buckets = new BucketHashes();
      for (const row of this.#rows.rows()) {
        if (visibility.sees(row.row.entity)) view.buckets.toggle(row);
      }
      if (known) this.#touch(view);
    }
    view.askedAt = Date.now();
    this.#views.delete(visibility.key);
    this.#views.set(visibility.key, view);
    return view;
  }

  #forgetOld(): void {
    const oldest = Date.now() - FORGET_AFTER_MS;
    for (const [key, { askedAt, timer }] of this.#views) {
      if (askedAt >= oldest && this.#views.size <= MAX_VIEWS) return;
      clearTimeout(timer);
      this.#views.delete(key);
    }
  }

  #touch(view: View): void {
    view.hash = undefined;
    view.answers.clear();
    if (view.timer) return;
    view.timer = setTimeout(() => {
      view.timer = undefined;
      const hash = this.#hashOf(view);
      if (hash === view.published) return;
      view.published = hash;
      this.#publish(view.channel, hash);
    }, MIN_BETWEEN_SIGNALS_MS);
    view.timer.unref();
  }

  #hashOf(view: View): string {
    view.hash ??= createHash('sha256')
      .update(view.buckets.toString())
      .update(JSON.stringify(this.#head(view)))
      .digest('base64url')
      .slice(0, HASH_LENGTH);
    return view.hash;
  }

  /** What a view says besides its lines, and what belongs to its hash. */
  #head({
    visibility,
    channel,
  }: View): Pick<
    FleetView,
    'scope' | 'channel' | 'incomplete' | 'environments' | 'sources' | 'argoUrls'
  > {
    return {
      scope: visibility.scope,
      channel,
      ...(!this.#isComplete() && { incomplete: true as const }),
      environments: this.#config.environments.map(({ name }) => name),
      sources: this.#rows.sources().filter(({ state }) => state !== 'live'),
      argoUrls: Object.fromEntries(
        this.#fleet
          .argoInstances()
          .flatMap(({ name, url }) => (url ? [[name, url]] : [])),
      ),
    };
  }

  #render(view: View, hash: string, since: string | undefined): string {
    const buckets =
      since === undefined ? undefined : view.buckets.differences(since);
    const wanted = buckets && new Set(buckets);
    const texts: string[] = [];
    for (const { row, bucket, text } of this.#rows.rows()) {
      if (wanted && !wanted.has(bucket)) continue;
      if (view.visibility.sees(row.entity)) texts.push(text);
    }
    const head: Omit<FleetView, 'rows'> = {
      ...this.#head(view),
      hash,
      since: view.buckets.toString(),
      asOf: oldestWord(this.#liveSources(), this.#fleet, new Date()),
      versions: versionsOf(this.#fleet),
      ...(buckets && { buckets }),
    };
    return `${JSON.stringify(head).slice(0, -1)},"rows":[${texts.join(',')}]}`;
  }

  #liveSources(): readonly SourceState[] {
    return this.#rows.sources().filter(({ state }) => state === 'live');
  }
}

/** The highest version of a workload that each cluster has told; all objects of a cluster count with one counter. */
function versionsOf(
  fleet: Pick<FleetService, 'clusters'>,
): FleetView['versions'] {
  const versions: FleetView['versions'] = {};
  for (const { name, kinds } of fleet.clusters()) {
    for (const { kind, resourceVersion } of kinds) {
      if (!resourceVersion || !WORKLOAD_KINDS.has(kind)) continue;
      const known = versions[name];
      const isHigher =
        known === undefined ||
        resourceVersion.length > known.length ||
        (resourceVersion.length === known.length && resourceVersion > known);
      if (isHigher) versions[name] = resourceVersion;
    }
  }
  return versions;
}

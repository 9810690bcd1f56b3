import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  FLEET_BUCKETS,
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
/**
 * Different ones that are made in a second: whoever comes from yet another state, which may be made up, gets the whole view, which is made
 * once for all.
 */
const MAX_DIFFERENCES = 8;
const DIFFERENCES_WINDOW_MS = 1000;
/** With more buckets than these the whole view is no longer, and others want it too. */
const MAX_BUCKETS = FLEET_BUCKETS / 2;
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
  /** Of what it tells and, while its lines lag behind the fleet, of how far they have come. */
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
  /** By the buckets that are sent; empty for the whole. */
  answers: Map<string, FleetViewAnswer & { madeAt: number }>;
  /** Since when differences are counted, and how many were made. */
  differences: { since: number; count: number };
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
    return (
      this.#difference(view, hash, since) ??
      this.#known(view, '') ??
      this.#make(view, hash, undefined)
    );
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

  /** What differs from `since`; nothing where the whole is to be sent. */
  #difference(
    view: View,
    hash: string,
    since: string | undefined,
  ): FleetViewAnswer | undefined {
    if (since === undefined) return undefined;
    const buckets = view.buckets.differences(since);
    if (!buckets || buckets.length > MAX_BUCKETS) return undefined;
    const known = this.#known(view, keyOf(buckets));
    if (known) return known;
    const { differences } = view;
    const now = Date.now();
    if (now - differences.since >= DIFFERENCES_WINDOW_MS) {
      view.differences = { since: now, count: 1 };
    } else if (differences.count < MAX_DIFFERENCES) {
      differences.count += 1;
    } else {
      return undefined;
    }
    return this.#make(view, hash, buckets);
  }

  #known(view: View, key: string): FleetViewAnswer | undefined {
    const known = view.answers.get(key);
    return known && Date.now() - known.madeAt < ANSWER_LIFE_MS
      ? known
      : undefined;
  }

  /** @param buckets - those that are sent; all where not given */
  #make(
    view: View,
    hash: string,
    buckets: readonly number[] | undefined,
  ): FleetViewAnswer {
    const known = versionsOf(this.#fleet);
    const versions = this.#rows.comeTo(known);
    const text = this.#render(view, { hash, versions, buckets });
    const answer = {
      madeAt: Date.now(),
      etag: etagOf(hash, { known, versions }),
      gzipped: compress(text, { level: 5 }),
    };
    const key = buckets ? keyOf(buckets) : '';
    view.answers.delete(key);
    view.answers.set(key, answer);
    if (view.answers.size > MAX_ANSWERS) {
      // The whole one is what all others fall back on.
      const [oldest] = [...view.answers.keys()].filter(each => each !== '');
      view.answers.delete(oldest);
    }
    return answer;
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
      differences: { since: 0, count: 0 },
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
    view.hash ??= digestOf(
      view.buckets.toString(),
      JSON.stringify(this.#head(view)),
    );
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

  #render(
    view: View,
    {
      hash,
      versions,
      buckets,
    }: Pick<FleetView, 'hash' | 'versions'> & { buckets?: readonly number[] },
  ): string {
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
      versions,
      ...(buckets && { buckets: [...buckets] }),
    };
    return `${JSON.stringify(head).slice(0, -1)},"rows":[${texts.join(',')}]}`;
  }

  #liveSources(): readonly SourceState[] {
    return this.#rows.sources().filter(({ state }) => state === 'live');
  }
}

/** Never that of the whole view, though there be no bucket. */
function keyOf(buckets: readonly number[]): string {
  return JSON.stringify(buckets);
}

function digestOf(...texts: string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  return hash.digest('base64url').slice(0, HASH_LENGTH);
}

/**
 * Whoever keeps an answer that claims less than its view does in the end must not be told that it is still the answer: with it goes the claim, and
 * that is older than what another replica has shown.
 */
function etagOf(
  hash: string,
  of: Record<'known' | 'versions', FleetView['versions']>,
): string {
  const lagging = Object.entries(of.versions).filter(
    ([cluster, version]) => version !== of.known[cluster],
  );
  return lagging.length === 0
    ? hash
    : `${hash}.${digestOf(JSON.stringify(lagging))}`;
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

import { createHash } from 'node:crypto';
import { LoggerService } from '@backstage/backend-plugin-api';
import { Entity } from '@backstage/catalog-model';
import {
  fleetBucketOf,
  SourceState,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  ApplicationRef,
  changeKeys,
  FleetChange,
  FleetService,
  interestsOf,
  makerKey,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { DueQueue } from '../watch/DueQueue';
import { KeyIndex } from '../watch/KeyIndex';
import { ComponentChange } from './CatalogComponents';
import { FleetSources } from './FleetSources';
import { lineOfApplication, linesOfComponent, LineWorld } from './lines';
import { KeptRow, Line, RowChange } from './types';
import { WaitingChanges } from './WaitingChanges';

/** Changes that come together are one. */
const GATHER_MS = 50;
/** Between two looks at one component, however much happens to it. */
const MIN_BETWEEN_MS = 500;
/** The same while the objects of its cluster come one after the other for the first time, and somebody looks. */
const MIN_BETWEEN_FIRST_MS = 5_000;
/** Parts of the time that lines may take: more while somebody waits for them. */
const SHARE = 0.2;
const SHARE_WAITED_FOR = 0.7;

/** What is worked out in one go: a component, or an Application that no entity names. */
interface Unit {
  rows: KeptRow[];
  computedAt: number;
  /** Keys of the Applications that its lines are about. */
  applications: readonly string[];
  /** Some of its workloads have fewer pods than they want: what its pods say counts. */
  isShort: boolean;
}

const COMPONENT = 'component ';
const APPLICATION = 'application ';

/**
 * The lines of the whole fleet, kept current: a component's lines are worked out again after a change that touches them, and not while nobody
 * looks. While sources are read for the first time lines wait until that is over, or until somebody looks; they are worked out once then,
 * though nobody looks yet, for the first who does shall not wait for all of them.
 */
export class FleetRows {
  readonly #fleet: FleetService;
  readonly #config: SwitchyardConfig;
  readonly #logger: LoggerService;
  readonly #sources: FleetSources;
  readonly #isWatched: () => boolean;
  readonly #onChanges: (changes: RowChange[]) => void;
  readonly #onSettled: () => void;
  readonly #onSources: () => void;
  readonly #components = new Map<string, Entity>();
  readonly #units = new Map<string, Unit>();
  readonly #rows = new Map<string, KeptRow>();
  readonly #interests = new KeyIndex();
  /** How many components name an Application, by its key. */
  readonly #claims = new Map<string, number>();
  readonly #due: DueQueue<string>;
  /** To be looked at as soon as somebody looks. */
  readonly #asleep = new Set<string>();
  /** To be looked at when the first lists have come to their end. */
  readonly #unsettled = new Set<string>();
  /** What lines do not show yet. */
  readonly #waiting = new WaitingChanges();
  readonly #unsubscribe: () => void;
  /** Until the catalog was read, nobody can say which Applications no entity names. */
  #hasComponents = false;

  static create(options: {
    fleet: FleetService;
    config: SwitchyardConfig;
    logger: LoggerService;
    isWatched: () => boolean;
    /** Whether somebody waits for lines at this moment. */
    isWaitedFor: () => boolean;
    /** Must not throw. */
    onChanges: (changes: RowChange[]) => void;
    /** Some source is in another state than before. Must not throw. */
    onSources: () => void;
    /** No line is older than what the fleet knows. Must not throw. */
    onSettled: () => void;
  }): FleetRows {
    return new FleetRows(options);
  }

  private constructor(options: Parameters<typeof FleetRows.create>[0]) {
    this.#fleet = options.fleet;
    this.#config = options.config;
    this.#logger = options.logger;
    this.#isWatched = options.isWatched;
    this.#onChanges = options.onChanges;
    this.#onSettled = options.onSettled;
    this.#onSources = options.onSources;
    this.#sources = new FleetSources(options);
    this.#due = new DueQueue({
      work: key => this.#lookAgain(key),
      share: () => (options.isWaitedFor() ? SHARE_WAITED_FOR : SHARE),
    });
    this.#unsubscribe = this.#fleet.subscribe(change => this.#heard(change));
  }

  /** In no order. */
  rows(): Iterable<KeptRow> {
    return this.#rows.values();
  }

  get size(): number {
    return this.#rows.size;
  }

  row(id: string): KeptRow | undefined {
    return this.#rows.get(id);
  }

  components(): Iterable<[ref: string, entity: Entity]> {
    return this.#components;
  }

  /** How far lines have come in each cluster, where the fleet has come to `versions`. */
  comeTo(versions: Readonly<Record<string, string>>): Record<string, string> {
    return this.#waiting.before(versions);
  }

  sources(): readonly SourceState[] {
    return this.#sources.states;
  }

  /** Whether some lines are about to be worked out. */
  get isBehind(): boolean {
    return this.#due.size > 0 || this.#asleep.size > 0;
  }

  /** Whether no line is older than what the fleet knows, and none is missing because something is still being read. */
  get isSettled(): boolean {
    return (
      !this.isBehind &&
      this.#unsettled.size === 0 &&
      !this.#sources.isSomeConnecting
    );
  }

  /** Somebody looks: works off what was left while nobody did. */
  wake(): void {
    for (const key of this.#asleep) this.#due.add(key, 0);
    this.#asleep.clear();
    const latest = Date.now() - MIN_BETWEEN_FIRST_MS;
    for (const key of this.#unsettled) {
      if ((this.#units.get(key)?.computedAt ?? 0) > latest) continue;
      this.#unsettled.delete(key);
      this.#due.add(key, 0);
    }
  }

  /** Takes over what the catalog says. */
  setComponents(changes: readonly ComponentChange[]): void {
    for (const { ref, entity } of changes) {
      if (entity) this.#components.set(ref, entity);
      else this.#components.delete(ref);
      this.#touch(COMPONENT + ref, 0);
    }
    if (this.#hasComponents) return;
    this.#hasComponents = true;
    for (const application of this.#fleet.applications({})) {
      this.#touch(APPLICATION + applicationKey(application), 0);
    }
    this.#prepare();
  }

  stop(): void {
    this.#unsubscribe();
    this.#due.stop();
    this.#asleep.clear();
    this.#unsettled.clear();
  }

  #heard(change: FleetChange): void {
    switch (change.type) {
      case 'cluster':
      case 'argo-instance':
        this.#heardOfSource();
        return;
      case 'full-application':
        return; // lines show nothing that only the full one has
      default:
    }
    const keys = this.#touchedBy(change);
    if (change.type === 'object') {
      const { cluster, row } = change;
      for (const key of keys) {
        this.#waiting.add(key, { cluster, version: row.resourceVersion });
      }
    }
    if (this.#sources.isConnecting(change)) {
      for (const key of keys) this.#unsettled.add(key);
    } else {
      this.#touchAll(keys);
    }
  }

  /** Most changes of a fleet are of pods, and most of those say nothing that a line shows. */
  #touchedBy(
    change: Extract<FleetChange, { type: 'object' | 'application' }>,
  ): Iterable<string> {
    if (change.type === 'application') {
      const found = this.#interests.find(changeKeys(change));
      return this.#hasComponents
        ? [...found, APPLICATION + applicationKey(change.row)]
        : found;
    }
    if (change.same || change.kind === 'Event') return [];
    if (change.kind === 'ReplicaSet') {
      const keys = changeKeys(change).filter(key => key.startsWith('uid '));
      return this.#interests.find(keys);
    }
    const maker = change.kind === 'Pod' ? makerKey(change.row) : undefined;
    if (maker !== undefined && this.#interests.has(maker)) {
      return [...this.#interests.find([maker])].filter(
        key => this.#units.get(key)?.isShort,
      );
    }
    return this.#interests.find(changeKeys(change));
  }

  #heardOfSource(): void {
    const { ids, isOtherSet, hasSettled } = this.#sources.look();
    if (ids.length === 0) return;
    if (isOtherSet) {
      // Which cluster a destination is depends on all that there are.
      this.#touchAll(this.#units.keys());
    } else {
      this.#touchAll(this.#interests.find(ids.map(id => `source ${id}`)));
    }
    if (hasSettled) {
      this.#touchAll(this.#unsettled);
      this.#unsettled.clear();
      this.#prepare();
    }
    this.#onSources();
  }

  /** Works out what waits once everything was read, though nobody looks yet. */
  #prepare(): void {
    if (!this.#hasComponents || this.#sources.isSomeConnecting) return;
    for (const key of this.#asleep) this.#due.add(key, 0);
    this.#asleep.clear();
  }

  get #world(): LineWorld & Parameters<typeof lineOfApplication>[1] {
    const { states, clusters } = this.#sources;
    const fleet = this.#fleet;
    return { fleet, config: this.#config, sources: states, clusters };
  }

  #touchAll(keys: Iterable<string>): void {
    for (const key of keys) this.#touch(key);
  }

  #touch(key: string, soonestMs = GATHER_MS): void {
    if (!this.#isWatched()) {
      this.#asleep.add(key);
      return;
    }
    const computedAt = this.#units.get(key)?.computedAt ?? 0;
    const restMs = computedAt + MIN_BETWEEN_MS - Date.now();
    this.#due.add(key, Math.max(soonestMs, restMs));
  }

  #lookAgain(key: string): void {
    this.#waiting.done(key);
    try {
      if (key.startsWith(COMPONENT)) {
        this.#computeComponent(key, key.slice(COMPONENT.length));
      } else {
        this.#computeApplication(key, key.slice(APPLICATION.length));
      }
    } catch (error) {
      // One that cannot be worked out must not stop the others; its old lines stay.
      this.#logger.error('Could not work out lines of the fleet', {
        of: key,
        error: String(error),
      });
    }
    if (this.isSettled) this.#onSettled();
  }

  #computeComponent(key: string, ref: string): void {
    const entity = this.#components.get(ref);
    if (!entity) {
      this.#replace(key, undefined);
      return;
    }
    const { lines, found, isShort } = linesOfComponent(entity, this.#world);
    const interests = interestsOf(entity, this.#fleet, found);
    for (const { row } of lines) {
      if (row.cluster !== undefined) {
        interests.add(`source cluster:${row.cluster}`);
      }
      if (row.app) interests.add(`source argocd:${row.app.instance}`);
    }
    this.#interests.set(key, interests);
    this.#replace(key, {
      lines,
      isShort,
      applications: lines.flatMap(({ application }) =>
        application ? [applicationKey(application)] : [],
      ),
    });
  }

  #computeApplication(key: string, name: string): void {
    const application = this.#claims.has(name)
      ? undefined
      : this.#fleet.application(parseApplicationKey(name));
    if (!application) {
      this.#replace(key, undefined);
      return;
    }
    const line = lineOfApplication(application, this.#world);
    this.#interests.set(
      key,
      new Set([
        `source argocd:${application.instance}`,
        ...(line.row.cluster === undefined
          ? []
          : [`source cluster:${line.row.cluster}`]),
      ]),
    );
    this.#replace(key, { lines: [line], isShort: false, applications: [] });
  }

  /** Puts the lines of a unit in the place of those that it had. */
  #replace(
    key: string,
    next:
      | (Pick<Unit, 'isShort' | 'applications'> & { lines: Line[] })
      | undefined,
  ): void {
    const before = this.#units.get(key);
    if (!next) {
      if (!before) return;
      this.#interests.delete(key);
      this.#units.delete(key);
    }
    const rows = (next?.lines ?? []).map(line => this.#keep(line));
    if (next) {
      const { isShort, applications } = next;
      this.#units.set(key, {
        rows,
        isShort,
        applications,
        computedAt: Date.now(),
      });
    }
    this.#claim(before?.applications ?? [], next?.applications ?? []);
    const changes: RowChange[] = [];
    const ids = new Set(rows.map(({ row }) => row.id));
    for (const known of before?.rows ?? []) {
      if (ids.has(known.row.id)) continue;
      this.#rows.delete(known.row.id);
      changes.push({ before: known });
    }
    for (const row of rows) {
      const known = this.#rows.get(row.row.id);
      if (known === row) continue;
      this.#rows.set(row.row.id, row);
      if (known?.text !== row.text) changes.push({ before: known, after: row });
    }
    if (changes.length > 0) this.#onChanges(changes);
  }

  #keep({ row, facts }: Line): KeptRow {
    const text = JSON.stringify(row);
    const digest = createHash('sha256').update(text).digest();
    return {
      row,
      facts,
      bucket: fleetBucketOf(row.id),
      text,
      hash: [digest.readUInt32LE(0), digest.readUInt32LE(4)],
    };
  }

  #claim(before: readonly string[], after: readonly string[]): void {
    for (const name of after) {
      const count = this.#claims.get(name) ?? 0;
      this.#claims.set(name, count + 1);
      if (count === 0 && !before.includes(name)) {
        this.#touch(APPLICATION + name, 0);
      }
    }
    for (const name of before) {
      const count = this.#claims.get(name) ?? 0;
      if (count > 1) {
        this.#claims.set(name, count - 1);
      } else {
        this.#claims.delete(name);
        this.#touch(APPLICATION + name, 0);
      }
    }
  }
}

function applicationKey({ instance, namespace, name }: ApplicationRef): string {
  return JSON.stringify([instance, namespace, name]);
}

function parseApplicationKey(key: string): ApplicationRef {
  const [instance, namespace, name] = JSON.parse(key);
  return { instance, namespace, name };
}

import { JsonTemplate } from './JsonTemplate';
import { clusterName, ScaleApp, uidOf } from './layout';
import { nodeName, PodPlace, podTemplate, templateHash } from './objects';
import { ScaleClock } from './ScaleClock';

const NAME_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const DAY_MS = 24 * 3600_000;
/** Deletions that a watch can still be told of. */
const REMEMBERED_DELETIONS = 5_000;

/** A change of a pod, as a watch sends it. */
export interface PodChange {
  version: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  app: ScaleApp;
  text: string;
}

interface Deletion {
  version: number;
  app: ScaleApp;
  text: string;
}

/** The pods of one cluster: some numbers each, written as objects when somebody asks. */
export class ScalePods {
  readonly nodes: number;
  readonly #cluster: string;
  readonly #apps: readonly ScaleApp[];
  readonly #clock: ScaleClock;
  /** Of each app, and one past the last. */
  readonly #firstOf: number[] = [0];
  readonly #appOf: Uint32Array;
  readonly #versions: Float64Array;
  readonly #restarts: Uint16Array;
  readonly #unready: Uint8Array;
  /** How often it was replaced by a new one. */
  readonly #generations: Uint16Array;
  readonly #changedAt: Float64Array;
  readonly #templates = new Map<ScaleApp, JsonTemplate<PodPlace>>();
  #deletions: Deletion[] = [];
  /** A watch from before this place cannot be told all. */
  #forgotten = 0;

  constructor(options: {
    cluster: number;
    apps: readonly ScaleApp[];
    clock: ScaleClock;
    now: number;
  }) {
    const { cluster, apps, clock, now } = options;
    this.#cluster = clusterName(cluster);
    this.#apps = apps;
    this.#clock = clock;
    for (const app of apps) {
      this.#firstOf.push(this.#firstOf[this.#firstOf.length - 1] + app.pods);
    }
    const count = this.count;
    this.nodes = Math.max(3, Math.ceil(count / 60));
    this.#appOf = new Uint32Array(count);
    apps.forEach((_, i) =>
      this.#appOf.fill(i, this.#firstOf[i], this.#firstOf[i + 1]),
    );
    this.#versions = new Float64Array(count);
    this.#restarts = new Uint16Array(count);
    this.#unready = new Uint8Array(count);
    this.#generations = new Uint16Array(count);
    this.#changedAt = new Float64Array(count);
    for (let i = 0; i < count; i += 1) {
      this.#versions[i] = clock.next();
      // Pods of one rollout are of one hour.
      this.#changedAt[i] = now - (this.#appOf[i] % 30) * DAY_MS - (i % 60_000);
      this.#unready[i] = i % 500 === 7 ? 1 : 0;
    }
  }

  get count(): number {
    return this.#firstOf[this.#firstOf.length - 1];
  }

  /** Pods of one app, as indexes from the first to before the second. */
  rangeOf(appIndex: number): [number, number] {
    return [this.#firstOf[appIndex], this.#firstOf[appIndex + 1]];
  }

  appOf(index: number): ScaleApp {
    return this.#apps[this.#appOf[index]];
  }

  write(index: number): string {
    const app = this.appOf(index);
    let template = this.#templates.get(app);
    if (!template) {
      template = podTemplate(app);
      this.#templates.set(app, template);
    }
    const generation = this.#generations[index];
    const seed = mix(app.index * 65_537 + index * 31 + generation);
    const ready = this.#unready[index] === 0;
    const node = index % this.nodes;
    const created = timeText(this.#createdAt(index));
    const changed = timeText(this.#changedAt[index]);
    return template.fill({
      name: this.nameOf(index),
      uid: uidOf(`pod ${this.#cluster} ${index} ${generation}`),
      version: this.#versions[index],
      ip: `10.${index % 200}.${(index >> 3) % 250}.${app.index % 250}`,
      node: nodeName(node),
      hostIp: `10.0.${node % 250}.1`,
      createdAt: created,
      startedAt: this.#restarts[index] === 0 ? created : changed,
      readyAt: changed,
      ready,
      readyText: ready ? 'True' : 'False',
      restarts: this.#restarts[index],
      id0: digits(seed),
      id1: digits(seed + 1),
      id2: digits(seed + 2),
    });
  }

  nameOf(index: number): string {
    const app = this.appOf(index);
    let seed = mix(index * 977 + app.index * 13 + this.#generations[index]);
    let suffix = '';
    for (let i = 0; i < 5; i += 1) {
      suffix += NAME_LETTERS[seed % NAME_LETTERS.length];
      seed = Math.floor(seed / NAME_LETTERS.length);
    }
    return `${app.service}-${templateHash(app)}-${suffix}`;
  }

  /** What a readiness probe or a restart does. */
  flip(index: number, now: number): PodChange[] {
    if (this.#unready[index] === 0) {
      this.#unready[index] = 1;
    } else {
      this.#unready[index] = 0;
      this.#restarts[index] += 1;
    }
    this.#changedAt[index] = now;
    this.#versions[index] = this.#clock.next();
    return [this.#change('MODIFIED', index)];
  }

  /** What a drained node does: another pod comes in its place. */
  replace(index: number, now: number): PodChange[] {
    this.#versions[index] = this.#clock.next();
    const gone = this.#change('DELETED', index);
    this.#deletions.push(gone);
    if (this.#deletions.length > 2 * REMEMBERED_DELETIONS) {
      this.#forgotten = this.#deletions[REMEMBERED_DELETIONS].version;
      this.#deletions = this.#deletions.slice(REMEMBERED_DELETIONS + 1);
    }
    this.#generations[index] += 1;
    this.#unready[index] = 0;
    this.#restarts[index] = 0;
    this.#changedAt[index] = now;
    this.#versions[index] = this.#clock.next();
    return [gone, this.#change('ADDED', index)];
  }

  /** All that changed after a version, in order; undefined where not all of it is known any more. */
  since(version: number): PodChange[] | undefined {
    if (version < this.#forgotten) return undefined;
    const changes: PodChange[] = this.#deletions
      .filter(deletion => deletion.version > version)
      .map(deletion => ({ ...deletion, type: 'DELETED' }));
    for (let i = 0; i < this.count; i += 1) {
      if (this.#versions[i] > version) {
        // Known or not: whoever has an object by this uid takes it as modified.
        changes.push(this.#change('MODIFIED', i));
      }
    }
    return changes.sort((a, b) => a.version - b.version);
  }

  #createdAt(index: number): number {
    return this.#restarts[index] === 0 && this.#unready[index] === 0
      ? this.#changedAt[index]
      : this.#changedAt[index] - 3600_000;
  }

  #change(type: PodChange['type'], index: number): PodChange {
    return {
      type,
      version: this.#versions[index],
      app: this.appOf(index),
      text: this.write(index),
    };
  }
}

const timeTexts = new Map<number, string>();

/** As the API server writes times: with whole seconds. */
function timeText(time: number): string {
  const second = Math.floor(time / 1000);
  let text = timeTexts.get(second);
  if (text === undefined) {
    text = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
    if (timeTexts.size > 100_000) timeTexts.clear();
    timeTexts.set(second, text);
  }
  return text;
}
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function digits(seed: number): string {
  let text = '';
  for (let i = 0; i < 8; i += 1) {
    text += mix(seed * 8 + i + 1)
      .toString(16)
      .padStart(8, '0');
  }
  return text;
}

import { createHmac, createHash } from 'node:crypto';
import { EntityMark } from '../database/RunStore';

const WATCHED_FOR_MS = 5 * 60_000;
const MAX_WATCHED = 5_000;

/**
 * Names of signal channels. A name tells nothing about what it is for: who knows it was handed it by a state call that checked what the person
 * may see. All replicas make the same names, from a secret in the database.
 */
export class Channels {
  readonly #secret: string;
  /** By entity ref, when its channel was handed out last; oldest first. */
  readonly #handedOut = new Map<string, number>();

  constructor(options: { secret: string }) {
    this.#secret = options.secret;
  }

  /** The channel of an entity whose state a browser has just been given: see `watched`. */
  handOut(entityRef: string): string {
    this.#handedOut.delete(entityRef);
    this.#handedOut.set(entityRef, Date.now());
    const [oldest] = this.#handedOut.keys();
    if (this.#handedOut.size > MAX_WATCHED) this.#handedOut.delete(oldest);
    return this.ofEntity(entityRef);
  }

  /** Entities whose pages may be open. Pages ask again within a minute: what nobody has asked for in a while is not. */
  watched(): string[] {
    const since = Date.now() - WATCHED_FOR_MS;
    return [...this.#handedOut].flatMap(([ref, at]) =>
      at < since ? [] : [ref],
    );
  }

  ofEntity(entityRef: string): string {
    return this.#name('entity', entityRef);
  }

  ofRun(runId: string): string {
    return this.#name('run', runId);
  }

  /** Rings when any run changed. */
  get ofAllRuns(): string {
    return this.#name('runs', '');
  }

  /** Rings when any lock changed. */
  get ofLocks(): string {
    return this.#name('locks', '');
  }

  #name(what: string, which: string): string {
    const name = createHmac('sha256', this.#secret)
      .update(`${what}:${which}`)
      .digest('hex');
    return `runs:${name.slice(0, 32)}`;
  }
}

/** Hash of what everybody sees of an entity's runs and locks. */
export function hashEntityMark(mark: Omit<EntityMark, 'entityRef'>): string {
  return digest(JSON.stringify([mark.runs, mark.locks]));
}

/** Hash that no state carries: whoever hears it looks again. `mark` is that of another entity, whose locks bind this one too. */
export function hashNeighbourMark(mark: Omit<EntityMark, 'entityRef'>): string {
  return digest(`neighbour:${hashEntityMark(mark)}`);
}

/** Hash that no state carries, for a change that may concern every entity. */
export function hashOfAll(count: number): string {
  return digest(`all:${process.pid}:${count}`);
}

/** Hash of what everybody sees of a run. */
export function hashRun(run: { id: string; revision: number }): string {
  return digest(`${run.id}:${run.revision}`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

/** What kind of thing a fault is: on until it is switched off, for the next so many occasions, or done at once. */
export type FaultKind = 'switch' | 'next' | 'now';

export interface FaultDefinition {
  /** For example `git-push-refused`. */
  id: string;
  title: string;
  /** What then happens, in a sentence or two. */
  about: string;
  kind: FaultKind;
  /** What it can be set for; empty where there is only one. `*` always means all of them. */
  targets: readonly string[];
  /** Meaning, unit and default of the value, for faults that take one. */
  value?: { label: string; default: string | number };
  /** Called after a switch changed, for parts that want to be told rather than ask. */
  changed?(state: {
    target: string;
    on: boolean;
    value?: string | number;
  }): void;
  /** For kind `now`: does it. What it answers is handed to whoever asked. */
  act?(request: FaultRequest): Promise<unknown>;
}

/** Body of `POST /api/faults`. */
export interface FaultRequest {
  fault: string;
  /** One of the fault's targets; all of them when absent. */
  target?: string;
  /** Switches only; true when absent. */
  on?: boolean;
  value?: string | number;
  /** For kind `next`: how many occasions; 1 when absent, 0 to call it off. */
  times?: number;
  /** Further details for kind `now`. */
  details?: Record<string, unknown>;
}

interface ActiveFault {
  value?: string | number;
  /** For kind `next`. */
  remaining?: number;
}

/** Thrown for a request that names no fault or target, or that the fault cannot do; the message may be shown. */
export class FaultRequestError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FaultRequestError';
  }
}

/** What is broken on purpose. Parts of the sandbox ask it at the moment when it matters, so that a fault takes effect at once. */
export class FaultBoard {
  readonly #definitions = new Map<string, FaultDefinition>();
  readonly #active = new Map<string, Map<string, ActiveFault>>();

  static create(): FaultBoard {
    return new FaultBoard();
  }

  private constructor() {}

  add(definition: FaultDefinition): void {
    if (this.#definitions.has(definition.id)) {
      throw new Error(`Fault '${definition.id}' is taken`);
    }
    this.#definitions.set(definition.id, definition);
    this.#active.set(definition.id, new Map());
  }

  isOn(id: string, target = '*'): boolean {
    return this.#find(id, target) !== undefined;
  }

  value(id: string, target = '*'): string | number | undefined {
    return this.#find(id, target)?.value;
  }

  /** Targets for which a fault is on; `*` stands for all. */
  targetsOf(id: string): string[] {
    return [...(this.#active.get(id)?.keys() ?? [])];
  }

  /** Uses up one occasion of a fault of kind `next`. */
  take(id: string, target = '*'): boolean {
    const active = this.#find(id, target);
    if (!active?.remaining) {
      return false;
    }
    active.remaining -= 1;
    if (active.remaining === 0) {
      const states = this.#active.get(id);
      for (const [key, state] of states ?? []) {
        if (state === active) {
          states?.delete(key);
        }
      }
    }
    return true;
  }

  /** Carries out a request from the page or the API. Throws {@link FaultRequestError}. */
  async request(request: FaultRequest): Promise<unknown> {
    const definition = this.#definitions.get(request.fault);
    if (!definition) {
      throw new FaultRequestError(`There is no fault '${request.fault}'`);
    }
    const target = request.target ?? '*';
    if (target !== '*' && !definition.targets.includes(target)) {
      throw new FaultRequestError(
        `'${request.fault}' has no target '${target}'; it has: ${
          definition.targets.join(', ') || 'none'
        }`,
      );
    }
    if (definition.kind === 'now') {
      return definition.act?.({ ...request, target });
    }
    const on =
      definition.kind === 'switch'
        ? request.on ?? true
        : (request.times ?? (request.on === false ? 0 : 1)) > 0;
    this.#set(definition, target, on, request);
    return undefined;
  }

  /** Everything as it should be again. */
  clear(): void {
    for (const definition of this.#definitions.values()) {
      for (const target of this.targetsOf(definition.id)) {
        this.#set(definition, target, false, { fault: definition.id });
      }
    }
  }

  list(): Array<
    Omit<FaultDefinition, 'changed' | 'act'> & {
      active: Array<{ target: string } & ActiveFault>;
    }
  > {
    return [...this.#definitions.values()].map(
      ({ id, title, about, kind, targets, value }) => ({
        id,
        title,
        about,
        kind,
        targets,
        ...(value ? { value } : {}),
        active: [...(this.#active.get(id) ?? [])].map(([target, state]) => ({
          target,
          ...state,
        })),
      }),
    );
  }

  #set(
    definition: FaultDefinition,
    target: string,
    on: boolean,
    request: FaultRequest,
  ): void {
    const states = this.#active.get(definition.id)!;
    const value = request.value ?? definition.value?.default;
    if (!on && target === '*') {
      states.clear();
    } else if (!on) {
      states.delete(target);
    } else {
      states.set(target, {
        ...(value === undefined ? {} : { value }),
        ...(definition.kind === 'next'
          ? { remaining: request.times ?? 1 }
          : {}),
      });
    }
    definition.changed?.({ target, on, value });
  }

  #find(id: string, target: string): ActiveFault | undefined {
    const states = this.#active.get(id);
    return (
      states?.get(target) ??
      states?.get('*') ??
      (target === '*' ? states?.values().next().value : undefined)
    );
  }
}

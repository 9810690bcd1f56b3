import { isDeepStrictEqual } from 'node:util';
import { pause } from '../http/backoff';
import { ApplicationRow } from '../rows';
import { waitUntil } from '../service/waitUntil';
import { ApplicationRef } from '../types';
import { applicationRow } from './applicationRow';
import { ArgoCdError } from './ArgoCdError';
import { ArgoCdTimings } from './timings';
import {
  Application,
  ApplicationName,
  ArgoCdReader,
  OpenApplication,
} from './types';

/** After an error that will most likely stay. */
const RETRY_MS = 60_000;

/**
 * One full Application, kept up to date by a stream of its own.
 *
 * @internal
 */
export class FullApplication {
  readonly ref: ApplicationRef;
  readonly #name: ApplicationName;
  readonly #reader: ArgoCdReader;
  readonly #timings: ArgoCdTimings;
  readonly #onChange: (deleted: boolean) => void;
  readonly #listeners = new Set<() => void>();
  readonly #stopped = new AbortController();
  #current?: Application;
  #comparison?: NodeJS.Timeout;
  #failure?: unknown;

  constructor(options: {
    ref: ApplicationRef;
    /** Lets Argo CD tell a missing Application from a forbidden one. */
    project?: string;
    reader: ArgoCdReader;
    timings: ArgoCdTimings;
    onChange: (deleted: boolean) => void;
  }) {
    const { ref, project } = options;
    this.ref = ref;
    this.#name = { namespace: ref.namespace, name: ref.name, project };
    this.#reader = options.reader;
    this.#timings = options.timings;
    this.#onChange = options.onChange;
  }

  /** The last state heard; stays while Argo CD cannot be reached. */
  get current(): Application | undefined {
    return this.#current;
  }

  /** Runs until it is stopped; never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        for await (const event of this.#reader.streamApplication(this.#name, {
          signal,
        })) {
          if (event.type === 'DELETED') this.#lost(this.#deleted());
          else this.#heard(event.application);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#lost(error);
      }
      await pause(RETRY_MS, signal);
    }
  }

  /** The stream of rows has told of a change: if the own stream does not soon, it has lost something. */
  compare(row: ApplicationRow): void {
    clearTimeout(this.#comparison);
    if (this.#stopped.signal.aborted) return;
    this.#comparison = setTimeout(() => {
      if (this.#current && !agrees(this.#current, row)) {
        this.#reread(this.#stopped.signal);
      }
    }, this.#timings.settleMs);
    this.#comparison.unref();
  }

  stop(): void {
    clearTimeout(this.#comparison);
    this.#stopped.abort();
  }

  /** Resolves once the present state is known. @throws what the stream failed with */
  async opened(signal: AbortSignal): Promise<Application> {
    return this.#until(application => application, signal);
  }

  /** @param onClose - called once, when the handle is closed or the signal aborts */
  open(options: { signal: AbortSignal; onClose: () => void }): OpenApplication {
    const closed = new AbortController();
    const close = () => {
      if (closed.signal.aborted) return;
      closed.abort(new Error('The Application was closed'));
      options.signal.removeEventListener('abort', close);
      options.onClose();
    };
    options.signal.addEventListener('abort', close, { once: true });
    let last = this.#current!;
    return {
      ref: this.ref,
      current: () => {
        last = this.#current ?? last;
        return last;
      },
      until: (predicate, { signal }) =>
        this.#untilReread(
          predicate,
          AbortSignal.any([signal, options.signal, closed.signal]),
        ),
      close,
    };
  }

  async #untilReread<T>(
    predicate: (application: Application) => T | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    const timer = setInterval(
      () => this.#reread(signal),
      this.#timings.rereadMs,
    );
    timer.unref();
    try {
      return await this.#until(predicate, signal);
    } finally {
      clearInterval(timer);
    }
  }

  /** A stream may have lost an event: its server keeps only some for a slow reader. */
  async #reread(signal: AbortSignal): Promise<void> {
    const before = this.#current;
    try {
      const application = await this.#reader.getApplication(this.#name, {
        signal,
      });
      if (this.#current === before) this.#heard(application);
    } catch {
      // The stream will find the same out, and knows what to do about it.
    }
  }

  #until<T>(
    predicate: (application: Application) => T | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    return waitUntil(
      () => {
        if (this.#failure) throw this.#failure;
        return this.#current && predicate(this.#current);
      },
      {
        subscribe: listener => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
        signal,
      },
    );
  }

  #heard(application: Application) {
    const known = this.#current;
    this.#failure = undefined;
    const version = application.metadata.resourceVersion;
    if (known && version && known.metadata.resourceVersion === version) return;
    this.#current = application;
    this.#changed(false);
  }

  #lost(error: unknown) {
    this.#failure = error;
    const isGone = error instanceof ArgoCdError && error.kind === 'not-found';
    if (isGone) this.#current = undefined;
    this.#changed(isGone);
  }

  #deleted(): ArgoCdError {
    return new ArgoCdError({
      kind: 'not-found',
      instance: this.ref.instance,
      message: `The Application ${this.ref.name} was deleted in Argo CD ${this.ref.instance}`,
    });
  }

  #changed(deleted: boolean) {
    this.#onChange(deleted);
    this.#listeners.forEach(listener => listener());
  }
}

function agrees(application: Application, row: ApplicationRow): boolean {
  const { instance, observedAt } = row;
  const own = applicationRow(application, { instance, uiUrl: '', observedAt });
  const shown = ({ sync, health, operation }: ApplicationRow) => [
    sync,
    health,
    operation,
  ];
  return isDeepStrictEqual(shown(own), shown(row));
}

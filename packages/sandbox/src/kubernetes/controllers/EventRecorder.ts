import { Random } from '../../world/Random';
import { WorldClock } from '../../world/clock';
import { ApiError } from '../ApiError';
import { resourceOfKind } from '../resources';
import { Registry } from '../store/Registry';
import { microTimestamp, timestamp } from '../time';
import { KubernetesObject } from '../types';

/** As the API server's `--event-ttl`: an hour on the wall, since that is what events' times are. */
const TTL_MS = 3_600_000;
const SWEEP_MS = 600_000;
/** Spam filter of client-go: so many events about one object at once, then one every five minutes. */
const BURST = 25;
const REFILL_MS = 300_000;

export interface EventNote {
  about: KubernetesObject;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  component: string;
  /** Node, for kubelets. */
  host?: string;
  /** `spec.containers{orders}` */
  fieldPath?: string;
  /** Set by parts that write with the newer events API: their events carry an eventTime and no count. */
  action?: string;
}

/** Writes an event of one component. */
export type EventWriter = (
  about: KubernetesObject,
  type: EventNote['type'],
  reason: string,
  message: string,
) => void;

interface Series {
  namespace: string;
  name: string;
}

/** Writes events as client-go does: the same thing again raises the count, and whoever repeats too much is not heard. */
export class EventRecorder {
  readonly #registry: Registry;
  readonly #clock: WorldClock;
  readonly #random: Random;
  readonly #series = new Map<string, Series>();
  readonly #tokens = new Map<string, { left: number; at: number }>();
  #cancelSweep: () => void = () => undefined;

  static create(options: {
    registry: Registry;
    clock: WorldClock;
    random: Random;
  }): EventRecorder {
    return new EventRecorder(options);
  }

  private constructor(options: {
    registry: Registry;
    clock: WorldClock;
    random: Random;
  }) {
    this.#registry = options.registry;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#scheduleSweep();
  }

  record(note: EventNote): void {
    const source = `${note.component} ${note.host ?? ''} ${
      note.about.metadata.uid
    }`;
    if (!this.#takeToken(source)) {
      return;
    }
    const key = [
      source,
      note.fieldPath,
      note.type,
      note.reason,
      note.message,
    ].join('\n');
    const known = this.#series.get(key);
    const earlier =
      known &&
      this.#registry.get({ apiVersion: 'v1', kind: 'Event', ...known });
    const now = timestamp(this.#clock.now());
    if (earlier && earlier.lastTimestamp) {
      this.#registry.replace(
        earlier,
        { ...earlier, count: earlier.count + 1, lastTimestamp: now },
        { manager: note.component },
      );
      return;
    }
    const event = this.#eventOf(note);
    try {
      this.#registry.create(event, { manager: note.component });
    } catch (error) {
      // The namespace may be on its way out: nobody will read the event there.
      if (!(error instanceof ApiError)) {
        throw error;
      }
      return;
    }
    this.#series.set(key, {
      namespace: event.metadata.namespace!,
      name: event.metadata.name,
    });
  }

  /** What a controller writes its events with. */
  writerOf(component: string): EventWriter {
    return (about, type, reason, message) =>
      this.record({ about, type, reason, message, component });
  }

  close(): void {
    this.#cancelSweep();
  }

  #eventOf(note: EventNote): KubernetesObject {
    const { about } = note;
    const namespace = about.metadata.namespace ?? 'default';
    const now = this.#clock.now();
    const times = note.action
      ? {
          eventTime: microTimestamp(now),
          firstTimestamp: null,
          lastTimestamp: null,
          source: {},
          action: note.action,
        }
      : {
          eventTime: null,
          firstTimestamp: timestamp(now),
          lastTimestamp: timestamp(now),
          count: 1,
          source: {
            component: note.component,
            ...(note.host ? { host: note.host } : {}),
          },
        };
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: `${about.metadata.name}.18${this.#random
          .uuid()
          .replace(/-/g, '')
          .slice(0, 14)}`,
        namespace,
      },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        name: about.metadata.name,
        ...(about.metadata.namespace ? { namespace } : {}),
        resourceVersion: about.metadata.resourceVersion,
        uid: about.metadata.uid,
        ...(note.fieldPath ? { fieldPath: note.fieldPath } : {}),
      },
      reason: note.reason,
      message: note.message.slice(0, 1024),
      type: note.type,
      reportingComponent: note.component,
      reportingInstance: note.action
        ? `${note.component}-control-plane`
        : note.host ?? '',
      ...times,
    };
  }

  #takeToken(source: string): boolean {
    const now = this.#clock.elapsed();
    const known = this.#tokens.get(source) ?? { left: BURST, at: now };
    const left = Math.min(BURST, known.left + (now - known.at) / REFILL_MS);
    this.#tokens.set(source, { left: left >= 1 ? left - 1 : left, at: now });
    return left >= 1;
  }

  #scheduleSweep(): void {
    this.#cancelSweep = this.#clock.schedule(SWEEP_MS, () => {
      this.#sweep();
      this.#scheduleSweep();
    });
  }

  #sweep(): void {
    const events = resourceOfKind('v1', 'Event')!;
    const oldest = this.#clock.now().getTime() - TTL_MS;
    for (const event of this.#registry.storage.list(events)) {
      const time =
        event.lastTimestamp ??
        event.eventTime ??
        event.metadata.creationTimestamp;
      if (new Date(time).getTime() < oldest) {
        this.#registry.storage.remove(events, event);
      }
    }
    for (const [key, series] of this.#series) {
      if (!this.#registry.get({ apiVersion: 'v1', kind: 'Event', ...series })) {
        this.#series.delete(key);
      }
    }
    for (const [source, { at }] of this.#tokens) {
      if (this.#clock.elapsed() - at > BURST * REFILL_MS) {
        this.#tokens.delete(source);
      }
    }
  }
}

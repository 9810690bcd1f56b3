import { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, gone } from '../ApiError';
import { ClusterFaults } from '../ClusterFaults';
import { ResourceType, storageOf } from '../resources';
import { Match } from '../selectors';
import { kindKey, RecordedEvent, Storage } from '../store/Storage';
import { KubernetesObject } from '../types';
import { checkNotInFuture, matcherOf } from './Lists';
import { Representation } from './representation';
import { flagIn, numberIn } from './requestInfo';

/** Bookmarks come about once a minute, and right before the end. */
const BOOKMARK_MS = 60_000;
const SHORTEST_MS = 30 * 60_000;
/** A client that does not read is not waited for. */
const MAX_UNREAD_BYTES = 32 * 1024 * 1024;

interface WatchRequest {
  request: IncomingMessage;
  response: ServerResponse;
  resource: ResourceType;
  namespace?: string;
  query: URLSearchParams;
  representation: Representation;
}

/** One client's stream of what changes. */
class Watch {
  readonly #given: WatchRequest;
  readonly #matches: Match;
  readonly #kind: string;
  readonly #storage: Storage;
  #lastVersion = 0;
  #isFirst = true;
  #isSilent = false;

  constructor(given: WatchRequest, storage: Storage) {
    this.#given = given;
    this.#storage = storage;
    this.#matches = matcherOf(given.resource, given.namespace, given.query);
    this.#kind = kindKey(storageOf(given.resource));
  }

  get response(): ServerResponse {
    return this.#given.response;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  silence(): void {
    this.#isSilent = true;
  }

  begin(): void {
    const { response, query } = this.#given;
    const asked = numberIn(query, 'resourceVersion') ?? 0;
    const current = this.#storage.resourceVersion;
    const initialEvents = flagIn(query, 'sendInitialEvents');
    checkNotInFuture(asked, current);
    // Asked before the answer begins: whoever resumes gets the events from there.
    const missed =
      asked > 0 && !initialEvents ? this.#storage.eventsSince(asked) : [];
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-cache, private',
    });
    response.flushHeaders();
    if (missed === undefined) {
      this.fail(
        gone(
          `too old resource version: ${asked} (${
            this.#storage.oldestVersion + 1
          })`,
        ),
      );
      return;
    }
    this.#lastVersion = Math.max(asked, initialEvents ? current : 0);
    if (asked === 0 || initialEvents) {
      this.#lastVersion = current;
      const objects = this.#storage
        .list(storageOf(this.#given.resource))
        .filter(this.#matches);
      objects.forEach(object => this.#send('ADDED', object));
    }
    if (initialEvents && flagIn(query, 'allowWatchBookmarks')) {
      this.bookmark({ 'k8s.io/initial-events-end': 'true' });
    }
    missed.forEach(event => this.tell(event));
  }

  tell(event: RecordedEvent): void {
    if (
      event.kind !== this.#kind ||
      event.resourceVersion <= this.#lastVersion
    ) {
      return;
    }
    this.#lastVersion = event.resourceVersion;
    const matchesNow = event.type !== 'DELETED' && this.#matches(event.object);
    const matchedBefore =
      event.before !== undefined && this.#matches(event.before);
    if (matchesNow) {
      this.#send(matchedBefore ? 'MODIFIED' : 'ADDED', event.object);
    } else if (matchedBefore) {
      this.#send(
        'DELETED',
        event.type === 'DELETED'
          ? event.object
          : asOf(event.before!, event.resourceVersion),
      );
    }
  }

  bookmark(annotations?: Record<string, string>): void {
    this.#write(
      'BOOKMARK',
      this.#given.representation.bookmark(
        this.#storage.resourceVersion,
        annotations,
      ),
    );
  }

  get wantsBookmarks(): boolean {
    return flagIn(this.#given.query, 'allowWatchBookmarks');
  }

  fail(error: ApiError): void {
    this.#write('ERROR', JSON.stringify(error.status));
    this.response.end();
  }

  end(): void {
    if (this.wantsBookmarks) {
      this.bookmark();
    }
    this.response.end();
  }

  #send(type: string, object: KubernetesObject): void {
    this.#write(
      type,
      this.#given.representation.watched(object, this.#isFirst),
    );
    this.#isFirst = false;
  }

  #write(type: string, object: string): void {
    if (
      this.#isSilent ||
      this.response.writableEnded ||
      this.response.destroyed
    ) {
      return;
    }
    if (this.response.writableLength > MAX_UNREAD_BYTES) {
      this.response.destroy();
      return;
    }
    this.response.write(`{"type":"${type}","object":${object}}\n`);
  }
}

/** What left a selector: as it was, at the version at which it left. */
function asOf(
  object: KubernetesObject,
  resourceVersion: number,
): KubernetesObject {
  return {
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(resourceVersion) },
  };
}

/** All open watches of a cluster. */
export class Watches {
  readonly #storage: Storage;
  readonly #faults: ClusterFaults;
  readonly #open = new Set<Watch>();
  readonly #stops: Array<() => void>;
  readonly #bookmarkTimer: NodeJS.Timeout;

  static create(options: {
    storage: Storage;
    faults: ClusterFaults;
    bookmarkMs?: number;
  }): Watches {
    return new Watches(options);
  }

  private constructor(options: {
    storage: Storage;
    faults: ClusterFaults;
    bookmarkMs?: number;
  }) {
    this.#storage = options.storage;
    this.#faults = options.faults;
    this.#stops = [
      options.storage.subscribe(event =>
        this.#open.forEach(watch => watch.tell(event)),
      ),
      options.faults.subscribe(() => this.#followFaults()),
    ];
    this.#bookmarkTimer = setInterval(
      () => this.#bookmark(),
      options.bookmarkMs ?? BOOKMARK_MS,
    );
    this.#bookmarkTimer.unref();
  }

  /** Answers a watch, until its time is over or the client goes. Throws ApiError before it began. */
  serve(given: WatchRequest): void {
    const watch = new Watch(given, this.#storage);
    const isGone = this.#faults.takeGoneWatch();
    if (isGone) {
      given.response.writeHead(200, { 'Content-Type': 'application/json' });
      watch.fail(
        gone(
          `too old resource version: ${
            given.query.get('resourceVersion') ?? 0
          } (${this.#storage.resourceVersion})`,
        ),
      );
      return;
    }
    watch.begin();
    if (given.response.writableEnded) {
      return;
    }
    this.#open.add(watch);
    const seconds = numberIn(given.query, 'timeoutSeconds') ?? 0;
    const timer = setTimeout(
      () => watch.end(),
      seconds > 0 ? seconds * 1000 : SHORTEST_MS + Math.random() * SHORTEST_MS,
    );
    given.response.on('close', () => {
      clearTimeout(timer);
      this.#open.delete(watch);
    });
  }

  close(): void {
    clearInterval(this.#bookmarkTimer);
    this.#stops.forEach(stop => stop());
    this.#open.forEach(watch => watch.response.destroy());
  }

  #bookmark(): void {
    for (const watch of this.#open) {
      if (watch.wantsBookmarks) {
        watch.bookmark();
      }
    }
  }

  #followFaults(): void {
    // Watches that are open outlive an expired token and a right that was taken, as they do with a real API server.
    const { down, hang } = this.#faults.state();
    for (const watch of this.#open) {
      if (hang) {
        watch.silence();
      } else if (down || watch.isSilent) {
        // What a silent watch missed it can never tell: its end makes the client look again.
        watch.response.socket?.destroy();
      }
    }
  }
}

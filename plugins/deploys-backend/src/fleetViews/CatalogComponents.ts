import { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { MAPPED_ENTITIES } from '@switchyard/backstage-plugin-deploys-common';

/** What of a component says which Applications and workloads are it, and whose it is. */
const FIELDS = [
  'apiVersion',
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.title',
  'metadata.annotations',
  'relations',
];
const RELATIONS_OF_INTEREST = new Set(['ownedBy', 'partOf']);
const ANNOTATION_OF_INTEREST =
  /^(argocd\/|switchyard\/|backstage\.io\/kubernetes-)/;

/** Components that one request asks for. */
export const PAGE_SIZE = 500;
/** The catalog tells nobody what changed in it. */
const REFRESH_MS = 60_000;
/** After a start the catalog may still be filling: it is read again after this, then after twice as long, and so on. */
const FIRST_REFRESH_MS = 4_000;
/** While nobody looks at the fleet. */
const IDLE_REFRESH_MS = 10 * 60_000;
const RETRY_MS = 10_000;

/** A component that is another than before, or new; without `entity` it is gone. */
export interface ComponentChange {
  ref: string;
  entity?: Entity;
}

/**
 * All components of the catalog, and whatever else in it is mapped as they are, with their annotations, in memory: read a page at a time with the plugin's own credentials, again each minute while
 * somebody looks at the fleet.
 */
export class CatalogComponents {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #logger: LoggerService;
  readonly #isWatched: () => boolean;
  readonly #onChanges: (changes: ComponentChange[]) => void;
  readonly #known = new Map<string, { entity: Entity; fingerprint: string }>();
  #timer: NodeJS.Timeout | undefined;
  #readAt = 0;
  #refreshMs = FIRST_REFRESH_MS;
  #isReading = false;
  #isStopped = false;

  static create(options: {
    catalog: CatalogService;
    auth: AuthService;
    logger: LoggerService;
    /** Whether somebody looks at what these are for. */
    isWatched: () => boolean;
    /** Told of the first reading too, once, though it were empty. Must not throw. */
    onChanges: (changes: ComponentChange[]) => void;
  }): CatalogComponents {
    return new CatalogComponents(options);
  }

  private constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    logger: LoggerService;
    isWatched: () => boolean;
    onChanges: (changes: ComponentChange[]) => void;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#logger = options.logger;
    this.#isWatched = options.isWatched;
    this.#onChanges = options.onChanges;
  }

  /** False until the catalog was read to the end once. */
  get isRead(): boolean {
    return this.#readAt > 0;
  }

  /** Somebody looks: reads now what has grown old while nobody did. */
  wake(): void {
    if (Date.now() - this.#readAt >= REFRESH_MS) this.#plan(0);
  }

  refs(): Iterable<string> {
    return this.#known.keys();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Reads the catalog; what was known stays where it cannot be read. Never rejects. */
  async read(): Promise<void> {
    if (this.#isReading || this.#isStopped) return;
    this.#isReading = true;
    let waitMs = RETRY_MS;
    try {
      const changes = await this.#readAll();
      if (this.#isStopped) return;
      const isFirst = !this.isRead;
      this.#readAt = Date.now();
      if (changes.length > 0 || isFirst) this.#onChanges(changes);
      const isFilling = this.#refreshMs < REFRESH_MS;
      waitMs =
        this.#isWatched() || isFilling ? this.#refreshMs : IDLE_REFRESH_MS;
      this.#refreshMs = Math.min(this.#refreshMs * 2, REFRESH_MS);
    } catch (error) {
      this.#logger.warn('Could not read the mapped entities of the catalog', {
        error: String(error),
      });
    } finally {
      this.#isReading = false;
      this.#plan(waitMs);
    }
  }

  #plan(waitMs: number) {
    if (this.#isStopped || this.#isReading) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.read(), waitMs);
    this.#timer.unref();
  }

  async #readAll(): Promise<ComponentChange[]> {
    const credentials = await this.#auth.getOwnServiceCredentials();
    const pages = this.#catalog.streamEntities(
      { query: MAPPED_ENTITIES, fields: FIELDS, pageSize: PAGE_SIZE },
      { credentials },
    );
    const seen = new Set<string>();
    const changes: ComponentChange[] = [];
    for await (const page of pages) {
      for (const found of page) {
        const entity = slim(found);
        const ref = stringifyEntityRef(entity);
        seen.add(ref);
        const fingerprint = JSON.stringify([entity.metadata, entity.relations]);
        if (this.#known.get(ref)?.fingerprint === fingerprint) continue;
        this.#known.set(ref, { entity, fingerprint });
        changes.push({ ref, entity });
      }
    }
    for (const ref of this.#known.keys()) {
      if (seen.has(ref)) continue;
      this.#known.delete(ref);
      changes.push({ ref });
    }
    return changes;
  }
}

/** Ten thousand of them are kept. */
function slim({ apiVersion, kind, metadata, relations }: Entity): Entity {
  const { name, namespace, title, annotations = {} } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      ...(title && { title }),
      annotations: Object.fromEntries(
        Object.entries(annotations).filter(([key]) =>
          ANNOTATION_OF_INTEREST.test(key),
        ),
      ),
    },
    relations: (relations ?? [])
      .filter(({ type }) => RELATIONS_OF_INTEREST.has(type))
      .map(({ type, targetRef }) => ({ type, targetRef })),
  };
}

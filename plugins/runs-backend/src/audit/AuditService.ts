import { NotAllowedError } from '@backstage/errors';
import {
  AuditEntry,
  AuditPage,
} from '@switchyard/backstage-plugin-runs-common';
import { Caller } from '../service/Caller';
import { TargetAuthorizer } from '../service/TargetAuthorizer';
import { CallOptions } from '../service/types';
import { AuditFilter, AuditStore } from './AuditStore';

/** Entries that are read at once for a file. */
const EXPORT_PAGE = 1_000;
/** Pages that are read for one answer where most entries are hidden from the person. */
const MAX_ROUNDS = 20;

/** The audit trail, as people read it. */
export interface AuditService {
  /** @throws NotAllowedError */
  list(
    request: { filter: AuditFilter; limit: number; cursor?: string },
    options: CallOptions,
  ): Promise<AuditPage>;
  /**
   * All entries, newest first, in pieces, as long as they are asked for.
   *
   * @throws NotAllowedError before the first piece
   */
  export(
    filter: AuditFilter,
    options: CallOptions,
  ): Promise<AsyncIterable<AuditEntry[]>>;
}

/** Which entities a person may see; each is asked for once. */
class Sight {
  readonly #caller: Caller;
  readonly #known = new Map<string, boolean>();

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  async filter(entries: AuditEntry[]): Promise<AuditEntry[]> {
    const refs = entries.flatMap(({ entityRef }) =>
      entityRef !== undefined && !this.#known.has(entityRef) ? [entityRef] : [],
    );
    const asked = [...new Set(refs)];
    const visible = await this.#caller.visible(asked);
    for (const ref of asked) this.#known.set(ref, visible.has(ref));
    return entries.filter(
      ({ entityRef }) =>
        entityRef === undefined || this.#known.get(entityRef) === true,
    );
  }
}

/** Tells each person of what happened to the entities that the person may see, where the person may see runs. */
export class AuthorizedAuditService implements AuditService {
  static create(options: {
    store: AuditStore;
    authorizer: TargetAuthorizer;
  }): AuthorizedAuditService {
    return new AuthorizedAuditService(options.store, options.authorizer);
  }

  readonly #store: AuditStore;
  readonly #authorizer: TargetAuthorizer;

  private constructor(store: AuditStore, authorizer: TargetAuthorizer) {
    this.#store = store;
    this.#authorizer = authorizer;
  }

  async list(
    request: { filter: AuditFilter; limit: number; cursor?: string },
    { caller }: CallOptions,
  ): Promise<AuditPage> {
    await this.#requireRead(caller);
    const { filter, limit } = request;
    const sight = new Sight(caller);
    const items: AuditEntry[] = [];
    let before = request.cursor;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const page = await this.#store.list(filter, { limit, before });
      const visible = await sight.filter(page);
      const taken = visible.slice(0, limit - items.length);
      items.push(...taken);
      // What is left of this page comes with the next one.
      if (taken.length < visible.length) {
        before = taken[taken.length - 1].id;
        break;
      }
      if (page.length < limit) return { items };
      before = page[page.length - 1].id;
      if (items.length === limit) break;
    }
    return { items, nextCursor: before };
  }

  async export(
    filter: AuditFilter,
    { caller }: CallOptions,
  ): Promise<AsyncIterable<AuditEntry[]>> {
    await this.#requireRead(caller);
    return this.#readAll(filter, new Sight(caller));
  }

  async *#readAll(
    filter: AuditFilter,
    sight: Sight,
  ): AsyncIterable<AuditEntry[]> {
    let before: string | undefined;
    for (;;) {
      const page = await this.#store.list(filter, {
        limit: EXPORT_PAGE,
        before,
      });
      yield await sight.filter(page);
      if (page.length < EXPORT_PAGE) return;
      before = page[page.length - 1].id;
    }
  }

  async #requireRead(caller: Caller): Promise<void> {
    const decisions = await this.#authorizer.decide(caller.credentials);
    if (!decisions.mayRead)
      throw new NotAllowedError('You may not see the audit trail of runs');
  }
}

import {
  AuthService,
  LoggerService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { CompoundEntityRef } from '@backstage/catalog-model';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { FleetSearchResult } from '@switchyard/backstage-plugin-deploys-common';
import { FleetService, SwitchyardConfig } from '@switchyard/fleet-node';
import { loadEntity } from '../service/loadEntity';
import { CallOptions } from '../service/types';
import { Channels } from '../watch/Channels';
import { CatalogComponents } from './CatalogComponents';
import { FleetRows } from './FleetRows';
import { FleetViewAnswer, FleetViews } from './FleetViews';
import { partOf } from './partOf';
import { searchRows } from './searchRows';
import { Visibility } from './Visibility';

/** Screens ask at least once a minute; when none has for this long, nothing is worked out any more. */
const FORGET_AFTER_MS = 10 * 60_000;
/** How long the first question waits for the lines to be there. */
const MAX_WAIT_MS = 3_000;
const LOOK_EVERY_MS = 20;

/** What the fleet pages ask for. Everything is cut to what the caller may see. */
export class FleetViewService {
  readonly #catalog: CatalogService;
  readonly #logger: LoggerService;
  readonly #fleet: FleetService;
  readonly #visibility: Visibility;
  readonly #components: CatalogComponents;
  readonly #rows: FleetRows;
  readonly #views: FleetViews;
  #askedAt = 0;
  /** Who waits for lines now. */
  #waiting = 0;
  #isComplete = false;

  /** Begins to read the catalog with {@link FleetViewService.start}, or with the first question. */
  static create(options: {
    auth: AuthService;
    catalog: CatalogService;
    fleet: FleetService;
    config: SwitchyardConfig;
    permissions: PermissionsService;
    channels: Channels;
    /** Must not throw. */
    publish: (channel: string, hash: string) => void;
    logger: LoggerService;
  }): FleetViewService {
    return new FleetViewService(options);
  }

  private constructor(options: Parameters<typeof FleetViewService.create>[0]) {
    const { fleet, config, logger } = options;
    const isWatched = () => this.#isWatched();
    this.#catalog = options.catalog;
    this.#logger = logger;
    this.#fleet = fleet;
    this.#visibility = Visibility.create(options);
    this.#rows = FleetRows.create({
      fleet,
      config,
      logger,
      isWatched,
      isWaitedFor: () => this.#waiting > 0,
      onChanges: changes => this.#views.changed(changes),
      onSettled: () => this.#noteCompletion(),
      onSources: () => this.#views.changedForAll(),
    });
    this.#views = FleetViews.create({
      ...options,
      rows: this.#rows,
      isComplete: () => this.#isComplete,
    });
    this.#components = CatalogComponents.create({
      ...options,
      isWatched,
      onChanges: changes => this.#rows.setComponents(changes),
    });
  }

  /** Reads the catalog, so that the first viewer need not wait for it. Lines are worked out once the fleet was read. */
  start(): void {
    this.#components.read();
  }

  /**
   * The lines that the caller may see; with `since` of an earlier answer those that may have changed.
   *
   * @throws NotAllowedError, ServiceUnavailableError
   */
  async getView(
    request: { since?: string },
    { credentials, signal }: CallOptions,
  ): Promise<FleetViewAnswer> {
    // Before anything is worked out for somebody who may not see it.
    const visibility = await this.#visibility.classOf(credentials);
    await this.#wake(signal);
    return this.#views.answer(visibility, request.since);
  }

  /**
   * The same for the components of a system, a domain, a group or a person.
   *
   * @throws NotFoundError when the catalog has no such entity for this caller; InputError for a kind that has no components; NotAllowedError,
   * ServiceUnavailableError
   */
  async getPart(
    request: { entityRef: CompoundEntityRef; since?: string },
    { credentials, signal }: CallOptions,
  ): Promise<FleetViewAnswer> {
    const [visibility, entity] = await Promise.all([
      this.#visibility.classOf(credentials),
      loadEntity(request.entityRef, {
        catalog: this.#catalog,
        logger: this.#logger,
        credentials,
      }),
    ]);
    const part = partOf(entity, visibility);
    await this.#wake(signal);
    return this.#views.answer(part, request.since);
  }

  /**
   * Components, Applications, pods, images and commits whose name holds a text.
   *
   * @throws NotAllowedError, ServiceUnavailableError
   */
  async search(
    request: { query: string },
    { credentials, signal }: CallOptions,
  ): Promise<FleetSearchResult> {
    const { sees } = await this.#visibility.classOf(credentials);
    await this.#wake(signal);
    const rows = this.#rows.rows();
    const refs = this.#components.refs();
    return searchRows(request.query.toLocaleLowerCase('en-US'), {
      rows: filter(rows, ({ row }) => sees(row.entity)),
      componentRefs: filter(refs, ref => sees({ ref })),
      fleet: this.#fleet,
    });
  }

  /** How many lines there are; for measuring. */
  get size(): number {
    return this.#rows.size;
  }

  stop(): void {
    this.#components.stop();
    this.#rows.stop();
    this.#views.stop();
  }

  async #wake(signal: AbortSignal): Promise<void> {
    const wasAsleep = !this.#isWatched();
    this.#askedAt = Date.now();
    this.#components.wake();
    this.#rows.wake();
    this.#noteCompletion();
    // What clusters have not told yet nobody waits for: the answer says that it is not complete.
    const isMissing = () =>
      !this.#components.isRead ||
      ((wasAsleep || !this.#isComplete) && this.#rows.isBehind);
    const deadline = Date.now() + MAX_WAIT_MS;
    this.#waiting += 1;
    while (isMissing() && Date.now() < deadline && !signal.aborted) {
      await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS));
      this.#noteCompletion();
    }
    this.#waiting -= 1;
  }

  #isWatched(): boolean {
    return Date.now() - this.#askedAt < FORGET_AFTER_MS;
  }

  /** Once complete it stays so: what changes later is news, and no line is missing. */
  #noteCompletion(): void {
    if (this.#isComplete) return;
    if (!this.#components.isRead || !this.#rows.isSettled) return;
    this.#isComplete = true;
    this.#views.changedForAll();
  }
}

function* filter<T>(items: Iterable<T>, isWanted: (item: T) => boolean) {
  for (const item of items) if (isWanted(item)) yield item;
}

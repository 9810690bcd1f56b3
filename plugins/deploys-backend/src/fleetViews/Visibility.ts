import { createHash } from 'node:crypto';
import {
  BackstageCredentials,
  LoggerService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { NotAllowedError, ServiceUnavailableError } from '@backstage/errors';
import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import { CatalogService } from '@backstage/plugin-catalog-node';
import {
  AuthorizeResult,
  PolicyDecision,
  ResourcePermission,
} from '@backstage/plugin-permission-common';
import {
  fleetReadPermission,
  FleetRow,
  FleetView,
  MAPPED_ENTITIES,
  stateReadPermission,
} from '@switchyard/backstage-plugin-deploys-common';
import { PAGE_SIZE } from './CatalogComponents';

/** How long what a class may see is believed: a permission that was taken away counts this much later. */
const BELIEVED_MS = 60_000;
/** Classes whose components are kept; the one that was asked for least recently goes first. */
const MAX_CLASSES = 100;

/** Viewers who see the same. */
export interface VisibilityClass {
  /** The same for the same class on all replicas. */
  key: string;
  scope: FleetView['scope'];
  /** Another one whenever what it sees may be something else than before. */
  since: number;
  /** Whether it sees what belongs to a component, and what belongs to none. */
  sees(entity: FleetRow['entity']): boolean;
}

/** Of the components that a class sees, to know whether they are others than before. */
const digests = new WeakMap<VisibilityClass, string>();

const EVERYTHING: VisibilityClass = {
  key: 'everything',
  scope: 'everything',
  since: 0,
  sees: () => true,
};

const ALL_COMPONENTS: VisibilityClass = {
  key: 'components',
  scope: 'components',
  since: 0,
  sees: entity => entity !== undefined,
};

const NOTHING: VisibilityClass = {
  key: 'nothing',
  scope: 'components',
  since: 0,
  sees: () => false,
};

/**
 * Finds out what a person may see of the fleet: what the catalog lets the person read, asked with the person's credentials, or all with
 * `deploys.fleet.read`. Where the catalog decides by conditions, people with the same conditions are one class, and the catalog is asked for the
 * components of that class once.
 */
export class Visibility {
  readonly #permissions: PermissionsService;
  readonly #catalog: CatalogService;
  readonly #logger: LoggerService;
  readonly #classes = new Map<
    string,
    { readAt: number; found: Promise<VisibilityClass> }
  >();
  #count = 0;

  static create(options: {
    permissions: PermissionsService;
    catalog: CatalogService;
    logger: LoggerService;
  }): Visibility {
    return new Visibility(options);
  }

  private constructor(options: Parameters<typeof Visibility.create>[0]) {
    this.#permissions = options.permissions;
    this.#catalog = options.catalog;
    this.#logger = options.logger;
  }

  /** @throws NotAllowedError without `deploys.state.read`; ServiceUnavailableError when the catalog cannot be asked */
  async classOf(credentials: BackstageCredentials): Promise<VisibilityClass> {
    const [state, fleet, entities] =
      await this.#permissions.authorizeConditional(
        // Basic permissions go with the other; their answers are never conditional.
        [
          stateReadPermission,
          fleetReadPermission,
          catalogEntityReadPermission,
        ].map(permission => ({ permission: permission as ResourcePermission })),
        { credentials },
      );
    if (state.result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        `You may not see the state of services: it needs the permission ${stateReadPermission.name}`,
      );
    }
    if (fleet.result === AuthorizeResult.ALLOW) return EVERYTHING;
    switch (entities.result) {
      case AuthorizeResult.ALLOW:
        return ALL_COMPONENTS;
      case AuthorizeResult.CONDITIONAL:
        return this.#conditionalClass(entities, credentials);
      default:
        return NOTHING;
    }
  }

  async #conditionalClass(
    decision: PolicyDecision & { result: AuthorizeResult.CONDITIONAL },
    credentials: BackstageCredentials,
  ): Promise<VisibilityClass> {
    const digest = createHash('sha256')
      .update(JSON.stringify(decision.conditions))
      .digest('base64url');
    const key = `conditions ${digest}`;
    const known = this.#classes.get(key);
    const isFresh = known && Date.now() - known.readAt < BELIEVED_MS;
    const entry = isFresh
      ? known
      : {
          readAt: Date.now(),
          found: this.#readClass(key, credentials, known?.found),
        };
    this.#classes.delete(key);
    this.#classes.set(key, entry);
    if (this.#classes.size > MAX_CLASSES) {
      const [oldest] = this.#classes.keys();
      this.#classes.delete(oldest);
    }
    try {
      return await entry.found;
    } catch (error) {
      if (this.#classes.get(key) === entry) this.#classes.delete(key);
      this.#logger.warn('The catalog could not be asked', {
        error: String(error),
      });
      throw new ServiceUnavailableError(
        'The catalog cannot be asked at the moment',
      );
    }
  }

  /** Asks the catalog itself, which knows its rules, those of a company's own too. */
  async #readClass(
    key: string,
    credentials: BackstageCredentials,
    before: Promise<VisibilityClass> | undefined,
  ): Promise<VisibilityClass> {
    const refs = new Set<string>();
    const pages = this.#catalog.streamEntities(
      {
        query: MAPPED_ENTITIES,
        fields: ['kind', 'metadata.name', 'metadata.namespace'],
        pageSize: PAGE_SIZE,
      },
      { credentials },
    );
    for await (const page of pages) {
      for (const entity of page) refs.add(stringifyEntityRef(entity));
    }
    const known = await before?.catch(() => undefined);
    const digest = createHash('sha256')
      .update([...refs].sort().join('\n'))
      .digest('base64url');
    if (known && digests.get(known) === digest) return known;
    this.#count += 1;
    const found: VisibilityClass = {
      key,
      scope: 'components',
      since: this.#count,
      sees: entity => entity !== undefined && refs.has(entity.ref),
    };
    digests.set(found, digest);
    return found;
  }
}

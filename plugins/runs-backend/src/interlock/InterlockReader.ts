import { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import {
  Entity,
  RELATION_CHILD_OF,
  RELATION_MEMBER_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import {
  FactReading,
  FactSource,
  getOwnerRefs,
} from '@switchyard/backstage-plugin-runs-node';
import { systemsOf } from '../locks/lockKeys';
import { CatalogReads } from './CatalogReads';
import { ActorStanding, InterlockInput, Reading } from './evaluate';

/** Cards wait for facts, and everything before an effect does; sources answer from memory, and the catalog in milliseconds. */
const TIME_LIMIT_MS = 2_000;
const LATE = `No answer within ${TIME_LIMIT_MS / 1_000} s.`;
/** Groups of groups of groups … */
const MAX_ANCESTRY = 10;

/** What a source answered. */
export type SourceReading = InterlockInput['facts'][number];

/** What the interlock needs to know at claim and effect about entity and person. */
export type Background = Reading<{
  /** Absent when it is no longer in the catalog. */
  entity?: Entity;
  standing: ActorStanding;
}>;

/** Reads what the interlock judges: facts from the sources, and entity and person from the catalog. Decides nothing. */
export class InterlockReader {
  static create(options: {
    sources: ReadonlyMap<string, FactSource>;
    catalog: CatalogService;
    auth: AuthService;
    accessMembers: ReadonlySet<string> | undefined;
    logger: LoggerService;
  }): InterlockReader {
    return new InterlockReader(options);
  }

  readonly #sources: ReadonlyMap<string, FactSource>;
  readonly #catalog: CatalogReads;
  readonly #accessMembers: ReadonlySet<string> | undefined;
  readonly #logger: LoggerService;

  private constructor(options: Parameters<typeof InterlockReader.create>[0]) {
    this.#sources = options.sources;
    this.#catalog = CatalogReads.create(options);
    this.#accessMembers = options.accessMembers;
    this.#logger = options.logger;
  }

  /** Asks all sources that know about the action at the same time. Each answers within the time limit, or counts as not readable. */
  async readFacts(request: {
    entity: Entity;
    environment: string;
    action: string;
    plan?: RunPlan;
  }): Promise<SourceReading[]> {
    const sources = [...this.#sources.values()].filter(source =>
      source.actions.includes(request.action),
    );
    return Promise.all(
      sources.map(async source => ({
        sourceId: source.id,
        reading: await this.#readSource(source, request),
        onlyFindings: source.onlyFindings,
      })),
    );
  }

  async #readSource(
    source: FactSource,
    request: {
      entity: Entity;
      environment: string;
      action: string;
      plan?: RunPlan;
    },
  ): Promise<FactReading> {
    try {
      return await withinTimeLimit(
        signal => source.read({ ...request, signal }),
        () => ({ state: 'not-readable', why: LATE }),
      );
    } catch (error) {
      this.#logger.warn('A fact source failed', {
        source: source.id,
        reason: String(error),
      });
      return {
        state: 'not-readable',
        why: 'It failed; the log of the backend says why.',
      };
    }
  }

  /** Entity and person as the catalog has them now, read with the plugin's own credentials: there is no user's token at this time. */
  async readBackground(options: {
    entityRef: string;
    actor: string;
    actorGroups: string[];
  }): Promise<Background> {
    try {
      return await withinTimeLimit(() => this.#askCatalog(options), refuse);
    } catch (error) {
      this.#logger.warn('The catalog could not be asked about a run', {
        reason: String(error),
      });
      return { state: 'not-readable', why: 'The catalog cannot be reached.' };
    }
  }

  /**
   * Entities as the catalog has them now, one place per ref, read with the plugin's own credentials.
   *
   * @throws when the catalog cannot be asked, or does not answer within the time limit
   */
  async readEntities(entityRefs: string[]): Promise<Array<Entity | undefined>> {
    return withinTimeLimit(() => this.#catalog.find(entityRefs), refuse);
  }

  /**
   * An entity as the catalog has it now, read with the plugin's own credentials.
   *
   * @throws when the catalog cannot be asked, or does not answer within the time limit
   */
  async readEntity(entityRef: string): Promise<Entity | undefined> {
    const [entity] = await this.readEntities([entityRef]);
    return entity;
  }

  /**
   * Systems of entities that deploy the same target, each with what they deploy: a lock on such a system binds the target too.
   *
   * @throws when the catalog cannot be asked, or does not answer within the time limit
   */
  async readSharedSystems(
    sharers: ReadonlyMap<string, string[]>,
  ): Promise<Map<string, string[]>> {
    if (sharers.size === 0) return new Map();
    const entities = await this.readEntities([...sharers.keys()]);
    const shared = [...sharers.values()];
    return new Map(
      entities.flatMap((entity, index) =>
        systemsOf(entity).map((system): [string, string[]] => [
          system,
          shared[index],
        ]),
      ),
    );
  }

  /**
   * What the catalog says now of each person and those of the groups that matter, by user entity ref.
   *
   * @throws when the catalog cannot be asked, or does not answer within the time limit
   */
  async readStandings(
    people: Array<{ userEntityRef: string; groups: string[] }>,
  ): Promise<Map<string, ActorStanding>> {
    const read = async ({ userEntityRef, groups }: (typeof people)[number]) => {
      const [user] = await this.#catalog.find([userEntityRef]);
      const lostGroups = user ? await this.#findLost(user, groups) : [];
      return [
        userEntityRef,
        { exists: user !== undefined, lostGroups },
      ] as const;
    };
    return new Map(
      await withinTimeLimit(() => Promise.all(people.map(read)), refuse),
    );
  }

  async #askCatalog(options: {
    entityRef: string;
    actor: string;
    actorGroups: string[];
  }): Promise<Background> {
    const [entity, user] = await this.#catalog.find([
      options.entityRef,
      options.actor,
    ]);
    const lostGroups = user
      ? await this.#findLostGroups({
          entity,
          user,
          groups: options.actorGroups,
        })
      : [];
    return {
      state: 'read',
      value: { entity, standing: { exists: user !== undefined, lostGroups } },
    };
  }

  async #findLostGroups(options: {
    entity?: Entity;
    user: Entity;
    groups: string[];
  }): Promise<string[]> {
    const owners = options.entity ? getOwnerRefs(options.entity) : [];
    const self = stringifyEntityRef(options.user).toLocaleLowerCase('en-US');
    const mattering = options.groups.filter(
      group =>
        group !== self &&
        (!this.#accessMembers ||
          owners.includes(group) ||
          this.#accessMembers.has(group)),
    );
    return this.#findLost(options.user, mattering);
  }

  /** Those of the groups that a person is in no more. */
  async #findLost(user: Entity, groups: string[]): Promise<string[]> {
    const known = new Set(relationsOf(user, RELATION_MEMBER_OF));
    const isLost = (group: string) => !known.has(group);
    // A sign-in may count the parents of one's groups; they are looked up only when something seems to be missing.
    let frontier = [...known];
    for (
      let depth = 0;
      groups.some(isLost) && frontier.length > 0 && depth < MAX_ANCESTRY;
      depth++
    ) {
      frontier = (await this.#readParents(frontier)).filter(isLost);
      for (const parent of frontier) known.add(parent);
    }
    return groups.filter(isLost);
  }

  async #readParents(groups: string[]): Promise<string[]> {
    const parents = await this.#catalog.find(groups);
    return parents.flatMap(group =>
      group ? relationsOf(group, RELATION_CHILD_OF) : [],
    );
  }
}

function relationsOf(entity: Entity, type: string): string[] {
  return (entity.relations ?? [])
    .filter(relation => relation.type === type)
    .map(relation => relation.targetRef.toLocaleLowerCase('en-US'));
}

function refuse(): never {
  throw new Error(LATE);
}

/** Does the work, or what is to be done when it takes too long; then nobody waits for it any more. */
async function withinTimeLimit<T>(
  work: (signal: AbortSignal) => Promise<T>,
  onLate: () => T,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, TIME_LIMIT_MS);
  }).then(() => {
    controller.abort();
    return onLate();
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

import {
  Entity,
  RELATION_DEPENDS_ON,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import {
  compareVersions,
  highestVersion,
  nextVersion,
  RegistryClient,
  VersionScheme,
} from '@switchyard/backstage-plugin-deploys-node';
import {
  Change,
  PlannedChild,
  PlanProblem,
  RunPlan,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import {
  EntityLookup,
  PlanRequest,
} from '@switchyard/backstage-plugin-runs-node';
import { FleetReader, SwitchyardConfig } from '@switchyard/fleet-node';
import { HotfixPlanner, NOTHING_TO_CHANGE } from '../hotfix/HotfixPlanner';
import { NO_SUCH_VERSION } from '../hotfix/warnings';
import { findWaves, Waves } from './findWaves';
import { inParallel } from './inParallel';
import { findService, nameServices, partsOf } from './services';
import { ReleaseInput } from './types';
import { buildWaveSteps } from './waveSteps';

/** Newest version of the plan's format. */
export const RELEASE_PLAN_VERSION = 1;
/** More would make a plan that nobody can read. */
export const MAX_SERVICES = 50;

/** Each is a look at two or more repositories and registries; others want to plan too. */
const PLANNED_AT_ONCE = 4;

/** A service with its plan. */
interface Planned {
  id: string;
  entity: Entity;
  plan: RunPlan;
}

/**
 * Makes the plan of a release: of each service that of a hotfix, put into an order. Changes nothing.
 */
export class ReleasePlanner {
  static create(options: {
    hotfixes: Pick<HotfixPlanner, 'plan'>;
    fleet: FleetReader;
    registry: RegistryClient;
    config: SwitchyardConfig;
    scheme: VersionScheme;
  }): ReleasePlanner {
    return new ReleasePlanner(options);
  }

  readonly #options: Parameters<typeof ReleasePlanner.create>[0];

  private constructor(options: Parameters<typeof ReleasePlanner.create>[0]) {
    this.#options = options;
  }

  /** A system is released wherever there is an environment: what of it runs there is seen when somebody asks. */
  environments(entity: Entity): string[] {
    return partsOf(entity).length > 0
      ? this.#options.config.environments.map(({ name }) => name)
      : [];
  }

  /** @throws InputError when it names no service, too many, or no version that could follow */
  async plan(
    request: PlanRequest<ReleaseInput>,
    lookup: EntityLookup,
  ): Promise<RunPlan> {
    const { entity, environment, input, signal } = request;
    const refs = [...new Set(input.services ?? partsOf(entity))];
    if (refs.length === 0)
      throw new InputError('input.services: name at least one component');
    if (refs.length > MAX_SERVICES)
      throw new InputError(
        `input.services: at most ${MAX_SERVICES} components are released at once`,
      );
    const entities = await lookup.find(refs);
    const gone = refs.filter((_, index) => !entities[index]);
    if (gone.length > 0)
      throw new InputError(
        `input.services: there is no ${gone.join(', ')} in the catalog`,
      );
    const services = nameServices(entities as Entity[]);
    const version =
      input.version ?? (await this.#findNext(services, request, input.title!));
    const planned = await inParallel(
      services,
      PLANNED_AT_ONCE,
      async ({ id, entity: component }): Promise<Planned> => ({
        id,
        entity: component,
        plan: await this.#options.hotfixes.plan({
          entity: component,
          environment,
          input: { version },
          signal,
        }),
      }),
    );
    return this.#join({ planned, version, request });
  }

  #join(options: {
    planned: Planned[];
    version: string;
    request: PlanRequest<ReleaseInput>;
  }): RunPlan {
    const { planned, version, request } = options;
    const { entity, environment, input } = request;
    const [there, shipped] = [
      planned.filter(isThere),
      planned.filter(each => !isThere(each)),
    ];
    const order = findWaves(
      shipped.map(({ id, entity: component }) => ({
        id,
        dependsOn: dependenciesOf(component, planned),
      })),
    );
    const problems = findProblems(shipped, version, order);
    const waves = 'waves' in order ? order.waves : [];
    const count =
      shipped.length === 1 ? '1 service' : `${shipped.length} services`;
    return {
      kind: 'release',
      version: RELEASE_PLAN_VERSION,
      entityRef: stringifyEntityRef(entity),
      environment,
      title: `Release ${version} of ${count} to ${environment}`,
      intent: {
        action: 'release',
        version,
        onFailure: input.onFailure ?? 'stop',
        waves,
      },
      keys: [],
      children: shipped.map(
        ({ id, plan }): PlannedChild => ({ id, input: { version }, plan }),
      ),
      steps: problems.length > 0 ? [] : buildWaveSteps(waves, input.onFailure),
      changes: shipped.map(each => this.#describe(each, version, request)),
      warnings: there.map(
        ({ id }): Warning => ({
          what: `${id} is left out`,
          why: `${version} is set for it already.`,
        }),
      ),
      problems,
      undo: 'Roll back each service by itself: no run of another is needed for that',
    };
  }

  #describe(
    { id, entity, plan }: Planned,
    version: string,
    { environment }: PlanRequest<ReleaseInput>,
  ): Change {
    const { fleet, config } = this.#options;
    const { current } = findService({ entity, environment }, fleet, config);
    return {
      system: 'switchyard',
      what: `version of ${id}`,
      ref: plan.entityRef,
      before: current.join(', ') || undefined,
      after: version,
    };
  }

  /** What follows the highest version that any of the services has. */
  async #findNext(
    services: ReadonlyArray<{ id: string; entity: Entity }>,
    { environment, signal }: PlanRequest<ReleaseInput>,
    title: string,
  ): Promise<string> {
    const { fleet, config, registry, scheme } = this.#options;
    const highest = await inParallel(
      services,
      PLANNED_AT_ONCE,
      async ({ entity }) => {
        const { wanted } = findService({ entity, environment }, fleet, config);
        if (!wanted) return undefined;
        const { repository, tagPrefix } = wanted;
        const tags = await registry.listTags(repository, { signal });
        return highestVersion(tags, {
          service: entity.metadata.name,
          tagPrefix,
          scheme,
        });
      },
    );
    const current = highest
      .flatMap(each => each ?? [])
      .sort(compareVersions)
      .at(-1);
    const next =
      current === undefined ? undefined : nextVersion(current, title, scheme);
    if (next === undefined)
      throw new InputError(
        'input.title: no image of these services has a version that another could follow; give the version itself',
      );
    return next;
  }
}

function dependenciesOf(
  entity: Entity,
  services: readonly Planned[],
): string[] {
  const targets = (entity.relations ?? [])
    .filter(({ type }) => type === RELATION_DEPENDS_ON)
    .map(({ targetRef }) => targetRef.toLocaleLowerCase('en-US'));
  return services
    .filter(each =>
      targets.includes(
        stringifyEntityRef(each.entity).toLocaleLowerCase('en-US'),
      ),
    )
    .map(({ id }) => id);
}

function isThere({ plan }: Planned): boolean {
  return (
    plan.problems.length === 1 && plan.problems[0].what === NOTHING_TO_CHANGE
  );
}

/** What the plan says as a whole; each service says by itself why. */
function findProblems(
  shipped: readonly Planned[],
  version: string,
  order: Waves,
): PlanProblem[] {
  const lacking = shipped.filter(({ plan }) =>
    plan.problems.some(({ what }) => what === NO_SUCH_VERSION),
  );
  const others = shipped.filter(
    each => each.plan.problems.length > 0 && !lacking.includes(each),
  );
  return [
    ...(shipped.length === 0
      ? [
          {
            what: NOTHING_TO_CHANGE,
            why: `${version} is set for all of them already`,
            field: 'version',
          },
        ]
      : []),
    ...(lacking.length > 0
      ? [
          {
            what: 'Images are missing',
            why: `The registry has no ${version} of ${namesOf(lacking)}`,
            field: 'version',
          },
        ]
      : []),
    ...(others.length > 0
      ? [
          {
            what: 'Not all can be shipped',
            why: `Something stands in the way of ${namesOf(
              others,
            )}: leave them out, or see to it first`,
            field: 'services',
          },
        ]
      : []),
    ...('cycle' in order
      ? [
          {
            what: 'Services depend on each other',
            why: `There is no order for ${order.cycle.join(
              ' → ',
            )}: leave one of them out, or correct dependsOn in the catalog`,
            field: 'services',
          },
        ]
      : []),
  ];
}

function namesOf(services: readonly Planned[]): string {
  return services
    .map(({ id }) => id)
    .sort()
    .join(', ');
}

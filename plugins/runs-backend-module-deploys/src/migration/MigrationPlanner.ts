import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import {
  PlannedStep,
  PlanProblem,
  RunPlan,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import { PlanRequest } from '@switchyard/backstage-plugin-runs-node';
import {
  FleetReader,
  FleetService,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { environmentsWithApplications } from '../operations/applicationsByEnvironment';
import {
  applicationKey,
  ApplicationTarget,
  describePlaces,
  findApplicationTargets,
  intentOf,
  titleOf,
  uniqueNames,
} from '../operations/applicationTargets';
import { operationSteps } from '../operations/operationSteps';
import { readApplication } from '../operations/readApplication';
import { distinct, warnOfApplications } from '../operations/warnings';
import { JudgedMigration, judgeMigration } from './judgeMigration';
import { MigrateInput, RerunMigrationInput } from './types';

/** Newest version of the plan's format. */
export const MIGRATION_PLAN_VERSION = 1;

/** An Application of the target, and what became of its last migration. */
interface JudgedTarget {
  target: ApplicationTarget;
  migration: JudgedMigration;
}

/**
 * Makes the plan of another run of a migration: by a sync, in which it runs before everything else. One after another, where there are several. Changes nothing.
 */
export class MigrationPlanner {
  readonly #fleet: FleetReader & Pick<FleetService, 'argo'>;
  readonly #config: SwitchyardConfig;

  static create(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    config: SwitchyardConfig;
  }): MigrationPlanner {
    return new MigrationPlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    config: SwitchyardConfig;
  }) {
    this.#fleet = options.fleet;
    this.#config = options.config;
  }

  /** Those in which an Application of the entity has a Job that is a hook. */
  environments(entity: Entity): string[] {
    return environmentsWithApplications(
      entity,
      this.#fleet,
      this.#config,
    ).filter(environment =>
      findApplicationTargets(
        { entity, environment },
        this.#fleet,
        this.#config,
      ).targets.some(({ deployment }) =>
        deployment.application.resources.some(
          ({ kind, hook }) => kind === 'Job' && hook,
        ),
      ),
    );
  }

  async plan(request: PlanRequest<MigrateInput>): Promise<RunPlan> {
    const { entity, environment, input, signal } = request;
    const { again = false, applications } = input;
    const entityRef = stringifyEntityRef(entity);
    const found = findApplicationTargets(
      { entity, environment, names: applications },
      this.#fleet,
      this.#config,
    );
    const looks = await Promise.all(
      found.targets.map(target => this.#look(target, signal)),
    );
    const judged = looks.flatMap(look => ('migration' in look ? [look] : []));
    const refusals = judged.flatMap(each => refuse(each, again));
    // Who names none means those whose migration has failed.
    const meant = judged.filter(each => refuse(each, again).length === 0);
    const running = judged.filter(
      ({ migration }) => migration.state === 'running',
    );
    const problems: PlanProblem[] = [
      ...found.problems,
      ...looks.flatMap(look => ('migration' in look ? [] : [look])),
      ...(applications || meant.length === 0 || running.length > 0
        ? refusals
        : []),
    ];
    const targets = meant.map(({ target }) => target);
    return {
      kind: 'migrate',
      version: MIGRATION_PLAN_VERSION,
      entityRef,
      environment,
      title: describeTitle(targets),
      intent: {
        action: 'migrate',
        again,
        targets: meant.map(({ target, migration }) => ({
          ...intentOf(target),
          // Another failure, or a success, is another plan.
          migration: { state: migration.state, told: migration.told },
        })),
      },
      keys: [
        `target:${entityRef}@${environment}`,
        ...targets.map(({ id }) => applicationKey(id)),
      ].sort(),
      steps: problems.length > 0 ? [] : buildSteps(targets, again),
      changes: meant.flatMap(({ target, migration }) => [
        {
          system: 'argocd',
          what: `migration of ${target.id.name}`,
          ref: migration.hook
            ? `Job ${migration.hook.namespace}/${migration.hook.name}`
            : target.id.name,
          cluster: target.place,
          before: migration.text,
          after: 'runs again',
        },
        {
          system: 'argocd',
          what: `sync of Application ${target.id.name}`,
          ref: target.id.name,
          cluster: target.place,
          before: target.deployment.application.sync.status,
          after: 'as its sources say, once the migration has succeeded',
        },
      ]),
      warnings: distinct([
        ...warnOfApplications(targets, this.#fleet),
        ...meant.flatMap(findWarnings),
      ]),
      problems: distinct(problems),
      undo: 'What a migration has done is not taken back: ship a version whose migration undoes it',
    };
  }

  async #look(
    target: ApplicationTarget,
    signal: AbortSignal,
  ): Promise<JudgedTarget | PlanProblem> {
    const { id, deployment } = target;
    const read = await readApplication(this.#fleet, id, {
      unknown: `What became of the migration of ${id.name}`,
      signal,
    });
    if ('problem' in read) return read.problem;
    return {
      target,
      migration: judgeMigration(
        { application: read.full, id, cluster: deployment.cluster ?? null },
        this.#fleet,
      ),
    };
  }
}

/** Why the migration is not run again. */
function refuse(
  { target, migration }: JudgedTarget,
  again: boolean,
): PlanProblem[] {
  const { name } = target.id;
  const ref = titleOf(target.deployment.application);
  switch (migration.state) {
    case 'failed':
    case 'stopped':
      return [];
    case 'running':
      return [
        {
          what: 'It is running',
          why: `${migration.text} for ${name}; two at once are never run`,
          ref,
        },
      ];
    case 'ran':
      return again
        ? []
        : [
            {
              what: 'It has succeeded',
              why: `${migration.text} for ${name}. To run it once more all the same, say so`,
              ref,
              field: 'again',
            },
          ];
    case 'none':
    case 'not-started':
      return [
        {
          what: 'No migration has run',
          why: `${migration.text} (${name}): a sync runs what there is to run`,
          ref,
        },
      ];
    default:
      return again
        ? []
        : [
            {
              what: 'Whether it has succeeded is not known',
              why: `${migration.text} (${name}). To run it all the same, say so`,
              ref,
              field: 'again',
            },
          ];
  }
}

function findWarnings({ target, migration }: JudgedTarget): Warning[] {
  const { name } = target.id;
  const ref = titleOf(target.deployment.application);
  const warnings: Warning[] = [
    {
      what: 'It deploys too',
      why: `The migration is a hook: once it has succeeded, Argo CD applies all that Git says of ${name} by then`,
      ref,
    },
  ];
  if (migration.state === 'stopped')
    warnings.push({
      what: 'The state of the database is not known',
      why: `${migration.text}. Look at the database first`,
      ref,
    });
  else
    warnings.push({
      what: 'It has to find done what it has done',
      why: `The whole migration of ${name} runs again, from its beginning`,
      ref,
    });
  return warnings;
}

function describeTitle(targets: readonly ApplicationTarget[]): string {
  const what =
    targets.length === 1
      ? `the migration of ${targets[0].id.name}`
      : `${targets.length} migrations`;
  return `Run ${what} again in ${describePlaces(
    targets.map(({ place }) => place),
  )}`;
}

/** One after another: clusters often share the database. */
function buildSteps(
  targets: readonly ApplicationTarget[],
  again: boolean,
): PlannedStep[] {
  const names = uniqueNames(targets.map(({ id }) => id.name));
  return targets.flatMap((target, index) => {
    const input: RerunMigrationInput = {
      application: target.id,
      cluster: target.deployment.cluster ?? null,
      resources: null,
      prune: false,
      force: false,
      refresh: null,
      again,
    };
    return operationSteps({
      target,
      name: names[index],
      operation: {
        id: `migrate.${names[index]}`,
        title: `Run the migration of ${target.id.name} again`,
        handler: 'rerun-migration',
        input,
        ...(index > 0 && { needs: [`settle.${names[index - 1]}`] }),
      },
    });
  });
}

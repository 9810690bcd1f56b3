import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import {
  Change,
  PlannedStep,
  PlanProblem,
  RunPlan,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import { PlanRequest } from '@switchyard/backstage-plugin-runs-node';
import {
  Application,
  ApplicationResource,
  FleetReader,
  FleetService,
  migrationHooksOf,
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
import { RequestSyncInput, SyncInput, SyncResource } from './types';

/** Newest version of the plan's format. */
export const SYNC_PLAN_VERSION = 1;

/** An Application with what a sync of it would be about. */
interface Looked {
  target: ApplicationTarget;
  full: Application;
  /** Those that are asked for; undefined for all. */
  resources: SyncResource[] | undefined;
}

/**
 * Makes the plan of a sync: what Argo CD says differs, and what the options would do to it. Changes nothing.
 */
export class SyncPlanner {
  readonly #fleet: FleetReader & Pick<FleetService, 'argo'>;
  readonly #config: SwitchyardConfig;

  static create(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    config: SwitchyardConfig;
  }): SyncPlanner {
    return new SyncPlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    config: SwitchyardConfig;
  }) {
    this.#fleet = options.fleet;
    this.#config = options.config;
  }

  environments(entity: Entity): string[] {
    return environmentsWithApplications(entity, this.#fleet, this.#config);
  }

  async plan(request: PlanRequest<SyncInput>): Promise<RunPlan> {
    const { entity, environment, input, signal } = request;
    const found = findApplicationTargets(
      { entity, environment, names: input.applications },
      this.#fleet,
      this.#config,
    );
    const looks = await Promise.all(
      found.targets.map(target => this.#look(target, input, signal)),
    );
    const looked = looks
      .flatMap(look => ('full' in look ? [look] : []))
      // Of several Applications those are meant that have one of the resources.
      .filter(({ resources }) => resources?.length !== 0);
    const problems: PlanProblem[] = [
      ...found.problems,
      ...looks.flatMap(look => ('full' in look ? [] : [look])),
      ...findUnknownResources(input.resources ?? [], looked),
    ];
    const targets = looked.map(({ target }) => target);
    return {
      kind: 'sync',
      version: SYNC_PLAN_VERSION,
      entityRef: stringifyEntityRef(entity),
      environment,
      title: describeTitle(looked, input),
      intent: describeIntent(looked, input),
      keys: [
        `target:${stringifyEntityRef(entity)}@${environment}`,
        ...targets.map(({ id }) => applicationKey(id)),
      ].sort(),
      steps: problems.length > 0 ? [] : buildSteps(looked, input),
      changes: looked.flatMap(each => describeDifferences(each, input)),
      warnings: distinct([
        ...warnOfApplications(targets, this.#fleet),
        ...looked.flatMap(each => findWarnings(each, input)),
      ]),
      problems: distinct(problems),
      undo: 'A sync is not taken back: revert the change in Git, or roll back to a version that ran',
    };
  }

  async #look(
    target: ApplicationTarget,
    input: SyncInput,
    signal: AbortSignal,
  ): Promise<Looked | PlanProblem> {
    const read = await readApplication(this.#fleet, target.id, {
      unknown: 'What a sync would change',
      // A preview of a sync that begins with a look at Git shows what that look finds.
      refresh: input.refresh,
      signal,
    });
    if ('problem' in read) return read.problem;
    const { full } = read;
    const resources =
      input.resources &&
      (full.status?.resources ?? [])
        .filter(resource =>
          input.resources!.some(wanted => isSame(wanted, resource)),
        )
        .map(toResource);
    return { target, full, resources };
  }
}

function findUnknownResources(
  wanted: readonly SyncResource[],
  looked: readonly Looked[],
): PlanProblem[] {
  return wanted
    .filter(
      resource =>
        !looked.some(({ resources }) =>
          resources?.some(each => isSame(resource, each)),
        ),
    )
    .map(({ kind, name }) => ({
      what: 'No such resource',
      why: `None of the Applications manages a ${kind} ${name}`,
      field: 'resources',
    }));
}

function describeTitle(
  looked: readonly Looked[],
  { resources, prune, force }: SyncInput,
): string {
  const how = [prune && 'prune', force && 'force'].filter(Boolean).join(', ');
  const what =
    looked.length === 1
      ? looked[0].target.id.name
      : `${looked.length} Applications`;
  const places = describePlaces(looked.map(({ target }) => target.place));
  const some = resources
    ? `${
        resources.length === 1 ? '1 resource' : `${resources.length} resources`
      } of `
    : '';
  return `Sync ${some}${what} in ${places}${how ? ` (${how})` : ''}`;
}

function describeIntent(
  looked: readonly Looked[],
  { prune = false, force = false, refresh }: SyncInput,
): JsonObject {
  return {
    action: 'sync',
    prune,
    force,
    refresh: refresh ?? null,
    targets: looked.map(({ target, resources }) => ({
      ...intentOf(target),
      resources: resources ?? null,
    })),
  };
}

/** What Argo CD says differs, and what a sync would do to it. */
export function describeDifferences(
  { target, full, resources }: Looked,
  { prune }: Pick<SyncInput, 'prune'>,
): Change[] {
  const all = (full.status?.resources ?? []).filter(
    resource =>
      !resource.hook &&
      (!resources || resources.some(each => isSame(each, resource))),
  );
  const differing = all.filter(({ status }) => status === 'OutOfSync');
  const base = { system: 'argocd', cluster: target.place };
  if (differing.length === 0)
    return [
      {
        ...base,
        what: `sync of Application ${target.id.name}`,
        ref: target.id.name,
        before: 'as its sources say',
        after: 'applied again',
      },
    ];
  return differing.map(resource => ({
    ...base,
    what: `${resource.kind} ${resource.name}`,
    ref: `${target.id.name}: ${[resource.namespace, resource.name]
      .filter(Boolean)
      .join('/')}`,
    before: resource.requiresPruning ? 'no longer in Git' : 'OutOfSync',
    after: describeAfter(resource, prune),
  }));
}

function describeAfter(
  { requiresPruning }: ApplicationResource,
  prune: boolean | undefined,
): string {
  if (!requiresPruning) return 'as its sources say';
  return prune ? 'deleted' : 'left, as nothing is pruned';
}

function findWarnings(
  { target, full, resources }: Looked,
  { prune, force }: SyncInput,
): Warning[] {
  const { name } = target.id;
  const ref = titleOf(target.deployment.application);
  const warnings: Warning[] = [];
  const toPrune = (full.status?.resources ?? []).filter(
    resource =>
      resource.requiresPruning &&
      (!resources || resources.some(each => isSame(each, resource))),
  );
  if (prune)
    warnings.push({
      what: 'Prune deletes',
      why:
        toPrune.length === 0
          ? `Nothing of ${name} has to go now; what Git no longer has when the sync begins is deleted`
          : `${toPrune
              .map(({ kind, name: each }) => `${kind} ${each}`)
              .join(', ')} of ${name}, and nobody makes it again`,
      ref,
    });
  if (force)
    warnings.push({
      what: 'Force deletes and creates again',
      why: `What cannot be changed in place is deleted first: pods of ${name} may all be gone for a while, and data of a claim with them`,
      ref,
    });
  const hooks = migrationHooksOf(full.status?.operationState ?? {});
  if (resources)
    warnings.push({
      what: 'Hooks do not run',
      why: `A sync of single resources runs no hooks, no migration among them, and leaves no history: if another operation follows at once, what became of it is not known`,
      ref,
    });
  else if (hooks.length > 0)
    warnings.push({
      what: 'The migration runs again',
      why: `Hook ${hooks[0].kind} ${hooks[0].name} runs in each sync of ${name}; it has to find done what it has done`,
      ref,
    });
  if (full.metadata.deletionTimestamp)
    warnings.push({
      what: 'Being deleted',
      why: `${name} is being deleted; Argo CD refuses to sync it`,
      ref,
    });
  return warnings;
}

function buildSteps(
  looked: readonly Looked[],
  { prune = false, force = false, refresh }: SyncInput,
): PlannedStep[] {
  const names = uniqueNames(looked.map(({ target }) => target.id.name));
  return looked.flatMap(({ target, resources }, index) => {
    const input: RequestSyncInput = {
      application: target.id,
      cluster: target.deployment.cluster ?? null,
      resources: resources ?? null,
      prune,
      force,
      refresh: refresh ?? null,
    };
    return operationSteps({
      target,
      name: names[index],
      operation: {
        id: `sync.${names[index]}`,
        title: `Sync ${target.id.name}`,
        handler: 'request-sync',
        input,
      },
      only: resources,
    });
  });
}

function isSame(
  a: Omit<SyncResource, 'group'> & { group?: string },
  b: Omit<SyncResource, 'group'> & { group?: string },
): boolean {
  return (
    (a.group ?? '') === (b.group ?? '') &&
    a.kind === b.kind &&
    a.name === b.name &&
    // Nobody has to know the namespace where there is one of the name only.
    (a.namespace === undefined || a.namespace === (b.namespace ?? ''))
  );
}

function toResource({
  group = '',
  kind,
  namespace,
  name,
}: ApplicationResource): SyncResource {
  return { group, kind, ...(namespace && { namespace }), name };
}

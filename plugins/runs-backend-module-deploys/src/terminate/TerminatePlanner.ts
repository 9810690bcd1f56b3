import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
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
  FleetReader,
  FleetService,
  isStopped,
  migrationHooksOf,
  OperationState,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { describeOperation } from '../argocd/describeOperation';
import { isOver } from '../argocd/operationEvidence';
import { infoOf, operationIdOf, RUN_INFO } from '../argocd/operationIdentity';
import { exactly } from '../exactly';
import { environmentsWithApplications } from '../operations/applicationsByEnvironment';
import {
  ApplicationTarget,
  describePlaces,
  findApplicationTargets,
  intentOf,
  operationKey,
  titleOf,
  uniqueNames,
} from '../operations/applicationTargets';
import { readApplication } from '../operations/readApplication';
import { distinct } from '../operations/warnings';
import { describeHook, hooksAtWork } from './hooks';
import { TerminateInput, TerminateStepInput } from './types';

/** Newest version of the plan's format. */
export const TERMINATE_PLAN_VERSION = 1;

const MINUTE_MS = 60_000;
/** A sync of hundreds of resources with a migration takes its time, and is not stuck. */
const YOUNG_MS = 10 * MINUTE_MS;
const TIMEOUT_MS = 10 * MINUTE_MS;

/** An operation of Argo CD that is under way. */
interface Running {
  target: ApplicationTarget;
  state: OperationState;
  /** By `operationIdOf`. */
  id: string;
}

/**
 * Makes the plan of stopping what Argo CD is doing: which operation that is, how long it has been at it, and what would be left half-done. Changes nothing.
 */
export class TerminatePlanner {
  readonly #fleet: FleetReader & Pick<FleetService, 'argo'>;
  readonly #config: SwitchyardConfig;

  static create(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    config: SwitchyardConfig;
  }): TerminatePlanner {
    return new TerminatePlanner(options);
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

  async plan(request: PlanRequest<TerminateInput>): Promise<RunPlan> {
    const { entity, environment, input, signal } = request;
    const found = findApplicationTargets(
      { entity, environment, names: input.applications },
      this.#fleet,
      this.#config,
    );
    const looks = await Promise.all(
      found.targets.map(target => this.#look(target, signal)),
    );
    const running = looks.flatMap(look => ('state' in look ? [look] : []));
    const idle = looks.flatMap(look => ('idle' in look ? [look] : []));
    const problems: PlanProblem[] = [
      ...found.problems,
      ...looks.flatMap(look => ('problem' in look ? [look.problem] : [])),
      // Of several Applications those are meant that Argo CD works on.
      ...(input.applications || running.length === 0
        ? idle.map(describeIdle)
        : []),
    ];
    return {
      kind: 'terminate',
      version: TERMINATE_PLAN_VERSION,
      entityRef: stringifyEntityRef(entity),
      environment,
      title: describeTitle(running),
      intent: {
        action: 'terminate',
        targets: running.map(({ target, id }) => ({
          ...intentOf(target),
          operation: id,
        })),
      },
      // Not the Application's own: the run that waits for the operation may well hold that.
      keys: running.map(({ target }) => operationKey(target.id)).sort(),
      steps: problems.length > 0 ? [] : buildSteps(running),
      changes: running.flatMap(describeChanges),
      warnings: distinct(running.flatMap(findWarnings)),
      problems: distinct(problems),
      undo: 'Sync again: what was applied stays, and the rest is applied then',
    };
  }

  async #look(
    target: ApplicationTarget,
    signal: AbortSignal,
  ): Promise<
    | Running
    | { idle: ApplicationTarget; full: Application }
    | { problem: PlanProblem }
  > {
    const read = await readApplication(this.#fleet, target.id, {
      unknown: 'What it is doing',
      signal,
    });
    if ('problem' in read) return read;
    const { full } = read;
    const state = full.status?.operationState;
    const id = operationIdOf(state);
    return state && id !== null && !isOver(state)
      ? { target, state, id }
      : { idle: target, full };
  }
}

function describeIdle({
  idle,
  full,
}: {
  idle: ApplicationTarget;
  full: Application;
}): PlanProblem {
  const ref = titleOf(idle.deployment.application);
  return full.operation
    ? {
        what: 'The operation has not begun',
        why: `One was asked for on ${idle.id.name}, and Argo CD has not taken it up yet; before that it cannot be stopped`,
        ref,
      }
    : {
        what: 'No operation is running',
        why: `Argo CD does nothing to ${idle.id.name} now`,
        ref,
      };
}

function describeTitle(running: readonly Running[]): string {
  const places = describePlaces(running.map(({ target }) => target.place));
  return running.length === 1
    ? `Stop the operation on ${running[0].target.id.name} in ${places}`
    : `Stop ${running.length} operations in ${places}`;
}

function describeChanges({ target, state }: Running): Change[] {
  const base = { system: 'argocd', cluster: target.place };
  return [
    {
      ...base,
      what: `operation on Application ${target.id.name}`,
      ref: target.id.name,
      before: `${describeOperation(state)}, since ${exactly(state.startedAt)}`,
      after: 'stopped',
    },
    ...hooksAtWork(state).map(hook => ({
      ...base,
      what: describeHook(hook),
      ref: `${target.id.name}: ${hook.namespace}/${hook.name}`,
      before: 'at work',
      after: 'deleted, half-done',
    })),
  ];
}

function findWarnings({ target, state }: Running): Warning[] {
  const { name } = target.id;
  const ref = titleOf(target.deployment.application);
  const found: Warning[] = [];
  const migrations = new Set(migrationHooksOf(state).map(each => each.name));
  for (const hook of hooksAtWork(state))
    found.push(
      migrations.has(hook.name)
        ? {
            what: 'The migration is left half-done',
            why: `${describeHook(
              hook,
            )} is at work and is deleted with the operation: what it has done in the database by then is not known`,
            ref,
          }
        : {
            what: 'A hook is left half-done',
            why: `${describeHook(
              hook,
            )} is at work and is deleted with the operation`,
            ref,
          },
    );
  if (isStopped(state))
    found.push({
      what: 'It is being stopped already',
      why: `Argo CD was asked to stop the operation on ${name}, and has not come to that yet`,
      ref,
    });
  const ageMs = Date.now() - Date.parse(state.startedAt);
  if (ageMs < YOUNG_MS)
    found.push({
      what: 'It may not be stuck',
      why: `The operation on ${name} has been running since ${exactly(
        state.startedAt,
      )} only; a sync with a migration takes its time`,
      ref,
    });
  const run = infoOf(state.operation, RUN_INFO);
  if (run !== undefined)
    found.push({
      what: 'A run waits for it',
      why: `Run ${run} has asked for the operation on ${name}, and ends with it`,
      ref,
    });
  if (target.deployment.application.autoSync.enabled)
    found.push({
      what: 'Auto-sync is on',
      why: `Argo CD does not try the same revision of ${name} again by itself, but syncs the next commit at once`,
      ref,
    });
  return found;
}

function buildSteps(running: readonly Running[]): PlannedStep[] {
  const names = uniqueNames(running.map(({ target }) => target.id.name));
  return running.map(({ target, id }, index) => {
    const { cluster } = target.deployment;
    const input: TerminateStepInput = {
      application: target.id,
      cluster: cluster ?? null,
      operation: id,
    };
    return {
      id: `terminate.${names[index]}`,
      title: `Stop the operation on ${target.id.name}`,
      handler: 'terminate',
      needs: [],
      effect: 'adoptable' as const,
      input,
      timeoutMs: TIMEOUT_MS,
      maxAttempts: 10,
      ...(cluster !== undefined && { cluster }),
    };
  });
}

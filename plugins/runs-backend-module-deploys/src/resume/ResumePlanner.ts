import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import {
  PlannedStep,
  PlanProblem,
  RunPlan,
} from '@switchyard/backstage-plugin-runs-common';
import { PlanRequest } from '@switchyard/backstage-plugin-runs-node';
import {
  Application,
  FleetReader,
  FleetService,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import {
  AutoSyncHold,
  describeAutoSync,
  isHeld,
  readHold,
} from '../argocd/autoSyncHold';
import { environmentsWithSome } from '../operations/applicationsByEnvironment';
import {
  applicationKey,
  ApplicationTarget,
  describePlaces,
  findApplicationTargets,
  intentOf,
  titleOf,
  uniqueNames,
} from '../operations/applicationTargets';
import { lookAtTargets } from '../operations/lookAtTargets';
import { operationSteps } from '../operations/operationSteps';
import { readApplication } from '../operations/readApplication';
import {
  distinct,
  warnOfApplications,
  warnOfHead,
} from '../operations/warnings';
import { SwitchOnInput } from '../rollback/argoTypes';
import { describeDifferences } from '../sync/SyncPlanner';
import { wholeSync } from '../sync/wholeSync';

/** Newest version of the plan's format. */
export const RESUME_PLAN_VERSION = 1;

const SWITCH_TIMEOUT_MS = 5 * 60_000;

/** Input of resuming: nothing has to be chosen. */
export type ResumeInput = Record<string, never>;

/** An Application that a rollback holds. */
interface Held {
  target: ApplicationTarget;
  full: Application;
  hold: AutoSyncHold & { before: SwitchOnInput['before'] };
}

/**
 * Makes the plan of giving Applications back to their branch after Argo CD has rolled them back: its head is deployed, then auto-sync is as it was. Changes
 * nothing.
 */
export class ResumePlanner {
  readonly #fleet: FleetReader & Pick<FleetService, 'argo'>;
  readonly #config: SwitchyardConfig;

  static create(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    config: SwitchyardConfig;
  }): ResumePlanner {
    return new ResumePlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    config: SwitchyardConfig;
  }) {
    this.#fleet = options.fleet;
    this.#config = options.config;
  }

  /** Those in which something is held: elsewhere there is nothing to resume. */
  environments(entity: Entity): string[] {
    return environmentsWithSome(isHeld, entity, this.#fleet, this.#config);
  }

  async plan(request: PlanRequest<ResumeInput>): Promise<RunPlan> {
    const { entity, environment, signal } = request;
    const found = findApplicationTargets(
      { entity, environment },
      this.#fleet,
      this.#config,
    );
    const { looked: held, problems } = await lookAtTargets(found, target =>
      this.#look(target, signal),
    );
    if (held.length === 0 && problems.length === 0)
      problems.push({
        what: 'Nothing is held',
        why: 'No Application here was rolled back by Argo CD; after a rollback by a commit ship a version instead',
      });
    const targets = held.map(({ target }) => target);
    return {
      kind: 'resume',
      version: RESUME_PLAN_VERSION,
      entityRef: stringifyEntityRef(entity),
      environment,
      title: describeTitle(targets),
      intent: {
        action: 'resume',
        targets: held.map(({ target, hold }) => ({
          ...intentOf(target),
          run: hold.run,
          autoSync: hold.before,
        })),
      },
      keys: [
        `target:${stringifyEntityRef(entity)}@${environment}`,
        ...targets.map(({ id }) => applicationKey(id)),
      ].sort(),
      steps: problems.length > 0 ? [] : buildSteps(held),
      changes: held.flatMap(describeChanges),
      warnings: distinct([
        ...held.map(({ target, full }) =>
          warnOfHead(target.deployment, full, 'was rolled back'),
        ),
        ...warnOfApplications(targets, this.#fleet),
      ]),
      problems: distinct(problems),
      undo: 'Roll back again',
    };
  }

  async #look(
    target: ApplicationTarget,
    signal: AbortSignal,
  ): Promise<Held | { problem: PlanProblem } | undefined> {
    const read = await readApplication(this.#fleet, target.id, {
      unknown: 'Whether it is held',
      // What the branch holds by now is what will be deployed.
      refresh: 'normal',
      signal,
    });
    if ('problem' in read) return read;
    const { full } = read;
    const hold = readHold(full);
    if (!hold) return undefined;
    const { run, before } = hold;
    if (before === undefined)
      return {
        problem: {
          what: 'What auto-sync was is not known',
          why: `The annotation that run ${run} left at ${target.id.name} was changed; set auto-sync in Argo CD, and remove the annotations switchyard/*`,
          ref: titleOf(target.deployment.application),
        },
      };
    return { target, full, hold: { run, before } };
  }
}

function describeTitle(targets: readonly ApplicationTarget[]): string {
  const places = describePlaces(targets.map(({ place }) => place));
  return targets.length === 1
    ? `Resume ${targets[0].id.name} in ${places}`
    : `Resume ${targets.length} Applications in ${places}`;
}

function describeChanges({ target, full, hold }: Held) {
  const { name } = target.id;
  return [
    ...describeDifferences({ target, full, resources: undefined }, {}),
    {
      system: 'argocd',
      cluster: target.place,
      ref: name,
      what: `auto-sync of Application ${name}`,
      before: describeAutoSync(full.spec.syncPolicy?.automated),
      after: describeAutoSync(hold.before),
    },
  ];
}

function buildSteps(held: readonly Held[]): PlannedStep[] {
  const names = uniqueNames(held.map(({ target }) => target.id.name));
  return held.flatMap(({ target, hold }, index) => {
    const name = names[index];
    const { cluster } = target.deployment;
    const shared = { application: target.id, cluster: cluster ?? null };
    const release: SwitchOnInput = { ...shared, ...hold };
    return [
      ...operationSteps({
        target,
        name,
        operation: {
          id: `sync.${name}`,
          title: `Sync ${target.id.name}`,
          handler: 'request-sync',
          input: wholeSync(target),
        },
      }),
      {
        id: `auto-sync.${name}`,
        title: `Give ${target.id.name} back to its branch`,
        handler: 'switch-on-auto-sync',
        // Before it is well nothing must sync by itself.
        needs: [`settle.${name}`],
        effect: 'adoptable' as const,
        input: release,
        timeoutMs: SWITCH_TIMEOUT_MS,
        maxAttempts: 10,
        ...(cluster !== undefined && { cluster }),
      },
    ];
  });
}

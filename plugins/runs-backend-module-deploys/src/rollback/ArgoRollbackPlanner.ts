import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  PastDeployDetails,
  RollbackChoices,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  PlannedStep,
  PlanProblem,
  RunPlan,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import {
  ChoicesRequest,
  PlanRequest,
} from '@switchyard/backstage-plugin-runs-node';
import {
  Application,
  ArgoCdReader,
  FleetReader,
  FleetService,
  migrationHooksOf,
  RevisionHistory,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { describeAutoSync } from '../argocd/autoSyncHold';
import { findMaker } from '../argocd/findMaker';
import { revisionOf } from '../argocd/operationEvidence';
import { exactly } from '../exactly';
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
import { ArgoRollbackInput, SwitchOffInput } from './argoTypes';
import { describeHold, holdStep } from './hold';
import { ROLLBACK_PLAN_VERSIONS } from './RollbackPlanner';
import { RollbackInput } from './types';

/** Argo CD keeps ten; a company may keep hundreds. */
const MAX_ENTRIES = 30;
const MAX_MESSAGE = 500;
const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const MINUTE_MS = 60_000;
const SWITCH_TIMEOUT_MS = 5 * MINUTE_MS;

/** An Application with the entry of its history that it is set back to. */
interface Chosen {
  target: ApplicationTarget;
  full: Application;
  entry: RevisionHistory;
  revision: string;
}

/**
 * Makes the plan of a rollback by Argo CD itself, for Applications whose Git cannot be changed: auto-sync off, then what an entry of the history had is deployed
 * again. Changes nothing.
 */
export class ArgoRollbackPlanner {
  readonly #fleet: FleetReader & Pick<FleetService, 'argo'>;
  readonly #config: SwitchyardConfig;
  readonly #holds: boolean;

  static create(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    config: SwitchyardConfig;
    /** Whether the target is locked afterwards. */
    holds: boolean;
  }): ArgoRollbackPlanner {
    return new ArgoRollbackPlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    config: SwitchyardConfig;
    /** Whether the target is locked afterwards. */
    holds: boolean;
  }) {
    this.#fleet = options.fleet;
    this.#config = options.config;
    this.#holds = options.holds;
  }

  /** What each Application can be set back to, for people to choose from. One that cannot be asked is left out: planning says so. */
  async choices({
    entity,
    environment,
    signal,
  }: ChoicesRequest): Promise<RollbackChoices['applications']> {
    const { targets } = findApplicationTargets(
      { entity, environment },
      this.#fleet,
      this.#config,
    );
    const looks = await Promise.all(
      targets.map(async target => {
        const read = await readApplication(this.#fleet, target.id, {
          unknown: 'What ran so far',
          signal,
        });
        return 'problem' in read
          ? []
          : [await this.#describe(target, read.full, signal)];
      }),
    );
    return looks.flat();
  }

  async #describe(
    target: ApplicationTarget,
    full: Application,
    signal: AbortSignal,
  ): Promise<RollbackChoices['applications'][number]> {
    const { application } = target.deployment;
    const maker = findMaker(full, application, this.#fleet);
    const reader = this.#fleet.argo(target.id.instance);
    const entries = (full.status?.history ?? []).slice(-MAX_ENTRIES).reverse();
    return {
      application: application.name,
      cluster: target.place,
      ...(maker && { refused: describeGenerated(maker, application.name) }),
      deploys: await Promise.all(
        entries.map(async entry => {
          const revision = revisionOf(entry, target.id);
          return {
            id: entry.id,
            application: application.name,
            cluster: target.place,
            deployedAt: entry.deployedAt,
            automated: entry.initiatedBy?.automated === true,
            ...(entry.initiatedBy?.username && {
              by: entry.initiatedBy.username,
            }),
            ...(revision && { revision }),
            ...(await readCommit(reader, target, revision, signal)),
          };
        }),
      ),
    };
  }

  async plan(request: PlanRequest<RollbackInput>): Promise<RunPlan> {
    const { entity, environment, input, signal } = request;
    const deploys = input.deploys ?? [];
    const found = findApplicationTargets(
      {
        entity,
        environment,
        names: deploys.map(({ application }) => application),
      },
      this.#fleet,
      this.#config,
    );
    const looks = await Promise.all(
      found.targets.map(target =>
        this.#look(
          target,
          deploys.find(each => each.application === target.id.name)!.id,
          signal,
        ),
      ),
    );
    const chosen = looks.flatMap(look => ('entry' in look ? [look] : []));
    const problems = distinct([
      ...found.problems,
      ...looks.flatMap(look => ('entry' in look ? [] : look.problems)),
    ]);
    const targets = chosen.map(({ target }) => target);
    return {
      kind: 'rollback',
      version: ROLLBACK_PLAN_VERSIONS.at(-1)!,
      entityRef: stringifyEntityRef(entity),
      environment,
      title: describeTitle(chosen),
      intent: {
        action: 'rollback',
        mode: 'argocd',
        hold: this.#holds,
        targets: chosen.map(({ target, entry, revision }) => ({
          ...intentOf(target),
          historyId: entry.id,
          revision,
        })),
      },
      keys: [
        `target:${stringifyEntityRef(entity)}@${environment}`,
        ...targets.map(({ id }) => applicationKey(id)),
      ].sort(),
      steps: problems.length > 0 ? [] : buildSteps(chosen, this.#holds),
      changes: [
        ...chosen.flatMap(describeChanges),
        ...(this.#holds && chosen.length > 0
          ? [describeHold(environment)]
          : []),
      ],
      warnings: distinct([
        ...chosen.flatMap(findWarnings),
        ...warnOfApplications(targets, this.#fleet),
      ]),
      problems,
      undo: 'Resume: the branch is deployed again, and auto-sync is as it was',
    };
  }

  async #look(
    target: ApplicationTarget,
    id: number,
    signal: AbortSignal,
  ): Promise<Chosen | { problems: PlanProblem[] }> {
    const read = await readApplication(this.#fleet, target.id, {
      unknown: 'What ran so far',
      signal,
    });
    if ('problem' in read) return { problems: [read.problem] };
    const { full } = read;
    const { application } = target.deployment;
    const ref = titleOf(application);
    const maker = findMaker(full, application, this.#fleet);
    const history = full.status?.history ?? [];
    const entry = history.find(each => each.id === id);
    const revision = entry && revisionOf(entry, target.id);
    const problems: PlanProblem[] = [];
    if (maker)
      problems.push({
        what: 'The Application is generated',
        why: describeGenerated(maker, application.name),
        ref,
      });
    if (full.metadata.deletionTimestamp)
      problems.push({
        what: 'Being deleted',
        why: `${application.name} is being deleted; Argo CD refuses to roll it back`,
        ref,
      });
    if (!entry || revision === undefined)
      problems.push({
        what: 'It never ran there',
        why: `Argo CD remembers no deploy ${id} of ${
          application.name
        }; it remembers ${history.map(each => each.id).join(', ') || 'none'}`,
        field: 'deploys',
        ref,
      });
    else if (entry === history[history.length - 1])
      problems.push({
        what: 'Nothing to change',
        why: `Deploy ${id} of ${application.name} is the last one`,
        field: 'deploys',
        ref,
      });
    if (problems.length > 0 || !entry || revision === undefined)
      return { problems };
    return { target, full, entry, revision };
  }
}

function describeGenerated(maker: string, name: string): string {
  return `${maker} makes ${name}, and would switch auto-sync on again; roll back by a commit`;
}

// As Argo CD reads it, which may well have access to Git where the portal has none.
async function readCommit(
  reader: Pick<ArgoCdReader, 'revisionMetadata'>,
  { id }: ApplicationTarget,
  revision: string | undefined,
  signal: AbortSignal,
): Promise<Pick<PastDeployDetails, 'commit'>> {
  if (revision === undefined || !COMMIT.test(revision)) return {};
  try {
    const { author, date, message } = await reader.revisionMetadata(
      id,
      revision,
      { sourceIndex: id.multiSource ? id.sourceIndex : undefined, signal },
    );
    return author && date && message
      ? { commit: { author, at: date, message: message.slice(0, MAX_MESSAGE) } }
      : {};
  } catch {
    signal.throwIfAborted();
    // It can be chosen without.
    return {};
  }
}

function describeTitle(chosen: readonly Chosen[]): string {
  const places = describePlaces(chosen.map(({ target }) => target.place));
  if (chosen.length !== 1)
    return `Roll ${chosen.length} Applications back in ${places}, by Argo CD`;
  const [{ target, revision }] = chosen;
  return `Roll ${target.id.name} back to ${revision.slice(
    0,
    10,
  )} in ${places}, by Argo CD`;
}

function describeChanges({ target, full, entry, revision }: Chosen) {
  const { name } = target.id;
  const base = { system: 'argocd', cluster: target.place, ref: name };
  const history = full.status?.history ?? [];
  const last = history[history.length - 1];
  return [
    {
      ...base,
      what: `auto-sync of Application ${name}`,
      before: describeAutoSync(full.spec.syncPolicy?.automated),
      after: 'off, until somebody resumes',
    },
    {
      ...base,
      what: `revision of Application ${name}`,
      before: revisionOf(last, target.id) ?? 'unknown',
      after: `${revision}, as deployed ${exactly(entry.deployedAt)}`,
    },
  ];
}

function findWarnings({ target, full }: Chosen): Warning[] {
  const { name } = target.id;
  const ref = titleOf(target.deployment.application);
  const hooks = migrationHooksOf(full.status?.operationState ?? {});
  return [
    {
      what: 'Git says something else',
      why: `${name} is OutOfSync until somebody resumes: what is pushed meanwhile is not deployed. Where the portal can push, a rollback by a commit is better`,
      ref,
    },
    {
      what: 'Hooks do not run',
      why:
        hooks.length > 0
          ? `Argo CD runs no hooks in a rollback of ${name}: the migration ${hooks[0].name} neither, and what it changed in the database stays`
          : `Argo CD runs no hooks in a rollback of ${name}`,
      ref,
    },
    {
      what: 'A closed window makes it hang',
      why: `A sync window that closes while Argo CD begins lets the rollback of ${name} wait, and run by itself when the window ends`,
      ref,
    },
  ];
}

function buildSteps(chosen: readonly Chosen[], holds: boolean): PlannedStep[] {
  const names = uniqueNames(chosen.map(({ target }) => target.id.name));
  const steps = chosen.flatMap(({ target, entry, revision }, index) => {
    const name = names[index];
    const { cluster } = target.deployment;
    const shared: SwitchOffInput = {
      application: target.id,
      cluster: cluster ?? null,
    };
    const rollback: ArgoRollbackInput = {
      ...shared,
      historyId: entry.id,
      revision,
    };
    return [
      {
        id: `auto-sync.${name}`,
        title: `Switch auto-sync of ${target.id.name} off`,
        handler: 'switch-off-auto-sync',
        needs: [],
        effect: 'adoptable' as const,
        input: shared,
        timeoutMs: SWITCH_TIMEOUT_MS,
        maxAttempts: 10,
        ...(cluster !== undefined && { cluster }),
      },
      ...operationSteps({
        target,
        name,
        operation: {
          id: `rollback.${name}`,
          title: `Roll ${target.id.name} back`,
          handler: 'argocd-rollback',
          needs: [`auto-sync.${name}`],
          input: rollback,
        },
      }),
    ];
  });
  return holds ? [...steps, holdStep(steps)] : steps;
}

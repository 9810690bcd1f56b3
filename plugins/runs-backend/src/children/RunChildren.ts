import { LoggerService } from '@backstage/backend-plugin-api';
import { JsonValue } from '@backstage/types';
import { PlannedChild } from '@switchyard/backstage-plugin-runs-common';
import {
  ChildRuns,
  ChildRunState,
  StepFailedError,
} from '@switchyard/backstage-plugin-runs-node';
import { randomUUID } from 'node:crypto';
import { Approvals } from '../approvals/Approvals';
import { describeDatabaseError } from '../database/connection';
import { QueueStore } from '../database/QueueStore';
import { RunStore } from '../database/RunStore';
import { ChildRecord, ClaimedRun, NewChild, NewRun } from '../database/types';
import { Lease } from '../engine/Lease';
import { isStopped } from '../service/runVerbs';
import { InterlockReader } from '../interlock/InterlockReader';
import { hashJson, hashPlan } from '../kinds/planHash';
import { inheritApprovals } from './inheritApprovals';

/**
 * Asks for the runs that a claimed run has in its plan. Whoever asked for the parent was allowed to ask for each of them then; what else may stand in
 * their way is judged as they are carried out.
 */
export class RunChildren {
  static create(options: {
    queue: QueueStore;
    runs: RunStore;
    approvals: Approvals;
    reader: InterlockReader;
    leaseMs: number;
    logger: LoggerService;
  }): RunChildren {
    return new RunChildren(options);
  }

  readonly #options: Parameters<typeof RunChildren.create>[0];

  private constructor(options: Parameters<typeof RunChildren.create>[0]) {
    this.#options = options;
  }

  /** The children of a claimed run. Every write is made for its claim: a worker that has lost it asks for nothing. */
  of(claimed: ClaimedRun, lease: Lease): ChildRuns {
    return {
      find: () => findChildren(this.#options.runs, claimed.run.id),
      request: (childId, wish) =>
        this.#request(claimed, lease, { child: find(claimed, childId), wish }),
      redrive: (childId, wish) =>
        this.#redrive(claimed, lease, { child: find(claimed, childId), wish }),
    };
  }

  async #request(
    claimed: ClaimedRun,
    lease: Lease,
    { child, wish }: { child: PlannedChild; wish: string },
  ): Promise<void> {
    const { queue, leaseMs } = this.#options;
    const run = await this.#toRun(claimed, child, wish);
    await this.#persist(lease, () =>
      queue.insertChild(run, lease.claim, { leaseMs }),
    );
  }

  async #redrive(
    claimed: ClaimedRun,
    lease: Lease,
    { child, wish }: { child: PlannedChild; wish: string },
  ): Promise<void> {
    const { runs } = this.#options;
    const known = (await runs.listChildren(claimed.run.id)).get(child.id);
    const run = known && (await runs.findRun(known.id));
    if (!run) return;
    await this.#persist(lease, () =>
      runs.redriveChild(
        { id: run.id, keys: run.plan.keys, wish },
        lease.claim,
        {
          confirmed: {
            by: claimed.run.actor,
            at: wish,
            retriedStepIds: run.steps
              .filter(isStopped)
              .map(({ stepId }) => stepId),
          },
          groups: claimed.run.actorGroups,
        },
      ),
    );
  }

  async #toRun(
    { run, gates }: ClaimedRun,
    child: PlannedChild,
    wish: string,
  ): Promise<NewRun & { child: NewChild }> {
    const { approvals, reader } = this.#options;
    const { plan, input } = child;
    const entity = await reader.readEntity(plan.entityRef);
    if (!entity)
      throw new StepFailedError(
        `${plan.entityRef} is no longer in the catalog`,
      );
    const own = await approvals.toGates({
      entity,
      environment: plan.environment,
      action: plan.kind,
      requestedBy: run.requestedBy,
      plan,
    });
    return {
      id: randomUUID(),
      plan,
      planHash: hashPlan(plan),
      reason: run.reason,
      requestedBy: run.requestedBy,
      requesterGroups: run.actorGroups,
      idempotencyKey: `child:${run.id}:${child.id}:${wish}`,
      requestHash: hashJson({ parent: run.id, child: child.id, wish }),
      input,
      child: { parentRun: run.id, childId: child.id, wish, actor: run.actor },
      gates: inheritApprovals(own, { number: run.number, gates }),
      inputHashes: Object.fromEntries(
        plan.steps.map(step => [step.id, hashJson(step.input as JsonValue)]),
      ),
    };
  }

  #persist<T>(lease: Lease, write: () => Promise<T>): Promise<T> {
    return lease.persist(write, error =>
      this.#options.logger.warn(
        'A run could not ask for another, trying again',
        {
          reason: describeDatabaseError(error),
        },
      ),
    );
  }
}

/** The newest run of each child of a run, as its steps see them. */
export async function findChildren(
  runs: Pick<RunStore, 'listChildren'>,
  parentRun: string,
): Promise<Map<string, ChildRunState>> {
  const children = await runs.listChildren(parentRun);
  return new Map([...children].map(([id, child]) => [id, toState(child)]));
}

function toState(child: ChildRecord): ChildRunState {
  const { childId, id, number, title, status, cause, wish } = child;
  return { childId, runId: id, number, title, status, cause, wish };
}

function find(claimed: ClaimedRun, childId: string): PlannedChild {
  const child = claimed.run.plan.children?.find(({ id }) => id === childId);
  if (!child) throw new Error(`The plan has no child '${childId}'`);
  return child;
}

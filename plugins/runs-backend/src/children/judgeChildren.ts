import { Entity } from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import {
  ApprovalState,
  PreviewedChild,
  PlannedChild,
  RunPlan,
  Verdict,
} from '@switchyard/backstage-plugin-runs-common';
import { RunStore } from '../database/RunStore';
import { CallerInterlock } from '../interlock/CallerInterlock';
import { Caller } from '../service/Caller';
import { mentionedBy, toSummary } from '../service/views';

/** Says whether a person may ask for a run like this one. Without it nobody may. */
export type MayRequest = (
  entity: Entity,
  target: { entityRef: string; environment: string; action: string },
) => { allowed: boolean; why: string };

/** A child as it would be asked for now. */
export interface JudgedChild extends PreviewedChild {
  entity: Entity;
}

/**
 * Asks the interlock and the permissions about each run that a plan asks for on its way, as if the person asked for it alone. Nobody gets at a
 * component by asking for a run that asks for another.
 */
export async function judgeChildren(options: {
  plan: RunPlan;
  caller: Caller;
  interlock: CallerInterlock;
  runs: RunStore;
  mayRequest: MayRequest | undefined;
}): Promise<JudgedChild[]> {
  const { plan, caller, interlock, runs, mayRequest } = options;
  const { children = [] } = plan;
  if (children.length > 0 && !mayRequest)
    throw new Error('Nobody says who may ask for the children of a run');
  return Promise.all(
    children.map(async ({ id, plan: own }: PlannedChild) => {
      const entity = await caller.entity(own.entityRef);
      const inLine = await runs.listInLine(own.keys);
      const { verdicts, visible } = await interlock.ask({
        entity,
        caller,
        questions: [
          {
            action: own.kind,
            environment: own.environment,
            plan: own,
            ahead: inLine,
          },
        ],
        mentioned: inLine.flatMap(run => [run.entityRef, ...mentionedBy(run)]),
      });
      const grant = mayRequest!(entity, {
        entityRef: own.entityRef,
        environment: own.environment,
        action: own.kind,
      });
      const ahead = inLine
        .filter(
          run => run.entityRef === own.entityRef || visible.has(run.entityRef),
        )
        .map(run => toSummary(run, { visible }));
      const verdict = grant.allowed
        ? verdicts[0]
        : forbid(verdicts[0], grant.why);
      return { id, entity, verdict, ahead };
    }),
  );
}

/**
 * The verdict of a parent with those of its children: what stands in the way of one stands in the way of all, and names the one.
 */
export function joinVerdicts(
  own: Verdict,
  children: readonly JudgedChild[],
): Verdict {
  const naming = <T extends { what: string }>(id: string, each: T): T => ({
    ...each,
    what: `${id}: ${each.what}`,
  });
  return {
    allowed: own.allowed && children.every(({ verdict }) => verdict.allowed),
    blockers: [
      ...own.blockers,
      ...children.flatMap(({ id, verdict }) =>
        verdict.blockers.map(each => naming(id, each)),
      ),
    ],
    approvals: distinct([
      ...own.approvals,
      ...children.flatMap(({ verdict }) => verdict.approvals),
    ]),
    warnings: [
      ...own.warnings,
      ...children.flatMap(({ id, verdict }) =>
        verdict.warnings.map(each => naming(id, each)),
      ),
    ],
  };
}

/** @throws NotAllowedError that names the component */
export function requireChildren(children: readonly JudgedChild[]): void {
  for (const { id, verdict } of children) {
    const forbidden = verdict.blockers.find(
      ({ type }) => type === 'permission',
    );
    if (forbidden) throw new NotAllowedError(`${id}: ${forbidden.why}`);
  }
}

function forbid(verdict: Verdict, why: string): Verdict {
  return {
    ...verdict,
    allowed: false,
    blockers: [
      { type: 'permission', what: 'Not permitted', why },
      ...verdict.blockers,
    ],
  };
}

/** One approval by one rule, whoever needs it; given for one child alone, it is not given for all. */
function distinct(approvals: ApprovalState[]): ApprovalState[] {
  return [
    ...new Map(
      approvals.map(each => [`${each.name}|${each.title}`, each]),
    ).values(),
  ];
}

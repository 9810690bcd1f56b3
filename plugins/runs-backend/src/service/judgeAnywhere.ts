import {
  AuthorizeResult,
  PermissionCondition,
  PermissionCriteria,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import { ActionRight } from '@switchyard/backstage-plugin-runs-common';
import {
  runsTargetRules,
  RunsTarget,
} from '@switchyard/backstage-plugin-runs-node';

type Criteria = PermissionCriteria<PermissionCondition>;
type Place = Pick<RunsTarget, 'action' | 'environment'>;

/** On which components a decision lets a person act, where no more than action and environment are known. */
export function judgeAnywhere(
  decision: PolicyDecision,
  place: Place,
): Pick<ActionRight, 'on' | 'ownedBy'> {
  if (decision.result !== AuthorizeResult.CONDITIONAL)
    return {
      on: decision.result === AuthorizeResult.ALLOW ? 'every' : 'none',
      ownedBy: [],
    };
  const answer = judge(decision.conditions, place);
  if (answer !== undefined)
    return { on: answer ? 'every' : 'none', ownedBy: [] };
  return {
    on: 'some',
    ownedBy: [...new Set(findOwners(decision.conditions, place))],
  };
}

/** Undefined where it depends on the component. */
function judge(criteria: Criteria, place: Place): boolean | undefined {
  if ('anyOf' in criteria)
    return any(criteria.anyOf.map(each => judge(each, place)));
  if ('allOf' in criteria)
    return not(any(criteria.allOf.map(each => not(judge(each, place)))));
  if ('not' in criteria) return not(judge(criteria.not, place));
  const params = (criteria.params ?? {}) as any;
  // These two look at nothing else of a target.
  const target = place as RunsTarget;
  for (const rule of [
    runsTargetRules.isAction,
    runsTargetRules.isInEnvironment,
  ])
    if (criteria.rule === rule.name) return rule.apply(target, params);
  return undefined;
}

function any(answers: Array<boolean | undefined>): boolean | undefined {
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

function not(answer: boolean | undefined): boolean | undefined {
  return answer === undefined ? undefined : !answer;
}

/** Who has to own the component, in those parts on which it depends. */
function findOwners(criteria: Criteria, place: Place): string[] {
  if (judge(criteria, place) !== undefined) return [];
  if ('anyOf' in criteria)
    return criteria.anyOf.flatMap(each => findOwners(each, place));
  if ('allOf' in criteria)
    return criteria.allOf.flatMap(each => findOwners(each, place));
  if ('not' in criteria || criteria.rule !== runsTargetRules.isEntityOwner.name)
    return [];
  return (criteria.params as { ownerRefs: string[] }).ownerRefs;
}

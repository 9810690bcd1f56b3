import {
  Approval,
  ApprovalRule,
  ApprovalState,
} from '@switchyard/backstage-plugin-runs-common';
import { DecisionRecord } from '../database/types';
import { shortName } from './shortName';

/** A person with the groups that count. Refs in lower case. */
export interface Person {
  userEntityRef: string;
  groups: string[];
}

/**
 * How far an approval has come. A word counts once per person whose right it is, only for the plan at hand, and only from those whom the rule
 * names. It reads nothing.
 */
export function judgeApproval(options: {
  name: string;
  rule: ApprovalRule;
  decisions: DecisionRecord[];
  requestedBy: string;
  /** Of the plan that would be carried out now. */
  planHash: string;
}): ApprovalState {
  const { name, rule, decisions, requestedBy, planHash } = options;
  const approvals = decisions.filter(each => each.decision === 'approve');
  const forThis = approvals.filter(each => each.planHash === planHash);
  const counted = new Map<string, DecisionRecord>();
  for (const each of forThis) {
    const principal = principalOf(each);
    if (counted.has(principal.userEntityRef)) continue;
    const isSelf =
      each.person === requestedBy || principal.userEntityRef === requestedBy;
    if (isSelf && !rule.selfApproval) continue;
    if (isNamed(rule, principal)) counted.set(principal.userEntityRef, each);
  }
  const given = [...counted.values()];
  const missingRequired = rule.required.filter(
    ref => !given.some(each => isOneOf(principalOf(each), [ref])),
  );
  return {
    name,
    title: describeRule(rule),
    needed: rule.needed,
    from: rule.from,
    given: given.map(toApproval),
    missing: Math.max(rule.needed - given.length, missingRequired.length),
    missingRequired,
    void: approvals.filter(each => each.planHash !== planHash).map(toApproval),
  };
}

/** Whether the rule names the person, or a group of the person. */
export function isNamed(rule: ApprovalRule, person: Person): boolean {
  return isOneOf(person, [...rule.from, ...rule.required]);
}

/** 'Needs 2 approvals of storefront or platform; inge must be among them'. */
export function describeRule(
  rule: Pick<ApprovalRule, 'needed' | 'from' | 'required'>,
): string {
  const { needed, from, required } = rule;
  const count = needed === 1 ? '1 approval' : `${needed} approvals`;
  const whose =
    from.length > 0
      ? ` of ${from.map(shortName).join(' or ')}`
      : ' of nobody that is named';
  const must =
    required.length > 0
      ? `; ${required.map(shortName).join(' and ')} must be among them`
      : '';
  return `Needs ${count}${whose}${must}`;
}

function isOneOf(person: Person, refs: string[]): boolean {
  return (
    refs.includes(person.userEntityRef) ||
    person.groups.some(group => refs.includes(group))
  );
}

/** Whoever approves for another does so with the other's right. */
function principalOf(decision: DecisionRecord): Person {
  return {
    userEntityRef: decision.onBehalfOf ?? decision.person,
    groups: decision.groups,
  };
}

function toApproval(decision: DecisionRecord): Approval {
  return {
    by: decision.person,
    at: decision.at,
    comment: decision.comment,
    onBehalfOf: decision.onBehalfOf,
    reusedFrom: decision.reusedFrom,
  };
}

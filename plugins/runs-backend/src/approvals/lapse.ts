import { DecisionRecord, GateRecord } from '../database/types';
import { ActorStanding } from '../interlock/evaluate';
import { Person } from './judgeApproval';

/** What the catalog says now of each person, by user entity ref. */
export type Standings = ReadonlyMap<string, ActorStanding>;

/** Whose standing the approvals of a run rest on, each with the groups that gave the right. */
export function findThoseWhoApproved(gates: GateRecord[]): Person[] {
  const groups = new Map<string, Set<string>>();
  const add = (userEntityRef: string, more: string[]) => {
    const known = groups.get(userEntityRef) ?? new Set();
    for (const group of more) known.add(group);
    groups.set(userEntityRef, known);
  };
  for (const each of approvalsOf(gates)) {
    add(each.onBehalfOf ?? each.person, each.groups);
    // Who acts for another needs no group, but has to be there.
    if (each.onBehalfOf) add(each.person, []);
  }
  return [...groups].map(([userEntityRef, of]) => ({
    userEntityRef,
    groups: [...of],
  }));
}

/** The decision with the groups that its person is still in; undefined where somebody it rests on has left the catalog. */
export function asOfNow(
  decision: DecisionRecord,
  standings: Standings,
): DecisionRecord | undefined {
  const { person, onBehalfOf, groups } = decision;
  if (decision.decision !== 'approve') return decision;
  const isGone = (ref: string) => standings.get(ref)?.exists === false;
  if (isGone(person) || (onBehalfOf && isGone(onBehalfOf))) return undefined;
  const lost = standings.get(onBehalfOf ?? person)?.lostGroups ?? [];
  return {
    ...decision,
    groups: groups.filter(group => !lost.includes(group)),
  };
}

function approvalsOf(gates: GateRecord[]): DecisionRecord[] {
  return gates.flatMap(({ decisions }) =>
    decisions.filter(each => each.decision === 'approve'),
  );
}

import { GateRecord } from '../database/types';
import { isNamed, Person } from './judgeApproval';
import { shortName } from './shortName';

/** Whether a person's word would count at a gate, and by whose right. */
export type Standing =
  | { allowed: true; onBehalfOf?: string; groups: string[] }
  | { allowed: false; why: string };

/**
 * Whether the word of a person on an approval would take effect, as far as its rule goes. Permissions are asked besides.
 */
export function judgePerson(
  gate: GateRecord,
  requestedBy: string,
  person: Person,
): Standing {
  const { rule } = gate;
  if (!rule) return no('There is nothing to approve here');
  const { userEntityRef } = person;
  if (gate.decisions.some(each => each.person === userEntityRef))
    return no('You have said your word already');
  if (userEntityRef === requestedBy && !rule.selfApproval)
    return no('You asked for it: somebody else has to agree');
  const named = [...rule.from, ...rule.required];
  if (isNamed(rule, person))
    return {
      allowed: true,
      groups: person.groups.filter(group => named.includes(group)),
    };
  const handed = gate.delegations.find(
    each =>
      each.to === userEntityRef &&
      !gate.decisions.some(({ person: who }) => who === each.from),
  );
  if (handed)
    return { allowed: true, onBehalfOf: handed.from, groups: handed.groups };
  return no(
    `That is for ${
      named.map(shortName).join(' or ') || 'nobody that is named'
    }`,
  );
}

/** Whether a person may hand the right to approve on: only one's own, and never who asked for the run. */
export function judgeDelegation(
  gate: GateRecord,
  requestedBy: string,
  person: Person,
): Standing {
  if (person.userEntityRef === requestedBy)
    return no('Who asked for it cannot add approvers');
  if (gate.rule && !gate.rule.delegation)
    return no('The policy does not let approvers hand their right on');
  const standing = judgePerson(gate, requestedBy, person);
  return standing.allowed && standing.onBehalfOf !== undefined
    ? no('A right that was handed on cannot be handed on again')
    : standing;
}

function no(why: string): Standing {
  return { allowed: false, why };
}

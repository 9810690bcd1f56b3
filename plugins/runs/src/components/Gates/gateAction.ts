import { GateVerb, RunGate } from '@switchyard/backstage-plugin-runs-common';
import { BlockedButtonAction } from '@switchyard/backstage-plugin-runs-react';

/** What a button for a word at a gate has to know. Undefined where this viewer could never say it, or nobody waits for it now. */
export function gateAction(
  gate: RunGate,
  verb: GateVerb['verb'],
  title: string,
): BlockedButtonAction | undefined {
  const found = gate.verbs.find(each => each.verb === verb);
  if (!found) return undefined;
  return {
    title,
    allowed: found.allowed,
    blockers: found.allowed
      ? []
      : [
          {
            type: 'permission',
            what: `${title} is not for you`,
            why: found.why ?? 'You may not do this now.',
          },
        ],
  };
}

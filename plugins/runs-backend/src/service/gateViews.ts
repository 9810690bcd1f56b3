import {
  GateVerb,
  runApprovePermission,
  runControlPermission,
  RunGate,
} from '@switchyard/backstage-plugin-runs-common';
import { judgeApproval, Person } from '../approvals/judgeApproval';
import { shortName } from '../approvals/shortName';
import {
  judgeDelegation,
  judgePerson,
  Standing,
} from '../approvals/judgePerson';
import { GateRecord, RunRecord } from '../database/types';
import { Grant, TargetPermission } from './TargetAuthorizer';

/** Whether the run waits at a gate. */
export function isAtGate(run: RunRecord): boolean {
  return (
    run.status === 'waiting' &&
    run.parked === undefined &&
    !run.waitsForChildren
  );
}

/** The gates that a run waits for now: those before its first effect come before all others. */
export function findWaitedFor(run: RunRecord): GateRecord[] {
  if (!isAtGate(run)) return [];
  const closed = (run.gates ?? []).filter(gate => gate.status === 'closed');
  const first = closed.filter(gate => gate.beforeStep === undefined);
  return first.length > 0 ? first : closed;
}

/** What a run at a gate waits for, in a sentence. */
export function describeWait(run: RunRecord): string {
  const gates = findWaitedFor(run).map(({ title, rule, ...gate }) => {
    if (!rule) return title;
    const { given, needed } = judgeApproval({
      ...gate,
      rule,
      requestedBy: run.requestedBy,
    });
    const whose = [...new Set([...rule.from, ...rule.required])].map(shortName);
    const progress = needed > 1 ? ` (${given.length} of ${needed} given)` : '';
    return `Waits for approval of ${whose.join(' or ')}${progress}`;
  });
  return gates.join('; ') || 'Waits at a gate';
}

/** A gate as screens show it, with what this person may do there as far as its rule goes. */
export function toGate(
  gate: GateRecord,
  run: RunRecord & { planHash: string },
  person: Person,
): RunGate {
  const { id, name, kind, title, status, rule } = gate;
  const rejection = gate.decisions.find(each => each.decision === 'reject');
  return {
    id,
    name,
    kind,
    title,
    status,
    before: gate.beforeStep,
    since: gate.createdAt.toISOString(),
    expiresAt: status === 'closed' ? gate.expiresAt?.toISOString() : undefined,
    decidedAt: gate.decidedAt?.toISOString(),
    approval: rule && judgeApproval({ ...gate, ...run, name, rule }),
    rejection: rejection && {
      by: rejection.person,
      comment: rejection.comment ?? '',
    },
    delegations: gate.delegations.map(({ from, to, comment }) => ({
      from,
      to,
      comment,
    })),
    verbs: findWaitedFor(run).some(each => each.id === id)
      ? toVerbs(gate, run.requestedBy, person)
      : [],
  };
}

/** Adds what the permissions say of a gate's verbs. */
export function overlayGate(
  gate: RunGate,
  grantOf: (permission: TargetPermission) => Grant,
): RunGate {
  return {
    ...gate,
    verbs: gate.verbs.flatMap(verb => {
      const grant = grantOf(permissionFor(verb.verb));
      if (!grant.visible) return [];
      return grant.allowed
        ? [verb]
        : [{ ...verb, allowed: false, why: grant.why }];
    }),
  };
}

/** A pause is opened by whoever may steer the run. */
export function permissionFor(verb: GateVerb['verb']): TargetPermission {
  return verb === 'open' ? runControlPermission : runApprovePermission;
}

function toVerbs(
  gate: GateRecord,
  requestedBy: string,
  person: Person,
): GateVerb[] {
  if (gate.kind === 'pause') return [{ verb: 'open', allowed: true }];
  const word = judgePerson(gate, requestedBy, person);
  return [
    { verb: 'approve', ...toWord(word) },
    { verb: 'reject', ...toWord(word) },
    {
      verb: 'delegate',
      ...toWord(judgeDelegation(gate, requestedBy, person)),
    },
  ];
}

function toWord(standing: Standing): Omit<GateVerb, 'verb'> {
  return standing.allowed
    ? { allowed: true }
    : { allowed: false, why: standing.why };
}

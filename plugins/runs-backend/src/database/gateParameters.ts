import { randomUUID } from 'node:crypto';
import { NewRun } from './types';

/** The gates of a new run as the inserting statement takes them: gates, reused decisions, whether it waits, what is told. */
export function toGateParameters(
  run: NewRun,
): [gates: string, decisions: string, waits: boolean, outbox: string] {
  const gates = (run.gates ?? []).map((gate, position) => ({
    ...gate,
    id: randomUUID(),
    position,
  }));
  const waitsAt = gates.filter(
    gate => gate.beforeStep === undefined && !gate.isOpen,
  );
  const rows = gates.map(gate => ({
    id: gate.id,
    position: gate.position,
    name: gate.name,
    kind: gate.kind,
    before_step: gate.beforeStep,
    title: gate.title,
    rule: gate.rule,
    status: gate.isOpen ? 'open' : 'closed',
    expires_in_ms: gate.expiresInMs,
  }));
  const decisions = gates.flatMap(gate =>
    gate.reused.map(decision => ({
      gate_id: gate.id,
      person: decision.person,
      on_behalf_of: decision.onBehalfOf,
      groups: decision.groups,
      comment: decision.comment,
      at: decision.at,
      reused_from: decision.reusedFrom,
    })),
  );
  const outbox = waitsAt.map(gate => ({
    id: randomUUID(),
    topic: 'notify-gate',
    payload: {
      what: 'waits',
      gate: gate.id,
      title: gate.title,
      run: run.id,
      runTitle: run.plan.title,
      entityRef: run.plan.entityRef,
      environment: run.plan.environment,
      requestedBy: run.requestedBy,
      recipients: gate.rule
        ? [...new Set([...gate.rule.from, ...gate.rule.required])]
        : [],
    },
  }));
  return [
    JSON.stringify(rows),
    JSON.stringify(decisions),
    waitsAt.length > 0,
    JSON.stringify(outbox),
  ];
}

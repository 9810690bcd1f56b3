import { canonicalJson } from '../kinds/planHash';
import { GateRecord, NewGate } from '../database/types';
import { JsonValue } from '@backstage/types';

/**
 * The gates of a child, given what was agreed to at its parent. The parent asked for whatever its children ask for, and its plan holds theirs: who
 * agreed to it has seen the child's. So an approval by the same rule counts, for the child's own plan; it can lapse there like any other. What the
 * parent was not asked for, because a policy came later, the child waits for.
 */
export function inheritApprovals(
  gates: readonly NewGate[],
  parent: { number: number; gates: readonly GateRecord[] },
): NewGate[] {
  return gates.map(gate => {
    if (gate.isOpen || gate.beforeStep !== undefined || !gate.rule) return gate;
    const agreed = parent.gates.find(
      each =>
        each.status === 'open' &&
        each.beforeStep === undefined &&
        isSameRule(each.rule, gate.rule),
    );
    if (!agreed) return gate;
    return {
      ...gate,
      reused: agreed.decisions.map(decision => ({
        ...decision,
        reusedFrom: decision.reusedFrom ?? parent.number,
      })),
      isOpen: true,
    };
  });
}

/**
 * The gates of a parent: its own, and once each what its children would wait for before they begin.
 */
export function gatherGates(
  own: readonly NewGate[],
  children: ReadonlyArray<{ childId: string; gates: readonly NewGate[] }>,
): NewGate[] {
  const gates = [...own];
  for (const { childId, gates: asked } of children)
    for (const gate of asked) {
      if (gate.beforeStep !== undefined) continue;
      const isThere = gates.some(
        each =>
          each.beforeStep === undefined && isSameRule(each.rule, gate.rule),
      );
      if (isThere) continue;
      const isTaken = gates.some(({ name }) => name === gate.name);
      gates.push({
        ...gate,
        name: isTaken ? `${gate.name} of ${childId}` : gate.name,
        // Given for the plan of a child alone, it would not be for all of this.
        reused: [],
        isOpen: false,
      });
    }
  return gates;
}

function isSameRule(a: NewGate['rule'], b: NewGate['rule']): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    canonicalJson(a as unknown as JsonValue) ===
      canonicalJson(b as unknown as JsonValue)
  );
}

import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { ActionKind } from '@switchyard/backstage-plugin-runs-node';

const MAX_STEPS = 200;
const MAX_KEY_LENGTH = 500;

/**
 * Checks that a plan can be carried out as it stands. A plan that cannot is a mistake in the module that made it.
 *
 * @throws Error that names the mistake
 */
export function validatePlan(
  plan: RunPlan,
  kind: ActionKind,
  target: { entityRef: string; environment: string },
): void {
  const fail = (what: string) => {
    throw new Error(
      `Action kind '${kind.kind}' made a plan that cannot be carried out: ${what}`,
    );
  };
  if (plan.kind !== kind.kind) fail(`its kind is '${plan.kind}'`);
  if (plan.version !== kind.planVersions.at(-1))
    fail(`its version is ${plan.version}, not the newest`);
  if (
    plan.entityRef !== target.entityRef ||
    plan.environment !== target.environment
  )
    fail('it is for another target');
  if (plan.steps.length === 0 && plan.problems.length === 0)
    fail('it has no steps');
  if (plan.steps.length > MAX_STEPS)
    fail(`it has more than ${MAX_STEPS} steps`);
  if (new Set(plan.keys).size !== plan.keys.length)
    fail('a key stands in it twice');
  if (plan.keys.some(key => key === '' || key.length > MAX_KEY_LENGTH))
    fail('a key is empty or too long');

  const ids = new Set(plan.steps.map(step => step.id));
  if (ids.size !== plan.steps.length) fail('two steps have the same id');
  for (const step of plan.steps) {
    const handler = kind.steps[step.handler];
    if (!handler) {
      fail(
        `step '${step.id}' names the handler '${step.handler}', which does not exist`,
      );
      continue;
    }
    if (handler.effect !== step.effect)
      fail(
        `step '${step.id}' is '${step.effect}', its handler '${handler.effect}'`,
      );
    if (!(step.timeoutMs > 0)) fail(`step '${step.id}' has no time`);
    if (step.expectedMs !== undefined && !(step.expectedMs > 0))
      fail(`step '${step.id}' is expected to take no time`);
    if (!Number.isInteger(step.maxAttempts) || step.maxAttempts < 1)
      fail(`step '${step.id}' has no attempts`);
    const missing = step.needs.find(id => !ids.has(id));
    if (missing !== undefined)
      fail(`step '${step.id}' needs '${missing}', which does not exist`);
  }
  for (const gate of plan.gates ?? []) {
    if (!ids.has(gate.before))
      fail(
        `gate '${gate.name}' is before '${gate.before}', which does not exist`,
      );
    if ((gate.kind === 'approval') !== (gate.rule !== undefined))
      fail(
        `gate '${gate.name}' must have a rule if it is an approval, and none else`,
      );
  }
  const gateNames = (plan.gates ?? []).map(gate => gate.name);
  if (new Set(gateNames).size !== gateNames.length)
    fail('two gates have the same name');
  const cycle = findCycle(plan);
  if (cycle) fail(`steps need each other: ${cycle.join(', ')}`);
}

/**
 * Checks the runs that a plan asks for as if each had been asked for alone.
 *
 * @throws Error that names the mistake
 */
export function validateChildren(
  plan: RunPlan,
  requireKind: (name: string) => ActionKind,
): void {
  const { children = [] } = plan;
  const fail = (what: string) => {
    throw new Error(
      `Action kind '${plan.kind}' made a plan that cannot be carried out: ${what}`,
    );
  };
  if (children.length > 0 && plan.keys.length > 0)
    fail('it holds keys that its children may need');
  if (new Set(children.map(({ id }) => id)).size !== children.length)
    fail('two children have the same id');
  for (const child of children) {
    if (child.plan.children) fail(`child '${child.id}' has children itself`);
    if (child.plan.problems.length > 0 && plan.problems.length === 0)
      fail(`child '${child.id}' is impossible`);
    validatePlan(child.plan, requireKind(child.plan.kind), child.plan);
  }
}

/** Takes away, again and again, the steps that need nothing that is left. */
function findCycle(plan: RunPlan): string[] | undefined {
  let left = plan.steps;
  for (;;) {
    const ids = new Set(left.map(step => step.id));
    const next = left.filter(step => step.needs.some(id => ids.has(id)));
    if (next.length === 0) return undefined;
    if (next.length === left.length) return next.map(step => step.id);
    left = next;
  }
}

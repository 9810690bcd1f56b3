import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionKind,
  StepContext,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';

export const ENTITY_REF = 'component:default/orders';

/** A plan of two steps, one after the other, unless told otherwise. */
export function createPlan(plan: Partial<RunPlan> = {}): RunPlan {
  const step = (id: string, needs: string[]): RunPlan['steps'][number] => ({
    id,
    title: `Step ${id}`,
    handler: 'work',
    needs,
    effect: 'none',
    input: {},
    timeoutMs: 10_000,
    maxAttempts: 3,
  });
  return {
    kind: 'test',
    version: 1,
    entityRef: ENTITY_REF,
    environment: 'production',
    title: 'Try it',
    intent: { version: 'v1' },
    keys: ['target:component:default/orders@production'],
    steps: [step('one', []), step('two', ['one'])],
    changes: [],
    warnings: [],
    problems: [],
    ...plan,
  };
}

/** An action kind whose steps do what the test says. */
export function createKind(options: {
  kind?: string;
  versions?: number[];
  handlers?: Record<string, StepHandler>;
  plan?: (version: string) => RunPlan;
}): ActionKind<{ version: string }> {
  const {
    kind = 'test',
    versions = [1],
    handlers = {},
    plan = version => createPlan({ intent: { version } }),
  } = options;
  return {
    kind,
    title: 'Try',
    planVersions: versions,
    inputSchema: z.object({ version: z.string() }),
    steps: {
      work: { effect: 'none', run: async () => ({ output: {} }) },
      ...handlers,
    },
    environments: () => ['production', 'development'],
    plan: async ({ input, environment }) => ({
      ...plan(input.version),
      environment,
    }),
  };
}

/** A handler that does nothing outside. */
export function doing(
  run: (context: StepContext) => Promise<unknown> | unknown,
): StepHandler {
  return {
    effect: 'none',
    run: async context => {
      await run(context);
      return { output: {} };
    },
  };
}

/** A promise and its end. */
export function createGate(): { promise: Promise<void>; open: () => void } {
  let open!: () => void;
  const promise = new Promise<void>(resolve => (open = resolve));
  return { promise, open };
}

/** Waits until the condition holds. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 10_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('It did not happen in time');
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

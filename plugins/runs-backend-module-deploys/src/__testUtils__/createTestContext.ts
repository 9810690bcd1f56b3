import { JsonObject } from '@backstage/types';
import { Change, PlannedStep } from '@switchyard/backstage-plugin-runs-common';
import { StepContext } from '@switchyard/backstage-plugin-runs-node';

/** A step's context that remembers what the step said. */
export interface TestContext extends StepContext {
  logs: string[];
  progresses: string[];
  changes: Change[];
  /** Reasons of holds that were asked for. */
  holds: string[];
  /** References of effects that were asked for, in order. */
  effects: Array<JsonObject | undefined>;
}

/** @param overrides - `onEffect` is called for each effect, and may refuse it by throwing */
export function createTestContext(options: {
  input: JsonObject;
  outputs?: Record<string, JsonObject>;
  runId?: string;
  reason?: string;
  requestedAt?: string;
  attempt?: number;
  reference?: JsonObject;
  confirmed?: StepContext['confirmed'];
  retried?: StepContext['retried'];
  timeoutMs?: number;
  signal?: AbortSignal;
  cancelled?: AbortSignal;
  onEffect?: (reference?: JsonObject) => void | Promise<void>;
}): TestContext {
  const step: PlannedStep = {
    id: 'step',
    title: 'Step',
    handler: 'handler',
    needs: [],
    effect: 'none',
    input: options.input,
    timeoutMs: options.timeoutMs ?? 60_000,
    maxAttempts: 3,
    cluster: 'prod-blue',
  };
  const logs: string[] = [];
  const progresses: string[] = [];
  const changes: Change[] = [];
  const effects: Array<JsonObject | undefined> = [];
  const holds: string[] = [];
  return {
    run: {
      id: options.runId ?? 'run-1',
      number: 1,
      kind: 'hotfix',
      planHash: 'hash',
      planVersion: 1,
      entityRef: 'component:default/orders',
      environment: 'production',
      intent: {},
      requestedBy: 'user:default/dana',
      reason: options.reason ?? 'Totals are wrong',
      requestedAt: options.requestedAt ?? new Date().toISOString(),
      url: 'http://localhost:7007/runs/run-1',
    },
    step: {
      ...step,
      attempt: options.attempt ?? 1,
      reference: options.reference,
    },
    confirmed: options.confirmed,
    retried: options.retried,
    outputs: options.outputs ?? {},
    signal: options.signal ?? new AbortController().signal,
    children: {
      find: async () => new Map(),
      request: async () => {},
      redrive: async () => {},
    },
    cancelled: options.cancelled ?? new AbortController().signal,
    logs,
    progresses,
    changes,
    effects,
    holds,
    async holdTarget(reason) {
      holds.push(reason);
    },
    log: message => void logs.push(message),
    progress: message =>
      void (
        progresses[progresses.length - 1] === message ||
        progresses.push(message)
      ),
    recordChange: change => void changes.push(change),
    async beforeEffect(reference) {
      await options.onEffect?.(reference);
      effects.push(reference);
    },
  };
}

import {
  Application,
  ArgoCdError,
  OperationState,
} from '@switchyard/fleet-node';
import {
  applicationOf,
  applicationRow,
  historyEntry,
  operationState,
} from '../__testUtils__/applications';
import { createTestContext } from '../__testUtils__/createTestContext';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { DEFAULT_PATIENCE } from '../steps/types';
import { createTerminateStep } from './terminateStep';

const AT = '2026-11-20T12:00:01Z';
const LATER = '2026-11-20T12:30:00Z';
const JOB = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  namespace: 'storefront',
  name: 'orders-migrate',
  hookType: 'PreSync',
};
const RUNNING = operationState('Running', 'new', {
  startedAt: AT,
  resources: [{ ...JOB, hookPhase: 'Running' }],
});
const STOPPED = operationState('Failed', 'new', {
  startedAt: AT,
  message: 'Operation terminated',
  resources: [{ ...JOB, hookPhase: 'Failed', message: 'Terminated' }],
});
const ENDED = operationState('Succeeded', 'new', { startedAt: AT });
const FAILED = operationState('Failed', 'new', {
  startedAt: AT,
  message: 'one or more objects failed to apply',
});
const ANOTHER = operationState('Running', 'newer', { startedAt: LATER });

function start(options: {
  state?: OperationState;
  history?: NonNullable<Parameters<typeof applicationOf>[0]>['history'];
  reference?: { operation: string };
  attempt?: number;
  /** What Argo CD does when it is asked. */
  onTerminate?: (set: (next: Application) => void) => void;
  onEffect?: (set: (next: Application) => void) => void;
}) {
  const fleet = createTestFleet();
  fleet.rows.push(applicationRow());
  const { state, history } = options;
  fleet.full.set('orders-blue', applicationOf({ state, history }));
  let sent = 0;
  const unwanted = async (): Promise<never> => {
    throw new Error('This was not to be asked for');
  };
  const step = createTerminateStep({
    fleet: fleet.service,
    patience: { ...DEFAULT_PATIENCE, lookEveryMs: 10 },
    argoWriter: () => ({
      instance: 'main',
      sync: unwanted,
      create: unwanted,
      rollback: unwanted,
      patch: unwanted,
      terminate: async () => {
        sent += 1;
        (
          options.onTerminate ?? (set => set(applicationOf({ state: STOPPED })))
        )(fleet.set);
      },
    }),
  });
  const context = createTestContext({
    input: {
      application: {
        instance: 'main',
        namespace: 'argocd',
        name: 'orders-blue',
        project: 'storefront',
        multiSource: false,
        sourceIndex: 0,
      },
      cluster: 'prod-blue',
      operation: AT,
    },
    attempt: options.attempt,
    reference: options.reference,
    onEffect: () => options.onEffect?.(fleet.set),
  });
  return { step, context, fleet, sent: () => sent };
}

it('stops the operation that was shown, and says what was left half-done', async () => {
  const { step, context, sent } = start({ state: RUNNING });
  await expect(step.run(context)).resolves.toEqual({
    output: {
      outcome: 'stopped',
      text: 'The operation on orders-blue was stopped; left half-done: PreSync hook Job orders-migrate',
    },
  });
  expect(sent()).toBe(1);
  expect(context.effects).toEqual([{ operation: AT }]);
  expect(context.changes).toMatchObject([
    { system: 'argocd', ref: 'main/argocd/orders-blue', after: 'stopped' },
  ]);
  expect(context.logs).toContain(
    'PreSync hook Job orders-migrate was left half-done: Terminated',
  );
});

describe('sends nothing', () => {
  it.each<[string, OperationState, string, string]>([
    ['to one that has ended', ENDED, 'ended', 'came to its end'],
    ['to one that has failed', FAILED, 'ended', 'failed to apply'],
    ['to another than was shown', ANOTHER, 'gone', 'is left alone'],
  ])('%s', async (_, state, outcome, words) => {
    const { step, context, sent } = start({ state });
    await expect(step.run(context)).resolves.toMatchObject({
      output: { outcome, text: expect.stringContaining(words) },
    });
    expect([sent(), context.changes]).toEqual([0, []]);
  });

  it.each<[string, OperationState]>([
    ['ends', ENDED],
    ['is stopped by somebody else', STOPPED],
  ])('where it %s while the interlock is asked', async (_, state) => {
    const { step, context, sent } = start({
      state: RUNNING,
      onEffect: set => set(applicationOf({ state })),
    });
    await step.run(context);
    expect(sent()).toBe(0);
  });

  it('to another that began while the interlock was asked', async () => {
    const { step, context, sent } = start({
      state: RUNNING,
      onEffect: set => set(applicationOf({ state: ANOTHER })),
    });
    await expect(step.run(context)).resolves.toMatchObject({
      output: { outcome: 'gone' },
    });
    expect(sent()).toBe(0);
  });
});

describe('an answer that', () => {
  const refuse = (
    overrides: Partial<ConstructorParameters<typeof ArgoCdError>[0]>,
  ) =>
    new ArgoCdError({
      kind: 'refused',
      instance: 'main',
      message: 'Argo CD main refused it',
      ...overrides,
    });

  it('is lost is looked for', async () => {
    const { step, context, sent } = start({
      state: RUNNING,
      onTerminate: set => {
        set(applicationOf({ state: STOPPED }));
        throw refuse({ kind: 'unreachable', outcome: 'unknown' });
      },
    });
    await expect(step.run(context)).resolves.toMatchObject({
      output: { outcome: 'stopped' },
    });
    expect(sent()).toBe(1);
  });

  it('says that nothing runs leads to another look', async () => {
    const { step, context } = start({
      state: RUNNING,
      onTerminate: set => {
        set(applicationOf({ state: ENDED }));
        throw refuse({
          argoMessage:
            'Unable to terminate operation. No operation is in progress',
        });
      },
    });
    await expect(step.run(context)).resolves.toMatchObject({
      output: { outcome: 'ended' },
    });
  });

  it('forbids it is the end', async () => {
    const { step, context } = start({
      state: RUNNING,
      onTerminate: () => {
        throw refuse({ kind: 'forbidden' });
      },
    });
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'StepFailedError',
    });
  });
});

describe('a later attempt', () => {
  const adopt = (options: Parameters<typeof start>[0]) => {
    const { step, context } = start({
      reference: { operation: AT },
      attempt: 2,
      ...options,
    });
    return step.adopt!(context);
  };

  it.each<[string, Parameters<typeof start>[0], string]>([
    ['was stopped', { state: STOPPED }, 'stopped'],
    ['ended by itself', { state: ENDED }, 'ended'],
    [
      'is followed by another, by the history',
      {
        state: ANOTHER,
        history: [historyEntry('new', { deployStartedAt: AT })],
      },
      'ended',
    ],
  ])('finds that it %s', async (_, options, outcome) => {
    await expect(adopt(options)).resolves.toMatchObject({
      output: { outcome },
    });
  });

  it('asks again where it still runs, as that is the same wish', async () => {
    await expect(adopt({ state: RUNNING })).resolves.toBeUndefined();
  });

  it('does not know what became of it where another has replaced it', async () => {
    await expect(adopt({ state: ANOTHER })).rejects.toMatchObject({
      name: 'OutcomeUnknownError',
    });
  });
});

import { OperationState } from '@switchyard/fleet-node';
import {
  applicationOf,
  applicationRow,
  historyEntry,
  operationState,
} from '../__testUtils__/applications';
import { createTestContext } from '../__testUtils__/createTestContext';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { DEFAULT_PATIENCE } from '../steps/types';
import { createArgoRollbackStep } from './argoRollbackStep';

const ORDER = {
  operationBefore: '2026-11-20T11:00:00Z',
  historyBefore: 4,
  attempt: 1,
  word: null,
};
const BEFORE = operationState('Succeeded', 'new', {
  startedAt: ORDER.operationBefore,
});

/** As Argo CD makes it: it runs no hooks, and carries nothing. */
function rollback(
  revision: string,
  overrides: Partial<OperationState> = {},
): OperationState {
  const state = operationState('Succeeded', revision, overrides);
  return {
    ...state,
    operation: {
      ...state.operation,
      sync: { revision, syncStrategy: { apply: {} } },
    },
  };
}

function start(
  options: { reference?: typeof ORDER; attempt?: number } & Parameters<
    typeof applicationOf
  >[0] = {},
) {
  const { reference, attempt, ...application } = options;
  const fleet = createTestFleet();
  fleet.rows.push(applicationRow());
  fleet.full.set('orders-blue', applicationOf(application));
  const sent: unknown[] = [];
  const unwanted = async (): Promise<never> => {
    throw new Error('This was not to be asked for');
  };
  const step = createArgoRollbackStep({
    fleet: fleet.service,
    git: {} as any,
    identity: { name: 'x', email: 'x' },
    patience: { ...DEFAULT_PATIENCE, lookEveryMs: 10 },
    argoWriter: () => ({
      instance: 'main',
      sync: unwanted,
      create: unwanted,
      patch: unwanted,
      terminate: unwanted,
      rollback: async (_name, request) => {
        sent.push(request);
        fleet.set(
          applicationOf({
            state: rollback('old', { startedAt: '2026-11-20T12:00:30Z' }),
          }),
        );
        return fleet.full.get('orders-blue')!;
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
      historyId: 3,
      revision: 'old',
    },
    reference,
    attempt,
  });
  return { step, context, sent };
}

it('asks once for the entry, and knows the operation by its revision', async () => {
  const { step, context, sent } = start({
    state: BEFORE,
    history: [historyEntry('new', { id: 4 })],
  });
  await expect(step.run(context)).resolves.toMatchObject({
    output: { revision: 'old' },
  });
  expect(sent).toEqual([{ historyId: 3 }]);
  expect(context.effects).toEqual([ORDER]);
});

describe('a later attempt', () => {
  const adopt = (options: Parameters<typeof start>[0]) => {
    const { step, context } = start({
      reference: ORDER,
      attempt: 2,
      ...options,
    });
    return step.adopt!(context);
  };
  const FOREIGN = operationState('Succeeded', 'old', {
    startedAt: '2026-11-20T12:00:09Z',
  });

  it.each<[string, Parameters<typeof start>[0]]>([
    ['the operation', { state: rollback('old') }],
    [
      'the history, where a self-heal has replaced it',
      {
        state: FOREIGN,
        history: [
          historyEntry('old', { id: 5, initiatedBy: { username: 'portal' } }),
        ],
      },
    ],
  ])('finds %s', async (_, options) => {
    await expect(adopt(options)).resolves.toMatchObject({
      output: { revision: 'old' },
    });
  });

  it('knows that nothing arrived where the operation before is the last one', async () => {
    await expect(adopt({ state: BEFORE })).resolves.toBeUndefined();
  });

  it.each<[string, Parameters<typeof start>[0]]>([
    ['a sync to the same revision', { state: FOREIGN }],
    ['a rollback to another one', { state: rollback('older') }],
    [
      'an automated entry of the history',
      { state: FOREIGN, history: [historyEntry('old', { id: 5 })] },
    ],
    [
      'an entry from before',
      {
        state: FOREIGN,
        history: [
          historyEntry('old', { id: 4, initiatedBy: { username: 'portal' } }),
        ],
      },
    ],
  ])('does not take %s for it', async (_, options) => {
    await expect(adopt(options)).rejects.toMatchObject({
      name: 'OutcomeUnknownError',
    });
  });
});

import { SyncRequest } from '@switchyard/fleet-node';
import {
  applicationOf,
  applicationRow,
  historyEntry,
  operationState,
} from '../__testUtils__/applications';
import { createTestContext } from '../__testUtils__/createTestContext';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { infoOf } from '../__testUtils__/startSync';
import { DEFAULT_PATIENCE } from '../steps/types';
import { RequestSyncInput } from '../sync/types';
import { createRequestSyncStep } from './requestSyncStep';

const ORDER = {
  operationBefore: '2026-11-20T11:00:00Z',
  historyBefore: 4,
  attempt: 1,
  word: null,
};
const OURS = operationState('Succeeded', 'new', { info: infoOf(1) });
const FAILED = operationState('Failed', 'new', {
  info: infoOf(1),
  message: 'one or more objects failed to apply',
});
const FOREIGN = operationState('Succeeded', 'other', {
  startedAt: '2026-11-20T12:00:09Z',
  automated: true,
});
const BEFORE = operationState('Succeeded', 'old', {
  startedAt: ORDER.operationBefore,
});
const BY_HAND = historyEntry('new', {
  id: 5,
  initiatedBy: { username: 'portal' },
});

function start(
  options: {
    input?: Partial<RequestSyncInput>;
    reference?: typeof ORDER;
    attempt?: number;
    retried?: { by: string; at: string };
  } & Parameters<typeof applicationOf>[0] = {},
) {
  const { input, reference, attempt, retried, ...application } = options;
  const fleet = createTestFleet();
  fleet.rows.push(applicationRow());
  fleet.full.set('orders-blue', applicationOf(application));
  const sent: SyncRequest[] = [];
  const unwanted = async (): Promise<never> => {
    throw new Error('This was not to be asked for');
  };
  const step = createRequestSyncStep({
    fleet: fleet.service,
    git: {} as any,
    identity: { name: 'x', email: 'x' },
    patience: { ...DEFAULT_PATIENCE, lookEveryMs: 10 },
    argoWriter: () => ({
      instance: 'main',
      create: unwanted,
      rollback: unwanted,
      patch: unwanted,
      terminate: unwanted,
      sync: async (_name, request) => {
        sent.push(request);
        fleet.set(
          applicationOf({
            state: operationState('Succeeded', 'new', {
              startedAt: '2026-11-20T12:00:30Z',
              info: request.infos,
            }),
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
      resources: null,
      prune: false,
      force: false,
      refresh: null,
      ...input,
    },
    reference,
    attempt,
    retried,
  });
  return { step, context, sent, fleet };
}

it('asks once, with the run in it, and keeps the order before', async () => {
  const { step, context, sent } = start({
    state: BEFORE,
    history: [historyEntry('old', { id: 4 })],
    input: {
      prune: true,
      resources: [{ group: '', kind: 'Service', name: 'a' }],
    },
  });
  await expect(step.run(context)).resolves.toMatchObject({
    output: { revision: 'new', initiatedBy: 'portal' },
  });
  expect(context.effects).toEqual([ORDER]);
  expect(sent).toMatchObject([
    {
      prune: true,
      resources: [{ kind: 'Service', name: 'a' }],
      infos: expect.arrayContaining(infoOf(1)),
    },
  ]);
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

  it.each([
    ['finds the operation that carries the run', { state: OURS }, 'new'],
    [
      'finds it in the history, where a self-heal has replaced it',
      { state: FOREIGN, history: [BY_HAND] },
      'new',
    ],
  ])('%s', async (_, application, revision) => {
    await expect(adopt(application)).resolves.toMatchObject({
      output: { revision },
    });
  });

  it('knows that nothing arrived where the operation before is the last one', async () => {
    await expect(adopt({ state: BEFORE })).resolves.toBeUndefined();
  });

  it('fails where the operation failed', async () => {
    await expect(adopt({ state: FAILED })).rejects.toMatchObject({
      name: 'StepFailedError',
      message: expect.stringContaining('failed to apply'),
    });
  });

  it.each<[string, Parameters<typeof start>[0]]>([
    ['the history says nothing', { state: FOREIGN }],
    [
      'the history has an automated one only',
      { state: FOREIGN, history: [historyEntry('new', { id: 5 })] },
    ],
    [
      'it was about single resources, which leave no history',
      {
        state: FOREIGN,
        history: [BY_HAND],
        input: { resources: [{ group: '', kind: 'Service', name: 'a' }] },
      },
    ],
    [
      'it was to prune, of which the history says nothing',
      { state: FOREIGN, history: [BY_HAND], input: { prune: true } },
    ],
  ])('does not know the outcome where %s', async (_, options) => {
    await expect(adopt(options)).rejects.toMatchObject({
      name: 'OutcomeUnknownError',
    });
  });
});

it("tries again on a person's word what had failed", async () => {
  const { step, context, sent } = start({
    state: FAILED,
    reference: ORDER,
    attempt: 2,
    retried: { by: 'user:default/dana', at: '2026-11-20T12:05:00Z' },
  });
  await expect(step.adopt!(context)).resolves.toBeUndefined();
  await expect(step.run(context)).resolves.toMatchObject({
    output: { revision: 'new' },
  });
  expect(sent).toHaveLength(1);
});

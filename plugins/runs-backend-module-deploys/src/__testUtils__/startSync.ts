import { SyncRequest } from '@switchyard/fleet-node';
import { ATTEMPT_INFO, RUN_INFO } from '../argocd/operationIdentity';
import { createSyncStep } from '../effects/syncStep';
import { SyncStepInput } from '../hotfix/types';
import { DEFAULT_PATIENCE, Patience } from '../steps/types';
import { applicationRow } from './applications';
import { createTestContext, TestContext } from './createTestContext';
import { createTestFleet } from './createTestFleet';

const SYNC_INPUT: SyncStepInput = {
  application: {
    instance: 'main',
    namespace: 'argocd',
    name: 'orders-blue',
    project: 'storefront',
    multiSource: false,
    sourceIndex: 0,
    repoUrl: 'https://git.example.com/deploy-blue.git',
    branch: 'main',
    commitStep: 'commit.deploy-blue',
  },
  cluster: 'prod-blue',
};
async function unwanted(): Promise<never> {
  throw new Error('This was not to be asked for');
}

/** What a sync carries that an attempt of run-1 asked for. */
export function infoOf(attempt: number) {
  return [
    { name: RUN_INFO, value: 'run-1' },
    { name: ATTEMPT_INFO, value: String(attempt) },
  ];
}

/** What one carries that its first attempt asked for. */
export const OURS = infoOf(1);

/** A sync step of run-1 on Application orders-blue, whose commit is `ours`, and `new` is a later commit on top of it. */
export function startSync(
  options: Partial<Parameters<typeof createTestContext>[0]> & {
    created?: boolean;
    patience?: Partial<Patience>;
  } = {},
) {
  const fleet = createTestFleet();
  fleet.rows.push(applicationRow());
  const sent: SyncRequest[] = [];
  const argo = {
    onSync: async (_request: SyncRequest): Promise<void> => undefined,
  };
  const writer = {
    instance: 'main',
    sync: async (_name: unknown, request: SyncRequest) => {
      sent.push(request);
      await argo.onSync(request);
      return fleet.full.get('orders-blue')!;
    },
    rollback: unwanted,
    patch: unwanted,
    create: unwanted,
    terminate: unwanted,
  };
  const repository = {
    contains: async ({ revision }: { revision: string }) =>
      revision === 'ours' || revision === 'new',
  };
  const step = createSyncStep({
    fleet: fleet.service,
    git: { repository: () => repository } as any,
    identity: { name: 'x', email: 'x' },
    argoWriter: () => writer,
    patience: { ...DEFAULT_PATIENCE, lookEveryMs: 10, ...options.patience },
  });
  const createContext = (overrides: typeof options = {}) =>
    createTestContext({
      input: SYNC_INPUT,
      requestedAt: '2026-11-20T11:59:59Z',
      outputs: {
        'commit.deploy-blue': {
          commit: 'ours',
          created: options.created ?? true,
        },
      },
      ...options,
      ...overrides,
    });
  return { fleet, step, context: createContext(), createContext, sent, argo };
}

/** Resolves with the first line of progress that fits. */
export async function progressOf(
  context: TestContext,
  pattern: RegExp,
): Promise<string> {
  for (;;) {
    const found = context.progresses.find(line => pattern.test(line));
    if (found) return found;
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

import { Application, OperationState } from '@switchyard/fleet-node';
import {
  applicationOf,
  applicationRow,
  operationState,
} from '../__testUtils__/applications';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { infoOf } from '../__testUtils__/startSync';
import { component, config } from '../__testUtils__/startDeployRepositories';
import { TerminatePlanner } from './TerminatePlanner';
import { TerminateInput } from './types';

const AT = '2026-11-20T12:00:01Z';

function start(
  states: Record<string, Partial<Parameters<typeof applicationOf>[0]> | null>,
) {
  const fleet = createTestFleet();
  for (const name of ['prod-blue', 'prod-green'])
    fleet.clusters.push({
      name,
      url: `https://${name}`,
      state: 'live',
      since: AT,
      kinds: [],
    });
  for (const [name, options] of Object.entries(states)) {
    fleet.rows.push(
      applicationRow({
        name,
        destination: {
          name: name.replace('orders', 'prod'),
          namespace: 'storefront',
        },
        autoSync: {
          enabled: name === 'orders-blue',
          prune: false,
          selfHeal: false,
        },
      }),
    );
    if (options) fleet.full.set(name, applicationOf({ name, ...options }));
  }
  const planner = TerminatePlanner.create({ fleet: fleet.service, config });
  return (input: TerminateInput = {}) =>
    planner.plan({
      entity: component(),
      environment: 'production',
      input,
      signal: new AbortController().signal,
    });
}

const running = (
  overrides: Parameters<typeof operationState>[2] = {},
): { state: OperationState; operation: Application['operation'] } => {
  const state = operationState('Running', 'new', {
    startedAt: AT,
    ...overrides,
  });
  return { state, operation: state.operation };
};
const IDLE = { state: operationState('Succeeded', 'old') };

it('stops all that run, each by its own identity and key', async () => {
  const plan = start({
    'orders-blue': running(),
    'orders-green': running({ info: infoOf(1) }),
  });
  const { title, keys, intent, steps, problems, warnings } = await plan();
  expect(problems).toEqual([]);
  expect(title).toBe('Stop 2 operations in 2 clusters');
  expect(keys).toEqual([
    'operation:main/argocd/orders-blue',
    'operation:main/argocd/orders-green',
  ]);
  expect(intent).toMatchObject({
    targets: [{ operation: AT }, { operation: `${AT} run-1 1` }],
  });
  expect(steps.map(({ id, input }) => [id, input.operation])).toEqual([
    ['terminate.orders-blue', AT],
    ['terminate.orders-green', `${AT} run-1 1`],
  ]);
  expect(warnings).toMatchObject([
    { what: 'Auto-sync is on', ref: 'Application argocd/orders-blue' },
    { what: 'A run waits for it', ref: 'Application argocd/orders-green' },
  ]);
});

it('is of those that Argo CD works on, unless others are named', async () => {
  const plan = start({ 'orders-blue': running(), 'orders-green': IDLE });
  await expect(plan()).resolves.toMatchObject({
    title: 'Stop the operation on orders-blue in prod-blue',
    problems: [],
  });
  await expect(plan({ applications: ['orders-green'] })).resolves.toMatchObject(
    {
      steps: [],
      problems: [{ what: 'No operation is running' }],
    },
  );
});

it.each<[string, Parameters<typeof start>[0], string]>([
  ['nothing runs', { 'orders-blue': IDLE }, 'No operation is running'],
  [
    'none has begun',
    { 'orders-blue': { operation: { sync: {} } } },
    'The operation has not begun',
  ],
  [
    'Argo CD cannot be asked',
    { 'orders-blue': null },
    'Argo CD cannot be asked',
  ],
])('has no plan where %s', async (_, states, what) => {
  const { steps, problems } = await start(states)();
  expect(steps).toEqual([]);
  expect(problems).toMatchObject([{ what }]);
});

it.each<[string, Parameters<typeof operationState>[2], string | undefined]>([
  [
    'a migration at work',
    {
      resources: [hook('PreSync', 'Job', 'Running')],
    },
    'The migration is left half-done',
  ],
  [
    'another hook at work',
    { resources: [hook('PostSync', 'Pod', 'Running')] },
    'A hook is left half-done',
  ],
  [
    'hooks that are done',
    { resources: [hook('PreSync', 'Job', 'Succeeded')] },
    undefined,
  ],
  [
    'an operation that has just begun',
    { startedAt: new Date().toISOString() },
    'It may not be stuck',
  ],
])('warns of %s', async (_, overrides, what) => {
  const { warnings } = await start({ 'orders-green': running(overrides) })();
  expect(warnings.map(each => each.what)).toEqual(what ? [what] : []);
});

function hook(hookType: string, kind: string, hookPhase: string) {
  return {
    group: '',
    version: 'v1',
    kind,
    namespace: 'storefront',
    name: 'orders-hook',
    hookType,
    hookPhase,
  };
}

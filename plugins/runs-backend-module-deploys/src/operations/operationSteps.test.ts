import { applicationRow } from '../__testUtils__/applications';
import { ApplicationTarget } from './applicationTargets';
import { operationSteps } from './operationSteps';

it('waits until the Application is well, which whoever has seen it may skip; the operation itself nobody may', () => {
  const row = applicationRow({});
  const target = {
    id: { instance: 'main', namespace: 'argocd', name: 'orders-blue' },
    deployment: { cluster: 'prod-blue', application: row },
  } as unknown as ApplicationTarget;
  const steps = operationSteps({
    target,
    name: 'orders-blue',
    operation: {
      id: 'sync.orders-blue',
      title: 'Sync orders-blue',
      handler: 'sync',
      input: {},
    },
  });
  expect(
    steps.map(({ id, effect, skippable }) => [id, effect, skippable ?? false]),
  ).toEqual([
    ['sync.orders-blue', 'adoptable', false],
    ['settle.orders-blue', 'none', true],
  ]);
});

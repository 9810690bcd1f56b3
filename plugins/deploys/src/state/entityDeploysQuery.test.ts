import { EntityDeploysState } from '@switchyard/backstage-plugin-deploys-common';
import { aDeployment, aDeploysState, aSource } from '../__testUtils__';
import { DeploysApi } from '../api';
import { entityDeploysQuery } from './entityDeploysQuery';

const query = entityDeploysQuery({} as DeploysApi, 'component:default/orders');

function withApplication(
  change: Partial<
    NonNullable<EntityDeploysState['deployments'][number]['application']>
  >,
) {
  const { application } = aDeployment('prod-blue');
  return aDeploysState({
    deployments: [
      aDeployment('prod-blue', { application: { ...application!, ...change } }),
    ],
  });
}

describe('the query of an entity', () => {
  it.each([
    ['nothing is under way', aDeploysState(), false],
    [
      'a rollout is',
      aDeploysState({ summary: { tone: 'progressing', text: '' } }),
      true,
    ],
    [
      'a source was not looked at yet',
      aDeploysState({
        sources: [aSource('cluster:prod-blue', { state: 'connecting' })],
      }),
      true,
    ],
    [
      'Argo CD is syncing',
      withApplication({ operation: { phase: 'Running' } }),
      true,
    ],
    [
      'Argo CD says Progressing',
      withApplication({ health: 'Progressing' }),
      true,
    ],
  ])('is asked often while something is under way: %s', (_, state, busy) => {
    expect(query.isBusy(state)).toBe(busy);
  });
});

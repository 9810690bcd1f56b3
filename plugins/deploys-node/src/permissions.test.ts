import { deploysDeploymentRules, DeploysDeployment } from './permissions';

const { isEntityOwner, isInEnvironment, isInCluster } = deploysDeploymentRules;
const deployment: DeploysDeployment = {
  entityRef: 'component:default/orders',
  environment: 'production',
  cluster: 'prod-blue',
  entity: {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'orders' },
    relations: [{ type: 'ownedBy', targetRef: 'group:default/storefront' }],
  },
};

describe('the rules of a deployment', () => {
  it('tell whose it is', () => {
    const isOwnedBy = (...ownerRefs: string[]) =>
      isEntityOwner.apply(deployment, { ownerRefs });
    expect(isOwnedBy('user:default/dana', 'group:default/storefront')).toBe(
      true,
    );
    expect(isOwnedBy('group:default/realtime')).toBe(false);
  });

  it('tell where it is', () => {
    const isIn = (...environments: string[]) =>
      isInEnvironment.apply(deployment, { environments });
    const isOn = (...clusters: string[]) =>
      isInCluster.apply(deployment, { clusters });
    expect([isIn('production'), isIn('prod'), isIn()]).toEqual([
      true,
      false,
      false,
    ]);
    expect([isOn('dev', 'prod-blue'), isOn('prod'), isOn()]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

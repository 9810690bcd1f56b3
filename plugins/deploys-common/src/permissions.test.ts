import {
  parseDeploymentResourceRef,
  stringifyDeploymentResourceRef,
} from './permissions';

describe('the ref of a deployment', () => {
  it.each(['prod-blue', 'eu|blue'])(
    'says component, environment and cluster, and is read back: %s',
    cluster => {
      const deployment = {
        entityRef: 'component:default/orders',
        environment: 'production',
        cluster,
      };
      const ref = stringifyDeploymentResourceRef(deployment);
      expect(ref).toBe(`component:default/orders|production|${cluster}`);
      expect(parseDeploymentResourceRef(ref)).toEqual(deployment);
    },
  );

  it.each(['', 'a', 'a|b', '|b|c', 'a||c', 'a|b|'])("is not '%s'", ref => {
    expect(parseDeploymentResourceRef(ref)).toBeUndefined();
  });
});

import { ConfigReader } from '@backstage/config';
import { readArgoCdConfig } from './argocd/config';
import { readSwitchyardConfig } from './config';

const read = (switchyard: any) =>
  readSwitchyardConfig(new ConfigReader({ switchyard }));

describe('readSwitchyardConfig', () => {
  it('needs nothing', () => {
    const nothing = { environments: [], clusterAliases: [], bindings: [] };
    expect(readSwitchyardConfig(new ConfigReader({}))).toEqual(nothing);
    expect(read({})).toEqual(nothing);
  });

  it('reads everything', () => {
    expect(
      read({
        environments: [
          {
            name: 'production',
            title: 'Production',
            match: [
              {
                cluster: ['prod-*'],
                labels: { 'app.kubernetes.io/tier': 'x' },
              },
              { project: 'storefront' },
            ],
          },
          { name: 'development', match: [{ namespace: ['dev'] }] },
        ],
        clusterAliases: [
          { argocd: 'green-eu', cluster: 'prod-green' },
          { argocd: 'in-cluster', instance: 'a', cluster: 'prod-a' },
          { argocd: 'in-cluster', instance: 'b', cluster: 'prod-b' },
        ],
        bindings: [
          {
            argocdProject: 'storefront',
            argocdApplication: 'search-*',
            entity: 'search',
          },
          { cluster: 'dev', namespace: 'x', owner: 'group:default/platform' },
        ],
      }),
    ).toEqual({
      environments: [
        {
          name: 'production',
          title: 'Production',
          match: [
            { cluster: ['prod-*'], labels: { 'app.kubernetes.io/tier': 'x' } },
            { project: ['storefront'] },
          ],
        },
        {
          name: 'development',
          title: 'development',
          match: [{ namespace: ['dev'] }],
        },
      ],
      clusterAliases: [
        { argocd: 'green-eu', cluster: 'prod-green' },
        { argocd: 'in-cluster', instance: 'a', cluster: 'prod-a' },
        { argocd: 'in-cluster', instance: 'b', cluster: 'prod-b' },
      ],
      bindings: [
        {
          target: {
            argocdProject: 'storefront',
            argocdApplication: 'search-*',
          },
          to: { entity: 'component:default/search' },
        },
        {
          target: { cluster: 'dev', namespace: 'x' },
          to: { owner: 'group:default/platform' },
        },
      ],
    });
  });

  const match = [{ cluster: ['a'] }];
  it.each([
    [
      { environments: [{ match }] },
      'switchyard.environments[0].name is missing',
    ],
    [
      { environments: [{ name: 'unassigned', match }] },
      "switchyard.environments[0].name may not be 'unassigned'",
    ],
    [
      { environments: [{ name: 'Prod/1', match }] },
      'switchyard.environments[0].name must be made of lower case',
    ],
    [
      { environments: [{ name: 'a' }] },
      'switchyard.environments[0].match is missing',
    ],
    [
      { environments: [{ name: 'a', match: [{}] }] },
      'switchyard.environments[0].match[0] is empty',
    ],
    [
      { environments: [{ name: 'a', match: [{ clusters: ['x'] }] }] },
      'switchyard.environments[0].match[0].clusters is unknown',
    ],
    [
      { environments: [{ name: 'a', match: [{ cluster: [1] }] }] },
      'switchyard.environments[0].match[0].cluster must be a list of names',
    ],
    [
      { environments: [{ name: 'a', match: [{ labels: { x: 1 } }] }] },
      "switchyard.environments[0].match[0].labels: 'x' is not a text",
    ],
    [
      {
        environments: [
          { name: 'a', match },
          { name: 'a', match },
        ],
      },
      "switchyard.environments has 'a' twice",
    ],
    [
      { clusterAliases: [{ argocd: 'x' }] },
      'switchyard.clusterAliases[0].cluster is missing',
    ],
    [
      {
        clusterAliases: [
          { argocd: 'x', cluster: 'a' },
          { argocd: 'x', cluster: 'b' },
        ],
      },
      "switchyard.clusterAliases says twice which cluster 'x' is",
    ],
    [
      { bindings: [{ entity: 'a' }] },
      'switchyard.bindings[0] needs either argocdProject',
    ],
    [
      { bindings: [{ argocdProject: 'a', cluster: 'b', entity: 'a' }] },
      'switchyard.bindings[0] needs either argocdProject',
    ],
    [
      { bindings: [{ argocdApplication: 'a', entity: 'a' }] },
      'switchyard.bindings[0].argocdProject is missing',
    ],
    [
      { bindings: [{ cluster: 'b', entity: 'a' }] },
      'switchyard.bindings[0].namespace is missing',
    ],
    [
      { bindings: [{ argocdProject: 'a' }] },
      'switchyard.bindings[0] needs either entity or owner',
    ],
    [
      { bindings: [{ argocdProject: 'a', entity: 'x', owner: 'y' }] },
      'switchyard.bindings[0] needs either entity or owner',
    ],
    [
      { bindings: [{ argocdProject: 'a', entity: 'component:' }] },
      'switchyard.bindings[0].entity is not an entity ref',
    ],
  ])('refuses %j', (config, message) => {
    expect(() => read(config)).toThrow(message);
  });
});

describe('readArgoCdConfig', () => {
  const readArgo = (argocd: any) =>
    readArgoCdConfig(new ConfigReader({ argocd }));
  const methods = (...instances: any[]) => [{ type: 'config', instances }];

  it('needs nothing', () => {
    expect(readArgoCdConfig(new ConfigReader({}))).toEqual([]);
    expect(readArgo({ appLocatorMethods: [] })).toEqual([]);
  });

  it('reads what both existing plugins configure', () => {
    expect(
      readArgo({
        username: 'portal',
        password: 'secret',
        baseUrl: 'https://ignored.example',
        appLocatorMethods: [
          ...methods(
            {
              name: 'one',
              url: 'https://one.example/argocd/',
              frontendUrl: 'https://ui.example/',
              token: 't',
            },
            {
              name: 'two',
              url: 'http://two.example',
              externalUrl: 'https://two-ui.example',
              username: 'own',
              password: 'pw',
            },
          ),
          { type: 'else' },
          ...methods({ name: 'three', url: 'https://three.example' }),
        ],
      }),
    ).toEqual([
      {
        name: 'one',
        url: 'https://one.example/argocd',
        uiUrl: 'https://ui.example',
        account: { token: 't' },
      },
      {
        name: 'two',
        url: 'http://two.example',
        uiUrl: 'https://two-ui.example',
        account: { username: 'own', password: 'pw' },
      },
      {
        name: 'three',
        url: 'https://three.example',
        uiUrl: 'https://three.example',
        account: { username: 'portal', password: 'secret' },
      },
    ]);
  });

  it('takes the address for people from the section where there is one instance', () => {
    const [instance] = readArgo({
      baseUrl: 'https://ui.example',
      appLocatorMethods: methods({ name: 'a', url: 'https://a', token: 't' }),
    });
    expect(instance.uiUrl).toBe('https://ui.example');
  });

  it.each([
    [{ name: 'a', url: 'https://a' }, 'give either a token'],
    [{ name: 'a', url: 'https://a', username: 'u' }, 'give either a token'],
    [{ name: 'a', url: 'ftp://a', token: 't' }, 'url is not an http'],
    [{ name: 'a', url: 'a', token: 't' }, 'url is not an http'],
  ])('refuses %j', (instance, message) => {
    expect(() => readArgo({ appLocatorMethods: methods(instance) })).toThrow(
      message,
    );
  });

  it('refuses a name that is there twice', () => {
    const instance = { name: 'a', url: 'https://a', token: 't' };
    expect(() =>
      readArgo({ appLocatorMethods: methods(instance, instance) }),
    ).toThrow("names the instance 'a' twice");
  });
});

import { ConfigReader } from '@backstage/config';
import { JsonObject } from '@backstage/types';
import { readNewApplicationRules } from './rules';

const RULE = {
  owners: ['storefront'],
  instance: 'main',
  project: 'storefront',
  namespace: 'storefront',
  repositories: ['https://git.example.com/storefront/'],
  clusters: [{ cluster: 'prod-blue' }],
};

function read(change: JsonObject = {}) {
  return readNewApplicationRules(
    new ConfigReader({
      switchyard: { deploys: { newApplications: [{ ...RULE, ...change }] } },
    }),
  );
}

it('fills in what is left out; without the key nothing may be created', () => {
  expect(read()).toEqual([
    {
      owners: ['group:default/storefront'],
      instance: 'main',
      argocdNamespace: 'argocd',
      project: 'storefront',
      namespace: 'storefront',
      repositories: ['https://git.example.com/storefront/'],
      path: 'deploy/overlays/{cluster}',
      branch: 'main',
      autoSync: true,
      clusters: [
        {
          cluster: 'prod-blue',
          destination: { name: 'prod-blue' },
          application: '{component}-prod-blue',
        },
      ],
    },
  ]);
  expect(readNewApplicationRules(new ConfigReader({}))).toEqual([]);
});

it.each<[JsonObject, RegExp]>([
  [
    { repositories: ['https://git.example.com/storefront'] },
    /slash at its end/,
  ],
  [{ repositories: ['git.example.com/'] }, /no beginning of an address/],
  [{ repositories: ['https://user@git.example.com/'] }, /no beginning/],
  [{ repositories: [] }, /needs repositories and clusters/],
  [{ clusters: [] }, /needs repositories and clusters/],
  [{ path: '../{cluster}' }, /must be a folder in the repository/],
  [{ path: 'deploy/{owner}' }, /\{owner\} is unknown; there are \{cluster\}/],
  [
    { clusters: [{ cluster: 'prod-blue', application: 'web' }] },
    /needs \{component\}/,
  ],
  [{ owners: ['group:default/'] }, /is no ref such as group:default\/orders/],
])('refuses %j', (change, message) => {
  expect(() => read(change)).toThrow(message);
});

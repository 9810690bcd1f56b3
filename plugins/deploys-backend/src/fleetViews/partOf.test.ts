import { Entity } from '@backstage/catalog-model';
import { FleetRow } from '@switchyard/backstage-plugin-deploys-common';
import { partOf } from './partOf';
import { VisibilityClass } from './Visibility';

const everybody: VisibilityClass = {
  key: 'components',
  scope: 'components',
  since: 0,
  sees: component => component !== undefined,
};

function entity(
  kind: string,
  name: string,
  relations: Array<[type: string, targetRef: string]> = [],
): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name, namespace: 'default' },
    relations: relations.map(([type, targetRef]) => ({ type, targetRef })),
  };
}

const components: Array<NonNullable<FleetRow['entity']>> = [
  {
    ref: 'component:default/orders',
    owner: 'group:default/storefront',
    system: 'system:default/shop',
  },
  {
    ref: 'component:default/chat',
    owner: 'group:default/realtime',
    system: 'system:default/talk',
  },
  { ref: 'component:default/tool', owner: 'user:default/dana' },
];

describe('partOf', () => {
  it.each<[string, Entity, string[]]>([
    ['a system', entity('System', 'shop'), ['orders']],
    [
      'a domain with its systems, which are no components',
      entity('Domain', 'all', [
        ['hasPart', 'system:default/shop'],
        ['hasPart', 'system:default/talk'],
        ['hasPart', 'component:default/tool'],
      ]),
      ['orders', 'chat'],
    ],
    ['a group', entity('Group', 'realtime'), ['chat']],
    [
      'a group and its children',
      entity('Group', 'product', [
        ['parentOf', 'group:default/storefront'],
        ['parentOf', 'group:default/realtime'],
        ['hasMember', 'user:default/dana'],
      ]),
      ['orders', 'chat'],
    ],
    [
      'a person, and the groups of that person',
      entity('User', 'dana', [['memberOf', 'group:default/storefront']]),
      ['orders', 'tool'],
    ],
    ['a system without components', entity('System', 'empty'), []],
  ])('%s', (_, of, expected) => {
    const { sees } = partOf(of, everybody);
    expect(components.filter(sees).map(({ ref }) => ref.split('/')[1])).toEqual(
      expected,
    );
    expect(sees(undefined)).toBe(false);
  });

  it('never shows more than the class sees', () => {
    const blind = { ...everybody, sees: () => false };
    const { sees } = partOf(entity('System', 'shop'), blind);
    expect(components.filter(sees)).toEqual([]);
  });

  it('is another view for other viewers, entities and members', () => {
    const shop = entity('System', 'shop');
    const keys = [
      partOf(shop, everybody),
      partOf(shop, { ...everybody, key: 'everything' }),
      partOf(entity('System', 'talk'), everybody),
      partOf(entity('Group', 'product'), everybody),
      partOf(
        entity('Group', 'product', [['parentOf', 'group:default/realtime']]),
        everybody,
      ),
    ].map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('refuses what has no components', () => {
    expect(() => partOf(entity('Component', 'orders'), everybody)).toThrow(
      'component:default/orders has no components',
    );
  });
});

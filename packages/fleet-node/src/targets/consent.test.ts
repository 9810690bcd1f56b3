import { BindingConfig } from '../config';
import { consentOf, guestsOf } from './consent';
import { component } from './tests/entities';
import { application, workload } from './tests/fakeFleet';

const orders = component('orders');
const intruder = component(
  'intruder',
  {
    'argocd/app-name': 'orders-blue',
    'backstage.io/kubernetes-label-selector': 'app.kubernetes.io/name=orders',
    // Claims of an entity about itself count for nothing.
    'backstage.io/entity-ref': 'component:default/orders',
    'switchyard/entity-ref': 'component:default/orders',
  },
  { owner: 'group:default/realtime' },
);

function naming(ref: string, key = 'backstage.io/entity-ref') {
  return application('orders-blue', { annotations: { [key]: ref } });
}

describe('consentOf an Application', () => {
  it.each([
    ['its annotation', naming('component:default/orders'), []],
    ['another spelling', naming('Component:default/Orders'), []],
    [
      'our own annotation',
      naming('component:default/orders', 'switchyard/entity-ref'),
      [],
    ],
    [
      'one of two annotations',
      application('orders-blue', {
        annotations: {
          'backstage.io/entity-ref': 'component:default/other',
          'switchyard/entity-ref': 'component:default/orders',
        },
      }),
      [],
    ],
    [
      'a binding of project and name to the entity',
      application('orders-blue'),
      [
        {
          target: {
            argocdProject: 'storefront',
            argocdApplication: 'orders-*',
          },
          to: { entity: 'component:default/orders' },
        },
      ],
    ],
    [
      'a binding of the project to the owner',
      application('orders-blue'),
      [
        {
          target: { argocdProject: 'store*' },
          to: { owner: 'group:default/storefront' },
        },
      ],
    ],
  ])('is given by %s', (_, row, bindings) => {
    const consent = consentOf(
      orders,
      { type: 'application', application: row },
      { bindings },
    );
    expect(consent).toMatchObject({
      given: true,
      by: bindings.length > 0 ? 'binding' : 'annotation',
    });
    // The same target agrees to nobody else.
    expect(
      consentOf(
        intruder,
        { type: 'application', application: row },
        { bindings },
      ).given,
    ).toBe(false);
  });

  it.each<[string, string | undefined, BindingConfig[]]>([
    ['nothing', undefined, []],
    ['another entity', 'component:default/search', []],
    ['a name without kind and namespace', 'orders', []],
    ['another namespace', 'component:other/orders', []],
    ['another kind', 'system:default/orders', []],
    ['a longer name', 'component:default/orders-2', []],
    ['a list', 'component:default/orders,component:default/search', []],
    ['rubbish', '%2F..', []],
    [
      'a binding of another project',
      undefined,
      [
        {
          target: { argocdProject: 'realtime' },
          to: { entity: 'component:default/orders' },
        },
      ],
    ],
    [
      'a binding of other Applications',
      undefined,
      [
        {
          target: {
            argocdProject: 'storefront',
            argocdApplication: 'search-*',
          },
          to: { entity: 'component:default/orders' },
        },
      ],
    ],
    [
      'a binding to somebody else',
      undefined,
      [
        {
          target: { argocdProject: 'storefront' },
          to: { entity: 'component:default/search' },
        },
        {
          target: { argocdProject: 'storefront' },
          to: { owner: 'group:default/realtime' },
        },
      ],
    ],
    [
      'a binding of a namespace',
      undefined,
      [
        {
          target: { cluster: '*', namespace: '*' },
          to: { entity: 'component:default/orders' },
        },
      ],
    ],
  ])('is not given by %s', (_, ref, bindings) => {
    const row = ref === undefined ? application('orders-blue') : naming(ref);
    expect(
      consentOf(
        orders,
        { type: 'application', application: row },
        { bindings },
      ),
    ).toEqual({
      given: false,
      why: expect.stringContaining(
        'backstage.io/entity-ref: component:default/orders',
      ),
    });
  });

  it('does not tell who it is that an Application names', () => {
    const { why } = consentOf(
      intruder,
      { type: 'application', application: naming('component:secret/project') },
      { bindings: [] },
    );
    expect(why).toBe(
      "Application argocd/orders-blue names another entity; it would have to carry the annotation backstage.io/entity-ref: component:default/intruder, or to bind project 'storefront' in switchyard.bindings",
    );
  });
});

describe('guestsOf', () => {
  const bindings: BindingConfig[] = [
    {
      target: { argocdProject: 'storefront' },
      to: { owner: 'group:default/storefront' },
    },
    {
      target: { argocdProject: '*', argocdApplication: 'orders-*' },
      to: { entity: 'component:default/web' },
    },
    {
      target: { argocdProject: 'realtime' },
      to: { owner: 'group:default/realtime' },
    },
    {
      target: { cluster: '*', namespace: '*' },
      to: { owner: 'group:default/platform' },
    },
  ];

  it('are those whom an Application names and whom bindings let in', () => {
    const row = application('orders-blue', {
      annotations: {
        'backstage.io/entity-ref': 'Component:default/Orders',
        'switchyard/entity-ref': 'web',
      },
    });
    expect(guestsOf(row, { bindings })).toEqual({
      entities: ['component:default/orders', 'component:default/web'],
      owners: ['group:default/storefront'],
    });
    // Nobody else gets consent.
    for (const entity of [orders, component('web'), component('search')])
      expect(
        consentOf(
          entity,
          { type: 'application', application: row },
          { bindings },
        ).given,
      ).toBe(true);
    expect(
      consentOf(
        intruder,
        { type: 'application', application: row },
        { bindings },
      ).given,
    ).toBe(false);
  });

  it('are nobody where nothing is said', () => {
    expect(guestsOf(application('orders-blue'), { bindings: [] })).toEqual({
      entities: [],
      owners: [],
    });
  });
});

describe('consentOf a workload', () => {
  const row = workload('Deployment', 'orders', 'orders:1');

  it('is given by its own annotation, its Application, or its namespace', () => {
    const given = [
      consentOf(
        orders,
        {
          type: 'workload',
          workload: { ...row, entityRef: 'component:default/orders' },
        },
        { bindings: [] },
      ),
      consentOf(
        orders,
        {
          type: 'workload',
          workload: row,
          applications: [naming('component:default/orders')],
        },
        { bindings: [] },
      ),
      consentOf(
        orders,
        { type: 'workload', workload: row },
        {
          bindings: [
            {
              target: { cluster: 'prod-*', namespace: 'storefront' },
              to: { owner: 'group:default/storefront' },
            },
          ],
        },
      ),
    ];
    expect(given.map(({ by }) => by)).toEqual([
      'annotation',
      'annotation',
      'binding',
    ]);
  });

  it.each<[string, BindingConfig[]]>([
    ['nothing', []],
    [
      'another cluster',
      [
        {
          target: { cluster: 'dev', namespace: 'storefront' },
          to: { entity: 'component:default/orders' },
        },
      ],
    ],
    [
      'a project',
      [
        {
          target: { argocdProject: '*' },
          to: { entity: 'component:default/orders' },
        },
      ],
    ],
  ])('is not given by %s', (_, bindings) => {
    expect(
      consentOf(orders, { type: 'workload', workload: row }, { bindings })
        .given,
    ).toBe(false);
  });

  it('is refused to the intruder, whatever its annotations say', () => {
    expect(
      consentOf(
        intruder,
        {
          type: 'workload',
          workload: { ...row, entityRef: 'component:default/orders' },
          applications: [naming('component:default/orders')],
        },
        { bindings: [] },
      ).given,
    ).toBe(false);
  });
});

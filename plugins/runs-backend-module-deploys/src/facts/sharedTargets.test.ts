import { mockServices } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { FactRequest } from '@switchyard/backstage-plugin-runs-node';
import { BindingConfig, SwitchyardConfig } from '@switchyard/fleet-node';
import { applicationRow } from '../__testUtils__/applications';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { createGuestCache, GuestCache } from './GuestCache';
import { ReadingTimes } from './ReadingCache';
import { createSharedTargetSource } from './sharedTargetSource';

const STOREFRONT = 'group:default/storefront';
const BLUE = { 'argocd/app-name': 'orders-blue' };
const bindToGroup: BindingConfig = {
  target: { argocdProject: 'storefront' },
  to: { owner: STOREFRONT },
};

function component(
  name: string,
  annotations: Record<string, string> = {},
  owner = STOREFRONT,
): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default', annotations },
    relations: [{ type: 'ownedBy', targetRef: owner }],
  };
}

const orders = component('orders', {
  'argocd/app-selector': 'backstage-name=orders',
});
const web = component('web', BLUE);
const whole = component('whole', { 'argocd/project-name': 'storefront' });
const all = [
  orders,
  web,
  whole,
  // What the group owns besides, and what others claim.
  component('docs'),
  component('search', { 'argocd/app-name': 'search-blue' }),
  component('broken', { 'argocd/app-name': '../orders-blue' }),
  component('intruder', BLUE, 'group:default/realtime'),
];

const caches: GuestCache[] = [];
afterEach(() => {
  for (const cache of caches.splice(0)) cache.stop();
});

function start(options: {
  bindings: BindingConfig[];
  entities?: Entity[];
  annotations?: Record<string, string>;
  times?: Partial<ReadingTimes>;
}) {
  const { bindings, entities = all, annotations = {}, times } = options;
  const config: SwitchyardConfig = {
    environments: [
      { name: 'production', title: '', match: [{ cluster: ['prod-blue'] }] },
      { name: 'development', title: '', match: [{ cluster: ['dev'] }] },
    ],
    clusterAliases: [],
    bindings,
  };
  const fleet = createTestFleet();
  for (const name of ['prod-blue', 'dev'])
    fleet.clusters.push({
      name,
      url: `https://${name}`,
      state: 'live',
      since: '2026-11-20T10:00:00Z',
      kinds: [],
    });
  fleet.rows.push(
    applicationRow({ annotations }),
    applicationRow({
      name: 'orders-dev',
      annotations,
      destination: { name: 'dev' },
    }),
  );
  const catalog = catalogServiceMock({ entities });
  const getEntities = jest.spyOn(catalog, 'getEntities');
  const getEntityByRef = jest.spyOn(catalog, 'getEntityByRef');
  const cache = createGuestCache({
    catalog,
    auth: mockServices.auth(),
    logger: mockServices.logger.mock(),
    times,
  });
  caches.push(cache);
  const source = createSharedTargetSource({
    fleet: fleet.service,
    config,
    cache,
    actions: ['hotfix'],
  });
  const read = (entity: Entity, more: Partial<FactRequest> = {}) =>
    source.read({
      entity,
      environment: 'production',
      action: 'hotfix',
      signal: new AbortController().signal,
      ...more,
    });
  /** Who shares with the entity: names, by Application. */
  const sharers = async (entity: Entity, more: Partial<FactRequest> = {}) => {
    const reading = await read(entity, more);
    if (reading.state !== 'read') throw new Error(reading.why);
    return reading.facts.map(fact =>
      fact.type === 'shared-target'
        ? `${fact.ref.split('/')[1]} ${fact.entityRef.split('/')[1]}`
        : fact.type,
    );
  };
  return { fleet, read, sharers, getEntities, getEntityByRef };
}

const planFor = (name: string): FactRequest['plan'] => ({
  kind: 'hotfix',
  version: 1,
  keys: [],
  intent: {
    targets: [{ application: { instance: 'main', namespace: 'argocd', name } }],
  },
});

describe('shared targets', () => {
  it('are Applications bound to a group that several of its components name', async () => {
    const { read, sharers } = start({ bindings: [bindToGroup] });
    await expect(read(orders)).resolves.toEqual({
      state: 'read',
      asOf: expect.any(String),
      facts: ['web', 'whole'].map(name => ({
        type: 'shared-target',
        ref: 'Application argocd/orders-blue',
        entityRef: `component:default/${name}`,
      })),
    });
    // The other way round too.
    expect(await sharers(web)).toEqual([
      'orders-blue orders',
      'orders-blue whole',
    ]);
    expect(await sharers(orders, { environment: 'development' })).toEqual([
      'orders-dev whole',
    ]);
  });

  it('are asked of what a plan names too', async () => {
    const { sharers } = start({ bindings: [bindToGroup] });
    expect(await sharers(web, { plan: planFor('orders-dev') })).toEqual([
      'orders-blue orders',
      'orders-blue whole',
      'orders-dev orders',
      'orders-dev whole',
    ]);
  });

  it('are worked out anew before an effect, for Argo CD may have got Applications since', async () => {
    const { fleet, sharers } = start({ bindings: [bindToGroup] });
    await sharers(whole);
    fleet.rows.push(applicationRow({ name: 'search-blue', annotations: {} }));
    expect(await sharers(whole, { plan: planFor('search-blue') })).toContain(
      'search-blue search',
    );
  });

  it.each<[string, Parameters<typeof start>[0], Entity, string[]]>([
    [
      'the component that the Application names, where a group is let in besides',
      {
        bindings: [bindToGroup],
        annotations: {
          'backstage.io/entity-ref': 'component:default/chat',
        },
        entities: [web, component('chat', {}, 'group:default/realtime')],
      },
      web,
      ['orders-blue chat'],
    ],
    [
      'the group, where the Application names the component',
      {
        bindings: [bindToGroup],
        annotations: {
          'backstage.io/entity-ref': 'component:default/orders',
        },
        entities: [orders, web],
      },
      orders,
      ['orders-blue web'],
    ],
    [
      'a second component that the Application names',
      {
        bindings: [],
        annotations: {
          'backstage.io/entity-ref': 'component:default/orders',
          'switchyard/entity-ref': 'component:default/web',
        },
        entities: [orders, web],
      },
      orders,
      ['orders-blue web'],
    ],
    [
      'a second component that is bound and names it, but no third that is only bound',
      {
        bindings: ['orders', 'web', 'search'].map(name => ({
          target: { argocdProject: 'storefront' },
          to: { entity: `component:default/${name}` },
        })),
      },
      orders,
      ['orders-blue web'],
    ],
    [
      'nobody who is not in the catalog any more',
      {
        bindings: [bindToGroup],
        annotations: { 'backstage.io/entity-ref': 'component:default/gone' },
        entities: [orders],
      },
      orders,
      [],
    ],
  ])('are shared with %s', async (_, options, entity, expected) => {
    expect(await start(options).sharers(entity)).toEqual(expected);
  });

  it('cost no look into the catalog where an Application agrees to nobody else', async () => {
    const { sharers, getEntities, getEntityByRef } = start({
      bindings: [
        { target: { argocdProject: 'realtime' }, to: { owner: STOREFRONT } },
      ],
      annotations: { 'backstage.io/entity-ref': 'component:default/orders' },
    });
    expect(await sharers(orders)).toEqual([]);
    expect(getEntities).not.toHaveBeenCalled();
    expect(getEntityByRef).not.toHaveBeenCalled();
  });

  it('come from memory for cards, and are looked up anew before an effect', async () => {
    const entities = [orders, web];
    const { sharers, getEntities } = start({
      bindings: [bindToGroup],
      entities,
    });
    for (let view = 0; view < 50; view++)
      expect(await sharers(orders)).toEqual(['orders-blue web']);
    expect(getEntities).toHaveBeenCalledTimes(1);

    getEntities.mockResolvedValue({ items: [orders] });
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 10_000);
    try {
      expect(await sharers(orders)).toEqual(['orders-blue web']);
      expect(await sharers(orders, { plan: planFor('orders-blue') })).toEqual(
        [],
      );
    } finally {
      now.mockRestore();
    }
  });

  it('are not readable while the catalog is away, and say nothing of its address', async () => {
    const { read, sharers, getEntities } = start({ bindings: [bindToGroup] });
    getEntities.mockRejectedValueOnce(new Error('http://10.0.0.7 refused'));
    await expect(read(orders)).resolves.toEqual({
      state: 'not-readable',
      why: 'The catalog cannot be reached.',
    });
    expect(await sharers(orders)).toEqual([
      'orders-blue web',
      'orders-blue whole',
    ]);
  });

  it('wait for no catalog that hangs: the next question is asked again', async () => {
    const { read, sharers, getEntities } = start({
      bindings: [bindToGroup],
      times: { timeoutMs: 50 },
    });
    getEntities.mockReturnValueOnce(new Promise(() => undefined));
    const leaving = new AbortController();
    const hurried = read(orders, { signal: leaving.signal });
    const patient = read(orders);
    leaving.abort(new Error('late'));
    await expect(hurried).rejects.toThrow('late');
    await expect(patient).resolves.toEqual({
      state: 'not-readable',
      why: 'The catalog did not answer in time',
    });
    expect(await sharers(orders)).toHaveLength(2);
  });
});

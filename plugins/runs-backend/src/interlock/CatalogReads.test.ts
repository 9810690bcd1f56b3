import { mockServices } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { CatalogReads } from './CatalogReads';

const component = (name: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name, namespace: 'default' },
});

describe('CatalogReads', () => {
  const orders = 'component:default/orders';
  const search = 'component:default/search';
  const gone = 'component:default/gone';

  function create() {
    const catalog = catalogServiceMock.mock();
    catalog.getEntitiesByRefs.mockImplementation(async ({ entityRefs }) => ({
      items: entityRefs.map(ref =>
        ref === gone ? undefined : component(ref.split('/')[1]),
      ),
    }));
    const reads = CatalogReads.create({ catalog, auth: mockServices.auth() });
    const asked = () =>
      catalog.getEntitiesByRefs.mock.calls.map(
        ([{ entityRefs }]) => entityRefs,
      );
    return { catalog, reads, asked };
  }

  it('asks once for all who ask at the same time, and gives each its own', async () => {
    const { reads, asked } = create();
    const answers = await Promise.all([
      reads.find([orders, gone]),
      reads.find([search, orders]),
      reads.find([]),
    ]);
    expect(
      answers.map(found => found.map(entity => entity?.metadata.name)),
    ).toEqual([['orders', undefined], ['search', 'orders'], []]);
    expect(asked()).toEqual([[orders, gone, search]]);
  });

  it('remembers nothing, neither an answer nor a failure', async () => {
    const { catalog, reads, asked } = create();
    catalog.getEntitiesByRefs.mockRejectedValueOnce(new Error('down'));
    await expect(reads.find([orders])).rejects.toThrow('down');
    await reads.find([orders]);
    await reads.find([orders]);
    expect(asked()).toEqual([[orders], [orders], [orders]]);
  });
});

import { aFleetRow } from '../../__testUtils__/fleet';
import { arrangeMatrix } from './arrangeMatrix';

it('sets components against environments and clusters, in the order of the config', () => {
  const chat = { ref: 'component:default/chat' };
  const { columns, rows } = arrangeMatrix(
    [
      aFleetRow({ id: '1', entity: chat, cluster: 'prod-green' }),
      aFleetRow({ id: '2', environment: 'unassigned', cluster: 'lab' }),
      aFleetRow({ id: '3', environment: 'development', cluster: 'dev' }),
      aFleetRow({ id: '4', cluster: 'prod-blue' }),
      aFleetRow({ id: '5', cluster: 'prod-blue', namespace: 'other' }),
      aFleetRow({ id: '6', entity: undefined, cluster: 'nowhere' }),
    ],
    ['production', 'development'],
  );
  expect(columns.map(({ place }) => place)).toEqual([
    'prod-blue',
    'prod-green',
    'dev',
    'lab',
  ]);
  expect(
    rows.map(({ title, cells }) => [
      title,
      columns.map(({ key }) =>
        cells
          .get(key)
          ?.map(({ id }) => id)
          .join(),
      ),
    ]),
  ).toEqual([
    ['chat', [undefined, '1', undefined, undefined]],
    ['orders', ['4,5', undefined, '3', '2']],
  ]);
});

import { ResourceNode } from '@switchyard/fleet-node';
import { applicationRow } from '../tests/ordersWorld';
import { buildTree } from './tree';

const node = (
  kind: string,
  name: string,
  more: Partial<ResourceNode> = {},
): ResourceNode => ({
  group: kind === 'Deployment' ? 'apps' : '',
  version: 'v1',
  kind,
  namespace: 'storefront',
  name,
  uid: name,
  parentRefs: [],
  info: [],
  images: [],
  ...more,
});
const below = (uid: string) => ({ parentRefs: [{ kind: '', name: '', uid }] });

it('stands what is unhealthy first, with what is below it, and what is missing', () => {
  const tree = buildTree(
    [
      node('Service', 'orders', { uid: 'svc' }),
      node('Deployment', 'orders', { uid: 'dep' }),
      node('ReplicaSet', 'rs', below('dep')),
      node('Pod', 'fine', { ...below('rs'), health: { status: 'Healthy' } }),
      node('Pod', 'bad', {
        ...below('rs'),
        health: { status: 'Degraded' },
        info: [{ name: 'Status Reason', value: 'CrashLoopBackOff' }],
      }),
    ],
    applicationRow('prod-blue'),
  );
  expect(tree.roots.map(({ kind }) => kind)).toEqual([
    'Deployment',
    'ConfigMap',
    'Service',
  ]);
  const [replicaSet] = tree.roots[0].children;
  expect(
    replicaSet.children.map(({ name, message }) => [name, message]),
  ).toEqual([
    ['bad', 'CrashLoopBackOff'],
    ['fine', undefined],
  ]);
  // In Git, and nobody has made it.
  expect(tree.roots[1]).toMatchObject({ uid: '', name: 'orders' });
});

it('ends where parents go in a ring, and where there is too much', () => {
  const ring = [
    node('A', 'a', below('b')),
    node('A', 'b', below('a')),
    node('A', 'self', below('self')),
  ];
  expect(
    buildTree(ring, applicationRow('prod-blue', { resources: [] })).roots,
  ).toHaveLength(1);
  const many = Array.from({ length: 2_100 }, (_, n) => node('Pod', `p${n}`));
  expect(
    buildTree(many, applicationRow('prod-blue', { resources: [] })),
  ).toMatchObject({ more: 100 });
});

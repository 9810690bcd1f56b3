import { jsonMergePatch } from './jsonMergePatch';
import { jsonPatch } from './jsonPatch';
import { strategicMerge, threeWayMerge } from './strategicMerge';

const template = (pod: object) => ({ spec: { template: { spec: pod } } });
const pod = (result: any) => result.spec.template.spec;

describe('strategicMerge', () => {
  const container = {
    name: 'orders',
    image: 'orders:1',
    ports: [{ containerPort: 8080, name: 'http' }],
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ],
    args: ['serve', '--port=8080'],
  };
  const value = template({
    containers: [container, { name: 'proxy', image: 'proxy:1' }],
    volumes: [{ name: 'tmp', emptyDir: {} }],
    tolerations: [{ key: 'a', operator: 'Exists' }],
  });
  const patched = (patch: object) =>
    pod(strategicMerge(value, template(patch), 'Deployment'));

  it('merges containers by name and leaves the others alone', () => {
    expect(
      patched({ containers: [{ name: 'orders', image: 'orders:2' }] })
        .containers,
    ).toEqual([
      { ...container, image: 'orders:2' },
      { name: 'proxy', image: 'proxy:1' },
    ]);
  });

  it('merges variables by name and ports by container port, adds what is new', () => {
    const [orders] = patched({
      containers: [
        {
          name: 'orders',
          env: [
            { name: 'B', value: '3' },
            { name: 'C', value: '4' },
          ],
          ports: [{ containerPort: 9090, name: 'metrics' }],
        },
      ],
    }).containers;
    expect(orders.env).toEqual([
      { name: 'A', value: '1' },
      { name: 'B', value: '3' },
      { name: 'C', value: '4' },
    ]);
    expect(orders.ports).toEqual([
      { containerPort: 8080, name: 'http' },
      { containerPort: 9090, name: 'metrics' },
    ]);
  });

  it('replaces lists without a merge key: args, tolerations', () => {
    const result = patched({
      containers: [{ name: 'orders', args: ['serve'] }],
      tolerations: [{ key: 'b', operator: 'Exists' }],
    });
    expect(result.containers[0].args).toEqual(['serve']);
    expect(result.tolerations).toEqual([{ key: 'b', operator: 'Exists' }]);
  });

  it('removes by null and by $patch: delete', () => {
    const result = patched({
      tolerations: null,
      containers: [
        { name: 'proxy', $patch: 'delete' },
        { name: 'orders', env: [{ name: 'A', $patch: 'delete' }] },
      ],
    });
    expect(result).not.toHaveProperty('tolerations');
    expect(result.containers).toEqual([
      { ...container, env: [{ name: 'B', value: '2' }] },
    ]);
  });

  it('replaces a list and an object by $patch: replace', () => {
    const result = patched({
      containers: [{ $patch: 'replace' }, { name: 'only', image: 'only:1' }],
    });
    expect(result.containers).toEqual([{ name: 'only', image: 'only:1' }]);
    const whole = strategicMerge(
      {
        spec: {
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
        },
      },
      { spec: { strategy: { $patch: 'replace', type: 'Recreate' } } },
      'Deployment',
    );
    expect(whole).toEqual({ spec: { strategy: { type: 'Recreate' } } });
  });

  it('keeps with $retainKeys only what it names', () => {
    const result = strategicMerge(
      {
        spec: {
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
        },
      },
      { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
      'Deployment',
    );
    expect(result).toEqual({ spec: { strategy: { type: 'Recreate' } } });
  });

  it('puts items into the order that $setElementOrder gives, others keep their place', () => {
    const result = patched({
      '$setElementOrder/containers': [{ name: 'new' }, { name: 'orders' }],
      containers: [{ name: 'new', image: 'new:1' }],
    });
    expect(result.containers.map((each: any) => each.name)).toEqual([
      'new',
      'orders',
      'proxy',
    ]);
  });

  it('merges conditions of a status by type', () => {
    const result = strategicMerge(
      { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
      {
        status: {
          conditions: [
            { type: 'Ready', status: 'True' },
            { type: 'Gate', status: 'True' },
          ],
        },
      },
      'Pod',
    );
    expect(result.status.conditions).toEqual([
      { type: 'Ready', status: 'True' },
      { type: 'Gate', status: 'True' },
    ]);
  });

  it('unites finalizers and deletes from them', () => {
    const before = { metadata: { finalizers: ['a', 'b'] } };
    expect(
      strategicMerge(before, { metadata: { finalizers: ['c', 'a'] } }, 'Pod')
        .metadata.finalizers,
    ).toEqual(['a', 'b', 'c']);
    const removed = {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] },
    };
    expect(strategicMerge(before, removed, 'Pod').metadata.finalizers).toEqual([
      'b',
    ]);
  });

  it('refuses an item without its key', () => {
    expect(() => patched({ containers: [{ image: 'x' }] })).toThrow(
      /does not contain declared merge key: name/,
    );
  });

  it('does not change what it is given', () => {
    const copy = JSON.parse(JSON.stringify(value));
    patched({
      containers: [{ name: 'orders', image: 'orders:9' }],
      volumes: [{ name: 'x', emptyDir: {} }],
    });
    expect(value).toEqual(copy);
  });
});

describe('threeWayMerge', () => {
  const merge = (last: object, manifest: object, live: object) =>
    threeWayMerge({ last, manifest, live, type: 'Deployment' });

  it('removes what the last manifest set and this one does not, keeps what others set', () => {
    const result = merge(
      { metadata: { labels: { a: '1', b: '1' } }, spec: { replicas: 3 } },
      { metadata: { labels: { a: '2' } }, spec: {} },
      {
        metadata: { labels: { a: '1', b: '1', other: 'x' } },
        spec: { replicas: 3, paused: true },
      },
    );
    expect(result).toEqual({
      metadata: { labels: { a: '2', other: 'x' } },
      spec: { paused: true },
    });
  });

  it('does so within lists that have a merge key', () => {
    const env = (...names: string[]) =>
      names.map(name => ({ name, value: name }));
    const result = merge(
      template({ containers: [{ name: 'c', env: env('A', 'B') }] }),
      template({ containers: [{ name: 'c', env: env('A', 'C') }] }),
      template({
        containers: [
          { name: 'c', env: env('A', 'B', 'INJECTED') },
          { name: 'sidecar' },
        ],
      }),
    );
    expect(pod(result).containers.map((each: any) => each.name)).toEqual([
      'c',
      'sidecar',
    ]);
    expect(pod(result).containers[0].env.map((each: any) => each.name)).toEqual(
      ['A', 'C', 'INJECTED'],
    );
  });

  it('drops the other member of a union: strategy', () => {
    const result = merge(
      { spec: { strategy: { type: 'RollingUpdate' } } },
      { spec: { strategy: { type: 'Recreate' } } },
      {
        spec: {
          strategy: {
            type: 'RollingUpdate',
            rollingUpdate: { maxSurge: '25%' },
          },
        },
      },
    );
    expect(result).toEqual({ spec: { strategy: { type: 'Recreate' } } });
  });

  it('changes nothing when the manifest is what is live', () => {
    const live = template({
      containers: [
        { name: 'c', image: 'c:1', imagePullPolicy: 'IfNotPresent' },
      ],
    });
    const manifest = template({ containers: [{ name: 'c', image: 'c:1' }] });
    expect(merge(manifest, manifest, live)).toEqual(live);
  });
});

describe('jsonMergePatch', () => {
  it('replaces members and whole lists, removes by null', () => {
    expect(
      jsonMergePatch(
        { a: { b: 1, c: [1, 2] }, d: 1 },
        { a: { c: [3] }, d: null, e: { f: null, g: 1 } },
      ),
    ).toEqual({
      a: { b: 1, c: [3] },
      e: { g: 1 },
    });
  });
});

describe('jsonPatch', () => {
  const value = {
    spec: { replicas: 2, list: ['a', 'b'] },
    metadata: { labels: { 'x/y': '1' } },
  };

  it.each([
    [
      'add',
      [{ op: 'add', path: '/spec/paused', value: true }],
      { spec: { ...value.spec, paused: true } },
    ],
    [
      'add to a list',
      [{ op: 'add', path: '/spec/list/-', value: 'c' }],
      { spec: { replicas: 2, list: ['a', 'b', 'c'] } },
    ],
    [
      'insert',
      [{ op: 'add', path: '/spec/list/0', value: 'z' }],
      { spec: { replicas: 2, list: ['z', 'a', 'b'] } },
    ],
    [
      'remove',
      [{ op: 'remove', path: '/spec/list/0' }],
      { spec: { replicas: 2, list: ['b'] } },
    ],
    [
      'escape',
      [{ op: 'replace', path: '/metadata/labels/x~1y', value: '2' }],
      { metadata: { labels: { 'x/y': '2' } } },
    ],
    [
      'test then replace',
      [
        { op: 'test', path: '/spec/replicas', value: 2 },
        { op: 'replace', path: '/spec/replicas', value: 3 },
      ],
      { spec: { ...value.spec, replicas: 3 } },
    ],
    [
      'move',
      [{ op: 'move', from: '/spec/list/0', path: '/spec/list/1' }],
      { spec: { replicas: 2, list: ['b', 'a'] } },
    ],
    [
      'copy',
      [{ op: 'copy', from: '/spec/replicas', path: '/spec/old' }],
      { spec: { ...value.spec, old: 2 } },
    ],
  ])('can %s', (_, operations, expected) => {
    expect(jsonPatch(value, operations)).toEqual({ ...value, ...expected });
  });

  it.each([
    ['a test that fails', [{ op: 'test', path: '/spec/replicas', value: 3 }]],
    [
      'a path that is not there',
      [{ op: 'replace', path: '/spec/nothing', value: 3 }],
    ],
    [
      'an index beyond the end',
      [{ op: 'add', path: '/spec/list/7', value: 'c' }],
    ],
    ['an operation that is none', [{ op: 'increase', path: '/spec/replicas' }]],
  ])('refuses %s with 422', (_, operations) => {
    expect(() => jsonPatch(value, operations)).toThrow(
      expect.objectContaining({ code: 422 }),
    );
  });
});

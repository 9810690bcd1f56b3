import { KubernetesObject } from '../../kubernetes/types';
import { SteppedClock } from '../../world/clock';
import { MemoryClusterStore } from '../tests/MemoryClusterStore';
import { Operation, ResourceResult } from '../types';
import {
  advanceSync,
  SyncInput,
  SyncProgress,
  terminateSync,
} from './advanceSync';

function manifest(
  kind: string,
  name: string,
  annotations: Record<string, string> = {},
): KubernetesObject {
  const apiVersion = { Deployment: 'apps/v1', Job: 'batch/v1' }[kind] ?? 'v1';
  return {
    apiVersion,
    kind,
    metadata: { name, namespace: 'storefront', annotations },
    ...(kind === 'ConfigMap'
      ? { data: { a: '1' } }
      : {
          spec: {
            replicas: 1,
            template: { spec: { containers: [{ image: 'registry/x:1' }] } },
          },
        }),
  };
}

const hook = (phase: string, name: string, more: Record<string, string> = {}) =>
  manifest('Job', name, { 'argocd.argoproj.io/hook': phase, ...more });
const wave = (number: number) => ({
  'argocd.argoproj.io/sync-wave': String(number),
});
const policy = (value: string) => ({
  'argocd.argoproj.io/hook-delete-policy': value,
});

let clock: SteppedClock;
let store: MemoryClusterStore;

beforeEach(() => {
  clock = SteppedClock.create({ start: new Date('2026-11-20T12:00:00Z') });
  store = new MemoryClusterStore('test', clock);
});

function input(
  targets: KubernetesObject[],
  sync: Operation['sync'] = {},
  leftOver: KubernetesObject[] = [],
): SyncInput {
  return {
    store,
    targets,
    leftOver,
    results: [],
    operation: { sync, initiatedBy: {}, retry: {} },
  };
}

/** Steps until the operation ends or nothing more happens. */
function run(sync: SyncInput): { last: SyncProgress; messages: string[] } {
  const messages: string[] = [];
  for (let step = 0; step < 200; step++) {
    const progress = advanceSync(sync);
    if (messages[messages.length - 1] !== progress.message) {
      messages.push(progress.message);
    }
    if (progress.phase !== 'Running') {
      return { last: progress, messages };
    }
    clock.advance(progress.waitMs ?? 500);
  }
  throw new Error(`The sync did not end: ${messages.join(' | ')}`);
}

const result = (sync: SyncInput, name: string): ResourceResult =>
  sync.results.find(item => item.name === name)!;

describe('the order of a sync', () => {
  it('goes by phase, then wave, then kind, then name, and waits between', () => {
    const sync = input([
      hook('PostSync', 'warm'),
      manifest('Deployment', 'late', wave(5)),
      manifest('Deployment', 'b'),
      manifest('Deployment', 'a'),
      manifest('Service', 'svc'),
      manifest('ConfigMap', 'early', wave(-1)),
      hook('PreSync', 'second', wave(1)),
      hook('PreSync', 'first'),
    ]);
    const { last, messages } = run(sync);
    expect(last).toEqual({
      phase: 'Succeeded',
      message: 'successfully synced (all tasks run)',
    });
    expect(store.log).toEqual([
      'apply Job/first',
      'apply Job/second',
      'apply ConfigMap/early',
      'apply Service/svc',
      'apply Deployment/a',
      'apply Deployment/b',
      'apply Deployment/late',
      'apply Job/warm',
    ]);
    expect(messages).toContain(
      'waiting for completion of hook batch/Job/first',
    );
    expect(messages).toContain(
      'waiting for healthy state of apps/Deployment/a and 1 more resources',
    );
  });

  it('is done at once where there is one wave and no hook, whatever becomes of the objects', () => {
    store.rollouts = 'stuck';
    const sync = input([
      manifest('Deployment', 'orders'),
      manifest('Service', 'orders'),
    ]);
    expect(advanceSync(sync)).toEqual({
      phase: 'Succeeded',
      message: 'successfully synced (all tasks run)',
    });
    expect(result(sync, 'orders')).toMatchObject({
      status: 'Synced',
      syncPhase: 'Sync',
      message: 'service/orders created',
    });
  });

  it('applies a later wave only when the one before is healthy', () => {
    store.rollouts = 'stuck';
    const sync = input([
      manifest('Deployment', 'first'),
      manifest('Deployment', 'second', wave(1)),
    ]);
    for (let step = 0; step < 50; step++) {
      clock.advance(advanceSync(sync).waitMs ?? 500);
    }
    expect(store.log).toEqual(['apply Deployment/first']);
    store.makeReady(manifest('Deployment', 'first'));
    expect(run(sync).last.phase).toBe('Succeeded');
    expect(store.log).toEqual([
      'apply Deployment/first',
      'apply Deployment/second',
    ]);
  });

  it('says what it changed', () => {
    const sync = input([manifest('ConfigMap', 'settings')]);
    run(sync);
    expect(result(sync, 'settings').message).toBe('configmap/settings created');
    const again = input([manifest('ConfigMap', 'settings')]);
    run(again);
    expect(result(again, 'settings').message).toBe(
      'configmap/settings unchanged',
    );
  });
});

describe('hooks', () => {
  it('fail the sync before anything is applied, and the detail stands with the hook', () => {
    store.jobs = 'fail';
    const sync = input([
      hook('PreSync', 'migrate'),
      manifest('Deployment', 'orders'),
    ]);
    expect(run(sync).last).toEqual({
      phase: 'Failed',
      message: 'one or more synchronization tasks completed unsuccessfully',
    });
    expect(store.log).toEqual(['apply Job/migrate']);
    expect(result(sync, 'migrate')).toMatchObject({
      hookType: 'PreSync',
      hookPhase: 'Failed',
      syncPhase: 'PreSync',
      // Of the manifest, which was applied.
      status: 'Synced',
      message: 'Job has reached the specified backoff limit',
    });
  });

  it('run SyncFail hooks only when the sync failed', () => {
    store.jobs = 'fail';
    const failing = input([
      hook('PreSync', 'migrate'),
      hook('SyncFail', 'tidy'),
    ]);
    expect(run(failing).last.phase).toBe('Failed');
    expect(store.log).toEqual(['apply Job/migrate', 'apply Job/tidy']);
    store.jobs = 'succeed';
    store.log.length = 0;
    const fine = input([hook('PreSync', 'migrate'), hook('SyncFail', 'tidy')]);
    expect(run(fine).last.phase).toBe('Succeeded');
    expect(store.log).not.toContain('apply Job/tidy');
  });

  it.each([
    ['BeforeHookCreation', 'succeed', true],
    ['BeforeHookCreation', 'fail', true],
    ['HookSucceeded', 'succeed', false],
    ['HookSucceeded', 'fail', true],
    ['HookFailed', 'succeed', true],
    ['HookFailed', 'fail', false],
    ['HookSucceeded,HookFailed', 'fail', false],
    ['', 'succeed', true],
  ] as const)(
    'with the policy %p, when they %s, stay: %p',
    (value, end, stays) => {
      store.jobs = end;
      run(
        input([
          hook('PreSync', 'migrate', policy(value)),
          manifest('Deployment', 'orders'),
        ]),
      );
      expect(store.list({ apiVersion: 'batch/v1', kind: 'Job' }).length).toBe(
        stays ? 1 : 0,
      );
    },
  );

  it('remove the one of the time before first, by default', () => {
    const targets = [
      hook('PreSync', 'migrate'),
      manifest('Deployment', 'orders'),
    ];
    run(input(targets));
    const first = store.get({
      apiVersion: 'batch/v1',
      kind: 'Job',
      namespace: 'storefront',
      name: 'migrate',
    })!;
    store.log.length = 0;
    const { messages } = run(input(targets));
    expect(store.log.slice(0, 2)).toEqual([
      'delete Job/migrate',
      'apply Job/migrate',
    ]);
    expect(messages[0]).toBe('waiting for deletion of hook batch/Job/migrate');
    expect(
      store.get({
        apiVersion: 'batch/v1',
        kind: 'Job',
        namespace: 'storefront',
        name: 'migrate',
      })!.metadata.uid,
    ).not.toBe(first.metadata.uid);
  });

  it.each([
    [
      'a selective sync',
      { resources: [{ group: 'apps', kind: 'Deployment', name: 'orders' }] },
    ],
    ['the apply strategy', { syncStrategy: { apply: {} } }],
  ])('do not run in %s', (_, sync) => {
    expect(
      run(
        input(
          [hook('PreSync', 'migrate'), manifest('Deployment', 'orders')],
          sync,
        ),
      ).last.phase,
    ).toBe('Succeeded');
    expect(store.log).toEqual(['apply Deployment/orders']);
  });

  it('are removed when the operation is terminated', () => {
    store.jobs = 'held';
    const sync = input([
      hook('PreSync', 'migrate'),
      manifest('Deployment', 'orders'),
    ]);
    advanceSync(sync);
    expect(terminateSync(sync)).toEqual({
      phase: 'Failed',
      message: 'Operation terminated',
    });
    expect(store.list({ apiVersion: 'batch/v1', kind: 'Job' })).toEqual([]);
    expect(result(sync, 'migrate')).toMatchObject({
      hookPhase: 'Failed',
      message: 'Terminated',
    });
  });
});

describe('sync options', () => {
  it('30: make the namespace first, once', () => {
    const options = { syncOptions: ['CreateNamespace=true'] };
    const targets = [
      hook('PreSync', 'migrate'),
      manifest('Deployment', 'orders'),
    ];
    const { last, messages } = run({
      ...input(targets, options),
      namespace: 'payments',
    });
    expect(last.phase).toBe('Succeeded');
    expect(messages[0]).toBe(
      'waiting for healthy state of /Namespace/payments and 1 more resources',
    );
    expect(store.log.slice(0, 2)).toEqual([
      'apply Namespace/payments',
      'apply Job/migrate',
    ]);
    const again = { ...input(targets, options), namespace: 'payments' };
    run(again);
    expect(again.results.map(({ kind }) => kind)).not.toContain('Namespace');
  });

  it.each<[string | undefined, string[], boolean]>([
    [undefined, [], false],
    [undefined, ['ServerSideApply=true'], true],
    ['ServerSideApply=true', [], true],
    ['Prune=false, ServerSideApply=false', ['ServerSideApply=true'], false],
  ])(
    'say which way to apply: %s on the resource, %j for all',
    (own, syncOptions, serverSide) => {
      const apply = jest.spyOn(store, 'apply');
      const target = manifest(
        'Deployment',
        'orders',
        own ? { 'argocd.argoproj.io/sync-options': own } : {},
      );
      const sync = input([target], { syncOptions });
      run(sync);
      expect(apply).toHaveBeenCalledWith(target, {
        manager: 'argocd-controller',
        serverSide,
      });
      expect(result(sync, 'orders').message).toBe(
        `deployment.apps/orders ${
          serverSide ? 'serverside-applied' : 'created'
        }`,
      );
    },
  );
});

describe('what a sync leaves alone', () => {
  it('changes nothing in a dry run', () => {
    const sync = input(
      [hook('PreSync', 'migrate'), manifest('Deployment', 'orders')],
      { dryRun: true },
    );
    expect(advanceSync(sync)).toEqual({
      phase: 'Succeeded',
      message: 'successfully synced (no more tasks)',
    });
    expect(store.log).toEqual([]);
  });

  it('prunes only where asked', () => {
    store.apply(manifest('ConfigMap', 'old'));
    const old = store.list({ apiVersion: 'v1', kind: 'ConfigMap' });
    const without = input([], {}, old);
    run(without);
    expect(result(without, 'old')).toMatchObject({
      status: 'PruneSkipped',
      message: 'ignored (requires pruning)',
    });
    const pruning = input([], { prune: true }, old);
    run(pruning);
    expect(result(pruning, 'old')).toMatchObject({
      status: 'Pruned',
      message: 'pruned',
    });
    expect(store.list({ apiVersion: 'v1', kind: 'ConfigMap' })).toEqual([]);
  });

  it('stops at an object that the cluster refuses', () => {
    const sync = input([
      manifest('Deployment', 'orders', { 'test/refuse': 'yes' }),
    ]);
    expect(run(sync).last).toEqual({
      phase: 'Failed',
      message:
        'one or more objects failed to apply, reason: Deployment "orders" is invalid',
    });
    expect(result(sync, 'orders')).toMatchObject({
      status: 'SyncFailed',
      message: 'Deployment "orders" is invalid',
    });
  });
});

it('goes on from its results alone, as after a restart', () => {
  const targets = [
    hook('PreSync', 'migrate'),
    manifest('Deployment', 'orders'),
  ];
  const before = input(targets);
  advanceSync(before);
  clock.advance(60_000);
  const after = {
    ...input(targets),
    results: JSON.parse(JSON.stringify(before.results)),
  };
  expect(run(after).last.phase).toBe('Succeeded');
  expect(store.log).toEqual(['apply Job/migrate', 'apply Deployment/orders']);
});

import { createServiceFactory } from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  ActionKind,
  FactSource,
  runsActionsExtensionPoint,
  runsFactsExtensionPoint,
} from '@switchyard/backstage-plugin-runs-node';
import { fleetServiceRef } from '@switchyard/fleet-node';
import { runsModuleDeploys } from './module';
import { createTestFleet } from './__testUtils__/createTestFleet';

it('brings the hotfix and the facts that it needs', async () => {
  const kinds: ActionKind[] = [];
  const sources: FactSource[] = [];
  const clusterLists: Array<() => readonly string[]> = [];
  const backend = await startTestBackend({
    extensionPoints: [
      [
        runsActionsExtensionPoint,
        {
          addActionKind: kind => void kinds.push(kind as unknown as ActionKind),
        },
      ],
      [
        runsFactsExtensionPoint,
        {
          addSource: source => void sources.push(source),
          addClusters: list => void clusterLists.push(list),
        },
      ],
    ],
    features: [
      runsModuleDeploys,
      mockServices.rootConfig.factory({
        data: {
          switchyard: {
            environments: [
              { name: 'production', match: [{ cluster: 'prod-blue' }] },
            ],
            deploys: { override: { enabled: true } },
          },
        },
      }),
      catalogServiceMock.factory(),
      createServiceFactory({
        service: fleetServiceRef,
        deps: {},
        factory: () => createTestFleet().service,
      }),
    ],
  });
  try {
    expect(
      kinds.map(({ kind, title, planVersions, steps }) => ({
        kind,
        title,
        planVersions,
        steps: Object.keys(steps),
      })),
    ).toEqual([
      {
        kind: 'hotfix',
        title: 'Hotfix',
        planVersions: [1, 2],
        steps: [
          'check',
          'commit',
          'sync',
          'rollout',
          'set-image',
          'image-rollout',
        ],
      },
      {
        kind: 'release',
        title: 'Release',
        planVersions: [1],
        steps: ['children'],
      },
      {
        kind: 'sync',
        title: 'Sync',
        planVersions: [1],
        steps: ['request-sync', 'settle'],
      },
      {
        kind: 'rollback',
        title: 'Roll back',
        planVersions: [1, 2],
        steps: [
          'check',
          'commit',
          'sync',
          'rollout',
          'set-image',
          'image-rollout',
          'hold',
          'switch-off-auto-sync',
          'argocd-rollback',
          'settle',
        ],
      },
      {
        kind: 'resume',
        title: 'Resume',
        planVersions: [1],
        steps: ['request-sync', 'settle', 'switch-on-auto-sync'],
      },
      {
        kind: 'override',
        title: 'Override version',
        planVersions: [1],
        steps: ['override', 'request-sync', 'settle', 'image-rollout'],
      },
      {
        kind: 'remove-override',
        title: 'Remove override',
        planVersions: [1],
        steps: ['remove-override', 'request-sync', 'settle'],
      },
      {
        kind: 'migrate',
        title: 'Run migration again',
        planVersions: [1],
        steps: ['rerun-migration', 'settle'],
      },
      {
        kind: 'terminate',
        title: 'Stop operation',
        planVersions: [1],
        steps: ['terminate'],
      },
      {
        kind: 'restart',
        title: 'Restart',
        planVersions: [1],
        steps: ['restart', 'ready'],
      },
      {
        kind: 'scale',
        title: 'Scale',
        planVersions: [1],
        steps: ['scale', 'ready'],
      },
      ...[
        ['promote', 'Promote'],
        ['abort-rollout', 'Abort rollout'],
        ['retry-rollout', 'Retry rollout'],
        ['pause-rollout', 'Pause rollout'],
        ['resume-rollout', 'Resume rollout'],
      ].map(([kind, title]) => ({
        kind,
        title,
        planVersions: [1],
        steps: ['rollout-verb', 'rollout-reached'],
      })),
      {
        kind: 'continue-canary',
        title: 'Continue canary',
        planVersions: [1],
        steps: ['continue-canary', 'canary-continued'],
      },
      {
        kind: 'application-create',
        title: 'Create Applications',
        planVersions: [1],
        steps: ['create-application', 'deployed'],
      },
    ]);
    for (const handler of kinds.flatMap(({ steps }) => Object.values(steps))) {
      // What the engine demands of a handler.
      expect(handler.effect === 'adoptable').toBe(handler.adopt !== undefined);
    }
    const syncing = [
      'hotfix',
      'sync',
      'rollback',
      'resume',
      'override',
      'remove-override',
      'migrate',
    ];
    // A release acts on nothing: each of its hotfixes is judged by itself. What is created is not there yet.
    const acting = kinds
      .map(({ kind }) => kind)
      .filter(kind => kind !== 'release' && kind !== 'application-create');
    expect(sources.map(({ id, actions }) => ({ id, actions }))).toEqual([
      { id: 'consent', actions: [...syncing, 'terminate'] },
      {
        id: 'workload-consent',
        actions: [
          ...acting.filter(kind => ![...syncing, 'terminate'].includes(kind)),
          'hotfix',
          'rollback',
        ],
      },
      { id: 'shared-targets', actions: acting },
      { id: 'clusters', actions: [...acting, 'application-create'] },
      { id: 'sync-windows', actions: syncing },
    ]);
    expect(clusterLists.map(list => list())).toEqual([[]]);
  } finally {
    await backend.stop();
  }
});

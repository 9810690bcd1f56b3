import { Entity } from '@backstage/catalog-model';
import { firstApplicationsOf, firstReadsOf } from './firstReads';
import { TargetDeployment } from './types';

const entity = (annotations: Record<string, string>): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'orders', annotations },
});
const deployment = (cluster: string | undefined, namespaces: string[]) =>
  ({
    cluster,
    workloads: [],
    application: {
      resources: namespaces.map(namespace => ({
        group: 'apps',
        kind: 'Deployment',
        namespace,
        name: 'orders',
      })),
    },
  } as unknown as TargetDeployment);
const reads = (
  annotations: Record<string, string>,
  deployments: TargetDeployment[] = [],
) => firstReadsOf(entity(annotations), { deployments, problems: [] });

describe('firstReadsOf', () => {
  it.each([
    [{}, [{ labels: { 'backstage.io/kubernetes-id': 'orders' } }]],
    [
      {
        'backstage.io/kubernetes-id': 'o',
        'backstage.io/kubernetes-namespace': 'shop',
        'backstage.io/kubernetes-cluster': 'blue',
      },
      [
        {
          cluster: 'blue',
          namespace: 'shop',
          labels: { 'backstage.io/kubernetes-id': 'o' },
        },
      ],
    ],
    [
      { 'backstage.io/kubernetes-label-selector': 'app in (a,b)' },
      [{ labels: { app: 'a' } }, { labels: { app: 'b' } }],
    ],
    // Only a walk over everything could answer these.
    [{ 'backstage.io/kubernetes-label-selector': '!app' }, []],
    [{ 'backstage.io/kubernetes-label-selector': '%%' }, []],
  ])('%j', (annotations, expected) => {
    expect(reads(annotations)).toEqual(expected);
  });

  it('adds the namespaces of Applications once each, where their cluster is known', () => {
    expect(
      reads({ 'backstage.io/kubernetes-label-selector': '!app' }, [
        deployment('blue', ['shop', 'shop', 'jobs']),
        deployment('green', ['shop']),
        deployment(undefined, ['shop']),
      ]),
    ).toEqual([
      { cluster: 'blue', namespace: 'shop' },
      { cluster: 'blue', namespace: 'jobs' },
      { cluster: 'green', namespace: 'shop' },
    ]);
  });

  it('is never more than a page could show', () => {
    const many = Array.from({ length: 100 }, (_, i) => `n-${i}`);
    expect(reads({}, [deployment('blue', many)])).toHaveLength(20);
  });
});

describe('firstApplicationsOf', () => {
  it.each([
    [{}, []],
    [{ 'argocd/app-name': 'orders' }, [{ name: 'orders' }]],
    [
      {
        'argocd/app-name': 'orders',
        'argocd/app-namespace': 'shop',
        'argocd/instance-name': 'eu,us',
      },
      [
        { name: 'orders', namespace: 'shop', instance: 'eu' },
        { name: 'orders', namespace: 'shop', instance: 'us' },
      ],
    ],
    [
      { 'argocd/app-selector': 'app in (a,b)', 'argocd/project-name': 'p' },
      [
        { project: 'p', labels: { app: 'a' } },
        { project: 'p', labels: { app: 'b' } },
      ],
    ],
    // Malformed: nothing wider is asked for.
    [{ 'argocd/app-name': '', 'argocd/project-name': 'p' }, []],
  ])('%j', (annotations, expected) => {
    expect(firstApplicationsOf(entity(annotations))).toEqual(expected);
  });
});

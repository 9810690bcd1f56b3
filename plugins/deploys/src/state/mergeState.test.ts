import {
  aDeployment,
  aDeploysState,
  aPod,
  aSource,
  aWorkload,
} from '../__testUtils__/states';
import { mergeState } from './mergeState';

const known = aDeploysState({ hash: 'd0' });
const withGreen = (podName: string) => [
  aDeployment('prod-blue'),
  aDeployment('prod-green', { workloads: [aWorkload([aPod(podName)])] }),
];
const podNames = (state: typeof known, cluster: string) =>
  state.deployments
    .filter(row => row.cluster === cluster)
    .flatMap(row => row.workloads)
    .flatMap(workload => workload.pods.map(pod => pod.name));

describe('mergeState', () => {
  it('takes an answer that is as new as what is known, or newer', () => {
    const answer = aDeploysState({
      hash: 'd2',
      versions: { ...known.versions, 'cluster:prod-blue/Pod': '1001' },
    });
    expect(mergeState(known, answer)).toEqual({ value: answer, behind: false });
    expect(mergeState(known, known).value).toBe(known);
  });

  it('is not behind with an answer that says the same, and has only heard of less', () => {
    const { value, behind } = mergeState(
      known,
      aDeploysState({
        hash: known.hash,
        versions: { ...known.versions, 'cluster:prod-blue/Pod': '1' },
      }),
    );
    expect(behind).toBe(false);
    expect(value.hash).toBe(known.hash);
    expect(value.versions).toEqual(known.versions);
  });

  it('keeps the part whose source had come further, and takes the rest', () => {
    const answer = aDeploysState({
      hash: 'd2',
      deployments: [
        aDeployment('prod-blue', {
          workloads: [aWorkload([aPod('new-in-blue')])],
        }),
        aDeployment('prod-green', {
          workloads: [aWorkload([aPod('old-in-green')])],
        }),
      ],
      versions: {
        'cluster:prod-blue/Pod': '1001',
        'cluster:prod-green/Pod': '1999',
        'argocd:main/argocd.orders-green': '3000',
      },
    });
    const { value: state, behind } = mergeState(known, answer);
    expect(behind).toBe(true);
    expect(podNames(state, 'prod-blue')).toEqual(['new-in-blue']);
    expect(podNames(state, 'prod-green')).toEqual([
      'orders-green-1',
      'orders-green-2',
    ]);
    expect(state.versions).toEqual({
      'cluster:prod-blue/Pod': '1001',
      'cluster:prod-green/Pod': '2000',
      'argocd:main/argocd.orders-green': '3000',
    });
    expect(state.hash).not.toBe('d2');
  });

  it('keeps the Application of an older Argo CD view beside newer pods', () => {
    const [blue, green] = withGreen('newer');
    const answer = aDeploysState({
      deployments: [
        blue,
        { ...green, application: { ...green.application!, sync: 'OutOfSync' } },
      ],
      versions: {
        ...known.versions,
        'cluster:prod-green/Pod': '2001',
        'argocd:main/argocd.orders-green': '2999',
      },
    });
    const { value: state } = mergeState(known, answer);
    expect(podNames(state, 'prod-green')).toEqual(['newer']);
    expect(state.deployments[1].application?.sync).toBe('Synced');
  });

  it('compares versions as numbers of any length', () => {
    const before = aDeploysState({
      hash: 'd0',
      versions: { 'cluster:prod-blue/Pod': '99999999999999999999' },
    });
    const after = aDeploysState({
      versions: { 'cluster:prod-blue/Pod': '100000000000000000000' },
    });
    expect(mergeState(before, after).behind).toBe(false);
    expect(mergeState(after, before).behind).toBe(true);
  });

  it('keeps a row that the older view lacks, and leaves out one that is gone by now', () => {
    const older = { ...known.versions, 'cluster:prod-green/Pod': '1999' };
    const lacking = aDeploysState({
      deployments: [aDeployment('prod-blue')],
      versions: older,
    });
    expect(
      mergeState(known, lacking).value.deployments.map(row => row.cluster),
    ).toEqual(['prod-blue', 'prod-green']);
    const blueOnly = aDeploysState({
      hash: 'd0',
      deployments: [aDeployment('prod-blue')],
    });
    const resurrecting = aDeploysState({ versions: older });
    expect(
      mergeState(blueOnly, resurrecting).value.deployments.map(
        row => row.cluster,
      ),
    ).toEqual(['prod-blue']);
  });

  it('keeps what was seen when a backend that has just started has not looked yet', () => {
    const answer = aDeploysState({
      deployments: [
        aDeployment('prod-blue'),
        aDeployment('prod-green', { workloads: [] }),
      ],
      sources: [
        aSource('cluster:prod-blue'),
        aSource('cluster:prod-green', { state: 'connecting' }),
        aSource('argocd:main'),
      ],
      versions: {
        'cluster:prod-blue/Pod': '1000',
        'argocd:main/argocd.orders-green': '3000',
      },
    });
    const { value: state, behind } = mergeState(known, answer);
    expect(behind).toBe(true);
    expect(podNames(state, 'prod-green')).toHaveLength(2);
    expect(state.sources[1].state).toBe('live');
  });
});

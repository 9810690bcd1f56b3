import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockServices } from '@backstage/backend-test-utils';
import { SandboxHandle, startSandbox } from '@switchyard/sandbox';
import { createArgoCdWriter } from '../effects';
import { DefaultFleet } from '../service/DefaultFleet';
import { eventually } from './eventually';

jest.setTimeout(120_000);

const ORDERS = { 'app.kubernetes.io/name': 'orders' };

describe('the fleet in the sandbox', () => {
  const { signal } = new AbortController();
  let dir: string;
  let sandbox: SandboxHandle;
  let fleet: DefaultFleet;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'fleet-sandbox-'));
    sandbox = await startSandbox({ dir });
    const { instance, url, username, password } = sandbox.argocd;
    fleet = DefaultFleet.create({
      argo: [
        { name: instance, url, uiUrl: url, account: { username, password } },
      ],
      logger: mockServices.logger.mock({
        child: () => mockServices.logger.mock(),
      }),
      timings: { kubernetes: { heartbeatMs: 300, heartbeatTimeoutMs: 500 } },
    });
    fleet.setClusterSource(async () =>
      sandbox.clusters.map(({ name, url: address, token }) => ({
        name,
        url: address,
        credential: async () => ({ token }),
      })),
    );
    await eventually(
      () =>
        fleet.clusters().filter(({ state }) => state === 'live').length === 3 &&
        fleet.argoInstances()[0].state === 'live',
      { timeoutMs: 20_000 },
    );
  });

  afterAll(async () => {
    fleet?.stop();
    await sandbox?.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function fault(body: object) {
    const response = await fetch(`${sandbox.faults.url}/api/faults`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  }

  const state = (cluster: string) =>
    fleet.clusters().find(({ name }) => name === cluster)?.state;
  const podsOfBlue = () =>
    fleet
      .pods({ cluster: 'prod-blue', labels: ORDERS })
      .filter(({ phase }) => phase === 'Running');

  it('knows workloads, pods with their zones, and Applications', () => {
    expect(
      fleet
        .workloads({ labels: ORDERS })
        .filter(({ kind }) => kind === 'Deployment')
        .map(({ cluster, desired, ready }) => [cluster, desired === ready])
        .sort(),
    ).toEqual([
      ['dev', true],
      ['prod-blue', true],
      ['prod-green', true],
    ]);
    const [pod] = podsOfBlue();
    expect(pod).toMatchObject({
      ready: true,
      zone: expect.stringMatching(/^eu-/),
      owner: { kind: 'ReplicaSet' },
    });
    expect(fleet.replicaSets({ uid: pod.owner!.uid })[0].owner).toMatchObject({
      kind: 'Deployment',
      name: 'orders',
    });
    expect(fleet.object({ cluster: 'prod-blue', uid: pod.uid })).toMatchObject({
      kind: 'Pod',
      metadata: { name: pod.name },
    });
    expect(
      fleet
        .applications({ entityRef: 'component:default/orders' })
        .map(({ name, autoSync }) => [name, autoSync.enabled])
        .sort(),
    ).toEqual([
      ['orders-blue', true],
      ['orders-dev', true],
      ['orders-green', false],
    ]);
  });

  it('reads logs', async () => {
    const [pod] = podsOfBlue();
    const lines = [];
    for await (const line of await fleet.podLogs({
      cluster: 'prod-blue',
      namespace: pod.namespace,
      pod: pod.name,
      container: pod.containers[0].name,
      tailLines: 2,
      signal,
    })) {
      lines.push(line);
    }
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(2);
  });

  it('syncs, and sees its own operation to the end in the full Application', async () => {
    const { instance } = sandbox.argocd;
    const ref = { instance, namespace: 'argocd', name: 'orders-green' };
    const open = await fleet.openApplication(ref, { signal });
    const reader = fleet.argo(instance);
    await expect(reader.syncWindows(ref, { signal })).resolves.toMatchObject({
      canSync: expect.any(Boolean),
    });
    const infos = [{ name: 'switchyard-run', value: 'test' }];
    const answer = await createArgoCdWriter({ reader }).sync(
      ref,
      { infos },
      { signal },
    );
    expect(answer.operation?.info).toEqual(infos);
    const operation = await open.until(
      each =>
        !each.operation && each.status?.operationState?.finishedAt
          ? each.status.operationState
          : undefined,
      { signal: AbortSignal.timeout(60_000) },
    );
    expect(operation).toMatchObject({
      phase: 'Succeeded',
      operation: { info: infos },
    });
    open.close();
  });

  it('marks a cluster that hangs, keeps what it knows of it, and sees it come back', async () => {
    const known = podsOfBlue().length;
    await fault({ fault: 'cluster-hangs', target: 'prod-blue', on: true });
    await eventually(() => state('prod-blue') === 'unreachable');
    expect(podsOfBlue()).toHaveLength(known);
    expect(state('prod-green')).toBe('live');
    await fault({ fault: 'cluster-hangs', target: 'prod-blue', on: false });
    await eventually(() => state('prod-blue') === 'live', {
      timeoutMs: 20_000,
    });
  });

  it('marks an Argo CD that is down, keeps its last word, and comes back', async () => {
    const instance = () => fleet.argoInstances()[0];
    const applications = fleet.applications({}).length;
    await fault({ fault: 'argocd-down', on: true });
    await eventually(() => instance().state === 'unreachable');
    expect(fleet.applications({})).toHaveLength(applications);
    await fault({ fault: 'argocd-down', on: false });
    await eventually(() => instance().state === 'live', { timeoutMs: 60_000 });
  });

  it('marks a cluster that is down, and finds out what it missed', async () => {
    await fault({ fault: 'cluster-down', target: 'prod-blue', on: true });
    await eventually(() => state('prod-blue') === 'unreachable');
    const [lost] = podsOfBlue();
    await fault({
      fault: 'pod-lost',
      target: 'prod-blue',
      value: `${lost.namespace}/${lost.name}`,
    });
    await fault({ fault: 'cluster-410', target: 'prod-blue' });
    expect(podsOfBlue().map(({ uid }) => uid)).toContain(lost.uid);
    await fault({ fault: 'cluster-down', target: 'prod-blue', on: false });
    await eventually(
      () =>
        state('prod-blue') === 'live' &&
        podsOfBlue().every(({ uid }) => uid !== lost.uid),
      { timeoutMs: 20_000 },
    );
  });

  it('tells a kind that is forbidden from one that is empty', async () => {
    const jobs = () =>
      fleet
        .clusters()
        .find(({ name }) => name === 'dev')!
        .kinds.find(({ kind }) => kind === 'Job')!.state;
    expect(jobs()).toBe('live');
    await fault({
      fault: 'cluster-forbids',
      target: 'dev',
      value: 'jobs.batch',
      on: true,
    });
    // A watch that is open goes on; the next one is refused.
    await fault({ fault: 'cluster-down', target: 'dev', on: true });
    await eventually(() => state('dev') === 'unreachable');
    await fault({ fault: 'cluster-down', target: 'dev', on: false });
    await eventually(() => jobs() === 'not-readable', { timeoutMs: 20_000 });
    // What else there is, is as good as before.
    await eventually(() => state('dev') === 'live', { timeoutMs: 20_000 });
    expect(jobs()).toBe('not-readable');
  });
});

import { job, startTestCluster, TestCluster } from '../tests/startTestCluster';

let cluster: TestCluster;

afterEach(() => cluster.close());

const apply = (change: Parameters<typeof job>[0]) =>
  cluster.store.apply(job(change), { manager: 'test' });
const migrate = () => cluster.find('Job', 'orders-migrate');
const identity = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  namespace: 'storefront',
  name: 'orders-migrate',
};
const BAD = '127.0.0.1:5001/storefront/orders:v5.4.0-bad-migration';

it('runs a pod to its end and counts it', async () => {
  cluster = await startTestCluster();
  apply({});
  cluster.clock.advance(5_000);
  expect(migrate().status).toMatchObject({ active: 1 });
  cluster.clock.advance(40_000);
  expect(migrate().status).toMatchObject({
    succeeded: 1,
    ready: 0,
    completionTime: expect.any(String),
  });
  expect(
    migrate().status.conditions.map((each: any) => [each.type, each.reason]),
  ).toEqual([
    ['SuccessCriteriaMet', 'CompletionsReached'],
    ['Complete', 'CompletionsReached'],
  ]);
  const [pod] = cluster.pods();
  expect(pod.status.phase).toBe('Succeeded');
  expect(pod.metadata.labels).toMatchObject({
    'batch.kubernetes.io/job-name': 'orders-migrate',
    'batch.kubernetes.io/controller-uid': migrate().metadata.uid,
  });
  expect(pod.metadata).not.toHaveProperty('finalizers');
  expect(cluster.events('Completed').map(event => event.message)).toEqual([
    'Job completed',
  ]);
});

it('changes the schema once for each version and database', async () => {
  cluster = await startTestCluster();
  for (let round = 0; round < 2; round += 1) {
    apply({});
    cluster.clock.advance(40_000);
    cluster.store.delete(identity);
    cluster.clock.advance(5_000);
  }
  expect(cluster.ledger.runs().map(run => run.outcome)).toEqual([
    'changed',
    'already',
  ]);
  expect(cluster.ledger.changes({ component: 'orders' })).toEqual([
    expect.objectContaining({
      version: 'v5.3.25',
      database: 'production',
      cluster: 'test',
    }),
  ]);
});

it('tries a pod that failed again after a while and gives up at its limit', async () => {
  cluster = await startTestCluster();
  apply({ image: BAD, spec: { backoffLimit: 2 } });
  const madeAt: number[] = [];
  const failedAt: number[] = [];
  cluster.watchFor(150, () => {
    const pods = cluster.pods();
    if (pods.length > madeAt.length) {
      madeAt.push(cluster.clock.elapsed());
    }
    if (
      pods.filter(pod => pod.status.phase === 'Failed').length > failedAt.length
    ) {
      failedAt.push(cluster.clock.elapsed());
    }
  });
  expect(madeAt).toHaveLength(3);
  const waits = [madeAt[1] - failedAt[0], madeAt[2] - failedAt[1]].map(wait =>
    Math.round(wait / 1000),
  );
  expect(waits).toEqual([10, 20]);
  expect(migrate().status).toMatchObject({ failed: 3 });
  expect(migrate().status.conditions).toContainEqual(
    expect.objectContaining({
      type: 'Failed',
      status: 'True',
      reason: 'BackoffLimitExceeded',
    }),
  );
  expect(cluster.ledger.changes()).toEqual([]);
  expect(cluster.pods().every(pod => pod.status.phase === 'Failed')).toBe(true);
});

it('restarts the container where the pod says so', async () => {
  cluster = await startTestCluster();
  apply({ image: BAD, restartPolicy: 'OnFailure', spec: { backoffLimit: 5 } });
  cluster.clock.advance(45_000);
  const [pod] = cluster.pods();
  expect(pod.status.containerStatuses[0]).toMatchObject({
    restartCount: 1,
    lastState: { terminated: { exitCode: 1 } },
  });
  expect(cluster.pods()).toHaveLength(1);
});

it('ends at its deadline', async () => {
  cluster = await startTestCluster();
  apply({
    args: ['sh', '-c', 'sleep 600'],
    spec: { activeDeadlineSeconds: 60 },
  });
  cluster.clock.advance(50_000);
  expect(migrate().status).toMatchObject({ active: 1, ready: 1 });
  cluster.clock.advance(50_000);
  expect(migrate().status.conditions).toContainEqual(
    expect.objectContaining({ type: 'Failed', reason: 'DeadlineExceeded' }),
  );
});

it('is deleted some time after its end, with its pods', async () => {
  cluster = await startTestCluster();
  apply({ spec: { ttlSecondsAfterFinished: 100 } });
  cluster.clock.advance(60_000);
  expect(migrate().status).toMatchObject({ succeeded: 1 });
  cluster.clock.advance(100_000);
  expect(cluster.store.get(identity)).toBeUndefined();
  expect(cluster.pods()).toEqual([]);
});

it('waits while it is suspended', async () => {
  cluster = await startTestCluster();
  apply({ spec: { suspend: true } });
  cluster.clock.advance(30_000);
  expect(cluster.pods()).toEqual([]);
  apply({ spec: { suspend: false } });
  cluster.clock.advance(60_000);
  expect(migrate().status).toMatchObject({ succeeded: 1 });
});

it('takes its running pod with it when it is deleted', async () => {
  cluster = await startTestCluster();
  apply({ args: ['sh', '-c', 'sleep 600'] });
  cluster.clock.advance(20_000);
  expect(cluster.pods()[0].status.phase).toBe('Running');
  cluster.store.delete(identity);
  cluster.clock.advance(40_000);
  expect(cluster.pods()).toEqual([]);
});

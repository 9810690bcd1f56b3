import { KubernetesObject } from '../types';
import { startTestCluster, TestCluster } from '../tests/startTestCluster';

const MINUTE_MS = 60_000;
let cluster: TestCluster;

afterEach(() => cluster.close());

function cronJob(spec: object, script = 'sleep 5'): KubernetesObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'report', namespace: 'storefront' },
    spec: {
      schedule: '*/5 * * * *',
      ...spec,
      jobTemplate: {
        metadata: { labels: { team: 'storefront' } },
        spec: {
          backoffLimit: 0,
          template: {
            spec: {
              restartPolicy: 'Never',
              containers: [
                {
                  name: 'report',
                  image: 'busybox',
                  command: ['sh', '-c', script],
                },
              ],
            },
          },
        },
      },
    },
  };
}
const apply = (object: KubernetesObject) =>
  cluster.store.apply(object, { manager: 'test' });
const jobs = () =>
  cluster.store.list({
    apiVersion: 'batch/v1',
    kind: 'Job',
    namespace: 'storefront',
  });
const live = () => cluster.find('CronJob', 'report');

it('makes a job at each time of its schedule and remembers the last three', async () => {
  cluster = await startTestCluster();
  apply(cronJob({}));
  cluster.clock.advance(4 * MINUTE_MS);
  expect(jobs()).toEqual([]);
  cluster.clock.advance(MINUTE_MS);
  const [job] = jobs();
  const minutes = Date.parse('2026-11-20T12:05:00Z') / MINUTE_MS;
  expect(job.metadata).toMatchObject({
    name: `report-${minutes}`,
    labels: { team: 'storefront' },
    ownerReferences: [{ kind: 'CronJob', name: 'report', controller: true }],
  });
  expect(live().status).toMatchObject({
    lastScheduleTime: '2026-11-20T12:05:00Z',
    active: [{ kind: 'Job', name: job.metadata.name }],
  });
  cluster.clock.advance(31 * MINUTE_MS);
  expect(jobs()).toHaveLength(3);
  expect(live().status).toMatchObject({
    lastSuccessfulTime: expect.any(String),
  });
  expect(live().status).not.toHaveProperty('active');
  expect(
    cluster.events('SawCompletedJob').map(event => event.message),
  ).toContain(`Saw completed job: report-${minutes}, condition: Complete`);
});

it('remembers one that failed', async () => {
  cluster = await startTestCluster();
  apply(cronJob({}, 'exit 3'));
  cluster.clock.advance(22 * MINUTE_MS);
  expect(
    jobs().map(job => job.status.conditions.map((each: any) => each.type)),
  ).toEqual([['FailureTarget', 'Failed']]);
  expect(live().status).not.toHaveProperty('lastSuccessfulTime');
});

it.each([
  ['Allow', 3, /^$/],
  ['Forbid', 1, /prior execution is running and concurrency policy is Forbid/],
  ['Replace', 1, /^Deleted job report-/],
])('starts beside one that runs: %s', async (policy, running, message) => {
  cluster = await startTestCluster();
  apply(cronJob({ concurrencyPolicy: policy }, 'sleep 6000'));
  cluster.clock.advance(16 * MINUTE_MS);
  expect(jobs().filter(job => job.status.active === 1)).toHaveLength(running);
  const messages = cluster
    .events()
    .filter(event => event.involvedObject.kind === 'CronJob')
    .filter(event => event.reason !== 'SuccessfulCreate')
    .map(event => event.message);
  expect(messages[0] ?? '').toMatch(message);
});

it('does nothing while it is suspended, and reads its schedule in its time zone', async () => {
  cluster = await startTestCluster();
  apply(cronJob({ suspend: true }));
  cluster.clock.advance(20 * MINUTE_MS);
  expect(jobs()).toEqual([]);
  // 12:20 UTC is 13:20 in Berlin.
  apply(cronJob({ schedule: '30 13 * * *', timeZone: 'Europe/Berlin' }));
  cluster.clock.advance(15 * MINUTE_MS);
  expect(jobs()).toHaveLength(1);
});

it('refuses a schedule that is none', async () => {
  cluster = await startTestCluster();
  expect(() => apply(cronJob({ schedule: 'often' }))).toThrow(
    'CronJob.batch "report" is invalid: spec.schedule: Invalid value: "often": expected exactly 5 fields',
  );
});

import { callApi } from '../tests/callApi';
import {
  deployment,
  job,
  startTestCluster,
  TestCluster,
} from '../tests/startTestCluster';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startTestCluster();
});
afterEach(() => cluster.close());

async function log(query = '', pod = cluster.pods()[0].metadata.name) {
  const { status, body } = await callApi(
    cluster,
    `/api/v1/namespaces/storefront/pods/${pod}/log?${query}`,
  );
  return status === 200
    ? String(body).split('\n').slice(0, -1)
    : { status, message: body.message };
}

const apply = (change: Parameters<typeof deployment>[0]) =>
  cluster.store.apply(deployment({ replicas: 1, ...change }), {
    manager: 'test',
  });

it('tells a start and what follows, in order of time', async () => {
  apply({});
  cluster.clock.advance(120_000);
  const lines = (await log()) as string[];
  expect(lines[0]).toMatch(/INFO +orders v5\.3\.24 starting/);
  expect(lines.some(line => /ready after/.test(line))).toBe(true);
  expect(
    lines.filter(line => / GET \/\S+ \d{3} \d+ ms request=/.test(line)).length,
  ).toBeGreaterThan(10);
  const times = lines.map(line => line.slice(0, 24));
  expect(times).toEqual([...times].sort());
  // Nothing is made up twice: the same question gets the same answer.
  expect(await log()).toEqual(lines);
});

it('takes the end, what is younger, the times, and no more bytes than asked', async () => {
  apply({});
  cluster.clock.advance(120_000);
  const all = (await log()) as string[];
  expect(await log('tailLines=3')).toEqual(all.slice(-3));
  expect(await log('tailLines=0')).toEqual([]);
  const [third] = all.slice(-3);
  expect(
    await log(`sinceTime=${encodeURIComponent(third.slice(0, 24))}`),
  ).toEqual(all.slice(-3));
  const age =
    (cluster.clock.now().getTime() - Date.parse(third.slice(0, 24))) / 1000;
  expect(await log(`sinceSeconds=${Math.ceil(age)}`)).toEqual(
    expect.arrayContaining(all.slice(-3)),
  );
  expect(
    ((await log(`sinceSeconds=${Math.ceil(age)}`)) as string[]).length,
  ).toBeLessThan(all.length);
  const [stamped] = (await log('tailLines=1&timestamps=true')) as string[];
  expect(stamped).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /);
  expect(stamped.slice(31)).toBe(all[all.length - 1]);
  const { body } = await callApi(
    cluster,
    `/api/v1/namespaces/storefront/pods/${
      cluster.pods()[0].metadata.name
    }/log?limitBytes=50`,
  );
  expect(body).toHaveLength(50);
  expect(body).toBe(all.join('\n').slice(0, 50));
});

it('keeps the log of the run before a crash, with its trace', async () => {
  apply({ image: '127.0.0.1:5001/storefront/orders:v5.4.0-crash' });
  cluster.clock.advance(30_000);
  const lines = (await log('previous=true')) as string[];
  expect(lines).toContain(
    "TypeError: Cannot read properties of undefined (reading 'currency')",
  );
  expect(
    lines.filter(line => line.startsWith('    at ')).length,
  ).toBeGreaterThan(2);
});

it('says what a migration did, found or failed at', async () => {
  const run = async (image: string) => {
    cluster.store.apply(
      job({
        image: `127.0.0.1:5001/storefront/orders:${image}`,
        spec: { backoffLimit: 0 },
      }),
      {
        manager: 'test',
      },
    );
    cluster.clock.advance(40_000);
    const lines = (await log()) as string[];
    cluster.store.delete({
      apiVersion: 'batch/v1',
      kind: 'Job',
      namespace: 'storefront',
      name: 'orders-migrate',
    });
    cluster.clock.advance(5_000);
    return lines;
  };
  expect((await run('v5.3.25')).pop()).toMatch(
    /migrate: schema is at version v5\.3\.25$/,
  );
  expect((await run('v5.3.25')).pop()).toMatch(
    /migrate: schema already at version v5\.3\.25, nothing to do$/,
  );
  const failed = await run('v5.4.0-bad-migration');
  expect(failed.some(line => /PG::NotNullViolation/.test(line))).toBe(true);
  expect(failed.some(line => /schema is at version/.test(line))).toBe(false);
});

describe('refuses with the words of a kubelet', () => {
  it('a container that is not there, one of several that is not named', async () => {
    apply({ pod: { initContainers: [{ name: 'init', image: 'busybox' }] } });
    cluster.clock.advance(60_000);
    const { name } = cluster.pods()[0].metadata;
    expect(await log('container=other')).toEqual({
      status: 400,
      message: `container other is not valid for pod ${name}`,
    });
    expect(await log('container=init')).toEqual([]);
    expect(await log('previous=true')).toEqual({
      status: 400,
      message: `previous terminated container "orders" in pod "${name}" not found`,
    });
    expect(await log('', 'nothing')).toEqual({
      status: 404,
      message: 'pods "nothing" not found',
    });
    expect(await log('tailLines=x')).toMatchObject({ status: 400 });
    expect(
      await log('sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z'),
    ).toMatchObject({ status: 400 });
  });

  it('a container that has not begun', async () => {
    apply({});
    cluster.clock.advance(1_200);
    const { name } = cluster.pods()[0].metadata;
    expect(await log()).toEqual({
      status: 400,
      message: `container "orders" in pod "${name}" is waiting to start: ContainerCreating`,
    });
  });
});

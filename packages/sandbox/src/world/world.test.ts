import { Behaviours, ContainerFacts, worldBehaviours } from './behaviours';
import { fullImageName, parseImage, pullFrom } from './images';
import { Ledger } from './Ledger';
import { fractionOf, Random } from './Random';

describe('images', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['grafana/grafana:11', 'docker.io/grafana/grafana:11'],
    [
      '127.0.0.1:5001/storefront/orders:v5.3.24',
      '127.0.0.1:5001/storefront/orders:v5.3.24',
    ],
    ['registry.k8s.io/pause', 'registry.k8s.io/pause:latest'],
    [
      `localhost/a@sha256:${'0a'.repeat(32)}`,
      `localhost/a@sha256:${'0a'.repeat(32)}`,
    ],
  ])('reads %s as %s', (image, full) => {
    expect(fullImageName(image)).toBe(full);
  });

  it('tells a port from a tag', () => {
    expect(parseImage('127.0.0.1:5001/orders')).toEqual({
      host: '127.0.0.1:5001',
      repository: 'orders',
      tag: 'latest',
      digest: undefined,
    });
  });

  it('asks the world’s own registry for its images only', () => {
    const asked: string[] = [];
    const pull = pullFrom({
      registryHost: '127.0.0.1:5001',
      pull: image => {
        asked.push(image);
        return { found: true, digest: 'sha256:0a' };
      },
    });
    expect(pull('127.0.0.1:5001/orders:1')).toEqual({
      found: true,
      digest: 'sha256:0a',
    });
    expect(pull('busybox')).toMatchObject({ found: true });
    expect(pull('quay.io/no/such:1')).toEqual({
      found: false,
      message:
        'failed to pull and unpack image "quay.io/no/such:1": failed to resolve reference "quay.io/no/such:1": quay.io/no/such:1: not found',
    });
    expect(asked).toEqual(['127.0.0.1:5001/orders:1']);
  });
});

describe('behaviours', () => {
  const facts = (change: Partial<ContainerFacts>): ContainerFacts => ({
    cluster: 'prod-blue',
    namespace: 'storefront',
    pod: 'orders-1',
    container: 'orders',
    isInit: false,
    image: '127.0.0.1:5001/storefront/orders:v5.3.24',
    command: [],
    args: ['serve'],
    labels: { 'app.kubernetes.io/name': 'orders' },
    ...change,
  });
  const of = (change: Partial<ContainerFacts>): ReturnType<Behaviours> =>
    worldBehaviours(facts(change));
  const bad = (what: string) =>
    `127.0.0.1:5001/storefront/orders:v5.4.0-${what}`;

  it('lets good versions work', () => {
    expect(of({})).toMatchObject({ style: 'web' });
    expect(of({})).not.toHaveProperty('exit');
    expect(of({}).startMs).toBeLessThan(20_000);
  });

  it('knows each bad version', () => {
    expect(of({ image: bad('crash') }).exit).toMatchObject({
      code: 1,
      lastLines: expect.arrayContaining([expect.stringContaining('TypeError')]),
    });
    expect(of({ image: bad('never-ready') }).unreadyStatus).toBe(503);
    expect(of({ image: bad('slow-start') })).toMatchObject({
      startMs: 180_000,
      listenMs: 6_000,
    });
    expect(of({ image: bad('bad-migration') })).not.toHaveProperty('exit');
    expect(
      of({ image: bad('bad-migration'), args: ['migrate'] }).migration,
    ).toMatchObject({ fails: true });
  });

  it('sees a migration by its words, in args and in a command', () => {
    const version = { component: 'orders', version: 'v5.3.24', fails: false };
    expect(of({ args: ['migrate'] }).migration).toMatchObject(version);
    expect(
      of({
        args: [],
        command: ['bundle', 'exec', 'rails', 'db:migrate'],
        isInit: true,
      }).migration,
    ).toMatchObject(version);
    expect(of({ args: ['serve', '--after=migrate-later'] })).not.toHaveProperty(
      'migration',
    );
  });

  it('does what a shell is told', () => {
    const shell = (script: string) =>
      of({
        image: 'busybox',
        command: ['sh', '-c', script],
        args: [],
        labels: {},
      }).exit;
    expect(shell('echo "hello"; sleep 20; exit 3')).toEqual({
      afterMs: 20_000,
      code: 3,
      lastLines: ['hello'],
    });
    expect(shell('sleep infinity')).toBeUndefined();
    expect(shell('false')).toMatchObject({ code: 1 });
  });
});

describe('Ledger', () => {
  const run = {
    database: 'production',
    component: 'orders',
    version: 'v1',
    cluster: 'prod-blue',
    podUid: 'u1',
    container: 'migrate',
    at: '',
  };

  it('counts a change once for each database, component and version', () => {
    const ledger = Ledger.create();
    expect(ledger.fail(run).outcome).toBe('failed');
    expect(ledger.migrate(run).outcome).toBe('changed');
    expect(
      ledger.migrate({ ...run, cluster: 'prod-green', podUid: 'u2' }).outcome,
    ).toBe('already');
    expect(
      ledger.migrate({ ...run, database: 'development', cluster: 'dev' })
        .outcome,
    ).toBe('changed');
    expect(ledger.changes({ database: 'production' })).toHaveLength(1);
    expect(ledger.changes({ component: 'search' })).toEqual([]);
    expect(ledger.runOf('u2', 'migrate')?.outcome).toBe('already');
  });

  it('goes on where it was left', () => {
    const before = Ledger.create();
    before.migrate(run);
    const after = Ledger.create({
      runs: JSON.parse(JSON.stringify(before.runs())),
    });
    expect(after.migrate(run).outcome).toBe('already');
  });
});

describe('Random', () => {
  it('says the same for the same seed, and goes on from a counter', () => {
    const first = Random.create({ seed: 'a' });
    const names = [first.suffix(), first.suffix(), first.uuid()];
    const second = Random.create({ seed: 'a' });
    expect([second.suffix(), second.suffix(), second.uuid()]).toEqual(names);
    const continued = Random.create({ seed: 'a', counter: 1 });
    expect(continued.suffix()).toBe(names[1]);
    expect(Random.create({ seed: 'b' }).suffix()).not.toBe(names[0]);
    expect(fractionOf('x')).toBe(fractionOf('x'));
  });
});

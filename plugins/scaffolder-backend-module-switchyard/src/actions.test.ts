import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { StepFailedError } from '@switchyard/backstage-plugin-runs-node';
import { ORDERS, startRuns, TestKind } from './__testUtils__/startRuns';
import { TestTask } from './__testUtils__/TestTask';
import { createApplicationCreateAction } from './actions/createApplicationCreateAction';
import { createHotfixRequestAction } from './actions/createHotfixRequestAction';
import { createLockCreateAction } from './actions/createLockCreateAction';
import { createRunWaitAction } from './actions/createRunWaitAction';
import { followRun } from './runs/followRun';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const ship = {
  entityRef: ORDERS,
  environment: 'production',
  version: 'v5.3.25',
  reason: 'Totals are wrong',
};
const call = { credentials: mockCredentials.user('user:default/dana') };

let world: Awaited<ReturnType<typeof startRuns>>;
let behaviour: TestKind;
let begun: number;
let count = 0;

beforeAll(async () => {
  world = await startRuns(databases, {
    intent: version => behaviour.intent(version),
    step: context => {
      begun += 1;
      return behaviour.step(context);
    },
  });
});

afterAll(async () => {
  await world?.stop();
});

beforeEach(() => {
  begun = 0;
  behaviour = { intent: version => version, step: async () => {} };
});

function aTask(person?: string) {
  count += 1;
  return new TestTask({ id: `task-${count}`, person });
}

describe('switchyard:hotfix:request and switchyard:run:wait', () => {
  it('ask for a run as the person who started the task, show what it changes, and wait until it is done', async () => {
    const task = aTask();
    const { runId, runNumber, runUrl } = await task.run(
      createHotfixRequestAction(world),
      ship,
    );
    expect(runUrl).toBe(`https://portal.example.com/runs/${runId}`);
    const waited = await task.run(
      createRunWaitAction({ ...world, lookEveryMs: 50 }),
      { runId },
    );
    expect(waited).toEqual({ status: 'succeeded', runUrl });
    const run = await world.runs.getRun(runId, call);
    expect(run).toMatchObject({
      number: runNumber,
      requestedBy: 'user:default/dana',
      reason: 'Totals are wrong',
      status: 'succeeded',
    });
    expect(task.lines).toEqual(
      expect.arrayContaining([
        'Ship v5.3.25 to 2 clusters',
        '  image of Deployment orders in prod-blue: v5.3.24 → v5.3.25',
        `Run #${runNumber}: ${runUrl}`,
        `Run #${runNumber} succeeded · 1 of 1 steps done`,
      ]),
    );
  });

  it.each([
    ['the run was stored and the task was not', /^run\./],
    ['the plan was made and the task was not stored', /^plan\./],
  ])('ship once though %s', async (_, lost) => {
    const task = aTask();
    const action = createHotfixRequestAction(world);
    task.beforeStored = key => {
      if (lost.test(key)) throw new Error('SIGKILL');
    };
    await expect(task.run(action, ship)).rejects.toThrow('SIGKILL');
    task.beforeStored = () => {};
    const { runId } = await task.run(action, ship);
    await task.run(createRunWaitAction({ ...world, lookEveryMs: 50 }), {
      runId,
    });
    // Once more: a task that a person tries again.
    expect((await task.run(action, ship)).runId).toBe(runId);
    expect(begun).toBe(1);
  });

  it('take the run that there is, though the plan would be another one by now', async () => {
    const task = aTask();
    const action = createHotfixRequestAction(world);
    task.beforeStored = key => {
      if (key.startsWith('run.')) throw new Error('SIGKILL');
    };
    await expect(task.run(action, ship)).rejects.toThrow('SIGKILL');
    task.beforeStored = () => {};
    behaviour.intent = version => `${version}, elsewhere`;
    const { runId } = await task.run(action, ship);
    await task.run(createRunWaitAction({ ...world, lookEveryMs: 50 }), {
      runId,
    });
    expect(begun).toBe(1);
  });

  it('make the plan again where it has changed before it was asked for, and not without end', async () => {
    let made = 0;
    behaviour.intent = version => {
      made += 1;
      // Each request plans twice: to show it, and when it is asked for.
      return made < 2 ? 'an older one' : version;
    };
    const task = aTask();
    const { runId } = await task.run(createHotfixRequestAction(world), ship);
    await task.run(createRunWaitAction({ ...world, lookEveryMs: 50 }), {
      runId,
    });
    expect(task.lines).toContain(
      'The plan has changed meanwhile; it is made again',
    );
    behaviour.intent = () => `${(made += 1)}`;
    await expect(
      aTask().run(createHotfixRequestAction(world), ship),
    ).rejects.toThrow(/plan/i);
    expect(begun).toBe(1);
  });

  it('two tasks, and two rounds of one step, are two wishes', async () => {
    const action = createHotfixRequestAction(world);
    const task = aTask();
    const runs = [
      await task.run(action, ship),
      await task.run(action, { ...ship, version: 'v5.3.26' }),
      await aTask().run(action, ship),
    ].map(({ runId }) => runId);
    expect(new Set(runs).size).toBe(3);
    for (const runId of runs)
      await task.run(createRunWaitAction({ ...world, lookEveryMs: 50 }), {
        runId,
      });
  });

  it('say what stands in the way, and ask for nothing then', async () => {
    const { lockId } = await aTask('omar').run(createLockCreateAction(world), {
      entityRef: ORDERS,
      environment: 'production',
      reason: 'The database is being moved',
    });
    await expect(
      aTask().run(createHotfixRequestAction(world), ship),
    ).rejects.toThrow(/The database is being moved/);
    const dry = aTask();
    await dry.run(createHotfixRequestAction(world), ship, { isDryRun: true });
    expect(dry.lines.join('\n')).toMatch(
      /Ship v5\.3\.25 to 2 clusters\n.*\nIt would be refused\. .*The database is being moved/,
    );
    expect(begun).toBe(0);
    await world.release(lockId);
  });

  it('repeat what the runs backend says of wrong input', async () => {
    const action = createHotfixRequestAction(world);
    await expect(
      aTask().run(action, { ...ship, environment: 'moon' }),
    ).rejects.toThrow(/does not run in 'moon'; it runs in production/);
    await expect(
      aTask().run(action, { ...ship, entityRef: 'component:default/nothing' }),
    ).rejects.toThrow('There is no component:default/nothing in the catalog');
  });

  it('fail with the cause and a link where the run has failed, or stands still', async () => {
    const wait = createRunWaitAction({ ...world, lookEveryMs: 50 });
    behaviour.step = async () => {
      throw new StepFailedError('orders-blue is not well in time');
    };
    const failed = await aTask().run(createHotfixRequestAction(world), ship);
    await expect(aTask().run(wait, { runId: failed.runId })).rejects.toThrow(
      `Run #${failed.runNumber} (Ship v5.3.25 to 2 clusters) has failed. Work: orders-blue is not well in time (${failed.runUrl})`,
    );
    behaviour.step = async () => {
      throw new Error('Argo CD does not answer');
    };
    const dead = await aTask().run(createHotfixRequestAction(world), ship);
    await expect(aTask().run(wait, { runId: dead.runId })).rejects.toThrow(
      /has stopped and needs a person.*Argo CD does not answer.*https:\/\/portal/,
    );
  });

  it('stop waiting when the task is cancelled or the time is up, and leave the run alone', async () => {
    let finish = () => {};
    behaviour.step = () =>
      new Promise(resolve => {
        finish = resolve;
      });
    const task = aTask();
    const { runId } = await task.run(createHotfixRequestAction(world), ship);
    await expect(
      followRun(world.runs, contextOf(), {
        runId,
        timeoutMs: 0,
        lookEveryMs: 10,
      }),
    ).rejects.toThrow(/has not ended within 0 minutes; it goes on/);
    const waiting = task.run(
      createRunWaitAction({ ...world, lookEveryMs: 50 }),
      { runId },
    );
    task.abort.abort();
    await expect(waiting).rejects.toThrow(/Nobody waits.*it goes on/);
    await untilBegun();
    finish();
    await aTask().run(createRunWaitAction({ ...world, lookEveryMs: 50 }), {
      runId,
    });
  });

  it('ask again while the runs backend does not answer', async () => {
    const { runId } = await aTask().run(createHotfixRequestAction(world), ship);
    world.hide();
    const lines: string[] = [];
    const waiting = followRun(world.runs, contextOf(lines), {
      runId,
      timeoutMs: 30_000,
      lookEveryMs: 10,
    });
    try {
      await until(() => lines.length > 0);
    } finally {
      world.show();
    }
    expect((await waiting).status).toBe('succeeded');
    expect(lines[0]).toBe('The runs backend does not answer; asking again');
  });
});

describe('switchyard:application:create', () => {
  const input = {
    entityRef: ORDERS,
    environment: 'production',
    repository: 'https://git.example.com/storefront/orders.git',
    reason: 'New service',
  };
  const orders: Entity = {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'orders' },
  };
  const owned: Entity = {
    ...orders,
    relations: [{ type: 'ownedBy', targetRef: 'group:default/storefront' }],
  };
  const actionOver = (
    looks: Array<Entity | undefined>,
    catalogPatienceMs = 20_000,
  ) =>
    createApplicationCreateAction({
      ...world,
      lookEveryMs: 10,
      catalogPatienceMs,
      catalog: {
        getEntityByRef: async () =>
          looks.length > 1 ? looks.shift() : looks[0],
      },
    });

  it('waits until the catalog shows the component and whose it is, and asks once', async () => {
    const task = aTask();
    const looks = [undefined, undefined, orders, owned];
    const { runId } = await task.run(actionOver(looks), input);
    expect(looks).toEqual([owned]);
    expect((await task.run(actionOver([owned]), input)).runId).toBe(runId);
    await task.run(createRunWaitAction({ ...world, lookEveryMs: 50 }), {
      runId,
    });
    expect(await world.runs.getRun(runId, call)).toMatchObject({
      kind: 'application-create',
      requestedBy: 'user:default/dana',
      title: `Ship ${input.repository} to 2 clusters`,
    });
    expect(begun).toBe(1);
  });

  it('says what the catalog does not show', async () => {
    await expect(
      aTask().run(actionOver([undefined], 0), input),
    ).rejects.toThrow(/The catalog does not show component:default\/orders/);
    await expect(aTask().run(actionOver([orders], 0), input)).rejects.toThrow(
      /has no owner in the catalog/,
    );
    const dry = aTask();
    await dry.run(actionOver([undefined]), input, { isDryRun: true });
    expect(dry.lines).toHaveLength(1);
    expect(begun).toBe(0);
  });
});

describe('switchyard:lock:create', () => {
  it('sets one lock, held by the person, however often the step is tried', async () => {
    const task = aTask();
    const action = createLockCreateAction(world);
    const input = {
      entityRef: ORDERS,
      kind: 'warning',
      reason: 'Nodes are being replaced',
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    };
    const first = await task.run(action, input);
    const again = await task.run(action, input);
    expect(again).toEqual(first);
    expect(first.expiresAt).toBe(input.expiresAt);
    const dry = await aTask().run(action, input, { isDryRun: true });
    expect(dry).toEqual({});
    await world.release(first.lockId);
  });

  it('repeats what is wrong with the input', async () => {
    await expect(
      aTask().run(createLockCreateAction(world), {
        scope: 'cluster',
        reason: 'x',
      }),
    ).rejects.toThrow(/cluster/);
  });
});

function contextOf(lines: string[] = []) {
  const log = (message: string) => lines.push(message);
  return {
    logger: { info: log, warn: log } as any,
    signal: undefined,
    getInitiatorCredentials: async () => call.credentials,
  };
}

async function untilBegun() {
  await until(() => begun > 0);
}

async function until(condition: () => boolean) {
  const end = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('It did not happen in time');
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

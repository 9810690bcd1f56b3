import { createTestContext } from './__testUtils__/createTestContext';
import {
  HotfixWorld,
  playPlan,
  useHotfixWorld,
} from './__testUtils__/startHotfixWorld';

// A world of processes, clusters and time.
jest.setTimeout(180_000);

let world: HotfixWorld;
useHotfixWorld(started => {
  world = started;
});

/** Makes an operation that begins and does nothing more; answers the plan of stopping it, and the run that waits for it. */
async function getStuck(runId: string) {
  await world.fault('argocd-stuck', { target: 'orders-green' });
  const sync = await world.planOf('sync', { applications: ['orders-green'] });
  const waiting = playPlan(world, sync, { runId, timeoutMs: 60_000 });
  for (;;) {
    const plan = await world.planOf('terminate', {});
    if (plan.problems.length === 0) return { plan, waiting };
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

it('says that there is nothing to stop', async () => {
  await expect(world.planOf('terminate', {})).resolves.toMatchObject({
    steps: [],
    problems: [
      { what: 'No operation is running' },
      { what: 'No operation is running' },
    ],
  });
});

it('stops the one that is stuck, and the run that waits for it ends', async () => {
  const { plan, waiting } = await getStuck('run-stuck');
  expect(plan).toMatchObject({
    title: 'Stop the operation on orders-green in prod-green',
    keys: ['operation:main/argocd/orders-green'],
    changes: [
      { what: 'operation on Application orders-green', after: 'stopped' },
    ],
  });
  expect(plan.warnings.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['It may not be stuck', 'A run waits for it']),
  );
  const stored: { reference?: any } = {};
  const { errors, outputs } = await playPlan(world, plan, {
    runId: 'run-stop',
    onEffect: (_, reference) => void (stored.reference = reference),
  });
  expect(errors).toEqual({});
  expect(outputs['terminate.orders-green']).toMatchObject({
    outcome: 'stopped',
  });
  // A worker that takes over finds the same, and asks for nothing.
  const again = createTestContext({
    input: plan.steps[0].input,
    runId: 'run-stop',
    attempt: 2,
    reference: stored.reference,
  });
  await expect(
    world.kinds.get('terminate')!.steps.terminate.adopt!(again),
  ).resolves.toMatchObject({ output: { outcome: 'stopped' } });
  const { errors: waited } = await waiting;
  expect(waited['sync.orders-green'].message).toMatch(
    /Operation terminated|stopped/i,
  );
});

it('never stops another than the one that was shown', async () => {
  const { plan, waiting: first } = await getStuck('run-first');
  await world.clearFaults();
  // The one that was stuck goes on, and another follows it.
  expect((await first).errors).toEqual({});
  const { plan: next, waiting: second } = await getStuck('run-second');
  expect(next.intent).not.toEqual(plan.intent);
  const { errors, outputs } = await playPlan(world, plan, {
    runId: 'run-late',
  });
  expect(errors).toEqual({});
  expect(outputs['terminate.orders-green']).toMatchObject({ outcome: 'gone' });
  await world.clearFaults();
  expect((await second).errors).toEqual({});
});

it('asked the sandbox for nothing that it does not have', async () => {
  expect((await world.counts()).unimplemented).toEqual({});
});

import { Entity } from '@backstage/catalog-model';
import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { createTestContext } from './__testUtils__/createTestContext';
import {
  HotfixWorld,
  playPlan,
  useHotfixWorld,
} from './__testUtils__/startHotfixWorld';
import { CREATED_BY } from './effects/createApplicationStep';

// A world of processes, clusters and time.
jest.setTimeout(180_000);

let world: HotfixWorld;
useHotfixWorld(started => {
  world = started;
});

/** A component whose manifests lie in Git, and that runs nowhere. */
async function newComponent(name: string): Promise<Entity> {
  const labels = `{app: ${name}, backstage.io/kubernetes-id: ${name}}`;
  await world.fault('git-competitor-commit', {
    target: 'deploy-dev',
    details: {
      path: `apps/${name}/deployment.yaml`,
      content: `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, labels: ${labels}}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: ${labels}}
    spec:
      containers:
        - name: ${name}
          image: ${world.sandbox.registry.host}/storefront/orders:v5.3.24
`,
    },
  });
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default' },
    relations: [{ type: 'ownedBy', targetRef: 'group:default/storefront' }],
  };
}

function planFor(
  entity: Entity,
  repository = `${world.sandbox.git.url}/deploy-dev.git`,
): Promise<RunPlan> {
  return world.kinds.get('application-create')!.plan(
    {
      entity,
      environment: 'production',
      input: { repository },
      signal: AbortSignal.timeout(30_000),
    },
    { find: async () => [] },
  );
}

function applicationOf(name: string) {
  return world.fleet
    .argo('main')
    .getApplication(
      { namespace: 'argocd', name, project: 'storefront' },
      { signal: AbortSignal.timeout(10_000) },
    );
}

it('deploys a component to both clusters, each Application once although an answer is lost', async () => {
  const plan = await planFor(await newComponent('parcel'));
  expect(plan.problems).toEqual([]);
  await world.fault('argocd-create-answer-dropped', { times: 2 });
  const { errors, outputs, contexts } = await playPlan(world, plan, {
    runId: 'run-parcel',
  });
  expect(errors).toEqual({});
  expect(outputs['deployed.parcel-green']).toEqual({
    argo: 'Argo CD says Synced and Healthy',
  });
  expect(contexts['create.parcel-blue'].changes).toMatchObject([
    { system: 'argocd', what: 'Application parcel-blue', after: 'created' },
  ]);
  for (const name of ['parcel-blue', 'parcel-green']) {
    const { metadata } = await applicationOf(name);
    expect(metadata.annotations).toEqual({
      'backstage.io/entity-ref': 'component:default/parcel',
      [CREATED_BY]: 'run-parcel',
    });
  }
  const operations = (await world.counts()).applications;
  expect(operations['parcel-blue'].operations).toBe(1);
});

it('is found by a worker that takes over, and made by it where nothing had happened', async () => {
  const plan = await planFor(await newComponent('letter'));
  const step = plan.steps[0];
  const handler = world.kinds.get('application-create')!.steps[step.handler];
  const contextOf = (attempt: number, onEffect = () => {}) =>
    createTestContext({
      input: step.input,
      runId: 'run-letter',
      attempt,
      reference: attempt > 1 ? { application: 'letter-blue' } : undefined,
      onEffect,
    });
  // It died after it had said what it was about to do.
  const dead = contextOf(1, () => {
    throw new Error('SIGKILL');
  });
  await expect(handler.run(dead)).rejects.toThrow('SIGKILL');
  await expect(handler.adopt!(contextOf(2))).resolves.toBeUndefined();
  const second = contextOf(2);
  await handler.run(second);
  const { metadata } = await applicationOf('letter-blue');
  // Another one died after it had done it.
  const third = contextOf(3);
  await expect(handler.adopt!(third)).resolves.toEqual({
    output: { application: 'letter-blue' },
  });
  expect(third.effects).toEqual([]);
  // One that was only paused asks for it once more.
  const late = contextOf(1);
  await expect(handler.run(late)).resolves.toEqual({
    output: { application: 'letter-blue' },
  });
  expect((await applicationOf('letter-blue')).metadata.uid).toBe(metadata.uid);
});

it("never touches another's Application of the name, whenever it came", async () => {
  const entity = await newComponent('postcard');
  const plan = await planFor(entity);
  const other = await playPlan(world, plan, { runId: 'run-other' });
  expect(other.errors).toEqual({});
  const { errors } = await playPlan(world, plan, { runId: 'run-mine' });
  expect(errors['create.postcard-blue'].message).toBe(
    'Argo CD main has another Application postcard-blue by now; it is left alone',
  );
  const { metadata } = await applicationOf('postcard-blue');
  expect(metadata.annotations![CREATED_BY]).toBe('run-other');
  expect((await planFor(entity)).problems).toMatchObject([
    { what: 'There is one already' },
    { what: 'There is one already' },
  ]);
});

it('says why Argo CD does not take it, and why it does not get well', async () => {
  const entity = await newComponent('stamp');
  const nowhere = await playPlan(
    world,
    await planFor(entity, `${world.sandbox.git.url}/nothing.git`),
    { runId: 'run-nowhere' },
  );
  expect(nowhere.errors['create.stamp-blue'].message).toMatch(
    /^Argo CD main did not create stamp-blue: .*repository not found/,
  );
  const plan = await planFor(entity);
  await world.fault('argocd-stuck');
  const stuck = await playPlan(world, plan, {
    runId: 'run-stuck',
    timeoutMs: 5_000,
  });
  expect(stuck.errors['deployed.stamp-blue'].message).toMatch(
    /^stamp-blue is not well in time: /,
  );
});

it('asked the sandbox for nothing that it does not have', async () => {
  expect((await world.counts()).unimplemented).toEqual({});
});

import { JsonObject } from '@backstage/types';
import { createTestContext } from '../__testUtils__/createTestContext';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { workloadRow } from '../__testUtils__/workloads';
import { readShipped, shippedAnnotation } from '../images/shippedImage';
import { DEFAULT_PATIENCE } from '../steps/types';
import { createSetImageStep } from './setImageStep';

const IMAGE = 'registry.example.com/orders';

const templateOf = (main: string) => ({
  template: {
    spec: {
      initContainers: [{ name: 'migrate', image: `${IMAGE}:v1`, args: ['up'] }],
      containers: [
        { name: 'main', image: main, env: [{ name: 'A', value: 'b' }] },
        { name: 'proxy', image: 'envoy:v1' },
      ],
    },
  },
});

function start(
  options: { kind?: string; main?: string; annotations?: JsonObject } = {},
) {
  const { kind = 'Deployment', main = `${IMAGE}:v1`, annotations } = options;
  const workload = {
    cluster: 'prod-blue',
    kind,
    namespace: 'storefront',
    name: 'orders',
  };
  const fleet = createTestFleet();
  fleet.clusters.push({
    name: 'prod-blue',
    url: 'https://blue',
    state: 'live',
    since: '2026-11-20T10:00:00Z',
    kinds: [],
  });
  fleet.workloads.push(workloadRow({ kind }));
  const hold = (image: string, kept: JsonObject = annotations ?? {}) => {
    const template = templateOf(image);
    fleet.objects.set('uid-orders', {
      metadata: { annotations: kept },
      spec: kind === 'CronJob' ? { jobTemplate: { spec: template } } : template,
    });
  };
  hold(main);
  const sent: any[] = [];
  const step = createSetImageStep({
    fleet: fleet.service,
    patience: DEFAULT_PATIENCE,
    kubernetesWriter: {
      async patch(name, { resourceVersion, change }) {
        sent.push({ name, resourceVersion, change });
        return { uid: 'uid-orders', resourceVersion: '11', generation: 4 };
      },
    },
  });
  const containers = ['main', 'migrate'].map(name => ({
    name,
    before: `${IMAGE}:v1`,
    after: `${IMAGE}:v2`,
  }));
  const contextOf = (more: object = {}) =>
    createTestContext({ input: { workload, containers }, ...more });
  return { step, sent, hold, contextOf };
}

it('changes the images and nothing else, on the version that was looked at', async () => {
  const { step, sent, contextOf } = start();
  const context = contextOf();
  await expect(step.run(context)).resolves.toEqual({
    output: { uid: 'uid-orders', generation: 4 },
  });
  expect(sent).toHaveLength(1);
  const [{ name, resourceVersion, change }] = sent;
  expect(name.resource.plural).toBe('deployments');
  expect(resourceVersion).toBe('10');
  const { template } = templateOf(`${IMAGE}:v2`);
  template.spec.initContainers[0].image = `${IMAGE}:v2`;
  expect(change.spec).toEqual({ template });
  expect(readShipped(change)).toEqual({
    run: 'run-1',
    at: expect.any(String),
    before: { main: `${IMAGE}:v1`, migrate: `${IMAGE}:v1` },
    after: { main: `${IMAGE}:v2`, migrate: `${IMAGE}:v2` },
  });
  expect(context.changes).toMatchObject([
    {
      what: 'image of Deployment orders',
      before: `${IMAGE}:v1`,
      after: `${IMAGE}:v2`,
    },
  ]);
});

it('changes the template of the Jobs of a CronJob', async () => {
  const { step, sent, contextOf } = start({ kind: 'CronJob' });
  await step.run(contextOf());
  expect(sent[0].name.resource).toMatchObject({
    group: 'batch',
    plural: 'cronjobs',
  });
  expect(
    sent[0].change.spec.jobTemplate.spec.template.spec.containers[0].image,
  ).toBe(`${IMAGE}:v2`);
});

it('parks where somebody has set another image, and goes on with a word about just that', async () => {
  const { step, sent, hold, contextOf } = start({ main: `${IMAGE}:v7` });
  const found = `Deployment orders in prod-blue was to go from ${IMAGE}:v1 to ${IMAGE}:v2, and has ${IMAGE}:v7 by now`;
  const parked = { name: 'StepParkedError', message: found };
  await expect(step.run(contextOf())).rejects.toMatchObject(parked);
  const confirmed = { by: 'user:default/dana', at: 'x', found };
  hold(`${IMAGE}:v8`);
  await expect(step.run(contextOf({ confirmed }))).rejects.toMatchObject({
    name: 'StepParkedError',
    message: expect.stringContaining(':v8 by now'),
  });
  expect(sent).toEqual([]);
  hold(`${IMAGE}:v7`);
  await step.run(contextOf({ confirmed }));
  expect(readShipped(sent[0].change)?.before).toMatchObject({
    main: `${IMAGE}:v7`,
  });
});

it('goes on where a run that was ahead has set it, unless somebody has changed it since', async () => {
  const annotations = shippedAnnotation({
    run: 'run-0',
    at: '2026-11-20T10:00:00Z',
    before: { main: `${IMAGE}:v1` },
    after: { main: `${IMAGE}:v1.5` },
  });
  const { step, sent, hold, contextOf } = start({
    main: `${IMAGE}:v1.5`,
    annotations,
  });
  const context = contextOf();
  await step.run(context);
  expect(sent).toHaveLength(1);
  expect(context.logs[0]).toMatch(/has .*:v1\.5 by now, which a run has set$/);
  hold(`${IMAGE}:v1.6`, annotations);
  await expect(step.run(contextOf())).rejects.toMatchObject({
    name: 'StepParkedError',
  });
});

it('is found by the run that stands on the object, and sends nothing where it is so already', async () => {
  const annotations = shippedAnnotation({
    run: 'run-1',
    at: '2026-11-20T10:00:00Z',
    before: {},
    after: {},
  });
  const made = start({ main: `${IMAGE}:v2`, annotations });
  const later = { attempt: 2, reference: { resourceVersion: '9' } };
  await expect(made.step.adopt!(made.contextOf(later))).resolves.toEqual({
    output: { uid: 'uid-orders', generation: 3 },
  });
  await expect(
    made.step.adopt!(made.contextOf({ ...later, runId: 'run-2' })),
  ).resolves.toBeUndefined();
  expect(made.sent).toEqual([]);
});

it.each(['', '{', '[]', '{"run":1}', '{"run":"a","at":"b","before":{"c":1}}'])(
  'takes no annotation of somebody else for its own: %j',
  written => {
    expect(
      readShipped({
        metadata: { annotations: { 'switchyard/image-set': written } },
      }),
    ).toBeUndefined();
  },
);

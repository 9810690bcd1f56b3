import { JsonObject } from '@backstage/types';
import {
  OVERRIDE,
  readOverride,
} from '@switchyard/backstage-plugin-deploys-node';
import { Application } from '@switchyard/fleet-node';
import { applicationOf, applicationRow } from '../__testUtils__/applications';
import { createTestContext } from '../__testUtils__/createTestContext';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { createOverrideStep, createRemoveOverrideStep } from './overrideSteps';

const PLACE = { source: 0, tool: 'helm', name: 'image.tag' } as const;
const parameter = (value: string) => ({ name: 'image.tag', value });

function anApplication(
  parameters: Array<{ name: string; value: string }>,
  mark?: JsonObject,
): Application {
  const application = applicationOf({ reconciledAt: '2026-11-20T12:00:00Z' });
  return {
    ...application,
    metadata: {
      ...application.metadata,
      ...(mark && { annotations: { [OVERRIDE]: JSON.stringify(mark) } }),
    },
    spec: {
      ...application.spec,
      source: {
        repoURL: 'https://charts.example.com',
        chart: 'site',
        ...(parameters.length > 0 && { helm: { parameters } }),
      },
    },
  };
}

const markOf = (run: string, value: string) => ({
  ...PLACE,
  run,
  number: 7,
  at: '2026-11-20T12:00:00Z',
  version: value,
  entry: parameter(value),
  before: null,
  was: 'v1',
});

function start(
  application: Application,
  options: { input?: JsonObject; attempt?: number; confirmed?: string } = {},
) {
  const fleet = createTestFleet();
  fleet.rows.push(applicationRow());
  fleet.full.set('orders-blue', application);
  const patches: any[] = [];
  const unwanted = async (): Promise<never> => {
    throw new Error('This was not to be asked for');
  };
  const tools = {
    fleet: fleet.service,
    argoWriter: () => ({
      instance: 'main',
      sync: unwanted,
      create: unwanted,
      rollback: unwanted,
      terminate: unwanted,
      patch: async (_: unknown, patch: JsonObject) => {
        patches.push(patch);
        fleet.set(merge(fleet.full.get('orders-blue')!, patch));
        return fleet.full.get('orders-blue')!;
      },
    }),
  };
  const context = createTestContext({
    input: {
      application: {
        instance: 'main',
        namespace: 'argocd',
        name: 'orders-blue',
        project: 'storefront',
        multiSource: false,
        sourceIndex: 0,
      },
      cluster: 'prod-blue',
      place: PLACE,
      version: 'v2',
      before: null,
      after: parameter('v2'),
      was: 'v1',
      ...options.input,
    },
    attempt: options.attempt,
    ...(options.attempt && { reference: { change: 'x' } }),
    ...(options.confirmed && {
      confirmed: { by: 'user:default/dana', at: 'x', found: options.confirmed },
    }),
  });
  return {
    override: createOverrideStep(tools),
    remove: createRemoveOverrideStep(tools),
    context,
    patches,
    now: () => fleet.full.get('orders-blue')!,
  };
}

function merge(target: any, patch: any): any {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
    return patch;
  const result: any = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key] ?? {}, value);
  }
  return result;
}

it('sets the version, and keeps what was there, the run and all other entries', async () => {
  const other = { name: 'replicas', value: '2' };
  const { override, context, now } = start(
    anApplication([other, parameter('v1')]),
    { input: { before: parameter('v1') } },
  );
  await expect(override.run(context)).resolves.toEqual({
    output: { finishedAt: '2026-11-20T12:00:01.000Z' },
  });
  expect(now().spec.source?.helm?.parameters).toEqual([other, parameter('v2')]);
  expect(readOverride(now().metadata.annotations)).toMatchObject({
    run: 'run-1',
    version: 'v2',
    before: parameter('v1'),
    was: 'v1',
  });
  expect(context.changes).toMatchObject([
    {
      system: 'argocd',
      what: 'Helm parameter image.tag of Application orders-blue',
      before: 'image.tag=v1',
    },
  ]);
});

it('is found by what an earlier attempt has left', async () => {
  const application = anApplication([parameter('v2')], markOf('run-1', 'v2'));
  const { override, context, patches } = start(application, { attempt: 2 });
  await expect(override.adopt!(context)).resolves.toMatchObject({ output: {} });
  expect(patches).toEqual([]);
});

it('fails where somebody has changed it since this run', async () => {
  const application = anApplication([parameter('v3')], markOf('run-1', 'v2'));
  const { override, context } = start(application);
  await expect(override.run(context)).rejects.toMatchObject({
    name: 'StepFailedError',
    message: expect.stringContaining('to image.tag=v3 since this run set it'),
  });
});

it('parks where somebody has set something else since the preview, and goes on with a word about just that', async () => {
  const found =
    'Helm parameter image.tag of orders-blue was to go from nothing to image.tag=v2, and is image.tag=v3 by now';
  const { override, context, patches } = start(
    anApplication([parameter('v3')]),
  );
  const parked = { name: 'StepParkedError', message: found };
  await expect(override.run(context)).rejects.toMatchObject(parked);
  expect(patches).toEqual([]);
  const confirmed = start(anApplication([parameter('v3')]), {
    confirmed: found,
  });
  await confirmed.override.run(confirmed.context);
  expect(confirmed.patches).toHaveLength(1);
});

it('goes on where another run has set it, and remembers what was there before both', async () => {
  const { override, context, now } = start(
    anApplication([parameter('v1.5')], markOf('run-0', 'v1.5')),
  );
  await override.run(context);
  expect(readOverride(now().metadata.annotations)).toMatchObject({
    run: 'run-1',
    before: null,
    was: 'v1',
  });
});

it('takes the override away, and leaves nothing of it', async () => {
  const { remove, context, now } = start(
    anApplication([parameter('v2')], markOf('run-0', 'v2')),
    { input: { run: 'run-0' } },
  );
  await remove.run(context);
  expect(now().spec.source).toEqual({
    repoURL: 'https://charts.example.com',
    chart: 'site',
  });
  expect(now().metadata.annotations).toEqual({});
  // Once more there is nothing to do.
  await expect(remove.run(context)).resolves.toBeDefined();
});

it.each<[string, Application, string]>([
  [
    'another run',
    anApplication([parameter('v4')], markOf('run-9', 'v4')),
    'overridden again since the plan was made, by run #7',
  ],
  [
    'somebody',
    anApplication([parameter('v5')], markOf('run-0', 'v2')),
    'Somebody has set Helm parameter image.tag of orders-blue to image.tag=v5',
  ],
])(
  'parks the removal where %s has set something else',
  async (_, full, why) => {
    const { remove, context, patches } = start(full, {
      input: { run: 'run-0' },
    });
    await expect(remove.run(context)).rejects.toMatchObject({
      name: 'StepParkedError',
      message: expect.stringContaining(why),
    });
    expect(patches).toEqual([]);
  },
);

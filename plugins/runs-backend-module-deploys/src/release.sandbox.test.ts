import { Entity } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { EntityLookup } from '@switchyard/backstage-plugin-runs-node';
import { HotfixWorld, useHotfixWorld } from './__testUtils__/startHotfixWorld';

jest.setTimeout(120_000);

/** The services of the shared repository that Argo CD deploys, but those that are not in a fit state on purpose. */
const SERVICES = ['api', 'chat', 'match', 'push-android', 'push-ios'];
const refOf = (name: string) => `component:default/${name}`;

let world: HotfixWorld;
useHotfixWorld(started => {
  world = started;
});

/** What the catalog would make of the world's files. */
const DEPENDS_ON: Record<string, string[]> = { api: ['match'] };
const find: EntityLookup['find'] = async refs =>
  refs.map(ref => {
    const name = ref.replace(refOf(''), '');
    const entity: Entity | undefined = world.entity(name);
    return (
      entity && {
        ...entity,
        relations: (DEPENDS_ON[name] ?? []).map(other => ({
          type: 'dependsOn',
          targetRef: refOf(other),
        })),
      }
    );
  });
const system: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'System',
  metadata: { name: 'realtime', namespace: 'default' },
  relations: SERVICES.map(name => ({
    type: 'hasPart',
    targetRef: refOf(name),
  })),
};
const request = () => ({
  entity: system,
  environment: 'production',
  signal: AbortSignal.timeout(60_000),
});
const plan = async (input: JsonObject): Promise<RunPlan> => {
  const kind = world.kinds.get('release')!;
  return kind.plan(
    { ...request(), input: kind.inputSchema.parse(input) as JsonObject },
    { find },
  );
};

it('puts the hotfixes of all services into the order of what depends on what', async () => {
  const made = await plan({ version: 'v2.8.6' });
  expect(made.problems).toEqual([]);
  expect(made).toMatchObject({
    kind: 'release',
    title: 'Release v2.8.6 of 5 services to production',
    keys: [],
    intent: {
      version: 'v2.8.6',
      onFailure: 'stop',
      waves: [['chat', 'match', 'push-android', 'push-ios'], ['api']],
    },
  });
  expect(made.children!.map(child => [child.id, child.plan.kind])).toEqual(
    SERVICES.map(name => [name, 'hotfix']),
  );
  for (const child of made.children!)
    expect(child.plan.steps.map(({ handler }) => handler)).toContain('commit');
  expect(made.steps.map(({ id, needs, input }) => [id, needs, input])).toEqual([
    ['wave.1', [], { children: ['chat', 'match', 'push-android', 'push-ios'] }],
    ['wave.2', ['wave.1'], { children: ['api'] }],
  ]);
  expect(made.changes).toContainEqual(
    expect.objectContaining({ what: 'version of api', after: 'v2.8.6' }),
  );
});

it('goes on over a wave that has failed where that is wanted, and judges at the end', async () => {
  const { steps } = await plan({ version: 'v2.8.6', onFailure: 'go-on' });
  expect(steps.map(({ id, input }) => [id, input.goOn])).toEqual([
    ['wave.1', true],
    ['wave.2', true],
    ['outcome', undefined],
  ]);
});

it('names every image that is missing before anything is touched', async () => {
  const made = await plan({ version: 'v2.8.2' });
  expect(made.problems).toEqual([
    {
      what: 'Images are missing',
      why: 'The registry has no v2.8.2 of match',
      field: 'version',
    },
  ]);
  expect(made.steps).toEqual([]);
  const none = await plan({ version: 'v9.9.9' });
  expect(none.problems).toMatchObject([
    { why: `The registry has no v9.9.9 of ${SERVICES.join(', ')}` },
  ]);
});

it('ships services of other systems too, whether or not an Application deploys them', async () => {
  const services = [...SERVICES, 'settlement', 'gateway'].map(refOf);
  const lacking = await plan({ version: 'v2.8.2', services });
  expect(lacking.problems).toMatchObject([
    {
      what: 'Images are missing',
      why: 'The registry has no v2.8.2 of match',
    },
  ]);
  const made = await plan({ version: 'v2.8.6', services });
  expect(made).toMatchObject({
    problems: [],
    title: 'Release v2.8.6 of 7 services to production',
  });
  expect(made.steps.map(({ input }) => input.children)).toEqual([
    ['chat', 'gateway', 'match', 'push-android', 'push-ios', 'settlement'],
    ['api'],
  ]);
});

it('finds the next version by the title of a pull request', async () => {
  const made = await plan({ title: 'Matches across regions [minor]' });
  expect(made.intent.version).toBe('v2.9.0');
  expect(made.problems).toMatchObject([{ what: 'Images are missing' }]);
});

it('leaves out what has the version, and says so of all', async () => {
  const [{ plan: own }] = (
    await plan({ version: 'v2.8.6', services: [refOf('chat')] })
  ).children!;
  const running = own.changes.find(({ before }) => before !== undefined)!
    .before!;
  const version = running.replace(/^.*:chat_/, '');
  const made = await plan({
    version,
    services: [refOf('chat'), refOf('intruder')],
  });
  expect(made.problems).toMatchObject([
    {
      what: 'Not all can be shipped',
      why: expect.stringContaining('intruder'),
    },
  ]);
  expect(made.warnings).toMatchObject([{ what: 'chat is left out' }]);
  expect(
    (await plan({ version, services: [refOf('chat')] })).problems,
  ).toMatchObject([{ what: 'Nothing to change' }]);
});

it.each<[string, JsonObject]>([
  ['neither version nor title', {}],
  ['both', { version: 'v1', title: 'x' }],
  ['a version that is none', { version: 'a b' }],
  ['no component', { version: 'v1', services: ['group:default/a'] }],
  ['no full ref', { version: 'v1', services: ['orders'] }],
  ['nothing to release', { version: 'v1', services: [] }],
])('takes no input with %s', async (_, input) => {
  expect(world.kinds.get('release')!.inputSchema.safeParse(input).success).toBe(
    false,
  );
});

it('refuses what is not in the catalog, or not to be seen there', async () => {
  await expect(
    plan({ version: 'v2.8.6', services: [refOf('nothing')] }),
  ).rejects.toThrow('there is no component:default/nothing');
});

it('lists services and versions to choose from, and what each version lacks', async () => {
  const kind = world.kinds.get('release')!;
  expect(kind.environments(system)).toContain('production');
  expect(kind.environments(world.entity('orders'))).toEqual([]);
  const choices = (await kind.choices!(request(), { find })) as any;
  expect(choices.services.map((each: any) => each.name)).toEqual(SERVICES);
  expect(choices.services[0].current).toEqual([
    expect.stringMatching(/^v2\.8\./),
  ]);
  expect(choices.versions[0]).toEqual({ version: 'v2.8.11', missing: [] });
  expect(choices.versions).toContainEqual({
    version: 'v2.8.2',
    missing: ['match'],
  });
  expect(choices.notReadable).toEqual([]);
});

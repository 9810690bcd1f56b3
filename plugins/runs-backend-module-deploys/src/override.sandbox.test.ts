import { readOverride } from '@switchyard/backstage-plugin-deploys-node';
import {
  HotfixWorld,
  playPlan,
  useHotfixWorld,
} from './__testUtils__/startHotfixWorld';

// A world of processes, clusters and time.
jest.setTimeout(180_000);

let world: HotfixWorld;
useHotfixWorld(
  started => {
    world = started;
  },
  { withEdge: true },
);

const STATUS_PAGE = { name: 'status-page', environment: 'development' };
const ID = { instance: 'edge', namespace: 'teams', name: 'status-page-dev' };

async function readFull() {
  const opened = await world.fleet.openApplication(ID, {
    signal: AbortSignal.timeout(30_000),
  });
  try {
    return opened.current();
  } finally {
    opened.close();
  }
}

/** The versions that the Deployment and its pods have. */
const running = () => [
  ...new Set(
    [
      ...world.fleet.workloads({ cluster: 'dev', name: 'status-page-dev' }),
      ...world.fleet
        .pods({ cluster: 'dev', namespace: 'platform' })
        .filter(
          ({ name, deletedAt }) => /^status-page/.test(name) && !deletedAt,
        ),
    ].flatMap(({ containers }) =>
      containers.map(({ image }) => image.split(':').at(-1)),
    ),
  ),
];

/** Somebody changes the parameters of the Application in Argo CD. */
async function setParameter(value: string): Promise<void> {
  const { url, token } = world.sandbox.edgeArgocd;
  const parameters = [{ name: 'image.tag', value }];
  const response = await fetch(`${url}/api/v1/applications/${ID.name}`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      name: ID.name,
      appNamespace: ID.namespace,
      patchType: 'merge',
      patch: JSON.stringify({ spec: { source: { helm: { parameters } } } }),
    }),
  });
  expect([response.status, await response.json()]).toMatchObject([200, {}]);
}

it('overrides the version of a chart of somebody else, says so in the Application, and takes it away again', async () => {
  const [before] = running();
  const plan = await world.planOf(
    'override',
    { version: 'v1.9.4' },
    STATUS_PAGE,
  );
  expect(plan).toMatchObject({
    title: 'Override with v1.9.4 in dev',
    problems: [],
    changes: [
      {
        system: 'argocd',
        what: 'Helm parameter image.tag of Application status-page-dev',
        before: 'nothing',
        after: 'image.tag=v1.9.4',
      },
      { system: 'kubernetes', cluster: 'dev' },
    ],
  });
  expect(plan.warnings.map(({ what }) => what)).toContain(
    'Git says something else',
  );
  const { errors } = await playPlan(world, plan, { runId: 'run-override' });
  expect(errors).toEqual({});
  expect(running()).toEqual(['v1.9.4']);
  expect(readOverride((await readFull()).metadata.annotations)).toMatchObject({
    run: 'run-override',
    version: 'v1.9.4',
    before: null,
    was: before,
  });

  const removal = await world.planOf('remove-override', {}, STATUS_PAGE);
  expect(removal).toMatchObject({
    problems: [],
    changes: [
      {
        before: expect.stringMatching(/^image\.tag=v1\.9\.4, by run #1 since/),
        after: expect.stringContaining('what Git says'),
      },
    ],
  });
  expect(
    world.kinds
      .get('remove-override')!
      .environments(world.entity('status-page')),
  ).toEqual(['development']);
  const removed = await playPlan(world, removal, { runId: 'run-removed' });
  expect(removed.errors).toEqual({});
  const { metadata, spec } = await readFull();
  expect(readOverride(metadata.annotations)).toBeUndefined();
  expect(spec.source?.helm?.parameters).toBeUndefined();
  await world.fleet.until(
    () => (running().join() === before ? true : undefined),
    { signal: AbortSignal.timeout(60_000) },
  );
});

it('parks where somebody has changed the Application since the preview', async () => {
  const plan = await world.planOf(
    'override',
    { version: 'v1.9.4' },
    STATUS_PAGE,
  );
  await setParameter('v1.9.3');
  const { errors } = await playPlan(world, plan, { runId: 'run-parked' });
  expect(errors).toEqual({
    'override.status-page-dev': expect.objectContaining({
      name: 'StepParkedError',
      message:
        'Helm parameter image.tag of status-page-dev was to go from nothing to image.tag=v1.9.4, and is image.tag=v1.9.3 by now',
    }),
  });
});

it('refuses what is made by something else, and what Git can be changed for', async () => {
  const whats = async (name: string) => {
    const { problems, steps } = await world.planOf(
      'override',
      { version: name === 'orders' ? 'v5.3.25' : 'v1.9.4' },
      { name, environment: 'production' },
    );
    expect(steps).toEqual([]);
    return problems.map(({ what }) => what);
  };
  expect(await whats('status-page')).toContain('The Application is generated');
  // One is a kustomization that the portal may push to, the other is plain.
  expect(await whats('orders')).toContain('Argo CD cannot override it');
  expect((await world.counts()).unimplemented).toEqual({});
});

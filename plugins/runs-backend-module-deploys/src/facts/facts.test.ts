import { ConfigReader } from '@backstage/config';
import { Entity } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import { FactRequest } from '@switchyard/backstage-plugin-runs-node';
import { ArgoCdError, readSwitchyardConfig } from '@switchyard/fleet-node';
import { applicationRow } from '../__testUtils__/applications';
import {
  createTestFleet,
  NO_WINDOWS,
  TestFleet,
} from '../__testUtils__/createTestFleet';
import { createClusterSource } from './clusterSource';
import { createConsentSource } from './consentSource';
import { ReadingTimes } from './ReadingCache';
import {
  createSyncWindowCache,
  createSyncWindowSource,
  SyncWindowCache,
} from './syncWindowSource';

const config = readSwitchyardConfig(
  new ConfigReader({
    switchyard: {
      environments: [
        { name: 'production', match: [{ cluster: ['prod-blue'] }] },
        { name: 'development', match: [{ cluster: ['dev'] }] },
      ],
    },
  }),
);

function component(name: string, annotations: Record<string, string>): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default', annotations },
  };
}

const orders = component('orders', {
  'argocd/app-selector': 'backstage-name=orders',
});
const intruder = component('intruder', { 'argocd/app-name': 'orders-blue' });

function requestOf(
  entity: Entity,
  overrides: Partial<FactRequest> = {},
): FactRequest {
  return {
    entity,
    environment: 'production',
    action: 'hotfix',
    signal: new AbortController().signal,
    ...overrides,
  };
}

function planFor(name: string): FactRequest['plan'] {
  return {
    kind: 'hotfix',
    version: 1,
    keys: [],
    intent: {
      targets: [
        { application: { instance: 'main', namespace: 'argocd', name } },
      ],
    },
  };
}

const caches: SyncWindowCache[] = [];

function start(times: Partial<ReadingTimes> = {}): {
  fleet: TestFleet;
  consent: ReturnType<typeof createConsentSource>;
  windows: ReturnType<typeof createSyncWindowSource>;
} {
  const fleet = createTestFleet();
  for (const name of ['prod-blue', 'dev'])
    fleet.clusters.push({
      name,
      url: `https://${name}`,
      state: 'live',
      since: '2026-11-20T10:00:00Z',
      kinds: [],
    });
  fleet.rows.push(
    applicationRow(),
    applicationRow({ name: 'orders-dev', destination: { name: 'dev' } }),
  );
  const cache = createSyncWindowCache({ fleet: fleet.service, times });
  caches.push(cache);
  return {
    fleet,
    consent: createConsentSource({
      fleet: fleet.service,
      config,
      actions: ['hotfix'],
    }),
    windows: createSyncWindowSource({
      fleet: fleet.service,
      config,
      cache,
      actions: ['hotfix'],
    }),
  };
}

afterEach(() => {
  for (const cache of caches.splice(0)) cache.stop();
});

describe('consent', () => {
  it('is a fact about each Application of the environment, from memory', async () => {
    const { fleet, consent } = start();
    await expect(consent.read(requestOf(orders))).resolves.toEqual({
      state: 'read',
      asOf: fleet.rows[0].observedAt,
      facts: [
        {
          type: 'consent',
          ref: 'Application argocd/orders-blue',
          given: true,
          why: expect.stringContaining('names this entity'),
        },
      ],
    });
    await expect(
      consent.read(requestOf(orders, { environment: 'development' })),
    ).resolves.toMatchObject({
      facts: [{ ref: 'Application argocd/orders-dev' }],
    });
    expect(fleet.calls).toEqual([]);
  });

  it('is not given to an entity that only names the Application', async () => {
    const { consent } = start();
    await expect(consent.read(requestOf(intruder))).resolves.toMatchObject({
      facts: [
        {
          ref: 'Application argocd/orders-blue',
          given: false,
          why: expect.stringContaining('backstage.io/entity-ref'),
        },
      ],
    });
  });

  it('is asked of what the plan names too, also when that has changed or gone since', async () => {
    const { fleet, consent } = start();
    fleet.rows[0] = applicationRow({ labels: {}, annotations: {} });
    await expect(
      consent.read(requestOf(orders, { plan: planFor('orders-blue') })),
    ).resolves.toMatchObject({
      facts: [{ ref: 'Application argocd/orders-blue', given: false }],
    });
    await expect(
      consent.read(requestOf(orders, { plan: planFor('gone') })),
    ).resolves.toMatchObject({
      facts: expect.arrayContaining([
        {
          type: 'consent',
          ref: 'Application argocd/gone',
          given: false,
          why: expect.stringContaining('no longer has'),
        },
      ]),
    });
  });

  it('is not readable before Argo CD was heard of', async () => {
    const { fleet, consent } = start();
    fleet.instances[0] = {
      name: 'main',
      state: 'connecting',
      since: '2026-11-20T10:00:00Z',
      applications: 0,
    };
    await expect(consent.read(requestOf(orders))).resolves.toMatchObject({
      state: 'not-readable',
      why: expect.stringContaining('main'),
    });
  });
});

describe('sync windows', () => {
  const closed = {
    canSync: false,
    activeWindows: [
      { kind: 'deny' as const, schedule: '* * * * *', duration: '1h' },
    ],
    assignedWindows: [],
  };

  it('cost Argo CD nothing for cards, once they are known', async () => {
    const { fleet, windows } = start();
    for (let view = 0; view < 50; view++) {
      await expect(windows.read(requestOf(orders))).resolves.toMatchObject({
        state: 'read',
        facts: [
          {
            type: 'sync-window',
            ref: 'Application argocd/orders-blue',
            open: true,
          },
        ],
      });
    }
    expect(fleet.calls).toEqual(['windows orders-blue']);
  });

  it('are kept fresh in the background while somebody looks', async () => {
    const { fleet, windows } = start({ refreshMs: 30 });
    await windows.read(requestOf(orders));
    fleet.windows = closed;
    await new Promise(resolve => setTimeout(resolve, 120));
    await expect(windows.read(requestOf(orders))).resolves.toMatchObject({
      facts: [
        {
          open: false,
          why: expect.stringMatching(
            /deny window is active.*project storefront/,
          ),
        },
      ],
    });
    const asked = fleet.calls.length;
    expect(asked).toBeGreaterThan(1);
  });

  it('are forgotten when nobody looks any more', async () => {
    const { fleet, windows } = start({ refreshMs: 20, forgetMs: 50 });
    await windows.read(requestOf(orders));
    await new Promise(resolve => setTimeout(resolve, 150));
    const asked = fleet.calls.length;
    await new Promise(resolve => setTimeout(resolve, 80));
    expect(fleet.calls).toHaveLength(asked);
  });

  it('are read anew before an effect', async () => {
    const { fleet, windows } = start();
    jest.useFakeTimers({
      doNotFake: [
        'setImmediate',
        'nextTick',
        'queueMicrotask',
        'setTimeout',
        'clearTimeout',
      ],
      now: Date.now(),
    });
    try {
      const plan = planFor('orders-blue');
      await windows.read(requestOf(orders, { plan }));
      jest.setSystemTime(Date.now() + 10_000);
      fleet.windows = closed;
      await expect(windows.read(requestOf(orders))).resolves.toMatchObject({
        facts: [{ open: true }],
      });
      await expect(
        windows.read(requestOf(orders, { plan })),
      ).resolves.toMatchObject({ facts: [{ open: false }] });
    } finally {
      jest.useRealTimers();
    }
  });

  it('are judged as Argo CD will start the sync: by itself where auto-sync is on', async () => {
    const { fleet, windows } = start();
    fleet.windows = { ...closed, canSync: true };
    await expect(windows.read(requestOf(orders))).resolves.toMatchObject({
      facts: [{ open: true }],
    });
    fleet.rows[0] = applicationRow({
      autoSync: { enabled: true, prune: false, selfHeal: false },
    });
    await expect(windows.read(requestOf(orders))).resolves.toMatchObject({
      facts: [{ open: false }],
    });
  });

  it('are not readable when Argo CD does not answer, and readable again afterwards', async () => {
    const { fleet, windows } = start();
    fleet.windows = new ArgoCdError({
      kind: 'unreachable',
      instance: 'main',
      message: 'Argo CD main cannot be reached',
    });
    await expect(windows.read(requestOf(orders))).resolves.toEqual({
      state: 'not-readable',
      why: 'Argo CD main cannot be reached',
    });
    fleet.windows = NO_WINDOWS;
    await expect(windows.read(requestOf(orders))).resolves.toMatchObject({
      state: 'read',
    });
  });

  it('let a caller go that has no more time', async () => {
    const { fleet, windows } = start();
    const asking = fleet.service.argo('main');
    fleet.service.argo = () =>
      ({ ...asking, syncWindows: () => new Promise(() => undefined) } as any);
    const leaving = new AbortController();
    const reading = windows.read(requestOf(orders, { signal: leaving.signal }));
    leaving.abort(new Error('late'));
    await expect(reading).rejects.toThrow('late');
  });
});

describe('clusters', () => {
  const read = async (
    request: FactRequest,
    arrange: (fleet: TestFleet) => void = () => {},
  ) => {
    const { fleet } = start();
    arrange(fleet);
    const reading = await createClusterSource({
      fleet: fleet.service,
      config,
      actions: ['hotfix'],
    }).read(request);
    return reading.state === 'read' ? reading.facts : reading;
  };

  it('are those that the target runs in, in its environment', async () => {
    expect(await read(requestOf(orders))).toEqual([
      { type: 'cluster', name: 'prod-blue' },
    ]);
    expect(
      await read(requestOf(orders, { environment: 'development' })),
    ).toEqual([{ type: 'cluster', name: 'dev' }]);
  });

  it('are with a plan those that it names, and no others', async () => {
    expect(
      await read(requestOf(orders, { plan: planFor('orders-dev') })),
    ).toEqual([{ type: 'cluster', name: 'dev' }]);
    const restart = (intent: JsonObject) =>
      read(requestOf(orders, { plan: { ...planFor('x')!, intent } }));
    expect(
      await restart({ targets: [{ workload: { cluster: 'prod-green' } }] }),
    ).toEqual([{ type: 'cluster', name: 'prod-green' }]);
    // An Application that is still to be created.
    const application = { instance: 'main', namespace: 'argocd', name: 'new' };
    expect(
      await restart({ targets: [{ application, cluster: 'prod-green' }] }),
    ).toEqual([{ type: 'cluster', name: 'prod-green' }]);
    // What does not say where may be anywhere.
    expect(await restart({})).toEqual([{ type: 'cluster', name: 'prod-blue' }]);
  });

  it('are called as Argo CD calls them where they cannot be joined', async () => {
    const facts = await read(
      requestOf(orders, { plan: planFor('orders-far') }),
      fleet =>
        fleet.rows.push(
          applicationRow({
            name: 'orders-far',
            destination: { name: 'far-away' },
          }),
        ),
    );
    expect(facts).toContainEqual({ type: 'cluster', name: 'far-away' });
  });
});

import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { SwitchyardConfig } from '@switchyard/fleet-node';
import { DeploymentAuthorizer } from '../service/DeploymentAuthorizer';
import { RECHECK_MS } from '../service/StandingRight';
import {
  applicationRow,
  deploymentRow,
  LIVE_VERSION,
  orders,
  ordersFleet,
  targetsConfig,
} from '../tests/ordersWorld';
import { AuthorizedPodService } from './AuthorizedPodService';
import { DefaultPodService } from './DefaultPodService';
import { LogSlots } from './LogSlots';

const CLUSTER = 'prod-blue';
/** Consent that stays, so that only the mapping decides. */
const bound: SwitchyardConfig = {
  ...targetsConfig,
  bindings: [
    {
      target: { cluster: CLUSTER, namespace: 'storefront' },
      to: { entity: 'component:default/orders' },
    },
  ],
};

/** Follows the log of `orders`, which says nothing. */
async function follow(config: SwitchyardConfig) {
  const fleet = ordersFleet({ clusters: [CLUSTER], podsPerCluster: 2 });
  fleet.podLogs = async ({ signal }) =>
    (async function* silent(): AsyncGenerator<string> {
      await new Promise<void>(resolve => {
        signal.addEventListener('abort', () => resolve());
      });
    })();
  const world = { entity: orders as Entity };
  const catalog = catalogServiceMock.mock({
    getEntityByRef: async () => world.entity,
  });
  const service = AuthorizedPodService.create({
    delegate: DefaultPodService.create({
      catalog,
      fleet,
      config,
      logger: mockServices.logger.mock(),
      slots: new LogSlots(),
    }),
    authorizer: {
      decide: async () => ({
        mayReadSomeLogs: true,
        judgeLogs: () => ({ allowed: true }),
      }),
    } as unknown as DeploymentAuthorizer,
  });
  const reader = new AbortController();
  const lines = await service.openMergedLog(
    {
      entityRef: { kind: 'component', namespace: 'default', name: 'orders' },
      cluster: CLUSTER,
      namespace: 'storefront',
      workload: { kind: 'Deployment', name: 'orders' },
      pods: [],
      previous: false,
      follow: true,
      timestamps: true,
      tailLines: 10,
    },
    { credentials: mockCredentials.user(), signal: reader.signal },
  );
  const log = { end: 'none' };
  const all = (async () => {
    for await (const _ of lines);
  })().then(
    () => {
      log.end = 'its reader left';
    },
    (error: Error) => {
      log.end = `${error.name}: ${error.message}`;
    },
  );
  await jest.advanceTimersByTimeAsync(1000);
  return { fleet, world, reader, log, all };
}

describe('the followed log of a workload', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    const left = jest.getTimerCount();
    jest.useRealTimers();
    if (left > 0) throw new Error(`${left} timers were left`);
  });

  it('ends at once when its Application takes consent back', async () => {
    const { fleet, log, all } = await follow(targetsConfig);
    const row = applicationRow(CLUSTER, { annotations: {} });
    fleet.applicationRows[0] = row;
    fleet.ring({ type: 'application', row, deleted: false });
    await jest.advanceTimersByTimeAsync(1000);
    await all;
    expect(log.end).toBe(
      'NotAllowedError: These logs may not be read any more',
    );
    expect(fleet.listenerCount).toBe(0);
  });

  it('ends within five minutes when consent was taken back unheard', async () => {
    const { fleet, log, all } = await follow(targetsConfig);
    fleet.applicationRows[0] = applicationRow(CLUSTER, { annotations: {} });
    await jest.advanceTimersByTimeAsync(RECHECK_MS);
    await all;
    expect(log.end).toMatch(
      /^NotAllowedError: Deployment storefront\/orders does not name this entity/,
    );
  });

  it('ends within five minutes when the entity does not name it any more', async () => {
    const { fleet, world, log, all } = await follow(bound);
    fleet.applicationRows.length = 0;
    const annotations = { 'backstage.io/kubernetes-id': 'another' };
    world.entity = { ...orders, metadata: { ...orders.metadata, annotations } };
    await jest.advanceTimersByTimeAsync(RECHECK_MS);
    await all;
    expect(log.end).toBe(
      "NotAllowedError: Deployment storefront/orders in cluster prod-blue is none of this entity's any more",
    );
  });

  it('ends within five minutes when it lost its label, not when it is made anew', async () => {
    const { fleet, log, all } = await follow(bound);
    fleet.applicationRows.length = 0;
    const pods = fleet.podRows.splice(0);
    fleet.workloadRows.length = 0;
    fleet.replicaSetRows.length = 0;
    await jest.advanceTimersByTimeAsync(RECHECK_MS);
    expect(log.end).toBe('none');
    const row = deploymentRow(CLUSTER, LIVE_VERSION, 2, { labels: {} });
    fleet.workloadRows.push(row);
    fleet.podRows.push(...pods.map(pod => ({ ...pod, labels: {} })));
    fleet.ring({
      type: 'object',
      kind: 'Deployment',
      cluster: CLUSTER,
      row,
      deleted: false,
    });
    await jest.advanceTimersByTimeAsync(RECHECK_MS);
    await all;
    expect(log.end).toMatch(
      /^NotAllowedError: .* is none of this entity's any more$/,
    );
  });

  it('goes on while nothing was taken', async () => {
    const { reader, log, all } = await follow(targetsConfig);
    await jest.advanceTimersByTimeAsync(3 * RECHECK_MS);
    expect(log.end).toBe('none');
    reader.abort();
    await all;
    expect(log.end).toBe('its reader left');
  });
});

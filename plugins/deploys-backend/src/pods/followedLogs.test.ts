import { mockCredentials } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import { AuthorizedDeployStateService } from '../service/AuthorizedDeployStateService';
import { DeploymentAuthorizer } from '../service/DeploymentAuthorizer';
import { RECHECK_MS } from '../service/StandingRight';
import { UncheckedDeployStateService } from '../service/types';
import { orders } from '../tests/ordersWorld';
import { AuthorizedPodService } from './AuthorizedPodService';
import { FoundWorkload, UncheckedPodService } from './types';

const PLACE = { environment: 'production', cluster: 'prod-blue' };
const REQUEST = {
  entityRef: { kind: 'component', namespace: 'default', name: 'orders' },
  cluster: 'prod-blue',
  namespace: 'storefront',
  previous: false,
  follow: true,
  timestamps: true,
  tailLines: 10,
};
const { signal } = new AbortController();
const call = { credentials: mockCredentials.user(), signal };

async function* untilAborted(within: AbortSignal) {
  yield 'one';
  await new Promise<void>(resolve => {
    within.addEventListener('abort', () => resolve());
  });
}

/** What a person may and what the catalog has, as a test makes it. */
function setUp() {
  const world = { mayRead: true, isVisible: true, entity: orders as Entity };
  const authorizer = {
    decide: jest.fn(async () => ({
      mayReadSomeLogs: true,
      judgeLogs: () => ({
        ...PLACE,
        visible: true,
        allowed: world.mayRead,
        why: 'It is owned by others',
      }),
    })),
  };
  const loadEntity = jest.fn(async (..._: unknown[]) => {
    if (!world.isVisible) throw new NotFoundError('The catalog has none');
    return world.entity;
  });
  let found: FoundWorkload | undefined;
  const pods: Partial<UncheckedPodService> = {
    loadEntity,
    findWorkload: async (_request, { check }) => {
      check(world.entity, PLACE);
      found = { ...PLACE, entity: world.entity };
      return found;
    },
    requireWorkload: () => {},
    openMergedLog: async (_found, _request, options) =>
      untilAborted(options.signal),
  };
  const deploys: Partial<UncheckedDeployStateService> = {
    findPod: async (_request, options) => {
      const entity = await loadEntity(REQUEST.entityRef, options);
      options.check(entity, PLACE);
      const { namespace } = REQUEST;
      return { ...PLACE, entity, namespace, pod: 'a', container: 'orders' };
    },
    openLog: async (_found, _how, options) => ({
      container: 'orders',
      lines: untilAborted(options.signal),
    }),
  };
  const options = {
    authorizer: authorizer as unknown as DeploymentAuthorizer,
  };
  const ofPods = AuthorizedPodService.create({
    ...options,
    delegate: pods as UncheckedPodService,
  });
  const ofDeploys = AuthorizedDeployStateService.create({
    ...options,
    delegate: deploys as UncheckedDeployStateService,
  });
  const workload = { kind: 'Deployment', name: 'orders' };
  const open = {
    'a workload': () =>
      ofPods.openMergedLog({ ...REQUEST, workload, pods: [] }, call),
    'a pod': async () =>
      (await ofDeploys.openLog({ ...REQUEST, pod: 'a' }, call)).lines,
  };
  return { world, authorizer, loadEntity, open, found: () => found! };
}

async function readAll(lines: AsyncIterable<string>): Promise<string> {
  const read: string[] = [];
  try {
    for await (const line of lines) read.push(line);
  } catch (error) {
    read.push(`${(error as Error).name}: ${(error as Error).message}`);
  }
  return read.join(', ');
}

describe.each(['a workload', 'a pod'] as const)(
  'the followed log of %s',
  what => {
    beforeEach(() => {
      jest.useFakeTimers();
    });
    afterEach(() => {
      jest.useRealTimers();
    });

    it.each([
      ['the permission', { mayRead: false }, 'It is owned by others'],
      ['the entity', { isVisible: false }, 'The catalog has none'],
    ])(
      'ends within five minutes after %s was taken away',
      async (_, change, why) => {
        const { world, authorizer, loadEntity, open } = setUp();
        const all = readAll(await open[what]());
        await jest.advanceTimersByTimeAsync(3 * RECHECK_MS);
        expect(authorizer.decide).toHaveBeenCalledTimes(4);
        Object.assign(world, change);
        await jest.advanceTimersByTimeAsync(RECHECK_MS);
        await expect(all).resolves.toBe(`one, NotAllowedError: ${why}`);
        // With the reader's own credentials each time.
        for (const [, options] of loadEntity.mock.calls) {
          expect(options).toMatchObject({ credentials: call.credentials });
        }
        expect(jest.getTimerCount()).toBe(0);
      },
    );
  },
);

it('goes by the entity as it is now', async () => {
  jest.useFakeTimers();
  const { world, open, found } = setUp();
  const lines = await open['a workload']();
  world.entity = { ...orders, spec: { owner: 'group:default/realtime' } };
  await jest.advanceTimersByTimeAsync(RECHECK_MS);
  expect(found().entity).toBe(world.entity);
  world.mayRead = false;
  const all = readAll(lines);
  await jest.advanceTimersByTimeAsync(RECHECK_MS);
  await all;
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

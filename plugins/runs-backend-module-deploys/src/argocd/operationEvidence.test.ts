import { Application } from '@switchyard/fleet-node';
import {
  applicationOf,
  historyEntry,
  operationState,
} from '../__testUtils__/applications';
import { findEvidence } from './operationEvidence';
import { RUN_INFO } from './operationIdentity';

const PLACE = { sourceIndex: 0, multiSource: false };
const OURS = [{ name: RUN_INFO, value: 'run-1' }];
// 'new' is a later commit of somebody else, on top of ours.
const contains = async (revision: string) =>
  revision === 'ours' || revision === 'new';

function look(
  application: Application,
  options: { isOld?: boolean; place?: typeof PLACE } = {},
) {
  return findEvidence(application, options.place ?? PLACE, {
    runId: 'run-1',
    contains,
    isOld: options.isOld ?? false,
    requestedAt: '2026-11-20T12:00:00Z',
  });
}

describe('findEvidence', () => {
  it.each<[string, Application, object]>([
    ['nothing happened', applicationOf(), { state: 'none' }],
    [
      'the last operation is of an older revision',
      applicationOf({
        state: operationState('Succeeded', 'old'),
        history: [historyEntry('old')],
      }),
      { state: 'none' },
    ],
    [
      'ours was asked for, and has not begun',
      applicationOf({ operation: { sync: {}, info: OURS } }),
      { state: 'running', mine: true, operation: undefined },
    ],
    [
      'ours was asked for, with the state of the one before still there',
      applicationOf({
        operation: { sync: { revision: 'ours' }, info: OURS },
        state: operationState('Failed', 'old'),
      }),
      { state: 'running', mine: true, operation: undefined },
    ],
    [
      'somebody’s was asked for, of a revision that is not known yet',
      applicationOf({ operation: { sync: {} } }),
      { state: 'busy' },
    ],
    [
      'an automated one with our commit runs',
      applicationOf({
        state: operationState('Running', 'ours', { automated: true }),
      }),
      { state: 'running', mine: false },
    ],
    [
      'one with a later commit runs',
      applicationOf({ state: operationState('Running', 'new') }),
      { state: 'running', mine: false },
    ],
    [
      'ours is in the history already, and says Running for another moment',
      applicationOf({
        operation: { sync: { revision: 'ours' }, info: OURS },
        state: operationState('Running', 'ours', { info: OURS }),
        history: [historyEntry('ours')],
      }),
      { state: 'running', mine: true },
    ],
    [
      'ours waits to try again',
      applicationOf({
        state: operationState('Running', 'ours', {
          info: OURS,
          finishedAt: '2026-11-20T12:00:05Z',
          retryCount: 1,
        }),
      }),
      { state: 'running', mine: true },
    ],
    [
      'an older revision is being synced',
      applicationOf({ state: operationState('Running', 'old') }),
      { state: 'busy' },
    ],
    [
      'one is being stopped',
      applicationOf({ state: operationState('Terminating', 'old') }),
      { state: 'busy' },
    ],
    [
      'a part is being synced',
      applicationOf({
        state: operationState('Running', 'ours', {
          operation: {
            sync: {
              revision: 'ours',
              resources: [{ kind: 'Deployment', name: 'orders' }],
            },
          },
        }),
      }),
      { state: 'busy' },
    ],
    [
      'only a part was synced',
      applicationOf({
        state: operationState('Succeeded', 'ours', {
          operation: {
            sync: {
              revision: 'ours',
              resources: [{ kind: 'Deployment', name: 'orders' }],
            },
          },
        }),
      }),
      { state: 'none' },
    ],
    [
      'it was only tried',
      applicationOf({
        state: operationState('Succeeded', 'ours', {
          operation: { sync: { revision: 'ours', dryRun: true } },
        }),
      }),
      { state: 'none' },
    ],
    [
      'ours succeeded',
      applicationOf({
        state: operationState('Succeeded', 'ours', { info: OURS }),
      }),
      {
        state: 'done',
        revision: 'ours',
        by: 'portal',
        finishedAt: '2026-11-20T12:00:05Z',
        why: expect.stringContaining('id of this run'),
      },
    ],
    [
      'an automated one succeeded',
      applicationOf({
        state: operationState('Succeeded', 'ours', { automated: true }),
      }),
      { state: 'done', by: 'automated' },
    ],
    [
      'ours failed',
      applicationOf({
        state: operationState('Failed', 'ours', { info: OURS }),
      }),
      { state: 'failed', mine: true },
    ],
    [
      'ours could not even be compared',
      applicationOf({
        state: operationState('Error', undefined, {
          info: OURS,
          syncResult: undefined,
        }),
      }),
      { state: 'failed', mine: true },
    ],
    [
      'an automated one failed',
      applicationOf({
        state: operationState('Error', 'ours', { automated: true }),
      }),
      { state: 'failed', mine: false },
    ],
    [
      'a failed one is of another revision',
      applicationOf({ state: operationState('Failed', 'old') }),
      { state: 'none' },
    ],
    [
      'the history names it',
      applicationOf({
        history: [historyEntry('old'), historyEntry('ours', { id: 2 })],
      }),
      {
        state: 'done',
        revision: 'ours',
        by: 'automated',
        finishedAt: '2026-11-20T12:00:04Z',
      },
    ],
    [
      'a self-heal has replaced the operation',
      applicationOf({
        history: [historyEntry('ours')],
        state: operationState('Succeeded', 'ours', {
          operation: {
            sync: {
              revision: 'ours',
              resources: [{ kind: 'Deployment', name: 'x' }],
            },
          },
        }),
      }),
      { state: 'done', finishedAt: '2026-11-20T12:00:05Z' },
    ],
    [
      'somebody syncs a later commit now',
      applicationOf({
        history: [historyEntry('ours')],
        state: operationState('Running', 'new', {
          startedAt: '2026-11-20T12:01:00Z',
        }),
      }),
      { state: 'done', revision: 'ours' },
    ],
    [
      'it was rolled back since',
      applicationOf({
        history: [historyEntry('ours'), historyEntry('old', { id: 2 })],
      }),
      { state: 'done', revision: 'ours' },
    ],
  ])('when %s', async (_, application, expected) => {
    await expect(look(application)).resolves.toMatchObject(expected);
  });

  it('lets an old commit count only if it was deployed last', async () => {
    const deployed = applicationOf({
      history: [historyEntry('old'), historyEntry('ours', { id: 2 })],
    });
    const rolledBack = applicationOf({
      history: [historyEntry('ours'), historyEntry('old', { id: 2 })],
    });
    await expect(look(deployed, { isOld: true })).resolves.toMatchObject({
      state: 'done',
    });
    await expect(look(rolledBack, { isOld: true })).resolves.toEqual({
      state: 'none',
    });
  });

  it('does not ask Git about what was deployed long before', async () => {
    const asked: string[] = [];
    const old = historyEntry('ours', { deployedAt: '2026-11-19T12:00:00Z' });
    const question = {
      runId: 'run-1',
      contains: async (revision: string) => asked.push(revision) > 0,
      isOld: false,
      requestedAt: '2026-11-20T12:00:00Z',
    };
    await expect(
      findEvidence(applicationOf({ history: [old] }), PLACE, question),
    ).resolves.toEqual({ state: 'none' });
    expect(asked).toEqual([]);
  });

  it('looks at the source that carries the commit', async () => {
    const place = { sourceIndex: 1, multiSource: true };
    const state = operationState('Succeeded', undefined, {
      operation: { sync: { revisions: ['x', 'ours'] } },
      syncResult: { revisions: ['x', 'ours'] },
    });
    await expect(
      look(applicationOf({ state }), { place }),
    ).resolves.toMatchObject({ state: 'done', revision: 'ours' });
    const other = operationState('Succeeded', undefined, {
      operation: { sync: { revisions: ['ours', 'x'] } },
      syncResult: { revisions: ['ours', 'x'] },
    });
    await expect(
      look(applicationOf({ state: other }), { place }),
    ).resolves.toEqual({ state: 'none' });
  });

  it('takes an empty history as Argo CD writes it', async () => {
    const application = applicationOf();
    application.status!.history = null;
    await expect(look(application)).resolves.toEqual({ state: 'none' });
  });
});

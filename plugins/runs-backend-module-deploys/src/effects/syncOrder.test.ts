import { ArgoCdError } from '@switchyard/fleet-node';
import {
  applicationOf,
  historyEntry,
  operationState,
} from '../__testUtils__/applications';
import { infoOf, OURS, startSync } from '../__testUtils__/startSync';

const REQUESTED = '2026-11-20T12:00:00Z';
const RETRIED = { by: 'user:default/dana', at: '2026-11-20T12:02:00.000Z' };
const RETRIED_AGAIN = { by: 'user:default/dana', at: '2026-11-20T12:04:00Z' };

/** A sync whose times are Argo CD's, which is ahead of the portal by so much. */
function ended(
  phase: 'Failed' | 'Succeeded',
  options: {
    at: string;
    skewMs?: number;
    revision?: string;
    attempt?: number;
  },
) {
  const started = Date.parse(options.at) + (options.skewMs ?? 0);
  const inArgo = (ms: number) =>
    `${new Date(ms).toISOString().slice(0, '2026-11-20T12:00:00'.length)}Z`;
  return operationState(phase, options.revision ?? 'ours', {
    startedAt: inArgo(started),
    finishedAt: inArgo(started + 5_000),
    ...(options.attempt === undefined
      ? { automated: true }
      : { info: infoOf(options.attempt) }),
  });
}

/** A worker that is gone the moment its sync was carried out, or before. */
function crashing(
  { createContext, argo }: ReturnType<typeof startSync>,
  overrides: Parameters<typeof createContext>[0],
  carryOut: () => void,
) {
  const worker = new AbortController();
  argo.onSync = async () => {
    carryOut();
    worker.abort(new Error('killed'));
    worker.signal.throwIfAborted();
  };
  return createContext({ ...overrides, signal: worker.signal });
}

describe.each([
  ['as ours', 0],
  ['five minutes ahead', 300_000],
  ['five minutes behind', -300_000],
])('with Argo CD’s clock %s', (_, skewMs) => {
  const first = ended('Failed', { at: '2026-11-20T12:01:00Z', skewMs });
  const second = (attempt: number) =>
    ended('Failed', { at: '2026-11-20T12:02:10Z', skewMs, attempt });
  const third = (attempt: number) =>
    ended('Succeeded', { at: '2026-11-20T12:04:10Z', skewMs, attempt });

  it('asks once for a person’s retry, tells that it failed, and asks again for the next', async () => {
    const sync = startSync({ requestedAt: REQUESTED });
    const { fleet, step, argo, sent, createContext } = sync;
    fleet.set(applicationOf({ autoSync: true, state: first }));
    await expect(step.run(createContext())).rejects.toMatchObject({
      name: 'StepFailedError',
    });
    expect(sent).toHaveLength(0);

    const retry = createContext({ attempt: 2, retried: RETRIED });
    argo.onSync = async () =>
      fleet.set(applicationOf({ autoSync: true, state: second(2) }));
    await expect(step.adopt!(retry)).resolves.toBeUndefined();
    await expect(step.run(retry)).rejects.toMatchObject({
      name: 'StepFailedError',
    });
    expect(sent).toHaveLength(1);

    const next = createContext({
      attempt: 3,
      retried: RETRIED_AGAIN,
      reference: retry.effects.at(-1),
    });
    argo.onSync = async () =>
      fleet.set(applicationOf({ autoSync: true, state: third(3) }));
    await expect(step.adopt!(next)).resolves.toBeUndefined();
    await expect(step.run(next)).resolves.toMatchObject({
      output: { revision: 'ours' },
    });
    expect(sent).toHaveLength(2);
  });

  it('does not ask again after a crash right after a retry was sent', async () => {
    const sync = startSync({ requestedAt: REQUESTED });
    const { fleet, step, sent, createContext } = sync;
    fleet.set(applicationOf({ state: first }));
    const killed = crashing(sync, { attempt: 2, retried: RETRIED }, () =>
      fleet.set(applicationOf({ state: second(2) })),
    );
    await expect(step.run(killed)).rejects.toThrow('killed');

    const later = createContext({
      attempt: 3,
      retried: RETRIED,
      reference: killed.effects.at(-1),
    });
    await expect(step.adopt!(later)).rejects.toMatchObject({
      name: 'StepFailedError',
    });
    expect(sent).toHaveLength(1);
  });

  it('asks again after a crash before the retry had arrived', async () => {
    const sync = startSync({ requestedAt: REQUESTED });
    const { fleet, step, argo, sent, createContext } = sync;
    fleet.set(applicationOf({ state: first }));
    const killed = crashing(
      sync,
      { attempt: 2, retried: RETRIED },
      () => undefined,
    );
    await expect(step.run(killed)).rejects.toThrow('killed');

    const later = createContext({
      attempt: 3,
      retried: RETRIED,
      reference: killed.effects.at(-1),
    });
    argo.onSync = async () => fleet.set(applicationOf({ state: third(3) }));
    await expect(step.adopt!(later)).resolves.toBeUndefined();
    await expect(step.run(later)).resolves.toMatchObject({
      output: { revision: 'ours' },
    });
    expect(sent).toHaveLength(2);
  });

  it('asks once where a commit from before the run had failed, and does not after a crash', async () => {
    const sync = startSync({ requestedAt: REQUESTED, created: false });
    const { fleet, step, sent, createContext } = sync;
    const before = ended('Failed', { at: '2026-11-20T11:59:00Z', skewMs });
    fleet.set(applicationOf({ state: before }));
    const killed = crashing(sync, {}, () =>
      fleet.set(applicationOf({ state: second(1) })),
    );
    await expect(step.run(killed)).rejects.toThrow('killed');

    const later = createContext({
      attempt: 2,
      reference: killed.effects.at(-1),
    });
    await expect(step.adopt!(later)).rejects.toMatchObject({
      name: 'StepFailedError',
    });
    expect(sent).toHaveLength(1);
  });
});

describe('an order', () => {
  const order = {
    commit: 'ours',
    operationBefore: '2026-11-20T12:01:00Z',
    attempt: 2,
    word: RETRIED.at,
  };

  it.each([
    ['began in the same second as the one before', '2026-11-20T12:01:00Z'],
    ['ended after the word on which it was sent', '2026-11-20T12:02:10Z'],
  ])('is open without another word: its operation %s', async (_, at) => {
    const { fleet, step, context } = startSync({
      attempt: 3,
      reference: order,
    });
    fleet.set(applicationOf({ state: ended('Failed', { at, attempt: 2 }) }));
    await expect(step.adopt!(context)).rejects.toMatchObject({
      name: 'StepFailedError',
    });
  });

  it('is settled when a person lets a parked run go on, whatever was synced meanwhile', async () => {
    const { fleet, step, argo, sent, context, createContext } = startSync();
    fleet.set(applicationOf());
    argo.onSync = async () => {
      throw new ArgoCdError({
        kind: 'refused',
        instance: 'main',
        message: 'x',
        argoMessage: 'cannot sync: blocked by sync window',
      });
    };
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'StepParkedError',
    });
    fleet.set(
      applicationOf({
        state: ended('Succeeded', {
          at: '2026-11-20T12:01:00Z',
          revision: 'old',
        }),
      }),
    );
    const confirmed = createContext({
      attempt: 2,
      confirmed: RETRIED,
      reference: context.effects.at(-1),
    });
    argo.onSync = async () =>
      fleet.set(
        applicationOf({
          state: ended('Succeeded', {
            at: '2026-11-20T12:02:10Z',
            attempt: 2,
          }),
        }),
      );
    await expect(step.adopt!(confirmed)).resolves.toBeUndefined();
    await step.run(confirmed);
    expect(sent).toHaveLength(2);
  });

  it('is not sent over an operation that came while the effect was checked', async () => {
    const { fleet, step, argo, sent, context } = startSync({
      onEffect: () => {
        if (context.effects.length > 0) return;
        fleet.set(
          applicationOf({
            state: ended('Succeeded', {
              at: '2026-11-20T12:00:30Z',
              revision: 'old',
            }),
          }),
        );
      },
    });
    fleet.set(applicationOf());
    argo.onSync = async () =>
      fleet.set(
        applicationOf({
          state: ended('Succeeded', { at: '2026-11-20T12:01:00Z', attempt: 1 }),
        }),
      );
    await step.run(context);
    expect(context.effects).toEqual([
      expect.objectContaining({ operationBefore: null }),
      expect.objectContaining({ operationBefore: '2026-11-20T12:00:30Z' }),
    ]);
    expect(sent).toHaveLength(1);
  });

  it('is not given a second time when another operation has replaced it under our eyes', async () => {
    const { fleet, step, argo, sent, context } = startSync();
    fleet.set(applicationOf());
    argo.onSync = async () =>
      fleet.set(
        applicationOf({
          state: ended('Failed', {
            at: '2026-11-20T12:01:00Z',
            revision: 'old',
          }),
        }),
      );
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'OutcomeUnknownError',
    });
    expect(sent).toHaveLength(1);
  });

  it('is looked at again, and not given a second time, when Git does not know what it synced', async () => {
    const { fleet, step, argo, sent, context, createContext } = startSync();
    fleet.set(applicationOf());
    const state = ended('Succeeded', {
      at: '2026-11-20T12:01:00Z',
      revision: 'unknown',
      attempt: 1,
    });
    argo.onSync = async () => fleet.set(applicationOf({ state }));
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'Error',
      message: expect.stringContaining('does not hold ours'),
    });
    const later = createContext({
      attempt: 2,
      reference: context.effects.at(-1),
    });
    await expect(step.adopt!(later)).rejects.toMatchObject({ name: 'Error' });
    fleet.set(applicationOf({ state, history: [historyEntry('ours')] }));
    await expect(step.adopt!(later)).resolves.toMatchObject({
      output: { revision: 'ours' },
    });
    expect(sent).toHaveLength(1);
  });
});

describe('an order of a version that knew no attempts', () => {
  const reference = {
    commit: 'ours',
    operationBefore: '2026-11-20T12:01:00Z',
  };
  const first = ended('Failed', { at: '2026-11-20T12:01:00Z' });
  const theirs = operationState('Failed', 'ours', {
    info: OURS.slice(0, 1),
    startedAt: '2026-11-20T12:02:10Z',
  });

  it.each([
    ['that did not arrive', first, 'nothing'],
    ['that failed', theirs, 'StepFailedError'],
    [
      'that was replaced',
      ended('Succeeded', { at: '2026-11-20T12:03:00Z', revision: 'old' }),
      'OutcomeUnknownError',
    ],
  ])('is adopted: one %s', async (_, state, expected) => {
    const { fleet, step, context } = startSync({ attempt: 2, reference });
    fleet.set(applicationOf({ state }));
    const adopted = step.adopt!(context).then(
      result => (result ? 'a result' : 'nothing'),
      error => error.name,
    );
    await expect(adopted).resolves.toBe(expected);
  });

  it('does not keep a person from having it tried again', async () => {
    const { fleet, step, argo, sent, context } = startSync({
      attempt: 3,
      reference,
      retried: RETRIED,
    });
    fleet.set(applicationOf({ state: theirs }));
    argo.onSync = async () =>
      fleet.set(
        applicationOf({
          state: ended('Succeeded', {
            at: '2026-11-20T12:04:00Z',
            attempt: 3,
          }),
        }),
      );
    await expect(step.adopt!(context)).resolves.toBeUndefined();
    await step.run(context);
    expect(sent).toHaveLength(1);
  });
});

import { ArgoCdError } from '@switchyard/fleet-node';
import { ATTEMPT_INFO, RUN_INFO } from '../argocd/operationIdentity';
import {
  applicationOf,
  historyEntry,
  operationState,
} from '../__testUtils__/applications';
import { OURS, progressOf, startSync } from '../__testUtils__/startSync';

describe('auto-sync on', () => {
  it('makes Argo CD look at Git, and follows the operation that it starts by itself', async () => {
    const { fleet, step, context, sent } = startSync();
    fleet.set(applicationOf({ autoSync: true }));
    const result = step.run(context);
    await progressOf(context, /Waiting for Argo CD to see the commit/);
    expect(fleet.calls).toContain('refresh orders-blue');
    const job = {
      group: 'batch',
      version: 'v1',
      kind: 'Job',
      namespace: 'storefront',
      name: 'orders-migrate',
      hookType: 'PreSync',
      hookPhase: 'Running',
    };
    fleet.set(
      applicationOf({
        autoSync: true,
        state: operationState('Running', 'ours', {
          automated: true,
          message: 'waiting for completion of hook batch/Job/orders-migrate',
          resources: [job],
        }),
      }),
    );
    await progressOf(
      context,
      /waiting for completion of hook batch\/Job\/orders-migrate \(automated\)/,
    );
    const ended = operationState('Succeeded', 'ours', {
      automated: true,
      resources: [{ ...job, hookPhase: 'Succeeded' }],
    });
    fleet.set(
      applicationOf({
        autoSync: true,
        state: ended,
        history: [historyEntry('old'), historyEntry('ours', { id: 2 })],
      }),
    );
    await expect(result).resolves.toEqual({
      output: {
        revision: 'ours',
        evidence: 'the history of the Application names the revision',
        initiatedBy: 'automated',
        finishedAt: '2026-11-20T12:00:05Z',
        migration: {
          state: 'ran',
          text: 'PreSync hook Job orders-migrate ran',
        },
      },
    });
    expect(sent).toEqual([]);
    expect(context.effects).toEqual([]);
    expect(context.changes).toEqual([
      expect.objectContaining({
        system: 'argocd',
        ref: 'main/argocd/orders-blue',
        after: 'ours',
        cluster: 'prod-blue',
      }),
    ]);
    expect(context.logs).toEqual(
      expect.arrayContaining([
        'Migration: PreSync hook Job orders-migrate is running',
        'Migration: PreSync hook Job orders-migrate ran',
      ]),
    );
    expect(fleet.calls.at(-1)).toBe('close orders-blue');
  });

  it.each([
    [
      'a closed window',
      {
        windows: {
          canSync: false,
          activeWindows: [
            { kind: 'deny' as const, schedule: '* * * * *', duration: '1h' },
          ],
          assignedWindows: [],
        },
      },
      /A deny window is active/,
    ],
    [
      'a comparison that fails',
      {
        conditions: [
          { type: 'ComparisonError', message: 'failed to generate manifests' },
        ],
      },
      /ComparisonError: failed to generate manifests/,
    ],
    [
      'an earlier attempt that failed',
      {
        conditions: [
          { type: 'SyncError', message: 'Failed sync attempt to 123' },
        ],
      },
      /SyncError: Failed sync attempt/,
    ],
    [
      'windows that cannot be read',
      { windows: new Error('Argo CD main answers with errors') },
      /sync windows cannot be read/,
    ],
  ])(
    'says why it waits: %s',
    async (_, { windows, conditions }: any, pattern) => {
      const { fleet, step, context } = startSync({
        timeoutMs: 1_000,
        patience: { shareOfTimeout: 0.3 },
      });
      if (windows) fleet.windows = windows;
      fleet.set(applicationOf({ autoSync: true, conditions }));
      await expect(step.run(context)).rejects.toMatchObject({
        name: 'StepFailedError',
        message: expect.stringMatching(pattern),
      });
      expect(context.progresses.join('\n')).toMatch(pattern);
    },
  );

  it('needs no operation where the cluster is what the commit says', async () => {
    const { fleet, step, context } = startSync({ created: false });
    fleet.set(
      applicationOf({
        autoSync: true,
        sync: { status: 'Synced', revision: 'new' },
      }),
    );
    await expect(step.run(context)).resolves.toMatchObject({
      output: { initiatedBy: null, finishedAt: null, revision: 'new' },
    });
  });

  it('fails with what the migration said', async () => {
    const { fleet, step, context } = startSync();
    const job = {
      group: 'batch',
      version: 'v1',
      kind: 'Job',
      namespace: 'storefront',
      name: 'orders-migrate',
      hookType: 'PreSync',
      hookPhase: 'Failed',
      message: 'Job has reached the specified backoff limit',
    };
    const pod = (name: string, createdAt: string) =>
      ({
        cluster: 'prod-blue',
        namespace: 'storefront',
        name,
        uid: name,
        labels: { 'job-name': 'orders-migrate' },
        createdAt,
        phase: 'Failed',
        ready: false,
        containers: [{ name: 'migrate', kind: 'container' }],
      } as any);
    fleet.pods.push(
      pod('first', '2026-11-20T12:00:02Z'),
      pod('second', '2026-11-20T12:00:03Z'),
    );
    fleet.logs.set('second/migrate', ['relation "orders" does not exist']);
    fleet.set(
      applicationOf({
        autoSync: true,
        state: operationState('Failed', 'ours', {
          message: 'one or more synchronization tasks completed unsuccessfully',
          resources: [job],
        }),
      }),
    );
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'StepFailedError',
      message:
        'The migration failed, so nothing was rolled out: PreSync hook Job orders-migrate failed: Job has reached the specified backoff limit',
      details: expect.arrayContaining([
        'Last lines of second, container migrate:',
        'relation "orders" does not exist',
      ]),
    });
  });

  it('does not know what became of a migration that a person stopped', async () => {
    const { fleet, step, context } = startSync();
    const job = {
      group: 'batch',
      version: 'v1',
      kind: 'Job',
      namespace: 'storefront',
      name: 'm',
      hookType: 'PreSync',
      hookPhase: 'Failed',
    };
    fleet.set(
      applicationOf({
        autoSync: true,
        state: operationState('Failed', 'ours', {
          message: 'Operation terminated',
          resources: [job],
        }),
      }),
    );
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'OutcomeUnknownError',
    });
  });

  it('carries a person’s wish to try again to Argo CD, which does not try a failed revision again', async () => {
    const { fleet, step, context, sent, argo } = startSync({
      attempt: 2,
      retried: { by: 'user:default/dana', at: '2026-11-20T12:10:00Z' },
    });
    fleet.set(
      applicationOf({
        autoSync: true,
        state: operationState('Failed', 'ours', { automated: true }),
      }),
    );
    argo.onSync = async () =>
      fleet.set(
        applicationOf({
          autoSync: true,
          state: operationState('Succeeded', 'ours', {
            info: OURS,
            startedAt: '2026-11-20T12:10:01Z',
          }),
        }),
      );
    await expect(step.adopt!(context)).resolves.toBeUndefined();
    await expect(step.run(context)).resolves.toMatchObject({
      output: { initiatedBy: 'portal' },
    });
    expect(sent).toHaveLength(1);
  });
});

describe('auto-sync off', () => {
  it('opens the stream, then asks for one sync that carries the run, without a revision', async () => {
    const { fleet, step, context, sent, argo } = startSync();
    fleet.set(applicationOf());
    argo.onSync = async () => {
      expect(fleet.calls).toContain('open orders-blue');
      expect(context.effects).toEqual([
        { commit: 'ours', operationBefore: null, attempt: 1, word: null },
      ]);
      fleet.set(
        applicationOf({
          operation: { sync: { revision: 'ours' }, info: OURS },
        }),
      );
    };
    const result = step.run(context);
    await progressOf(context, /waiting for Argo CD to start/);
    fleet.set(
      applicationOf({
        state: operationState('Running', 'ours', { info: OURS }),
      }),
    );
    await progressOf(context, /Argo CD is syncing/);
    fleet.set(
      applicationOf({
        state: operationState('Succeeded', 'ours', { info: OURS }),
      }),
    );
    await expect(result).resolves.toMatchObject({
      output: { revision: 'ours', initiatedBy: 'portal' },
    });
    expect(fleet.calls).not.toContain('refresh orders-blue');
    expect(sent).toEqual([
      {
        infos: expect.arrayContaining([
          { name: RUN_INFO, value: 'run-1' },
          { name: ATTEMPT_INFO, value: '1' },
          { name: 'switchyard-requested-by', value: 'user:default/dana' },
        ]),
      },
    ]);
  });

  it('makes Argo CD look at the Application when it does not begin what was asked for', async () => {
    const { fleet, step, context, sent, argo } = startSync({
      patience: { beginMs: 100 },
    });
    fleet.set(applicationOf());
    argo.onSync = async () =>
      fleet.set(
        applicationOf({
          operation: { sync: { revision: 'ours' }, info: OURS },
        }),
      );
    fleet.onRefresh = () =>
      fleet.set(
        applicationOf({
          state: operationState('Succeeded', 'ours', { info: OURS }),
        }),
      );
    await expect(step.run(context)).resolves.toMatchObject({
      output: { revision: 'ours', initiatedBy: 'portal' },
    });
    expect(sent).toHaveLength(1);
    expect(fleet.calls).toContain('refresh orders-blue');
  });

  it('asks once although the stream is slow, and although the sync ends before it is seen', async () => {
    const { fleet, step, context, sent, argo } = startSync();
    fleet.set(
      applicationOf({
        state: operationState('Succeeded', 'old', {
          startedAt: '2026-11-20T11:00:00Z',
        }),
      }),
    );
    argo.onSync = async () =>
      void setTimeout(
        () =>
          fleet.set(
            applicationOf({
              state: operationState('Succeeded', 'ours', { info: OURS }),
            }),
          ),
        100,
      );
    await step.run(context);
    expect(sent).toHaveLength(1);
  });

  it('waits for another operation to end', async () => {
    const { fleet, step, context, sent, argo } = startSync();
    fleet.set(
      applicationOf({
        state: operationState('Running', 'old', {
          message: 'waiting for healthy state',
        }),
      }),
    );
    argo.onSync = async () =>
      fleet.set(
        applicationOf({
          state: operationState('Succeeded', 'ours', {
            info: OURS,
            startedAt: '2026-11-20T12:01:00Z',
          }),
        }),
      );
    const result = step.run(context);
    await progressOf(
      context,
      /Another operation is in progress: Argo CD: waiting for healthy state/,
    );
    expect(sent).toEqual([]);
    fleet.set(applicationOf({ state: operationState('Succeeded', 'old') }));
    await result;
    expect(sent).toHaveLength(1);
  });

  it('waits also when Argo CD finds another operation first', async () => {
    const { fleet, step, context, sent, argo } = startSync();
    fleet.set(applicationOf());
    argo.onSync = async () => {
      if (sent.length === 1) {
        fleet.set(applicationOf({ state: operationState('Running', 'old') }));
        setTimeout(
          () =>
            fleet.set(
              applicationOf({ state: operationState('Succeeded', 'old') }),
            ),
          30,
        );
        throw new ArgoCdError({
          kind: 'refused',
          instance: 'main',
          message: 'x',
          argoMessage: 'another operation is already in progress',
        });
      }
      fleet.set(
        applicationOf({
          state: operationState('Succeeded', 'ours', {
            info: OURS,
            startedAt: '2026-11-20T12:01:00Z',
          }),
        }),
      );
    };
    await step.run(context);
    expect(sent).toHaveLength(2);
  });

  it('lets somebody else’s sync of the commit count, and asks for none', async () => {
    const { fleet, step, context, sent } = startSync();
    fleet.set(
      applicationOf({
        history: [historyEntry('new', { initiatedBy: { username: 'admin' } })],
      }),
    );
    await expect(step.run(context)).resolves.toMatchObject({
      output: { revision: 'new', initiatedBy: 'admin' },
    });
    expect(sent).toEqual([]);
  });

  it('finds the sync although the answer was lost', async () => {
    const { fleet, step, context, sent, argo } = startSync();
    fleet.set(applicationOf());
    argo.onSync = async () => {
      fleet.set(
        applicationOf({
          state: operationState('Succeeded', 'ours', { info: OURS }),
        }),
      );
      throw new ArgoCdError({
        kind: 'unreachable',
        instance: 'main',
        message: 'Argo CD main cannot be reached',
        outcome: 'unknown',
      });
    };
    await expect(step.run(context)).resolves.toMatchObject({
      output: { revision: 'ours' },
    });
    expect(sent).toHaveLength(1);
  });

  it.each([
    [
      'a closed window',
      {
        kind: 'refused' as const,
        argoMessage: 'cannot sync: blocked by sync window',
      },
      'StepParkedError',
      /blocked by sync window/,
    ],
    [
      'a missing right',
      { kind: 'forbidden' as const },
      'StepFailedError',
      /let the portal/,
    ],
    [
      'another refusal',
      { kind: 'refused' as const, argoMessage: 'application is deleting' },
      'StepFailedError',
      /application is deleting/,
    ],
    [
      'an Argo CD that is away',
      { kind: 'unreachable' as const },
      'ServiceUnavailableError',
      /let the portal/,
    ],
  ])('ends with %s', async (_, error, name, message) => {
    const { fleet, step, context, argo } = startSync();
    fleet.set(applicationOf());
    argo.onSync = () =>
      Promise.reject(
        new ArgoCdError({
          instance: 'main',
          message: 'Argo CD main does not let the portal do this',
          ...error,
        }),
      );
    await expect(step.run(context)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });

  it('sends nothing when the interlock says no', async () => {
    const refusal = new Error('locked');
    const { fleet, step, context, sent } = startSync({
      onEffect: () => Promise.reject(refusal),
    });
    fleet.set(applicationOf());
    await expect(step.run(context)).rejects.toBe(refusal);
    expect(sent).toEqual([]);
  });

  it('waits while Argo CD does not answer, says so, and fails when its time is up', async () => {
    const { fleet, step, context, sent } = startSync({
      timeoutMs: 1_000,
      patience: { shareOfTimeout: 0.2 },
    });
    fleet.instances[0] = {
      ...fleet.instances[0],
      state: 'unreachable',
      since: '2026-11-20T11:59:00Z',
    };
    fleet.set(applicationOf());
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'StepFailedError',
      message: 'orders-blue was not synced in time',
    });
    expect(context.progresses).toContain(
      'Argo CD main has not answered since Fri, 20 Nov 2026 11:59:00 GMT; waiting',
    );
    expect(sent).toEqual([]);
  });

  it('ends when the Application is deleted, and when it is told to', async () => {
    const { fleet, step, context } = startSync();
    fleet.set(applicationOf({ state: operationState('Running', 'old') }));
    fleet.rows.length = 0;
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'StepFailedError',
      message: 'Argo CD main no longer has the Application orders-blue',
    });
    const stopping = new AbortController();
    const other = startSync({ signal: stopping.signal });
    other.fleet.set(applicationOf({ autoSync: true }));
    const result = other.step.run(other.context);
    stopping.abort(new Error('lease lost'));
    await expect(result).rejects.toThrow('lease lost');
  });
});

describe('a later attempt', () => {
  const later = {
    attempt: 2,
    reference: {
      commit: 'ours',
      operationBefore: '2026-11-20T11:00:00Z',
      attempt: 1,
      word: null,
    },
  };

  it('adopts the sync that an earlier one had asked for, and waits for its end', async () => {
    const { fleet, step, context, sent } = startSync(later);
    fleet.set(
      applicationOf({
        state: operationState('Running', 'ours', { info: OURS }),
      }),
    );
    const result = step.adopt!(context);
    await progressOf(context, /Argo CD is syncing/);
    fleet.set(
      applicationOf({
        state: operationState('Succeeded', 'ours', { info: OURS }),
      }),
    );
    await expect(result).resolves.toMatchObject({
      output: { revision: 'ours' },
    });
    expect(sent).toEqual([]);
  });

  it('adopts it by the history when the operation was replaced', async () => {
    const { fleet, step, context } = startSync(later);
    const selfHeal = operationState('Succeeded', 'ours', {
      operation: {
        sync: {
          revision: 'ours',
          resources: [{ kind: 'Deployment', name: 'orders' }],
        },
      },
      startedAt: '2026-11-20T12:00:06Z',
    });
    fleet.set(
      applicationOf({
        state: selfHeal,
        history: [
          historyEntry('ours', { initiatedBy: { username: 'portal' } }),
        ],
      }),
    );
    await expect(step.adopt!(context)).resolves.toMatchObject({
      output: { initiatedBy: 'portal' },
    });
  });

  it('knows that nothing arrived', async () => {
    const { fleet, step, context, createContext } = startSync(later);
    fleet.set(
      applicationOf({
        state: operationState('Succeeded', 'old', {
          startedAt: '2026-11-20T11:00:00Z',
        }),
        history: [historyEntry('old')],
      }),
    );
    await expect(step.adopt!(context)).resolves.toBeUndefined();
    await expect(
      step.adopt!(createContext({ reference: undefined })),
    ).resolves.toBeUndefined();
  });

  it('says that it does not know when another operation came after', async () => {
    const { fleet, step, context } = startSync(later);
    fleet.set(
      applicationOf({
        state: operationState('Failed', 'old', {
          startedAt: '2026-11-20T12:00:30Z',
        }),
      }),
    );
    await expect(step.adopt!(context)).rejects.toMatchObject({
      name: 'OutcomeUnknownError',
    });
  });
});

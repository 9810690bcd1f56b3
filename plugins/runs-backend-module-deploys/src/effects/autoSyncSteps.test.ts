import { JsonObject } from '@backstage/types';
import { Application, ArgoCdError } from '@switchyard/fleet-node';
import {
  AUTO_SYNC_BEFORE,
  describeAutoSync,
  readHold,
  ROLLED_BACK_BY,
} from '../argocd/autoSyncHold';
import { applicationOf, applicationRow } from '../__testUtils__/applications';
import { createTestContext } from '../__testUtils__/createTestContext';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { createSwitchOffStep, createSwitchOnStep } from './autoSyncSteps';

const AUTOMATED = { prune: true, selfHeal: true };

function anApplication(options: {
  automated?: object | null;
  annotations?: Record<string, string>;
}): Application {
  const application = applicationOf();
  return {
    ...application,
    metadata: { ...application.metadata, annotations: options.annotations },
    spec: {
      ...application.spec,
      syncPolicy: { automated: options.automated ?? null },
    },
  };
}

const held = (run: string, before: string = JSON.stringify(AUTOMATED)) => ({
  [ROLLED_BACK_BY]: run,
  [AUTO_SYNC_BEFORE]: before,
});

function start(
  application: Application,
  options: {
    attempt?: number;
    input?: JsonObject;
    /** Instead of carrying the patch out. */
    onPatch?: (carryOut: () => void) => void;
    onEffect?: (set: (next: Application) => void) => void;
  } = {},
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
        const carryOut = () =>
          fleet.set(merge(fleet.full.get('orders-blue')!, patch));
        if (options.onPatch) options.onPatch(carryOut);
        else carryOut();
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
      ...options.input,
    },
    attempt: options.attempt,
    reference: options.attempt === undefined ? undefined : { change: 'x' },
    onEffect: () => options.onEffect?.(fleet.set),
  });
  return {
    off: createSwitchOffStep(tools),
    on: createSwitchOnStep(tools),
    context,
    patches,
    now: () => fleet.full.get('orders-blue')!,
  };
}

/** RFC 7386. */
function merge(target: any, patch: any): any {
  if (patch === null || typeof patch !== 'object') return patch;
  const result = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key] ?? {}, value);
  }
  return result;
}

describe('auto-sync off', () => {
  it('is one patch that keeps what it was, and who holds it', async () => {
    const { off, context, patches, now } = start(
      anApplication({ automated: AUTOMATED, annotations: { a: 'stays' } }),
    );
    await expect(off.run(context)).resolves.toEqual({ output: { held: true } });
    expect(patches).toHaveLength(1);
    expect(context.effects).toHaveLength(1);
    expect(readHold(now())).toEqual({ run: 'run-1', before: AUTOMATED });
    expect(now().metadata.annotations!.a).toBe('stays');
    expect(now().spec.syncPolicy!.automated).toBeUndefined();
    expect(context.changes).toMatchObject([
      { before: 'on (prune, self-heal)', after: 'off, until somebody resumes' },
    ]);
  });

  it.each<[string, Parameters<typeof anApplication>[0], object | null]>([
    ['was off before', {}, null],
    [
      'is held by an earlier rollback, and stays what it was before that',
      { annotations: held('run-0') },
      AUTOMATED,
    ],
    [
      'was switched on since an earlier rollback',
      { automated: { prune: false }, annotations: held('run-0') },
      { prune: false },
    ],
  ])('where it %s', async (_, application, before) => {
    const { off, context, now } = start(anApplication(application));
    await off.run(context);
    expect(readHold(now())).toEqual({ run: 'run-1', before });
  });

  it('is done once: what an earlier attempt did is found', async () => {
    const there = start(anApplication({ annotations: held('run-1') }), {
      attempt: 2,
    });
    await expect(there.off.adopt!(there.context)).resolves.toEqual({
      output: { held: true },
    });
    await there.off.run(there.context);
    expect(there.patches).toEqual([]);
    const absent = start(anApplication({ automated: {} }), { attempt: 2 });
    await expect(absent.off.adopt!(absent.context)).resolves.toBeUndefined();
  });

  it('fails where somebody has switched it on again', async () => {
    const { off, context } = start(
      anApplication({ automated: {}, annotations: held('run-1') }),
    );
    await expect(off.run(context)).rejects.toMatchObject({
      name: 'StepFailedError',
    });
  });

  it('is seen although its answer is lost', async () => {
    const { off, context, patches } = start(anApplication({ automated: {} }), {
      onPatch: carryOut => {
        carryOut();
        throw new ArgoCdError({
          kind: 'unreachable',
          instance: 'main',
          message: 'Argo CD main broke the connection',
          outcome: 'unknown',
        });
      },
    });
    await expect(off.run(context)).resolves.toEqual({ output: { held: true } });
    expect(patches).toHaveLength(1);
  });

  it('needs a right, and says which', async () => {
    const { off, context } = start(anApplication({ automated: {} }), {
      onPatch: () => {
        throw new ArgoCdError({
          kind: 'forbidden',
          instance: 'main',
          message: 'Argo CD main forbids it',
        });
      },
    });
    await expect(off.run(context)).rejects.toMatchObject({
      name: 'StepFailedError',
      message: expect.stringContaining('applications, update'),
    });
  });
});

describe('back to the branch', () => {
  const input = { run: 'run-0', before: AUTOMATED };

  it('is auto-sync as it was, without a trace', async () => {
    const { on, context, now } = start(
      anApplication({ annotations: { ...held('run-0'), a: 'stays' } }),
      { input },
    );
    await expect(on.run(context)).resolves.toEqual({ output: { held: false } });
    expect(now().metadata.annotations).toEqual({ a: 'stays' });
    expect(now().spec.syncPolicy!.automated).toEqual(AUTOMATED);
  });

  it('leaves it off where it was', async () => {
    const { on, context, now } = start(
      anApplication({ annotations: held('run-0', 'null') }),
      { input: { ...input, before: null } },
    );
    await on.run(context);
    expect(readHold(now())).toBeUndefined();
    expect(now().spec.syncPolicy!.automated).toBeFalsy();
  });

  it('parks where it was rolled back again, also while the interlock was asked', async () => {
    const another = anApplication({ annotations: held('run-2') });
    const { on, context, patches } = start(another, { input });
    await expect(on.run(context)).rejects.toMatchObject({
      name: 'StepParkedError',
    });
    const late = start(anApplication({ annotations: held('run-0') }), {
      input,
      onEffect: set => set(another),
    });
    await expect(late.on.run(late.context)).rejects.toMatchObject({
      name: 'StepParkedError',
    });
    expect([...patches, ...late.patches]).toEqual([]);
  });

  it('is found by a later attempt', async () => {
    const { on, context } = start(anApplication({ automated: AUTOMATED }), {
      input,
      attempt: 2,
    });
    await expect(on.adopt!(context)).resolves.toEqual({
      output: { held: false },
    });
  });
});

it.each<[Parameters<typeof describeAutoSync>[0], string]>([
  [undefined, 'off'],
  [null, 'off'],
  [{ enabled: false, prune: true }, 'off'],
  [{}, 'on'],
  [{ selfHeal: true }, 'on (self-heal)'],
])('%j is said as %s', (automated, words) => {
  expect(describeAutoSync(automated)).toBe(words);
});

it.each([['{'], ['[]'], ['"on"']])(
  'does not believe an annotation that says %s',
  text => {
    expect(
      readHold(anApplication({ annotations: held('run-0', text) })),
    ).toEqual({ run: 'run-0', before: undefined });
  },
);

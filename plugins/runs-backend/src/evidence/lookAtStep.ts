import {
  Change,
  EvidenceFinding,
  PlannedStep,
  StepEvidence,
} from '@switchyard/backstage-plugin-runs-common';
import {
  ChildRuns,
  StepContext,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { StepRecord } from '../database/types';
import { toStorableText } from '../engine/text';

const MAX_DETAILS = 20;
const MAX_DETAIL_LENGTH = 500;
const MAX_MESSAGE_LENGTH = 2_000;

/** Nothing may be done while somebody only looks. */
class LookingOnlyError extends Error {
  override readonly name = 'LookingOnlyError';
}

/**
 * Asks a step what the world says about it now. It changes nothing: a step that comes to an effect is stopped before it, as each effect awaits
 * `beforeEffect` first. Nothing is written down either.
 *
 * @returns within the time limit, whatever the handler does; never rejects
 */
export async function lookAtStep(options: {
  handler: StepHandler | undefined;
  planned: PlannedStep;
  record: StepRecord;
  run: StepContext['run'];
  /** Those of the attempt that is looked after: another word would settle what is in doubt. */
  words: Pick<StepContext, 'confirmed' | 'retried'>;
  outputs: StepContext['outputs'];
  children: ChildRuns['find'];
  timeLimitMs: number;
}): Promise<StepEvidence> {
  const { handler, planned, record, run, words, outputs, timeLimitMs } =
    options;
  const changes: Change[] = [];
  const details: string[] = [];
  let progress: string | undefined;
  let isOpen = true;
  const answer = (finding: EvidenceFinding, message: string): StepEvidence => {
    isOpen = false;
    return {
      stepId: planned.id,
      title: planned.title,
      ...(planned.cluster !== undefined && { cluster: planned.cluster }),
      finding,
      message: toStorableText(message, MAX_MESSAGE_LENGTH),
      changes: [...changes],
      details: [...details],
    };
  };

  if (!handler)
    return answer(
      'not-checkable',
      'This backend does not know how the step is carried out: it belongs to another version',
    );
  if (handler.effect !== 'none' && !record.effectStarted)
    return answer('not-done', 'The step had not come as far as its effect');
  if (handler.effect === 'idempotent')
    return answer(
      'not-checkable',
      'It cannot be asked whether this was done; doing it again changes nothing that was done before',
    );
  if (handler.effect === 'manual')
    return answer(
      'not-checkable',
      'It cannot be asked whether this was done: look at the system itself before you try the step again',
    );

  const whileOpen = (write: () => void) => {
    if (isOpen) write();
  };
  const context: StepContext = {
    run,
    step: {
      ...planned,
      attempt: record.attempt + 1,
      reference: record.reference,
    },
    ...words,
    lookingOnly: true,
    outputs,
    signal: AbortSignal.timeout(timeLimitMs),
    cancelled: new AbortController().signal,
    log: message =>
      whileOpen(() => {
        if (details.length < MAX_DETAILS)
          details.push(toStorableText(message, MAX_DETAIL_LENGTH));
      }),
    progress: message => whileOpen(() => (progress = message)),
    recordChange: change => whileOpen(() => changes.push(change)),
    beforeEffect: async () => {
      throw new LookingOnlyError('The step would change something now');
    },
    children: {
      find: options.children,
      request: async () => {
        throw new LookingOnlyError('The step would ask for a run now');
      },
      redrive: async () => {
        throw new LookingOnlyError('The step would try a run again now');
      },
    },
    holdTarget: async () => {
      throw new LookingOnlyError('The step would lock the target now');
    },
  };

  const look = async (): Promise<StepEvidence> => {
    if (handler.effect === 'none') {
      await handler.run(context);
      return answer('done', progress ?? 'What the step waits for is there now');
    }
    const found = await handler.adopt?.(context);
    return found
      ? answer('done', 'What the step was to do is there now')
      : answer(
          'not-done',
          'It is certainly not there: trying the step again would do it',
        );
  };
  const outOfTime = new Promise<StepEvidence>(resolve => {
    const giveUp = () => {
      const limit = `within ${Math.round(timeLimitMs / 1_000)} seconds`;
      if (progress === undefined)
        resolve(answer('not-readable', `Nothing was found out ${limit}`));
      // Of a step that only waits, this is what it waits for. An effect that is looked for may be under way, or its system silent.
      else if (handler.effect === 'none') resolve(answer('waiting', progress));
      else
        resolve(
          answer('unknown', `No end was found ${limit}; last: ${progress}`),
        );
    };
    context.signal.addEventListener('abort', giveUp, { once: true });
  });
  return Promise.race([
    look().catch((error: Error) => {
      // What breaks off because the time is up says nothing.
      if (context.signal.aborted) return outOfTime;
      return answer(...judge(error));
    }),
    outOfTime,
  ]);
}

/** Compared by name: a module may bring a copy of the classes of its own. */
function judge(error: Error): [EvidenceFinding, string] {
  const message = error?.message || String(error);
  switch (error?.name) {
    case 'StepFailedError':
      return ['failed', message];
    case 'OutcomeUnknownError':
      return ['unknown', message];
    case 'StepParkedError':
      return ['not-done', message];
    case 'WaitForChildrenError':
      return ['waiting', message];
    case 'LookingOnlyError':
      return [
        'not-done',
        'It is not there: trying the step again would do it now',
      ];
    default:
      return ['not-readable', message];
  }
}

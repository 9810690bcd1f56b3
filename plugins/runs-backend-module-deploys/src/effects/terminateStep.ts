import {
  OutcomeUnknownError,
  StepContext,
  StepFailedError,
  StepHandler,
  StepResult,
} from '@switchyard/backstage-plugin-runs-node';
import {
  ArgoCdError,
  ArgoCdWriter,
  isStopped,
  OpenApplication,
  OperationState,
} from '@switchyard/fleet-node';
import {
  describeFailure,
  describeOperation,
} from '../argocd/describeOperation';
import { isOver } from '../argocd/operationEvidence';
import { operationIdOf } from '../argocd/operationIdentity';
import { StepTools } from '../steps/types';
import { waitForApplication } from '../steps/waitForApplication';
import { withApplication } from '../steps/withApplication';
import { describeHook, hooksLeft } from '../terminate/hooks';
import { TerminateOutput, TerminateStepInput } from '../terminate/types';
import { ArgoWriterTools, argoWriterOf } from './argoWriterOf';

/** Argo CD says within this time that it is stopping; else it is asked again, which is the same wish for the same operation. */
const HEARD_MS = 30_000;

/** What has become of the operation that was shown. */
type View =
  | { at: 'running' | 'stopping' | 'over'; state: OperationState }
  | { at: 'replaced' };

/**
 * Stops the operation that the plan has shown. Another one that began since is left alone: there is nothing to stop then.
 */
export function createTerminateStep(
  tools: Pick<StepTools, 'patience'> & ArgoWriterTools,
): StepHandler {
  const open = <T>(
    context: StepContext,
    act: (application: OpenApplication) => Promise<T>,
  ) =>
    withApplication(
      tools,
      context,
      (context.step.input as TerminateStepInput).application,
      act,
    );

  async function bringAbout(
    context: StepContext,
    application: OpenApplication,
  ): Promise<StepResult> {
    const { application: id } = context.step.input as TerminateStepInput;
    const writer = argoWriterOf(tools, id.instance);
    const deadline = deadlineOf(context, tools);
    let askedAt: number | undefined;
    for (;;) {
      const view = viewOf(context, application);
      if (view.at === 'over') return finish(context, tools, view.state);
      if (view.at === 'replaced') {
        if (askedAt === undefined && context.step.reference === undefined)
          return leaveAlone(context);
        return adoptReplaced(context, application);
      }
      report(context, view.state);
      if (view.at === 'running') {
        if (askedAt === undefined)
          askedAt = (await ask(context, application, writer))
            ? Date.now()
            : undefined;
        else if (Date.now() - askedAt > HEARD_MS)
          throw new Error(
            `Argo CD does not say that it stops the operation on ${id.name}`,
          );
      }
      assertInTime(deadline, id.name);
      await waitForApplication(tools, id, context);
    }
  }

  return {
    effect: 'adoptable',
    run: context =>
      open(context, application => bringAbout(context, application)),
    async adopt(context) {
      if (context.step.reference === undefined) return undefined;
      return open(context, async application => {
        const { application: id } = context.step.input as TerminateStepInput;
        const deadline = deadlineOf(context, tools);
        for (;;) {
          const view = viewOf(context, application);
          if (view.at === 'over') return finish(context, tools, view.state);
          if (view.at === 'replaced')
            return adoptReplaced(context, application);
          // To ask once more is the same wish for the same operation.
          if (view.at === 'running') return undefined;
          report(context, view.state);
          assertInTime(deadline, id.name);
          await waitForApplication(tools, id, context);
        }
      });
    },
  };
}

function viewOf(context: StepContext, application: OpenApplication): View {
  const { operation } = context.step.input as TerminateStepInput;
  const state = application.current().status?.operationState;
  if (!state || operationIdOf(state) !== operation) return { at: 'replaced' };
  if (isOver(state)) return { at: 'over', state };
  return { at: state.phase === 'Terminating' ? 'stopping' : 'running', state };
}

/** False when nothing was asked for, or Argo CD had nothing to stop. */
async function ask(
  context: StepContext,
  application: OpenApplication,
  writer: ArgoCdWriter,
): Promise<boolean> {
  const { application: id, operation } = context.step
    .input as TerminateStepInput;
  await context.beforeEffect({ operation });
  // The check takes its time, in which the operation may have ended, and another begun.
  if (viewOf(context, application).at !== 'running') return false;
  context.progress(`Asking Argo CD to stop the operation on ${id.name}`);
  try {
    await writer.terminate(id, { signal: context.signal });
    context.log(`Asked Argo CD to stop the operation on ${id.name}`);
    return true;
  } catch (error) {
    if (!(error instanceof ArgoCdError)) throw error;
    if (error.outcome === 'unknown') {
      context.log(`${error.message}; looking whether it is stopped`, 'warn');
      return true;
    }
    if (error.kind === 'forbidden') throw new StepFailedError(error.message);
    const words = error.argoMessage ?? error.message;
    if (error.kind === 'refused' && /no operation is in progress/i.test(words))
      return false;
    throw error;
  }
}

function finish(
  context: StepContext,
  { fleet }: Pick<StepTools, 'fleet'>,
  state: OperationState,
): StepResult {
  const { application: id, cluster } = context.step.input as TerminateStepInput;
  if (!isStopped(state))
    return toResult(context, {
      outcome: 'ended',
      text:
        state.phase === 'Succeeded'
          ? `The operation on ${id.name} came to its end before it was stopped`
          : `The operation on ${id.name} failed before it was stopped: ${
              describeFailure(state).cause
            }`,
    });
  const left = hooksLeft(state);
  for (const hook of left)
    context.log(
      `${describeHook(hook)} was left half-done: ${hook.message ?? 'stopped'}`,
      'warn',
    );
  context.recordChange({
    system: 'argocd',
    what: `stop of the operation on Application ${id.name}`,
    ref: `${id.instance}/${id.namespace}/${id.name}`,
    url: fleet.application(id)?.url,
    cluster: cluster ?? undefined,
    before: `running since ${state.startedAt}`,
    after: 'stopped',
  });
  return toResult(context, {
    outcome: 'stopped',
    text: `The operation on ${id.name} was stopped${
      left.length > 0
        ? `; left half-done: ${left.map(describeHook).join(', ')}`
        : ''
    }`,
  });
}

// Nothing was asked for: what is there now is not what a person was shown.
function leaveAlone(context: StepContext): StepResult {
  const { application: id } = context.step.input as TerminateStepInput;
  return toResult(context, {
    outcome: 'gone',
    text: `The operation on ${id.name} that was shown is over, and another has come since; that one is left alone`,
  });
}

// It was asked for, and another operation stands in its place: only the history may still tell.
function adoptReplaced(
  context: StepContext,
  application: OpenApplication,
): StepResult {
  const { application: id, operation } = context.step
    .input as TerminateStepInput;
  const isDeployed = (application.current().status?.history ?? []).some(
    ({ deployStartedAt }) =>
      deployStartedAt !== undefined &&
      operation.split(' ')[0] === deployStartedAt,
  );
  if (!isDeployed)
    throw new OutcomeUnknownError(
      `Argo CD was asked to stop the operation on ${id.name}, and another has replaced it since: whether it was stopped or failed by itself is not known`,
    );
  return toResult(context, {
    outcome: 'ended',
    text: `The operation on ${id.name} came to its end before it was stopped, by the history of the Application`,
  });
}

function report(context: StepContext, state: OperationState): void {
  context.progress(describeOperation(state));
}

function deadlineOf(
  { step }: StepContext,
  { patience }: Pick<StepTools, 'patience'>,
): number {
  return Date.now() + step.timeoutMs * patience.shareOfTimeout;
}

function assertInTime(deadline: number, name: string): void {
  if (Date.now() >= deadline)
    throw new StepFailedError(
      `Argo CD has not stopped the operation on ${name} in time; its controller may be stuck itself`,
    );
}

function toResult(context: StepContext, output: TerminateOutput): StepResult {
  context.log(output.text);
  return { output };
}

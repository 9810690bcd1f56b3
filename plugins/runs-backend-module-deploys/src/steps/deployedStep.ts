import {
  StepContext,
  StepFailedError,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { Application, OperationState } from '@switchyard/fleet-node';
import {
  describeFailure,
  describeOperation,
  findConditions,
} from '../argocd/describeOperation';
import { DeployedStepInput } from '../creation/types';
import { StepTools } from './types';
import { withApplication } from './withApplication';

/** What has become of the first sync of an Application. */
type Outcome =
  | { at: 'well'; text: string }
  | { at: 'failed'; state: OperationState };

/**
 * Waits until an Application that syncs by itself has been synced for the first time and is well. Changes nothing.
 */
export function createDeployedStep(
  tools: Pick<StepTools, 'fleet' | 'patience'>,
): StepHandler {
  return {
    effect: 'none',
    run(context) {
      const { application: id } = context.step.input as DeployedStepInput;
      return withApplication(tools, context, id, async application => {
        const outcome = await inTime(context, tools, signal =>
          application.until(
            current => {
              context.progress(describe(current));
              return judge(current);
            },
            { signal },
          ),
        );
        if (outcome === undefined)
          throw new StepFailedError(
            `${id.name} is not well in time: ${describe(
              application.current(),
            )}`,
          );
        if (outcome.at === 'failed') {
          const { cause, details } = describeFailure(outcome.state);
          throw new StepFailedError(
            `The first sync of ${id.name} failed: ${cause}`,
            { details },
          );
        }
        context.log(outcome.text);
        return { output: { argo: outcome.text } };
      });
    },
  };
}

/** Undefined when the step's time is up. */
async function inTime<T>(
  { step, signal }: StepContext,
  { patience }: Pick<StepTools, 'patience'>,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const timeout = AbortSignal.timeout(step.timeoutMs * patience.shareOfTimeout);
  try {
    return await wait(AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (signal.aborted || !timeout.aborted) throw error;
    return undefined;
  }
}

function judge({ status }: Application): Outcome | undefined {
  const state = status?.operationState;
  if (state?.phase === 'Failed' || state?.phase === 'Error')
    return { at: 'failed', state };
  const isWell =
    status?.health?.status === 'Healthy' ||
    status?.health?.status === 'Suspended';
  return status?.sync?.status === 'Synced' && isWell
    ? { at: 'well', text: `Argo CD says Synced and ${status.health!.status}` }
    : undefined;
}

function describe(application: Application): string {
  const { sync, health, operationState } = application.status ?? {};
  const [condition] = findConditions(application);
  if (condition) return condition;
  if (operationState && operationState.phase !== 'Succeeded')
    return describeOperation(operationState);
  return `Argo CD says ${sync?.status ?? 'nothing'} and ${
    health?.status ?? 'nothing of its health'
  }${health?.message ? ` (${health.message})` : ''}`;
}

import { StepHandler } from '@switchyard/backstage-plugin-runs-node';
import { FleetReader } from '@switchyard/fleet-node';
import { ContinueStepInput } from '../canary/types';
import { followWorkload } from './followWorkload';
import { StepTools } from './types';

/**
 * Waits until the Job at which Argo CD waited has ended. Changes nothing.
 */
export function createContinuedStep(
  tools: Pick<StepTools, 'fleet' | 'patience'>,
): StepHandler {
  return {
    effect: 'none',
    async run(context) {
      const input = context.step.input as ContinueStepInput;
      const state = await followWorkload(context, tools, {
        workload: input.workload,
        look: () => viewJob(input, tools.fleet),
        wanted: 'has not ended',
      });
      return { output: { state } };
    },
  };
}

function viewJob({ workload, uid }: ContinueStepInput, fleet: FleetReader) {
  const { cluster, namespace, name } = workload;
  const job = fleet
    .jobs({ cluster, namespace, name })
    .find(each => each.uid === uid);
  const called = `Job ${name}`;
  const view = { done: false, troubled: [] };
  // Argo CD may delete a hook once it has succeeded.
  if (!job) return { ...view, done: true, text: `${called} is gone` };
  const { condition, active } = job;
  if (condition?.type === 'Failed') {
    const text = `${called} failed: ${condition.message ?? condition.reason}`;
    return { ...view, text, failed: text };
  }
  return condition?.type === 'Complete'
    ? { ...view, done: true, text: `${called} has ended: Argo CD goes on` }
    : {
        ...view,
        text: `${called} ${active > 0 ? 'is running' : 'has not begun yet'}`,
      };
}

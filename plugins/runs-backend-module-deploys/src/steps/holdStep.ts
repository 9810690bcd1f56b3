import { StepHandler } from '@switchyard/backstage-plugin-runs-node';

const MAX_REASON = 500;

/** Locks the target of a run that has brought an older version back, so that nobody ships over it before its cause is known. Changes nothing elsewhere. */
export function createHoldStep(): StepHandler {
  return {
    effect: 'none',
    async run(context) {
      const { number, reason } = context.run;
      await context.holdTarget(
        `Rolled back by run #${number}: ${reason}`.slice(0, MAX_REASON),
      );
      context.log('The target is locked until somebody lifts that');
      return { output: { held: true } };
    },
  };
}

import { Config } from '@backstage/config';
import { Change, PlannedStep } from '@switchyard/backstage-plugin-runs-common';

/** Whether a rollback locks its target, by `switchyard.deploys.rollback.hold`. */
export function readHoldAfterRollback(config: Config): boolean {
  return config.getOptionalBoolean('switchyard.deploys.rollback.hold') ?? true;
}

/** The step that locks the target, once all that Argo CD has to do is done: whether the pods get well does not matter for that. */
export function holdStep(steps: readonly PlannedStep[]): PlannedStep {
  return {
    id: 'hold',
    title: 'Lock against new versions',
    handler: 'hold',
    needs: steps.filter(({ effect }) => effect !== 'none').map(({ id }) => id),
    effect: 'none',
    input: {},
    timeoutMs: 60_000,
    maxAttempts: 10,
  };
}

/** What the preview says of it. */
export function describeHold(environment: string): Change {
  return {
    system: 'switchyard',
    what: `lock in ${environment}`,
    before: 'none by this run',
    after: 'for all but who rolls back, until somebody lifts it',
  };
}

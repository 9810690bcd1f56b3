import { JsonObject } from '@backstage/types';
import { StepContext } from '@switchyard/backstage-plugin-runs-node';
import { ClaimedRun, Confirmed, StepRecord } from '../database/types';

/** What a step is told of its run. */
export function describeRun(
  run: Omit<ClaimedRun['run'], 'actor' | 'actorGroups'>,
  url: string,
): StepContext['run'] {
  const { plan } = run;
  return {
    id: run.id,
    number: run.number,
    kind: plan.kind,
    planHash: run.planHash,
    planVersion: plan.version,
    entityRef: plan.entityRef,
    environment: plan.environment,
    intent: plan.intent,
    requestedBy: run.requestedBy,
    reason: run.reason,
    requestedAt: run.requestedAt,
    url,
  };
}

/** What a person has said last that a step may rest on. */
export function wordsOf(
  said: Confirmed | undefined,
  stepId: string,
): Pick<StepContext, 'confirmed' | 'retried'> {
  if (!said) return {};
  const { by, at, found, retriedStepId, retriedStepIds } = said;
  return {
    confirmed: said.stepId === stepId ? { by, at, found } : undefined,
    retried:
      retriedStepId === stepId || retriedStepIds?.includes(stepId)
        ? { by, at }
        : undefined,
  };
}

/** What the steps before have found out or made, by step. */
export function outputsOf(
  steps: ReadonlyArray<Pick<StepRecord, 'stepId' | 'status' | 'output'>>,
): Record<string, JsonObject> {
  return Object.fromEntries(
    steps
      .filter(step => step.status === 'succeeded')
      .map(step => [step.stepId, step.output ?? {}]),
  );
}

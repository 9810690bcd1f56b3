import { StepContext } from '@switchyard/backstage-plugin-runs-node';
import { OperationState } from '@switchyard/fleet-node';
import { operationIdOf } from '../argocd/operationIdentity';

/**
 * A sync that is asked for. The step's reference keeps it from before it is sent, so that a later attempt knows what it may find. No time of any machine is
 * compared with that of another: operations and people's words are told apart by identity.
 */
export type SyncOrder = {
  commit: string;
  /** The last operation before, by `operationIdOf`; null where there was none. */
  operationBefore: string | null;
  /** The attempt that asks; its operation carries it. Missing in orders of versions that did not say so. */
  attempt?: number;
  /** Which word of a person lets it ask, by `wordOf`; null where none was needed. */
  word?: string | null;
};

/** Anything that is asked of Argo CD's controller: what tells a later attempt whether it arrived. */
export type OperationOrder = Pick<
  SyncOrder,
  'operationBefore' | 'attempt' | 'word'
>;

/** An order over the operation that is the last one now. */
export function createOrder(
  context: StepContext,
  commit: string,
  state: OperationState | undefined,
): SyncOrder {
  return {
    commit,
    operationBefore: operationIdOf(state),
    attempt: context.step.attempt,
    word: wordOf(context),
  };
}

/** The order of an earlier attempt whose outcome is open. A person's word that came after it settles it: what had become of it was there to be seen. */
export function openOrderOf<T extends OperationOrder = SyncOrder>(
  context: StepContext,
): T | undefined {
  const order = context.step.reference as T | undefined;
  const word = wordOf(context);
  return word !== null && word !== (order?.word ?? null) ? undefined : order;
}

/** A person's last word about this step, that it be tried again or go on; null where there was none. Its time is a name, and is not compared with others. */
export function wordOf({ retried, confirmed }: StepContext): string | null {
  return retried?.at ?? confirmed?.at ?? null;
}

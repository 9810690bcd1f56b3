import { createExtensionPoint } from '@backstage/backend-plugin-api';
import { JsonObject } from '@backstage/types';
import { ActionKind } from './actionKind';
import { FactSource } from './facts';

/**
 * Where domains add what runs can carry out.
 *
 * @public
 */
export interface RunsActionsExtensionPoint {
  /** @throws Error when the kind is taken */
  addActionKind<TInput extends JsonObject>(
    actionKind: ActionKind<TInput>,
  ): void;
}

/** @public */
export const runsActionsExtensionPoint =
  createExtensionPoint<RunsActionsExtensionPoint>({ id: 'runs.actions' });

/**
 * Where domains add facts that the interlock needs.
 *
 * @public
 */
export interface RunsFactsExtensionPoint {
  /** A source that was added is required: where it is not readable, its actions are blocked (see `onlyFindings`). @throws Error when the id is taken */
  addSource(source: FactSource): void;
  /** Names of the clusters that there are, from memory: a lock may be set on one of them. */
  addClusters(list: () => readonly string[]): void;
}

/** @public */
export const runsFactsExtensionPoint =
  createExtensionPoint<RunsFactsExtensionPoint>({ id: 'runs.facts' });

import { Entity } from '@backstage/catalog-model';
import { RunPlan } from '@switchyard/backstage-plugin-runs-common';

/**
 * Whether the target agrees to be acted on by this entity: annotations of an entity are claims, not rights.
 *
 * @public
 */
export interface ConsentFact {
  type: 'consent';
  /** The Application or workload, e.g. `Application argocd/orders-blue`. */
  ref: string;
  given: boolean;
  /** For a missing one: what would have to be added where. */
  why: string;
}

/**
 * Whether Argo CD's sync windows let an Application be synced now.
 *
 * @public
 */
export interface SyncWindowFact {
  type: 'sync-window';
  /** `Application argocd/orders-blue`. */
  ref: string;
  open: boolean;
  why: string;
  since?: string;
  until?: string;
}

/**
 * That another entity acts on the same target: its locks bind too.
 *
 * @public
 */
export interface SharedTargetFact {
  type: 'shared-target';
  /** `Application argocd/orders-blue`. */
  ref: string;
  /** The other entity, by its full ref in lower case. */
  entityRef: string;
}

/** @public */
export type Fact = ConsentFact | SyncWindowFact | SharedTargetFact;

/** @public */
export type FactReading =
  | {
      state: 'read';
      /** ISO time of the oldest observation it rests on. */ asOf: string;
      facts: Fact[];
    }
  | { state: 'not-readable'; why: string };

/**
 * Reads facts about a target for the interlock. Sources never decide.
 *
 * @public
 */
export interface FactSource {
  readonly id: string;
  /** Action kinds that it has facts for. */
  readonly actions: readonly string[];
  /** From memory where it can: it is asked for every card too. Past the interlock's time limit it counts as not readable. */
  read(request: FactRequest): Promise<FactReading>;
}

/** @public */
export interface FactRequest {
  entity: Entity;
  environment: string;
  action: string;
  /** Absent when a card asks. */
  plan?: Pick<RunPlan, 'kind' | 'version' | 'intent' | 'keys'>;
  signal: AbortSignal;
}

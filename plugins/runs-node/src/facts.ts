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

/**
 * How much a finding matters, worst first. What follows from it in which environment is for `switchyard.runs.findings` to say.
 *
 * @public
 */
export const FINDING_SEVERITIES = ['error', 'warning', 'info'] as const;

/** @public */
export type FindingSeverity = (typeof FINDING_SEVERITIES)[number];

/**
 * What a check has found to be wrong with the target.
 *
 * @public
 */
export interface FindingFact {
  type: 'finding';
  /** Of the check, the same wherever it finds something: `ZD04`. */
  id: string;
  severity: FindingSeverity;
  /** Short: 'No readiness gate'. */
  title: string;
  /** The whole finding in one or two sentences, ready to show. */
  what: string;
  /** The object or file, and the field: `Deployment web in prod-blue, spec.template`. */
  where: string;
  /** ISO time from which it holds, where known. */
  since?: string;
  /** A page that explains it: a path of the portal, or an http(s) address. */
  url?: string;
}

/**
 * That the action would touch a cluster: its locks bind.
 *
 * @public
 */
export interface ClusterFact {
  type: 'cluster';
  /** Name of the cluster, as people know it. */
  name: string;
}

/** @public */
export type Fact =
  | ConsentFact
  | SyncWindowFact
  | SharedTargetFact
  | FindingFact
  | ClusterFact;

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
  /**
   * Whether it brings findings and nothing else. That such a source cannot be read forbids where one of its findings could; elsewhere it is a
   * warning.
   */
  readonly onlyFindings?: boolean;
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

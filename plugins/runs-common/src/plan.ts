import { JsonObject } from '@backstage/types';
import { PlannedGate } from './gates';
import { Warning } from './interlock';

/**
 * How the effect of a step may be tried again.
 *
 * - `none`: it changes nothing outside our own tables.
 * - `idempotent`: doing it again changes nothing.
 * - `adoptable`: it can find out whether an earlier attempt did it.
 * - `manual`: an unknown outcome goes to 'needs attention', never silently again.
 *
 * @public
 */
export type EffectClass = 'none' | 'idempotent' | 'adoptable' | 'manual';

/**
 * A change that a plan will make, or that a step has made, in words that every screen can show.
 *
 * @public
 */
export interface Change {
  /** The system that changes: 'git', 'argocd', 'kubernetes'. */
  system: string;
  /** What it is, e.g. 'image of Deployment orders' or 'file apps/orders/deployment.yaml'. */
  what: string;
  /** Its name in that system: a commit, an Application, repository and path. */
  ref?: string;
  url?: string;
  /** Name of the cluster, where the change belongs to one. */
  cluster?: string;
  before?: string;
  after?: string;
  /** Unified diff of a text file, without a/ and b/ prefixes. */
  diff?: string;
}

/**
 * Something that makes a plan impossible, found while planning: the confirm button stays disabled.
 *
 * @public
 */
export interface PlanProblem {
  what: string;
  why: string;
  /** The input field that would have to change, where one would. */
  field?: string;
  ref?: string;
}

/**
 * One step of a plan. `needs` makes the steps a graph: a step starts when all it needs have succeeded.
 *
 * @public
 */
export interface PlannedStep {
  /** Unique in the plan, e.g. `commit.deploy-blue`. */
  id: string;
  title: string;
  /** Name of the action kind's handler that carries it out. */
  handler: string;
  needs: string[];
  effect: EffectClass;
  input: JsonObject;
  /** Longest time one attempt may take, in milliseconds. */
  timeoutMs: number;
  /** How long one attempt usually takes at most, in milliseconds: from then on people are told that it takes unusually long. Default: half of `timeoutMs`. */
  expectedMs?: number;
  /** Attempts before the run is dead. 1 = never retried by itself. */
  maxAttempts: number;
  /** Whether a person may let the run go on without it: what needs it starts as if it had succeeded, and finds no output of it. */
  skippable?: boolean;
  /** Cluster that the step acts in, for screens. */
  cluster?: string;
}

/**
 * A run that a plan will ask for on its way, with its whole plan: what people were shown and agreed to is what it carries out.
 *
 * @public
 */
export interface PlannedChild {
  /** Unique in the plan, e.g. the name of the component. */
  id: string;
  /** What was chosen for it, as if a person had asked for it alone. */
  input: JsonObject;
  /** Has no children of its own. */
  plan: RunPlan;
}

/**
 * What a run will do. Immutable once requested.
 *
 * @public
 */
export interface RunPlan {
  kind: string;
  /** Version of the plan's format; a worker claims only kinds and versions that it registered. */
  version: number;
  /** The component, as a full entity ref. */
  entityRef: string;
  /** Name of the environment; with the component it is the target. */
  environment: string;
  /** The effect in words, repeated on the confirm button: 'Ship v5.3.25 to 2 clusters'. */
  title: string;
  /** What is intended: action, targets, image per file. The hash covers this, never the state before. */
  intent: JsonObject;
  /** Keys that exclude other runs while this one is active, e.g. `target:component:default/orders@production`. */
  keys: string[];
  steps: PlannedStep[];
  /** Runs that its steps ask for. They hold keys, so a plan with children has none itself. The hash covers theirs. */
  children?: PlannedChild[];
  /** Where the run waits for people on its way. */
  gates?: PlannedGate[];
  changes: Change[];
  warnings: Warning[];
  problems: PlanProblem[];
  /** How a person would take it back, in one sentence. */
  undo?: string;
  /** ISO time at which what is shipped was committed, or built where only that is known: from then on the lead time counts. Not part of the hash. */
  committedAt?: string;
}

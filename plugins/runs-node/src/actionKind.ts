import { Entity } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { z } from 'zod';
import { StepHandler } from './steps';

/**
 * A kind of intent that a domain contributes: how it is planned, and the handlers of its steps.
 *
 * @public
 */
export interface ActionKind<TInput extends JsonObject = JsonObject> {
  /** Lower case, e.g. 'hotfix'. Unique over all modules. */
  readonly kind: string;
  /** What the button says: 'Hotfix'. */
  readonly title: string;
  /** Plan versions that the handlers can carry out, newest last. A plan made now has the last one. */
  readonly planVersions: readonly number[];
  /** Checks and types the input of a preview or request. */
  readonly inputSchema: z.ZodType<TInput>;
  readonly steps: Readonly<Record<string, StepHandler>>;
  /** Whether a newer run may take the place of one on the same target that has done nothing yet: only where the later one makes the earlier pointless. */
  readonly replacesQueued?: boolean;
  /** Environments in which the action makes sense for the entity, from memory, without waiting for anything remote. */
  environments(entity: Entity): string[];
  /**
   * What people can choose from for its input, as the action's own form reads it. Only where that is worth a call of its own.
   */
  choices?(request: ChoicesRequest, lookup: EntityLookup): Promise<JsonObject>;
  /**
   * Makes the plan. What makes it impossible goes into `problems`, as much of it as can be found at once.
   *
   * @throws InputError when the input names something that does not exist
   */
  plan(request: PlanRequest<TInput>, lookup: EntityLookup): Promise<RunPlan>;
}

/** @public */
export interface ChoicesRequest {
  entity: Entity;
  environment: string;
  signal: AbortSignal;
}

/** @public */
export interface PlanRequest<TInput> extends ChoicesRequest {
  input: TInput;
}

/**
 * For plans about more than one entity.
 *
 * @public
 */
export interface EntityLookup {
  /** Other entities, one place per full ref, as far as the person who asks may see them. */
  find(entityRefs: string[]): Promise<Array<Entity | undefined>>;
}

import { Entity } from '@backstage/catalog-model';
import {
  ApprovalState,
  RunPlan,
} from '@switchyard/backstage-plugin-runs-common';
import { GateStore } from '../database/GateStore';
import { DecisionRecord, GateRecord, NewGate } from '../database/types';
import { Reading } from '../interlock/evaluate';
import { ApprovalsInput } from '../interlock/judgeApprovals';
import { hashPlan } from '../kinds/planHash';
import { ApprovalPolicies, RequiredApproval } from './ApprovalPolicies';
import { describeShortage, findApprovers } from './findApprovers';
import { describeRule, judgeApproval } from './judgeApproval';
import { asOfNow, Standings } from './lapse';

/** Something that a person asks for, or may want to. */
interface Wish {
  entity: Entity;
  environment: string;
  action: string;
  requestedBy: string;
  /** Absent when a card asks. */
  plan?: RunPlan;
}

/** A run as far as its approvals go. */
export interface RunApproval {
  plan: RunPlan;
  gates: GateRecord[];
  requestedBy: string;
  /** Whether it has come as far as an effect; then nothing more is asked for than what was. */
  hasBegun: boolean;
}

/** Reads what people have to agree to, and how far that has come. Decides nothing. */
export class Approvals {
  static create(options: {
    policies: ApprovalPolicies;
    gates: Pick<GateStore, 'findReusable'>;
    /** Entities as the catalog has them, by the plugin's own rights. */
    findEntities: (refs: string[]) => Promise<Array<Entity | undefined>>;
  }): Approvals {
    return new Approvals(options);
  }

  readonly #policies: ApprovalPolicies;
  readonly #gates: Pick<GateStore, 'findReusable'>;
  readonly #findEntities: (
    refs: string[],
  ) => Promise<Array<Entity | undefined>>;

  private constructor(options: Parameters<typeof Approvals.create>[0]) {
    this.#policies = options.policies;
    this.#gates = options.gates;
    this.#findEntities = options.findEntities;
  }

  /** What a wish would wait for. People are counted only where there is a plan: a card is drawn often. */
  async ofWish(wish: Wish): Promise<Reading<ApprovalsInput>> {
    const required = this.#policies.find(wish);
    try {
      const states = await Promise.all(
        required.map(async each => {
          const state = this.#judge(each, wish, await this.#reuse(each, wish));
          const shortage =
            wish.plan && state.missing > 0
              ? await this.#findShortage(each, wish)
              : undefined;
          return { ...state, shortage };
        }),
      );
      return { state: 'read', value: { states, due: false, notAsked: [] } };
    } catch {
      return {
        state: 'not-readable',
        why: 'Who could approve cannot be found out.',
      };
    }
  }

  /**
   * What a run has been given, as far as it still counts: whoever has left the catalog, or the group that gave the right, does not. Pure: what it was
   * asked for is kept with it.
   */
  ofRun(
    run: RunApproval,
    entity: Entity,
    standings: Standings,
  ): ApprovalsInput {
    const { plan, gates, requestedBy, hasBegun } = run;
    const required = hasBegun
      ? []
      : this.#policies.find({
          entity,
          environment: plan.environment,
          action: plan.kind,
        });
    if (gates.length === 0 && required.length === 0)
      return { states: [], due: true, notAsked: [] };
    // What would be carried out, not what the row says its hash was.
    const planHash = hashPlan(plan);
    const judgeAsOfNow = (about: Parameters<typeof judgeApproval>[0]) => {
      const asGiven = judgeApproval(about);
      const decisions = about.decisions.flatMap(
        each => asOfNow(each, standings) ?? [],
      );
      const state = judgeApproval({ ...about, decisions });
      const lapsed = asGiven.given
        .filter(({ by, onBehalfOf }) =>
          state.given.every(
            each => each.by !== by || each.onBehalfOf !== onBehalfOf,
          ),
        )
        .map(each => each.onBehalfOf ?? each.by);
      return { ...state, lapsed };
    };
    return {
      // A gate on the way that is still closed holds its step by itself.
      states: gates.flatMap(({ name, rule, decisions, beforeStep, status }) =>
        rule && (beforeStep === undefined || status === 'open')
          ? [judgeAsOfNow({ name, rule, decisions, requestedBy, planHash })]
          : [],
      ),
      due: true,
      notAsked: required
        .filter(({ policy }) => !gates.some(gate => gate.name === policy.name))
        .map(each => this.#judge(each, { requestedBy, plan }, [])),
    };
  }

  /** The gates that a run gets when it is asked for. */
  async toGates(wish: Wish & { plan: RunPlan }): Promise<NewGate[]> {
    const fromPolicies = this.#policies
      .find(wish)
      .map(async (each): Promise<NewGate> => {
        const reused = await this.#reuse(each, wish);
        return {
          name: each.policy.name,
          kind: 'approval',
          title: describeRule(each.rule),
          rule: each.rule,
          expiresInMs: each.policy.expiresMs,
          reused,
          isOpen: this.#judge(each, wish, reused).missing === 0,
        };
      });
    const fromPlan = (wish.plan.gates ?? []).map(
      ({ name, kind, title, before, rule }): NewGate => ({
        name,
        kind,
        title,
        beforeStep: before,
        rule,
        reused: [],
        isOpen: false,
      }),
    );
    return [...(await Promise.all(fromPolicies)), ...fromPlan];
  }

  #judge(
    { policy, rule }: RequiredApproval,
    { requestedBy, plan }: Pick<Wish, 'requestedBy' | 'plan'>,
    decisions: DecisionRecord[],
  ): ApprovalState {
    return judgeApproval({
      name: policy.name,
      rule,
      decisions,
      requestedBy,
      planHash: plan ? hashPlan(plan) : '',
    });
  }

  async #reuse(
    { policy }: RequiredApproval,
    { plan }: Wish,
  ): Promise<DecisionRecord[]> {
    if (!plan || policy.reuseMs === undefined) return [];
    return this.#gates.findReusable({
      planHash: hashPlan(plan),
      entityRef: plan.entityRef,
      environment: plan.environment,
      name: policy.name,
      withinMs: policy.reuseMs,
    });
  }

  async #findShortage(
    { rule }: RequiredApproval,
    { requestedBy }: Wish,
  ): Promise<string | undefined> {
    const find = this.#findEntities;
    return describeShortage(
      rule,
      await findApprovers({ rule, requestedBy, find }),
    );
  }
}

import { Entity } from '@backstage/catalog-model';
import {
  ActionRight,
  ApprovalRule,
} from '@switchyard/backstage-plugin-runs-common';
import { getOwnerRefs } from '@switchyard/backstage-plugin-runs-node';
import { UNASSIGNED_ENVIRONMENT } from '../environments';

/** How important a component is, as its label or annotation says. */
const TIER = 'switchyard/tier';
/** Stands for a component that says nothing of its tier. */
const NO_TIER = 'none';

/** A row of `switchyard.runs.approvals`. A field of `match` that is absent does not restrict. */
export interface ApprovalPolicy {
  name: string;
  match: {
    environments?: string[];
    actions?: string[];
    tiers?: string[];
    owners?: string[];
  };
  needed: number;
  from: { refs: string[]; owners: boolean };
  required: string[];
  selfApproval: boolean;
  delegation: boolean;
  expiresMs: number;
  /** How old an approval of the same plan may be to count again; undefined: never. */
  reuseMs?: number;
}

/** A policy that applies, with its approvers by name. */
export interface RequiredApproval {
  policy: ApprovalPolicy;
  rule: ApprovalRule;
}

/** Finds what an action needs people to agree to. All policies that match apply. */
export class ApprovalPolicies {
  readonly #policies: ApprovalPolicy[];

  constructor(policies: ApprovalPolicy[]) {
    this.#policies = policies;
  }

  find(about: {
    entity: Entity;
    environment: string;
    action: string;
  }): RequiredApproval[] {
    const owners = getOwnerRefs(about.entity);
    return this.#policies
      .filter(policy => applies(policy, { ...about, owners }))
      .map(policy => ({
        policy,
        rule: {
          needed: policy.needed,
          from: [
            ...new Set([
              ...policy.from.refs,
              ...(policy.from.owners ? owners : []),
            ]),
          ],
          required: policy.required,
          selfApproval: policy.selfApproval,
          delegation: policy.delegation,
        },
      }));
  }

  /** What may be asked for, before the component is known. */
  findAhead(about: {
    environment: string;
    action: string;
  }): ActionRight['approvals'] {
    return this.#policies
      .filter(policy => appliesIn(policy, about))
      .map(({ name, needed, from, match }) => ({
        name,
        needed,
        from: from.refs,
        owners: from.owners,
        always: !match.tiers && !match.owners,
      }));
  }
}

function applies(
  policy: ApprovalPolicy,
  about: {
    entity: Entity;
    environment: string;
    action: string;
    owners: string[];
  },
): boolean {
  const { match } = policy;
  const { labels, annotations } = about.entity.metadata;
  const tier = labels?.[TIER] ?? annotations?.[TIER] ?? NO_TIER;
  return (
    appliesIn(policy, about) &&
    meets(match.tiers, tier) &&
    meets(match.owners, ...about.owners)
  );
}

function appliesIn(
  { match }: ApprovalPolicy,
  about: { environment: string; action: string },
): boolean {
  return (
    (about.environment === UNASSIGNED_ENVIRONMENT ||
      meets(match.environments, about.environment)) &&
    meets(match.actions, about.action)
  );
}

function meets(wanted: string[] | undefined, ...found: string[]): boolean {
  return !wanted || found.some(each => wanted.includes(each));
}

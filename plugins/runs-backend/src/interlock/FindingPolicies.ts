import { FindingSeverity } from '@switchyard/backstage-plugin-runs-node';
import { UNASSIGNED_ENVIRONMENT } from '../environments';

/** What follows from a finding, strictest first. */
export const CONSEQUENCES = ['block', 'warn', 'ignore'] as const;
export type Consequence = (typeof CONSEQUENCES)[number];

/** What follows from findings of each severity. */
export type Consequences = Readonly<Record<FindingSeverity, Consequence>>;

/** A row of `switchyard.runs.findings`. A field of `match` that is absent does not restrict. */
export interface FindingPolicy {
  match: { environments?: string[]; actions?: string[] };
  severities: Partial<Consequences>;
}

/** Checks are believed once somebody has said so: until then they stop nobody. */
const UNLESS_TOLD: Consequences = {
  error: 'warn',
  warning: 'warn',
  info: 'ignore',
};

/** Says what findings do to an action. Of the rows that match, the strictest counts. */
export class FindingPolicies {
  readonly #policies: FindingPolicy[];

  constructor(policies: FindingPolicy[]) {
    this.#policies = policies;
  }

  find(about: { environment: string; action: string }): Consequences {
    const rows = this.#policies.filter(policy => applies(policy, about));
    const strictest = (severity: FindingSeverity) =>
      CONSEQUENCES.find(consequence =>
        rows.some(row => row.severities[severity] === consequence),
      ) ?? UNLESS_TOLD[severity];
    return {
      error: strictest('error'),
      warning: strictest('warning'),
      info: strictest('info'),
    };
  }
}

function applies(
  { match }: FindingPolicy,
  about: { environment: string; action: string },
): boolean {
  return (
    (about.environment === UNASSIGNED_ENVIRONMENT ||
      !match.environments ||
      match.environments.includes(about.environment)) &&
    (!match.actions || match.actions.includes(about.action))
  );
}

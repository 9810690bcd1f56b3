import { LockKind, LockScope } from '@switchyard/backstage-plugin-runs-common';
import { InputError } from '@backstage/errors';

/** How long locks may hold, and do where nobody says. */
export interface LockPolicy {
  /** What the row is about. Without a field it does not restrict. */
  match: {
    environments?: string[];
    scopes?: LockScope[];
    kinds?: LockKind[];
  };
  /** How long a lock holds whose author says nothing, in milliseconds; undefined: until it is released. */
  defaultMs?: number;
  /** How long it may hold at most, in milliseconds; undefined: as long as its author wants. */
  longestMs?: number;
}

/** What a policy has to know of a lock. */
export interface PolicyQuestion {
  scope: LockScope;
  kind: LockKind;
  /** Absent where it binds all environments. */
  environment?: string;
}

/** When locks end, by the rows of `switchyard.runs.locks.expiry`. The first that matches counts. */
export class LockPolicies {
  readonly #rows: readonly LockPolicy[];

  constructor(rows: readonly LockPolicy[]) {
    this.#rows = rows;
  }

  /**
   * When a lock ends that begins at a time.
   *
   * @param asked - undefined: as the policy says; null: never by itself
   * @throws InputError when it would hold longer than the policy lets it
   */
  endOf(
    question: PolicyQuestion,
    asked: Date | null | undefined,
    begins: Date,
  ): Date | undefined {
    const { defaultMs, longestMs } =
      this.#rows.find(row => matches(row, question)) ?? {};
    const chosen =
      asked === undefined && defaultMs !== undefined
        ? new Date(begins.getTime() + defaultMs)
        : asked ?? undefined;
    if (longestMs === undefined) return chosen;
    const latest = begins.getTime() + longestMs;
    if (chosen === undefined || chosen.getTime() > latest)
      throw new InputError(
        `expiresAt: a ${question.kind} may hold until ${new Date(
          latest,
        ).toISOString()} here; give a time until then`,
      );
    return chosen;
  }
}

/** A lock of all environments is one of each that a row names. */
function matches({ match }: LockPolicy, question: PolicyQuestion): boolean {
  const { environments, scopes, kinds } = match;
  return (
    (!environments ||
      question.environment === undefined ||
      environments.includes(question.environment)) &&
    (!scopes || scopes.includes(question.scope)) &&
    (!kinds || kinds.includes(question.kind))
  );
}

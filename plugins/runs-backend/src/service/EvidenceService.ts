import { ConflictError, NotAllowedError } from '@backstage/errors';
import { RunEvidence } from '@switchyard/backstage-plugin-runs-common';
import { EvidenceReader } from '../evidence/EvidenceReader';
import { RunReader } from './RunReader';
import { canRetry } from './runVerbs';
import { TargetAuthorizer } from './TargetAuthorizer';
import { CallOptions } from './types';

/** What the world says now about runs that have stopped. */
export interface EvidenceService {
  /**
   * @throws NotFoundError when there is no such run, or when its component is hidden from the caller
   * @throws ConflictError when the run has not stopped: it knows more than anybody who looks
   */
  getEvidence(id: string, options: CallOptions): Promise<RunEvidence>;
}

/** {@link EvidenceService} with its permission: whoever may see runs may know how things stand. */
export class AuthorizedEvidenceService implements EvidenceService {
  static create(options: {
    reader: RunReader;
    evidence: EvidenceReader;
    authorizer: TargetAuthorizer;
  }): AuthorizedEvidenceService {
    return new AuthorizedEvidenceService(options);
  }

  readonly #reader: RunReader;
  readonly #evidence: EvidenceReader;
  readonly #authorizer: TargetAuthorizer;

  private constructor(options: {
    reader: RunReader;
    evidence: EvidenceReader;
    authorizer: TargetAuthorizer;
  }) {
    this.#reader = options.reader;
    this.#evidence = options.evidence;
    this.#authorizer = options.authorizer;
  }

  async getEvidence(id: string, { caller }: CallOptions): Promise<RunEvidence> {
    const { mayRead } = await this.#authorizer.decide(caller.credentials);
    if (!mayRead) throw new NotAllowedError('You may not see runs');
    const run = await this.#reader.find(id, caller);
    if (!canRetry(run))
      throw new ConflictError(
        `Run #${run.number} has not stopped at a step: there is nothing to look for`,
      );
    return this.#evidence.read(run);
  }
}

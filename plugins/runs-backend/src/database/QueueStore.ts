import {
  Claim,
  ClaimedRun,
  LockRecord,
  NewRun,
  RunDelta,
  RunEnd,
} from './types';

/**
 * The durable queue, as those who put runs in and carry them out see it. Every write of a worker names its claim and rejects with
 * {@link LeaseLostError} when the claim is no longer the current one.
 */
export interface QueueStore {
  /** False when the requester has used the idempotency key before; then nothing was written. */
  insertRun(run: NewRun): Promise<boolean>;
  /** Undefined when the run cannot be carried out now: by this worker, or because it is not its turn. */
  claim(options: {
    runId: string;
    kinds: string[];
    worker: string;
    leaseMs: number;
  }): Promise<ClaimedRun | undefined>;
  /** Extends the lease too. */
  save(
    claim: Claim,
    delta: RunDelta,
    options: { leaseMs: number },
  ): Promise<{ cancelRequestedBy?: string }>;
  /**
   * As `save`, but refused when the lease has run out; answers with the locks of this moment, in the run's environment, on its entity and on those
   * that share its target.
   */
  saveAndReadLocks(
    claim: Claim,
    delta: RunDelta,
    options: { leaseMs: number; sharers: string[] },
  ): Promise<{ locks: LockRecord[] }>;
  end(claim: Claim, delta: RunDelta, end: RunEnd): Promise<void>;
  /** Claims that are missing in the answer are lost. */
  renew(
    claims: Claim[],
    options: { leaseMs: number },
  ): Promise<Map<string, { cancelRequestedBy?: string }>>;
  /** Lets others take the runs over at once. */
  release(claims: Claim[]): Promise<void>;
  /** Names of the workers that hold leases. */
  listHolders(): Promise<string[]>;
  /** Ends the leases of workers that are known to be dead. */
  expireWorkers(workers: string[]): Promise<void>;
  /** Ids of runs that could be carried out but are not. */
  findForsaken(options: { kinds: string[]; limit: number }): Promise<string[]>;
}

/** The claim is no longer the current one: another worker has taken the run over, or the lease has run out. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

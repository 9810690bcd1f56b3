import { PassRecord } from '../breakGlass/types';
import {
  Asked,
  Claim,
  ClaimedRun,
  LockRecord,
  NewChild,
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
  /**
   * Inserts a run and ends an older one that has done nothing yet, both or neither. The new one stands at the end of the line: another place could
   * make two runs wait for each other.
   *
   * @returns `too-late` when the older one has begun or ended, `known` when the idempotency key was used before; then nothing was written
   */
  insertReplacing(
    run: NewRun,
    older: { id: string; keys: string[] },
  ): Promise<'inserted' | 'known' | 'too-late'>;
  /**
   * Inserts a run that another asks for, in the name of the claim of that one, whose lease it extends.
   *
   * @returns false when the idempotency key was used before; then nothing was written
   */
  insertChild(
    run: NewRun & { child: NewChild },
    parent: Claim,
    options: { leaseMs: number },
  ): Promise<boolean>;
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
  ): Promise<Asked>;
  /**
   * As `save`, but refused when the lease has run out; answers with the locks of this moment, in the run's environment, on its entity and on those
   * that share its target; and with the emergency pass of the run, if one is valid.
   */
  saveAndReadLocks(
    claim: Claim,
    delta: RunDelta,
    options: { leaseMs: number; lockKeys: string[] },
  ): Promise<{ locks: LockRecord[]; pass?: PassRecord }>;
  /** Notes that an effect passes by an emergency pass, and proves the lease once more. False when the pass is valid no longer. */
  usePass(
    claim: Claim,
    passId: string,
    options: { leaseMs: number },
  ): Promise<boolean>;
  /** Locks the target of the run for all but who asked for it, unless the run has done so before. */
  hold(claim: Claim, reason: string): Promise<void>;
  end(claim: Claim, delta: RunDelta, end: RunEnd): Promise<void>;
  /** Claims that are missing in the answer are lost. */
  renew(
    claims: Claim[],
    options: { leaseMs: number },
  ): Promise<Map<string, Asked>>;
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

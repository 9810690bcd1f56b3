import {
  Blocker,
  PassLift,
  PassStatus,
} from '@switchyard/backstage-plugin-runs-common';

/** What stood in the way when somebody asked to pass it. */
export interface PassedLock {
  /** Absent for what is no lock. */
  lock?: string;
  /** The component or system that it is on. */
  entityRef?: string;
  blocker: Blocker;
}

/** An emergency pass, as the database's clock has it. */
export interface PassRecord {
  id: string;
  planHash: string;
  status: PassStatus;
  askedBy: string;
  askedAt: Date;
  reason: string;
  incident?: string;
  passes: PassedLock[];
  lockIds: string[];
  lifts: PassLift[];
  needsSecond: boolean;
  confirmUntil: Date;
  answeredBy?: string;
  answeredAt?: Date;
  comment?: string;
  validUntil?: Date;
  withdrawnBy?: string;
  withdrawnAt?: Date;
  usedAt?: Date;
}

/** A pass that is asked for. */
export interface NewPass
  extends Pick<
    PassRecord,
    'askedBy' | 'reason' | 'incident' | 'passes' | 'lifts' | 'needsSecond'
  > {
  askedGroups: string[];
  validForMs: number;
  confirmWithinMs: number;
}

/** The pass that was valid when they were read. */
export function findValidPass(
  passes: readonly PassRecord[],
): PassRecord | undefined {
  return passes.find(({ status }) => status === 'given');
}

/** The pass that is valid, or may still become so. */
export function findLivePass(
  passes: readonly PassRecord[],
): PassRecord | undefined {
  return passes.find(({ status }) => status === 'given' || status === 'asked');
}

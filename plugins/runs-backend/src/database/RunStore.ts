import { RunLogLine } from '@switchyard/backstage-plugin-runs-common';
import {
  ChildRecord,
  Claim,
  Confirmed,
  FullRun,
  RunQuery,
  RunRecord,
} from './types';

/** What makes the state of an entity the same as before: ids and revisions of its runs, ids of its locks. */
export interface EntityMark {
  entityRef: string;
  /** Open runs, oldest first, then ended ones, newest first. */
  runs: Array<[id: string, revision: number]>;
  locks: string[];
}

/** Runs as people see and steer them. */
export interface RunStore {
  findByIdempotencyKey(
    requestedBy: string,
    key: string,
  ): Promise<{ id: string; requestHash: string } | undefined>;
  findSummary(id: string): Promise<RunRecord | undefined>;
  findRun(id: string): Promise<FullRun | undefined>;
  /** Open runs, oldest first, and the newest ended ones. */
  listOfEntity(
    entityRef: string,
  ): Promise<{ active: RunRecord[]; recent: RunRecord[] }>;
  /** Newest first. */
  list(query: RunQuery): Promise<RunRecord[]>;
  /** The newest run of each child of a run, by the id of the child. */
  listChildren(parentRun: string): Promise<Map<string, ChildRecord>>;
  /** Puts a child that has failed in line again, for the claim of its parent, once per wish. False when there was nothing to do. */
  redriveChild(
    child: { id: string; keys: string[]; wish: string },
    parent: Claim,
    actor: { confirmed: Confirmed; groups: string[] },
  ): Promise<boolean>;
  /** Runs that stand in line for any of the keys, first in line first. */
  listInLine(keys: string[]): Promise<RunRecord[]>;
  /** The last lines of each step. */
  readLogTails(
    runId: string,
    linesPerStep: number,
  ): Promise<Map<string, RunLogLine[]>>;
  readLog(runId: string, stepId: string): Promise<RunLogLine[]>;
  readMarks(entityRefs: string[]): Promise<EntityMark[]>;
  /** Ends a run that nobody carries out, asks a running one to stop; undefined when it has ended before. */
  cancel(
    id: string,
    by: string,
  ): Promise<'cancelled' | 'requested' | undefined>;
  /** Puts a parked run in line again, under the responsibility of the one who confirms. False when it is not parked. */
  confirm(
    id: string,
    keys: string[],
    actor: { confirmed: Confirmed; groups: string[] },
  ): Promise<boolean>;
  /** Puts a run that stopped at the step in line again. False when it did not. */
  retryStep(
    id: string,
    keys: string[],
    stepId: string,
    actor: { confirmed: Confirmed; groups: string[] },
  ): Promise<boolean>;
  /** Runs that wait at a gate, oldest first, with the hash of their plan. */
  listAtGates(limit: number): Promise<Array<RunRecord & { planHash: string }>>;
  /** Runs with an emergency pass that waits for a second person, oldest first. */
  listWithAskedPass(limit: number): Promise<RunRecord[]>;
  /** Steps that run and should have ended. */
  countOverdue(): Promise<number>;
  listParked(limit: number): Promise<FullRun[]>;
  /** Notes that the interlock has opened or closed for a parked run. */
  setReady(id: string, ready: boolean): Promise<void>;
}

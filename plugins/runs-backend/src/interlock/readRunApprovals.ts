import { Entity } from '@backstage/catalog-model';
import { Approvals, RunApproval } from '../approvals/Approvals';
import { findThoseWhoApproved } from '../approvals/lapse';
import { Reading } from './evaluate';
import { InterlockReader } from './InterlockReader';
import { ApprovalsInput } from './judgeApprovals';

/**
 * What a run has been given that still counts. Whether those who approved still may is asked until the run has done something: what has begun is not
 * left half done because somebody leaves.
 */
export async function readRunApprovals(options: {
  reader: InterlockReader;
  approvals: Approvals;
  run: RunApproval;
  entity: Entity;
}): Promise<Reading<ApprovalsInput>> {
  const { reader, approvals, run, entity } = options;
  const people = run.hasBegun ? [] : findThoseWhoApproved(run.gates);
  try {
    const standings = await reader.readStandings(people);
    return { state: 'read', value: approvals.ofRun(run, entity, standings) };
  } catch {
    return { state: 'not-readable', why: 'The catalog cannot be reached.' };
  }
}

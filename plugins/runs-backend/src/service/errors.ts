import { ConflictError } from '@backstage/errors';
import { Blocker } from '@switchyard/backstage-plugin-runs-common';
import { describeBlockers } from '../interlock/RunInterlock';

/** The interlock said no. The blockers go to the caller with the message. */
export class RefusedError extends ConflictError {
  readonly blockers: Blocker[];

  constructor(blockers: Blocker[]) {
    super(describeBlockers(blockers));
    this.blockers = blockers;
  }
}

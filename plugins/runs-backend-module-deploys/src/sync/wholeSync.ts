import { ApplicationTarget } from '../operations/applicationTargets';
import { RequestSyncInput } from './types';

/** A sync of all that Git says by now, of which nothing is deleted or made anew. */
export function wholeSync({
  id,
  deployment,
}: ApplicationTarget): RequestSyncInput {
  return {
    application: id,
    cluster: deployment.cluster ?? null,
    resources: null,
    prune: false,
    force: false,
    refresh: 'normal',
  };
}

import { RunDetail, RunVerb } from '@switchyard/backstage-plugin-runs-common';
import { verbAction } from '../verbAction';

/** What a button for a verb of a run, or of one of its steps, has to know; see {@link verbAction}. */
export function runVerbAction(
  run: RunDetail,
  wanted: { verb: RunVerb['verb']; stepId?: string; title: string },
) {
  const verb = run.verbs.find(
    each =>
      each.verb === wanted.verb &&
      (wanted.stepId === undefined || each.stepId === wanted.stepId),
  );
  return verbAction(verb, wanted.title, `${wanted.title} is not possible`);
}

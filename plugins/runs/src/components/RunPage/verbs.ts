import { RunDetail, RunVerb } from '@switchyard/backstage-plugin-runs-common';
import { BlockedButtonAction } from '@switchyard/backstage-plugin-runs-react';

/** What a button for a verb has to know. Undefined where this viewer could never use the verb, or it makes no sense now. */
export function verbAction(
  run: RunDetail,
  wanted: { verb: RunVerb['verb']; stepId?: string; title: string },
): BlockedButtonAction | undefined {
  const verb = run.verbs.find(
    each =>
      each.verb === wanted.verb &&
      (wanted.stepId === undefined || each.stepId === wanted.stepId),
  );
  if (!verb) return undefined;
  return {
    title: wanted.title,
    allowed: verb.allowed,
    blockers: verb.allowed
      ? []
      : [
          {
            type: 'permission',
            what: `${wanted.title} is not possible`,
            why: verb.why ?? 'You may not do this now.',
          },
        ],
  };
}

import { BlockedButtonAction } from '@switchyard/backstage-plugin-runs-react';

/** What a button for a verb has to know. Undefined where this viewer could never use the verb, or it makes no sense now. */
export function verbAction(
  verb: { allowed: boolean; why?: string } | undefined,
  title: string,
  whenNot = `${title} is not for you`,
): BlockedButtonAction | undefined {
  if (!verb) return undefined;
  return {
    title,
    allowed: verb.allowed,
    blockers: verb.allowed
      ? []
      : [
          {
            type: 'permission',
            what: whenNot,
            why: verb.why ?? 'You may not do this now.',
          },
        ],
  };
}

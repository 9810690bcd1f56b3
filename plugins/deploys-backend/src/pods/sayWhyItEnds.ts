import { toError } from '@backstage/errors';
import { LogNotice } from '@switchyard/backstage-plugin-deploys-common';

type Reason = Extract<LogNotice, { type: 'over' }>['reason'];

const REASONS = new Map<string, Reason>([
  ['NotAllowedError', 'refused'],
  ['NotFoundError', 'refused'],
  ['AuthenticationError', 'signed-out'],
]);

/** The records of a merged log; one that its reader may not read on ends with a record that says so, for the header has gone long before. */
export async function* sayWhyItEnds(
  lines: AsyncIterable<string>,
): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    const { name, message } = toError(error);
    const reason = REASONS.get(name);
    if (!reason) throw error;
    const notice: LogNotice = { type: 'over', reason, why: message };
    yield JSON.stringify(notice);
  }
}

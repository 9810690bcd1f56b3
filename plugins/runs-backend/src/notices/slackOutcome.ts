import { backOff } from './backOff';
import { NoticeStore } from './NoticeStore';
import { SlackRefusalError, SlackRestError } from './SlackClient';
import { ClaimedNotice, NoticeOutcome } from './types';

/** After that long nobody wants to hear of it any more. */
const TOO_OLD_MS = 24 * 60 * 60_000;
const REST_AFTER_SIGN_IN_MS = 5 * 60_000;

/** Slack's own trouble. */
const PASSING = [
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
  'accesslimited',
];
/** Somebody has to change the token or its scopes, and may. */
const SIGN_IN = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_expired',
  'token_revoked',
  'missing_scope',
];

/** What an error of Slack means for a notice. Where Slack asks for rest it gets it, from all replicas. */
export async function toSlackOutcome(
  error: unknown,
  notice: ClaimedNotice,
  store: Pick<NoticeStore, 'rest'>,
): Promise<NoticeOutcome> {
  const words = String((error as Error).message ?? error);
  const isOld = Date.now() - notice.createdAt.getTime() > TOO_OLD_MS;
  if (isOld) return { status: 'given-up', error: `too old; ${words}` };
  // The limits are those of the whole app.
  if (error instanceof SlackRestError) {
    await store.rest('slack', error.forMs);
    return { status: 'again', inMs: error.forMs, error: words };
  }
  if (error instanceof SlackRefusalError) {
    if (SIGN_IN.includes(error.code)) {
      await store.rest('slack', REST_AFTER_SIGN_IN_MS);
      return { status: 'again', inMs: REST_AFTER_SIGN_IN_MS, error: words };
    }
    if (!PASSING.includes(error.code))
      return { status: 'given-up', error: words };
  }
  return { status: 'again', inMs: backOff(notice.attempt), error: words };
}

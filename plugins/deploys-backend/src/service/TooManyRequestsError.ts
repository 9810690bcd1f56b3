import { CustomErrorBase } from '@backstage/errors';

/** Answered with 429: the caller has as much open as one may have. */
export class TooManyRequestsError extends CustomErrorBase {
  override name = 'TooManyRequestsError' as const;
  readonly statusCode = 429;
}

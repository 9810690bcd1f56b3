import { BackstageCredentials } from '@backstage/backend-plugin-api';
import { AuthenticationError, NotAllowedError } from '@backstage/errors';
import { CallOptions } from './types';
import { RECHECK_MS, StandingRight } from './StandingRight';

/**
 * Reads for as long as the reader may: the right is asked for again every five minutes, and nothing lasts longer than the reader is signed in.
 *
 * @param options.check - throws NotAllowedError or NotFoundError when it may not be read any more
 * @throws what `open` throws; later, from the lines, NotAllowedError when the right was lost and AuthenticationError when the sign-in ended
 */
export async function readWhileAllowed<T>(options: {
  call: CallOptions;
  check(): Promise<void>;
  open(call: CallOptions): Promise<T>;
  linesOf(opened: T): AsyncIterable<string>;
  recheckMs?: number;
}): Promise<{ opened: T; lines: AsyncIterable<string> }> {
  const { call, check, open, linesOf, recheckMs = RECHECK_MS } = options;
  const lost = new AbortController();
  const right = StandingRight.create({
    check,
    onLost: why => lost.abort(new NotAllowedError(why)),
  });
  const timers = [setInterval(() => right.ask(), recheckMs)];
  const leftMs = leftOf(call.credentials);
  if (leftMs !== undefined) {
    const end = () => lost.abort(new AuthenticationError('Your sign-in ended'));
    timers.push(setTimeout(end, leftMs));
  }
  const stop = () => timers.forEach(clearTimeout);
  lost.signal.addEventListener('abort', stop, { once: true });
  call.signal.addEventListener('abort', stop, { once: true });
  if (call.signal.aborted) stop();
  try {
    const opened = await open({
      ...call,
      signal: AbortSignal.any([call.signal, lost.signal]),
    });
    return { opened, lines: guarded(linesOf(opened), lost.signal, stop) };
  } catch (error) {
    stop();
    throw error;
  }
}

async function* guarded(
  lines: AsyncIterable<string>,
  lost: AbortSignal,
  stop: () => void,
): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    throw lost.aborted ? lost.reason : error;
  } finally {
    stop();
  }
  // Some streams end when their signal does, others throw.
  lost.throwIfAborted();
}

function leftOf({ expiresAt }: BackstageCredentials): number | undefined {
  return expiresAt && Math.max(0, expiresAt.getTime() - Date.now());
}

import { TransportError } from '../http/TransportError';
import { ArgoCdError } from './ArgoCdError';

/** What was asked, for messages: the words after 'Argo CD main may not …'. @internal */
export interface Asked {
  instance: string;
  /** For example `orders-blue`; undefined for what is about the whole instance. */
  application?: string;
  /** Where it is about a project. */
  project?: string;
  /** Whether it would have changed something. */
  writes: boolean;
}

interface Answer {
  status: number;
  /** Argo CD's own words. */
  message?: string;
  retryAfterMs?: number;
}

/**
 * What Argo CD said, in its error object, that of a stream, or plain text.
 *
 * @internal
 */
export function messageOf(body: string): string | undefined {
  try {
    const parsed = JSON.parse(body);
    const message = parsed?.message ?? parsed?.error?.message ?? parsed?.error;
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

/** @internal */
export function answerToError(asked: Asked, answer: Answer): ArgoCdError {
  const { instance, application, project, writes } = asked;
  const { status, message: argoMessage, retryAfterMs } = answer;
  const system = `Argo CD ${instance}`;
  const common = { instance, status, argoMessage, retryAfterMs };
  if (status === 401) {
    return new ArgoCdError({
      ...common,
      kind: 'unauthenticated',
      message: `${system} does not accept the portal's account`,
    });
  }
  if (status === 403 && isRefusal(argoMessage)) {
    return refused(asked, answer);
  }
  if (status === 404 || (status === 403 && application && !writes)) {
    return new ArgoCdError({
      ...common,
      kind: 'not-found',
      message: application
        ? `${system} does not have the Application ${application}, or does not let the portal see it`
        : `${system} does not have what was asked for`,
    });
  }
  if (status === 403) {
    return new ArgoCdError({
      ...common,
      kind: 'forbidden',
      message: application
        ? `${system} does not let the portal's account do this to the Application ${application}`
        : `${system} does not let the portal's account read ${
            project ? `the project ${project}` : 'Applications'
          }`,
    });
  }
  if (writes && (status === 400 || status === 409)) {
    return refused(asked, answer);
  }
  if (status >= 500 || status === 408 || status === 429) {
    return new ArgoCdError({
      ...common,
      kind: status === 501 ? 'unexpected' : 'unreachable',
      message: `${system} answers with errors (HTTP status ${status})`,
      // Something in between may have failed after Argo CD had done it. 429 and 501 are said before.
      outcome:
        writes && status !== 429 && status !== 501 ? 'unknown' : 'not-done',
    });
  }
  return new ArgoCdError({
    ...common,
    kind: 'unexpected',
    message: `${system} does not understand what was asked (HTTP status ${status})`,
  });
}

/** @internal */
export function transportToError(
  asked: Asked,
  error: TransportError,
): ArgoCdError {
  return new ArgoCdError({
    kind: 'unreachable',
    instance: asked.instance,
    message: `Argo CD ${asked.instance} ${error.message}`,
    outcome: asked.writes && error.mayHaveBeenReceived ? 'unknown' : 'not-done',
  });
}

function refused(asked: Asked, { status, message }: Answer): ArgoCdError {
  return new ArgoCdError({
    kind: 'refused',
    instance: asked.instance,
    status,
    argoMessage: message,
    message: message ?? `Argo CD ${asked.instance} refused without a reason`,
  });
}

/** Argo CD says 403 for closed windows too. */
function isRefusal(message: string | undefined): boolean {
  return message?.startsWith('cannot sync:') === true;
}

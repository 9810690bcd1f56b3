import { LoggerService } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import { ErrorRequestHandler } from 'express';
import { describeDatabaseError } from '../database/connection';

/** Errors that were made for callers. */
const FOR_CALLERS = [
  'InputError',
  'AuthenticationError',
  'NotAllowedError',
  'NotFoundError',
  'ConflictError',
  'NotModifiedError',
  'NotImplementedError',
  'ServiceUnavailableError',
];
/** SQLSTATEs. */
const DATABASE_CODES = /^[0-9A-Z]{5}$/;
/** node-postgres gives these no code. */
const DATABASE_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|The server does not support)/;
const SOCKET_CODES =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/**
 * Messages of errors reach the browser, and those of databases, sockets and mistakes name hosts and statements: they stay in the log, and the
 * caller learns in other words what is the matter.
 */
export function hideInternalErrors(logger: LoggerService): ErrorRequestHandler {
  return (error, _req, _res, next) => {
    if (isForCallers(error)) {
      next(error);
      return;
    }
    if (isDatabaseError(error)) {
      logger.error('A request failed at the database', {
        reason: describeDatabaseError(error),
      });
      next(
        new ServiceUnavailableError(
          'The database of runs cannot be reached at the moment; try again',
        ),
      );
    } else if (isAnotherSystem(error)) {
      logger.error('A request failed at another system', {
        reason: String(error),
      });
      next(
        new ServiceUnavailableError(
          'Another part of the portal does not answer at the moment; try again',
        ),
      );
    } else {
      logger.error('A request failed', {
        reason: error?.stack ?? String(error),
      });
      next(
        new Error('An internal error of the runs backend; its log says more'),
      );
    }
  };
}

function isForCallers(error: unknown): boolean {
  const { name, status } = (error ?? {}) as { name?: string; status?: unknown };
  // What the body parser refuses carries a status.
  return (
    FOR_CALLERS.includes(name ?? '') ||
    (typeof status === 'number' && status >= 400 && status < 500)
  );
}

function isDatabaseError(error: unknown): boolean {
  const { code, message } = (error ?? {}) as {
    code?: unknown;
    message?: unknown;
  };
  return (
    (typeof code === 'string' &&
      DATABASE_CODES.test(code) &&
      code !== 'EPIPE') ||
    (typeof message === 'string' && DATABASE_MESSAGES.test(message))
  );
}

/** A refused connection may be the database's too; the caller need not know. */
function isAnotherSystem(error: unknown): boolean {
  const { name, code, cause } = (error ?? {}) as {
    name?: string;
    code?: unknown;
    cause?: { code?: unknown };
  };
  const codes = [code, cause?.code].filter(
    each => typeof each === 'string',
  ) as string[];
  return (
    name === 'ResponseError' ||
    name === 'FetchError' ||
    codes.some(each => SOCKET_CODES.test(each))
  );
}

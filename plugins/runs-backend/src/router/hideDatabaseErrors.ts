import { LoggerService } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import { ErrorRequestHandler } from 'express';
import { describeDatabaseError } from '../database/connection';

/** SQLSTATEs, and what sockets report. */
const DATABASE_CODES = /^([0-9A-Z]{5}|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND)$/;
/** node-postgres gives these no code. */
const DATABASE_MESSAGES = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;

/** Errors of the database name hosts and statements: they stay in the log. The caller learns that it is away. */
export function hideDatabaseErrors(logger: LoggerService): ErrorRequestHandler {
  return (error, _req, _res, next) => {
    if (!isDatabaseError(error)) {
      next(error);
      return;
    }
    logger.error('A request failed at the database', { reason: describeDatabaseError(error) });
    next(new ServiceUnavailableError('The database of runs cannot be reached at the moment; nothing has been changed'));
  };
}

function isDatabaseError(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return (
    (typeof code === 'string' && DATABASE_CODES.test(code)) ||
    (typeof message === 'string' && DATABASE_MESSAGES.test(message))
  );
}

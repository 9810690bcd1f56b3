import { LoggerService } from '@backstage/backend-plugin-api';
import { Logger } from 'graphile-worker';

/** graphile-worker tells about each job; of that only what went wrong is news. */
export function quietLogger(logger: LoggerService): Logger {
  return new Logger(() => (level, message) => {
    if (level === 'error')
      logger.warn('Wake-ups reported a problem', { reason: message });
    else if (level === 'warning') logger.warn(message);
    else logger.debug(message);
  });
}

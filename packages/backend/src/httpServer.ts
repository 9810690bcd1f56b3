import { randomUUID } from 'node:crypto';
import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';

/** How long requests may take to finish once the backend was asked to end. */
const DRAIN_MS = 2_000;

/**
 * Backstage's HTTP server with two additions: each answer carries an id, and what was refused or failed is logged with it, so that an error
 * on a screen can be found in the log; and long polls do not keep a backend alive that was asked to end.
 */
export const httpServer = rootHttpRouterServiceFactory({
  configure({ app, server, lifecycle, logger, applyDefaults }) {
    app.use((req, res, next) => {
      const requestId = randomUUID();
      res.setHeader('x-request-id', requestId);
      res.on('finish', () => {
        if (res.statusCode < 400) return;
        logger.info('Request not carried out', {
          requestId,
          status: res.statusCode,
          method: req.method,
          path: req.path,
        });
      });
      next();
    });
    applyDefaults();
    lifecycle.addShutdownHook(() => {
      setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref();
    });
  },
});

/**
 * Pages and cards of runs and locks, for the old frontend system. The plugin for the new one is the default export of `./alpha`.
 *
 * @packageDocumentation
 */
export { rootRouteRef as runsRouteRef, runRouteRef } from './routes';
export { EntityLocksCard, runsPlugin, RunsPage } from './plugin';

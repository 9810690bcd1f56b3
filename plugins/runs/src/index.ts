/**
 * Pages and cards of runs and locks. The plugin for the new frontend system is the default export of `./alpha`.
 *
 * @packageDocumentation
 */
export { rootRouteRef as runsRouteRef, runRouteRef } from './routes';

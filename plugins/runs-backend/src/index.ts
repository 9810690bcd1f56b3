/**
 * The durable queue, locks and the interlock of Switchyard.
 *
 * @packageDocumentation
 */
export { runsPlugin as default, runsPlugin } from './plugin';

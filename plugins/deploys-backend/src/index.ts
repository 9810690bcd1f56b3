/**
 * The deploys backend: state of services for the cards of Switchyard.
 *
 * @packageDocumentation
 */
export { deploysPlugin, deploysPlugin as default } from './plugin';

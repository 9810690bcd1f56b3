/**
 * Module of the Kubernetes backend that brings its clusters to the Switchyard fleet.
 *
 * @packageDocumentation
 */
export { kubernetesModuleFleet as default } from './module';

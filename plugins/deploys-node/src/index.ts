/**
 * What the deploys backend and the action kinds of deploys share: image names, versions and the client of OCI registries.
 *
 * @packageDocumentation
 */
export * from './images';
export * from './registry';
export * from './versions';

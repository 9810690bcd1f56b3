/**
 * What the deploys backend, the action kinds of deploys and policies share: image names, versions, the client of OCI registries, and permission rules.
 *
 * @packageDocumentation
 */
export * from './images';
export * from './permissions';
export * from './registry';
export * from './versions';

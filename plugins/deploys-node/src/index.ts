/**
 * What the deploys backend, the action kinds of deploys and policies share: image names, versions, overrides of Argo CD, the client of OCI registries, and permission rules.
 *
 * @packageDocumentation
 */
export * from './images';
export * from './overrides';
export * from './permissions';
export * from './registry';
export * from './versions';

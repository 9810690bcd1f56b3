/**
 * The API of deploys and the hook that keeps an entity's state fresh. The plugin itself is the default export of `./alpha`.
 *
 * @packageDocumentation
 */
export * from './api';
export * from './state';
export {
  deploysPlugin,
  EntityDeployCard,
  EntityDeployContent,
  EntityPodsCard,
} from './plugin';

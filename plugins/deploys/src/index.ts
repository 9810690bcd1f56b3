/**
 * The API of deploys and the hook that keeps an entity's state fresh. The plugin itself is the default export of `./alpha`.
 *
 * @packageDocumentation
 */
export * from './api';
export * from './fleet';
export * from './forms';
export { isDeploysAvailable } from './isDeploysAvailable';
export * from './state';
export {
  AppsPage,
  deploysPlugin,
  EntityComponentsCard,
  EntityDeployCard,
  EntityDeployContent,
  EntityPodsCard,
  MatrixPage,
  SourcesPage,
  WallPage,
} from './plugin';

export { useEntityDeploys } from './useEntityDeploys';

export { useEntityDeploys, type EntityDeploys } from './useEntityDeploys';
export type { EntityDeploysSnapshot } from './EntityDeploysQuery';

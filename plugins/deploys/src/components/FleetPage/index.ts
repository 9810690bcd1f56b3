export { FleetPage } from './FleetPage';
export { useDeployHref } from './useDeployHref';

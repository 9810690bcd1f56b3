export { useEntityDeploys } from './useEntityDeploys';
export { useReading, type Reading } from './useReading';

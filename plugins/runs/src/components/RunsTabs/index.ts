export { RunsTabs } from './RunsTabs';

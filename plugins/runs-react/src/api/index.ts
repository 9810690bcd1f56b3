export {
  runsApiRef,
  type RunsApi,
  type RunsFilter,
  type RunList,
} from './RunsApi';
export { RunsClient } from './RunsClient';

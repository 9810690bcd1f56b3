export {
  deploysApiRef,
  type DeploymentParts,
  type DeploysApi,
  type LogsRequest,
  type PodRef,
  type WorkloadLogRequest,
} from './DeploysApi';
export { DeploysClient } from './DeploysClient';

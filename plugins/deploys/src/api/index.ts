export {
  deploysApiRef,
  type DeploymentParts,
  type DeploysApi,
  type LogsRequest,
  type PodRef,
  type WorkloadLogRequest,
} from './DeploysApi';
export { DeploysClient } from './DeploysClient';
export {
  terminalApiRef,
  type TerminalApi,
  type TerminalConnection,
  type TerminalListener,
  type TerminalPlace,
} from './TerminalApi';
export { TerminalClient } from './TerminalClient';

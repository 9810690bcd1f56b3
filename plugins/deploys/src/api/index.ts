export { deploysApiRef, type DeploysApi, type LogsRequest } from './DeploysApi';
export { DeploysClient } from './DeploysClient';

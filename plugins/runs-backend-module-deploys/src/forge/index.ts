export { ConfiguredForges } from './ConfiguredForges';
export { PullRequestPolicy } from './PullRequestPolicy';
export type { Forges, PullRequest, PullRequests } from './types';

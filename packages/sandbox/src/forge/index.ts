export {
  PullRequestStore,
  ForgeRefusal,
  MERGE_METHODS,
  type ForgePullRequest,
  type MergeMethod,
} from './PullRequestStore';
export { startForgeServer, type ForgeFaults } from './forgeServer';

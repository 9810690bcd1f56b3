export {
  RUN_TRAILER,
  REQUESTED_BY_TRAILER,
  RUN_URL_TRAILER,
  formatCommitMessage,
  parseTrailers,
} from './commitMessage';
export { GitError } from './errors';
export { readCommitIdentity, type CommitIdentity } from './gitConfig';
export { ConfiguredGitRemotes } from './GitRemotes';
export { HttpGitClient } from './HttpGitClient';
export { toHttpUrl } from './remoteUrl';
export type { PushReport } from './receivePack';
export type {
  BranchHead,
  GitClient,
  GitCommit,
  GitFile,
  GitRepository,
  PreparedCommit,
  ReadCache,
} from './types';

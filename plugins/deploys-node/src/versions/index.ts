export { compareVersions } from './compareVersions';
export { findBump, nextVersion } from './nextVersion';
export {
  highestVersion,
  readVersionScheme,
  type Bump,
  type VersionScheme,
} from './versionScheme';

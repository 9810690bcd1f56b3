export { compareVersions } from './compareVersions';

export { APPLICATION_ANNOTATIONS } from './annotations';
export { applicationsOf, type EntityApplications } from './applications';
export { joinCluster } from './clusters';
export { consentOf, guestsOf, type ConsentTarget } from './consent';
export { deploymentsOf, environmentsOf } from './deployments';
export {
  environmentOf,
  UNASSIGNED_ENVIRONMENT,
  type EnvironmentSubject,
} from './environments';
export { matchesGlob } from './glob';
export { parseImageName, type ImageName } from './images';
export {
  matchesLabelSelector,
  parseLabelSelector,
  LabelSelectorError,
  type LabelRequirement,
} from './labelSelector';
export { firstApplicationsOf, firstReadsOf } from './firstReads';
export { changeKeys, interestsOf, makerKey } from './interests';
export { describePodProblem } from './podProblem';
export type {
  ClusterJoin,
  EntityDeployments,
  MappingProblem,
  PodProblem,
  TargetConsent,
  TargetDeployment,
  TargetImage,
  TargetPod,
  TargetVersion,
  TargetWorkload,
} from './types';
export {
  isKnownSidecar,
  tagPrefixOf,
  versionOf,
  type VersionCandidate,
} from './version';
export { describeWorkloadProblem } from './workloadProblem';
export { workloadsOf, type EntityWorkloads } from './workloads';

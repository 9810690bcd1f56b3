/**
 * A service that a release may ship.
 *
 * @public
 */
export interface ReleasableService {
  /** Full ref of the component. */
  entityRef: string;
  name: string;
  /** Versions that run in the environment. */
  current: string[];
  /** Why it cannot be shipped, where that is known without a look at Git. */
  why?: string;
}

/**
 * A version that at least one of the services has.
 *
 * @public
 */
export interface ReleasableVersion {
  version: string;
  /** Names of the services whose registry has no image of it. */
  missing: string[];
}

/**
 * What a person can choose from for a release of a system in an environment.
 *
 * @public
 */
export interface ReleaseChoices {
  /** Components of the system, by name. */
  services: ReleasableService[];
  /** Newest first. */
  versions: ReleasableVersion[];
  /** Services whose versions are not known, and why: nothing is missing for them. */
  notReadable: Array<{ name: string; why: string }>;
}

/** Input of a release. */
export type ReleaseInput = {
  /** Full refs of components; without them all components of the system. */
  services?: string[];
  /** As people say it, without the prefix that a shared repository gives each service. */
  version?: string;
  /** The title of a pull request, which says what comes after the highest version that the registry has. */
  title?: string;
  /** What becomes of the waves after one in which a service has failed. Default: they do not begin. */
  onFailure?: 'stop' | 'go-on';
};

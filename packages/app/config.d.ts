export interface Config {
  switchyard?: {
    /**
     * True while the sandbox runs: people sign in by picking a person. Set by the launcher only.
     * @visibility frontend
     */
    sandbox?: boolean;
    /**
     * The sandbox's people, for the sign-in page. Set by the launcher only.
     */
    sandboxPeople?: Array<{
      /** @visibility frontend */
      name: string;
      /** @visibility frontend */
      displayName: string;
      /** @visibility frontend */
      about: string;
    }>;
  };
}

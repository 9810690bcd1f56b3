export interface Config {
  switchyard?: {
    /** The environments, as the fleet knows them. Screens call them by their title. */
    environments?: Array<{
      /** @visibility frontend */
      name: string;
      /**
       * Default: the name.
       * @visibility frontend
       */
      title?: string;
    }>;
  };
}

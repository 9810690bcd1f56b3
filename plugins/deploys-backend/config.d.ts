export interface Config {
  switchyard?: {
    /**
     * Terminals and single commands in containers. They need the permissions `deploys.terminal.use` and `deploys.command.run`, the consent of the target, and
     * clusters whose account may use `pods/exec`.
     */
    terminal?: {
      /** Default: false. */
      enabled?: boolean;
      /** Minutes without a key after which a terminal ends. Default: 10. */
      idleMinutes?: number;
      /** Minutes after which a terminal ends in any case, at most 480. Default: 60. */
      maxMinutes?: number;
      /** Shells that may be started, tried in this order. Default: bash, sh. */
      shells?: string[];
      /** Names of environments in which no reason has to be given. Default: none. */
      reasonOptionalIn?: string[];
      /** The commands that may be run by themselves. No shell reads them. Default: none. */
      commands?: Array<{
        /** Unique. */
        name: string;
        /** For people. */
        description?: string;
        /** Program and first arguments. */
        command: string[];
        /** What a person fills in, added at the end in this order. */
        arguments?: Array<{
          /** Unique within the command. */
          name: string;
          /** For people. */
          description?: string;
          /** Regular expression that the whole value must match. A value that begins with a dash is refused in any case. */
          pattern: string;
          /** Default: false. */
          optional?: boolean;
        }>;
        /** Seconds after which it is ended, at most 600. Default: 60. */
        timeoutSeconds?: number;
      }>;
    };
  };
}

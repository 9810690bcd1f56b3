export interface Config {
  switchyard?: {
    /**
     * Who may do what where. A person may do what any row allows.
     */
    access?: Array<{
      /** For people who read the config. */
      name?: string;
      /** User and group entity refs. Default: everyone who is signed in. */
      members?: string[];
      /** `see`, `see-all` (the whole fleet; only in a row without `environments` and `owns`), `logs`, `manifests`, `terminal`, `command` (of the allow-list), `control` (cancel, confirm, retry), `approve`, `lock`, `release-lock`, `lock-platform` (everything, an environment, a cluster), `break-glass` (not part of `*`), `templates` (start templates and register what they make; only in a row without `environments` and `owns`), an action kind such as `hotfix`, or `*`. */
      allow: string[];
      /** Names of environments, `unassigned` among them. Applies to all but `see`. Default: all. */
      environments?: string[];
      /** Only for components that the person, or one of the person's groups, owns. Applies to all but `see`. Default: false. */
      owns?: boolean;
    }>;
    /**
     * The answer to permissions that are not Switchyard's. `read`: those whose action is read, but never kubernetes.proxy. Default: read.
     */
    otherPermissions?: 'read' | 'all' | 'none';
  };
}

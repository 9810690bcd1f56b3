import { ApplicationId } from '../operations/applicationTargets';

/** Input of a `switch-off-auto-sync` step. */
export type SwitchOffInput = {
  application: ApplicationId;
  /** Of the fleet; null where the destination is none. */
  cluster: string | null;
};

/** Input of a `switch-on-auto-sync` step. */
export type SwitchOnInput = SwitchOffInput & {
  /** The run that holds the Application. */
  run: string;
  /** `spec.syncPolicy.automated` before; null where it was off. */
  before: { enabled?: boolean; prune?: boolean; selfHeal?: boolean } | null;
};

/** Input of an `argocd-rollback` step. */
export type ArgoRollbackInput = SwitchOffInput & {
  /** Of the entry of Argo CD's history. */
  historyId: number;
  /** What that entry had deployed, of the source that is looked at. */
  revision: string;
};

import { ApplicationId } from '../operations/applicationTargets';

/** Input of stopping operations. */
export type TerminateInput = {
  /** Names of Applications. All of the target that Argo CD works on where none is given. */
  applications?: string[];
};

/** Input of a `terminate` step. */
export type TerminateStepInput = {
  application: ApplicationId;
  /** Of the fleet; null where the destination is none. */
  cluster: string | null;
  /** The one that was shown, by `operationIdOf`. No other is stopped. */
  operation: string;
};

/** Output of a `terminate` step. */
export type TerminateOutput = {
  /** `stopped`; `ended`: it came to its own end first; `gone`: another had replaced it before anything was asked for. */
  outcome: 'stopped' | 'ended' | 'gone';
  /** How it ended, in words. */
  text: string;
};

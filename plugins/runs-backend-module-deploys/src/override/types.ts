import {
  OverrideEntry,
  OverridePlace,
} from '@switchyard/backstage-plugin-deploys-node';
import { ApplicationId } from '../operations/applicationTargets';

/** Input of an override. */
export type OverrideInput = {
  /** As people say it, without the prefix that a shared repository gives each service. */
  version: string;
};

/** Input of taking overrides away: nothing has to be chosen. */
export type RemoveOverrideInput = Record<string, never>;

/** Input of an `override` step. */
export type OverrideStepInput = {
  application: ApplicationId;
  /** Of the fleet; null where the destination is none. */
  cluster: string | null;
  place: OverridePlace;
  version: string;
  /** What the plan has shown; null where nothing stood there. */
  before: OverrideEntry | null;
  after: OverrideEntry;
  /** The version that ran when the plan was made; null where that is not known. */
  was: string | null;
};

/** Input of a `remove-override` step. */
export type RemoveOverrideStepInput = {
  application: ApplicationId;
  cluster: string | null;
  /** Id of the run whose override is meant. */
  run: string;
};

/** Output of both: what comes after waits until Argo CD has looked again. */
export type OverrideOutput = {
  /** ISO time by the clock of Argo CD; null where it does not say when it has looked. */
  finishedAt: string | null;
};

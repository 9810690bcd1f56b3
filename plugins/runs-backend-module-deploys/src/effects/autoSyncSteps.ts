import {
  StepFailedError,
  StepHandler,
  StepParkedError,
} from '@switchyard/backstage-plugin-runs-node';
import {
  describeAutoSync,
  hasAutoSync,
  holdPatch,
  readHold,
  releasePatch,
} from '../argocd/autoSyncHold';
import { SwitchOffInput, SwitchOnInput } from '../rollback/argoTypes';
import { ArgoWriterTools } from './argoWriterOf';
import { createApplicationChangeStep } from './changeApplication';

/** Takes an Application from its branch: auto-sync off, with what it was and the run in annotations. */
export function createSwitchOffStep(tools: ArgoWriterTools): StepHandler {
  return createApplicationChangeStep<SwitchOffInput>(
    tools,
    ({ application: { name } }, { run }) => ({
      what: `auto-sync of Application ${name}`,
      judge(application) {
        if (readHold(application)?.run !== run.id) return undefined;
        if (hasAutoSync(application))
          throw new StepFailedError(
            `Somebody has switched auto-sync of ${name} on again since this run switched it off`,
          );
        return { held: true };
      },
      patch: application => holdPatch(application, run.id),
      before: ({ spec }) => describeAutoSync(spec.syncPolicy?.automated),
      after: 'off, until somebody resumes',
    }),
  );
}

/** Gives an Application back to its branch: auto-sync as it was, annotations gone. */
export function createSwitchOnStep(tools: ArgoWriterTools): StepHandler {
  return createApplicationChangeStep<SwitchOnInput>(
    tools,
    ({ application: { name }, run, before }) => ({
      what: `auto-sync of Application ${name}`,
      judge(application) {
        const hold = readHold(application);
        if (!hold) return { held: false };
        if (hold.run !== run)
          throw new StepParkedError(
            `${name} was rolled back again since the plan was made, by run ${hold.run}`,
          );
        return undefined;
      },
      patch: () => releasePatch(before),
      before: () => 'off',
      after: describeAutoSync(before),
    }),
  );
}

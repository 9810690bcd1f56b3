import { useApi } from '@backstage/core-plugin-api';
import { RunDetail, RunVerb } from '@switchyard/backstage-plugin-runs-common';
import { runsApiRef } from '@switchyard/backstage-plugin-runs-react';
import { ForkButton } from './ForkButton';
import { VerbButton } from './VerbButton';

/** The verbs of a whole run that make sense now, each with what it will do and, where this viewer may not, why. */
export function RunVerbs(props: {
  run: RunDetail;
  /** Reads the run again after a verb. */
  refresh(): Promise<void>;
  /** Default: all. */
  only?: ReadonlyArray<RunVerb['verb']>;
}) {
  const { run, refresh, only } = props;
  const runsApi = useApi(runsApiRef);
  const isWanted = (verb: RunVerb['verb']) => !only || only.includes(verb);
  const then = (act: () => Promise<void>) => async () => {
    await act();
    await refresh();
  };
  return (
    <>
      {isWanted('pause') && (
        <VerbButton
          run={run}
          verb="pause"
          title="Hold run"
          explanation={whatPauseDoes(run)}
          act={then(() => runsApi.pauseRun(run.id))}
        />
      )}
      {isWanted('continue') && (
        <VerbButton
          run={run}
          verb="continue"
          title="Continue run"
          explanation="It goes on with its next step, after it has looked at the world again."
          act={then(() => runsApi.continueRun(run.id))}
        />
      )}
      {isWanted('redrive') && (
        <VerbButton
          run={run}
          verb="redrive"
          title="Try run again"
          explanation="All steps at which it stopped are tried again. Each looks first at what its earlier attempts did; what has succeeded stays as it is."
          act={then(() => runsApi.redriveRun(run.id))}
        />
      )}
      {isWanted('discard') && (
        <VerbButton
          run={run}
          verb="discard"
          title="Discard run"
          explanation="It ends here, and gives way to others on the same target. What it has changed stays."
          needsReason
          act={reason => then(() => runsApi.discardRun(run.id, reason))()}
        />
      )}
      {isWanted('cancel') && (
        <VerbButton
          run={run}
          verb="cancel"
          title="Cancel run"
          explanation={whatCancelDoes(run)}
          dismiss="Let it go on"
          act={then(() => runsApi.cancelRun(run.id))}
        />
      )}
      {isWanted('fork') && <ForkButton run={run} />}
    </>
  );
}

function whatPauseDoes(run: RunDetail): string {
  return run.status === 'running'
    ? 'The step that runs now is finished first; no further one starts until somebody lets the run continue.'
    : 'It leaves the line until somebody lets it continue.';
}

function whatCancelDoes(run: RunDetail): string {
  const changed = run.steps
    .filter(step => step.changes.length > 0)
    .map(step => `“${step.title}”`);
  if (run.status === 'queued' && changed.length === 0)
    return 'It has not started, and will change nothing.';
  const stops =
    run.status === 'running'
      ? 'The step that runs now is finished first; no further one starts.'
      : 'No further step starts.';
  return changed.length === 0
    ? `${stops} Nothing has been changed yet.`
    : `${stops} What has been changed stays: ${changed.join(', ')}.`;
}

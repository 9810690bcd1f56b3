import { useApi } from '@backstage/core-plugin-api';
import { RunDetail, RunFork } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionWalk,
  BlockedButton,
  FailureText,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import { useRunHref } from '../../useRunHref';
import { runVerbAction } from './verbs';

const TITLE = 'Run again with changes';

/** Asks for a new run that begins with what was chosen for this one. Nothing where that makes no sense. */
export function ForkButton(props: { run: RunDetail }) {
  const { run } = props;
  const runsApi = useApi(runsApiRef);
  const runHref = useRunHref();
  const [state, setState] = useState<{
    open: boolean;
    loading?: boolean;
    fork?: RunFork['request'];
    error?: Error;
  }>({ open: false });
  const action = runVerbAction(run, { verb: 'fork', title: TITLE });
  if (!action) return null;
  const begin = async () => {
    setState({ open: false, loading: true });
    try {
      const { request } = await runsApi.forkRun(run.id);
      setState({ open: true, fork: request });
    } catch (error) {
      setState({ open: false, error: error as Error });
    }
  };
  const { open, loading, fork, error } = state;
  return (
    <>
      <BlockedButton
        action={action}
        variant="outlined"
        disabled={loading}
        onClick={begin}
      >
        {TITLE}…
      </BlockedButton>
      {error && (
        <FailureText
          what={`What was chosen for run #${run.number} cannot be asked for again.`}
          error={error}
        />
      )}
      {fork && (
        <ActionWalk
          open={open}
          action={fork.action}
          title={`Run #${run.number} again with changes`}
          entityRef={fork.entityRef}
          environment={fork.environment}
          fork={fork}
          runHref={runHref}
          onClose={() => setState({ open: false, fork })}
        />
      )}
    </>
  );
}

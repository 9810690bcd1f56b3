import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { EntityDeploysState } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionWalk,
  FailureText,
  LockDialog,
  StatusWord,
  useEntityRuns,
  useEnvironmentTitle,
} from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import { useEntityDeploys } from '../../state';
import { Card } from '../Card';
import { CardFailure, CardSkeleton } from '../CardStates';
import { describeSource, Freshness } from '../Freshness';
import { RunStrips } from '../RunStrips';
import { summaryTone } from '../tones';
import { useRunHref } from '../useRunHref';
import { PickedAction } from './actions';
import { DeploymentsTable } from './DeploymentsTable';
import { collectProblems, ProblemList } from './ProblemList';

const useStyles = makeStyles(
  theme => ({
    top: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      gap: theme.spacing(0.5, 2),
    },
    summary: {
      // Beside a note about a source that is gone it would be squeezed into a column.
      flex: '1 1 24rem',
      fontSize: theme.typography.subtitle1.fontSize,
    },
  }),
  { name: 'SwitchyardDeployCard' },
);

/**
 * Which version runs where, whether it is what Git says, and the way to ship another one.
 *
 * @param props - `showRuns`: strips of runs on top, where the page does not show them elsewhere
 */
export function DeployCard(props: { showRuns?: boolean }) {
  const { showRuns = false } = props;
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  const { value, error, loading, checkedAt, retry } =
    useEntityDeploys(entityRef);
  return (
    <Card title="Deploy">
      {loading && <CardSkeleton label="Loading what runs where" />}
      {!value && error && (
        <CardFailure
          what="What runs where cannot be shown."
          error={error}
          onRetry={retry}
        />
      )}
      {value && (
        <KnownState
          entityRef={entityRef}
          state={value}
          error={error}
          checkedAt={checkedAt}
          showRuns={showRuns}
        />
      )}
    </Card>
  );
}

function KnownState(props: {
  entityRef: string;
  state: EntityDeploysState;
  error: Error | undefined;
  checkedAt: number | undefined;
  showRuns: boolean;
}) {
  const { entityRef, state, error, checkedAt, showRuns } = props;
  const classes = useStyles();
  const runs = useEntityRuns(entityRef);
  // The environment stays while a dialog fades out, or its words would vanish before it does.
  const [walk, setWalk] = useState<PickedAction & { open: boolean }>({
    open: false,
    action: '',
    title: '',
    environment: '',
  });
  const [locking, setLocking] = useState({ open: false, environment: '' });
  const { name } = parseEntityRef(entityRef);
  const titleOf = useEnvironmentTitle();
  const runHref = useRunHref();
  const problems = collectProblems(state, titleOf);
  return (
    <>
      {showRuns && <RunStrips entityRef={entityRef} />}
      {error && <FailureText what="This may be out of date." error={error} />}
      <div className={classes.top}>
        <div role="status" className={classes.summary}>
          <StatusWord tone={summaryTone(state.summary.tone)}>
            {state.summary.text}
          </StatusWord>
        </div>
        <Freshness state={state} checkedAt={checkedAt} />
      </div>
      {runs.error && !runs.value && (
        <FailureText
          what="Runs and locks cannot be shown."
          error={runs.error}
        />
      )}
      {state.deployments.length > 0 ? (
        <DeploymentsTable
          state={state}
          runs={runs}
          label={`Deploys of ${name}`}
          onAction={({ action, title, environment, input }) =>
            setWalk({ open: true, action, title, environment, input })
          }
          onLock={environment => setLocking({ open: true, environment })}
        />
      ) : (
        <NothingDeployed state={state} name={name} />
      )}
      <ProblemList problems={problems} />
      <ActionWalk
        open={walk.open}
        action={walk.action}
        title={`${walk.title}: ${name} in ${titleOf(walk.environment)}`}
        entityRef={entityRef}
        environment={walk.environment}
        initialInput={walk.input}
        runHref={runHref}
        onClose={() => setWalk({ ...walk, open: false })}
        onRequested={runs.retry}
      />
      <LockDialog
        open={locking.open}
        entityRef={entityRef}
        environments={[locking.environment]}
        allowAllEnvironments={false}
        onClose={() => setLocking({ ...locking, open: false })}
        onLocked={() => {
          setLocking({ ...locking, open: false });
          runs.retry();
        }}
      />
    </>
  );
}

/** 'None' is said only where everything was looked at. */
function NothingDeployed(props: { state: EntityDeploysState; name: string }) {
  const { state, name } = props;
  const unknown = state.sources.filter(source => describeSource(source));
  const names = unknown.map(source => source.name).join(', ');
  // The sentence on top and the list below say what is wrong; there may well be something that only the annotations do not lead to.
  if (unknown.length === 0 && state.problems.length > 0) return null;
  return (
    <Typography variant="body2">
      {unknown.length === 0
        ? `None: nothing of ${name} runs in any cluster, and no Application names it.`
        : `Nothing of ${name} was found so far. Not known: ${names}.`}
    </Typography>
  );
}

import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import Typography from '@material-ui/core/Typography';
import { EntityDeploysState } from '@switchyard/backstage-plugin-deploys-common';
import { FailureText } from '@switchyard/backstage-plugin-runs-react';
import { useEffect, useMemo, useState } from 'react';
import { useEntityDeploys } from '../../state';
import { Card } from '../Card';
import { CardFailure, CardSkeleton } from '../CardStates';
import { describeSource, Freshness } from '../Freshness';
import { LogsDrawer } from '../LogsDrawer';
import { TerminalHost } from '../Terminal';
import {
  arrangePods,
  arrangeReadable,
  describeCounts,
  sumCounts,
} from './arrangePods';
import { listRows } from './listRows';
import { PodsTable } from './PodsTable';
import { PodsContextProvider } from './podsContext';
import { usePodMetrics } from './usePodMetrics';
import { usePodsView } from './usePodsView';

/** From this many pods on, only what is not ready is open to begin with. */
const LARGE_COUNT = 100;
/** Fewer are seen at a glance. */
const MIN_PODS_TO_FILTER = 6;
/** How often pods are judged anew by their age. */
const JUDGE_EVERY_MS = 15_000;

const useStyles = makeStyles(
  theme => ({
    top: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      gap: theme.spacing(1, 2),
    },
    freshness: { flex: '1 1 12rem' },
    filter: { flex: '0 1 18rem' },
    counts: {
      fontWeight: 'normal',
      fontSize: theme.typography.body1.fontSize,
      marginLeft: theme.spacing(1),
    },
  }),
  { name: 'SwitchyardPodsCard' },
);

/** The pods of an entity in all clusters, what is wrong first, with their logs. */
export function PodsCard() {
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  const { value, error, loading, checkedAt, retry } =
    useEntityDeploys(entityRef);
  if (value) {
    return (
      <KnownPods
        key={entityRef}
        entityRef={entityRef}
        state={value}
        error={error}
        checkedAt={checkedAt}
      />
    );
  }
  return (
    <Card title="Pods">
      {loading && <CardSkeleton label="Loading pods" />}
      {error && (
        <CardFailure
          what="Pods cannot be shown."
          error={error}
          onRetry={retry}
        />
      )}
    </Card>
  );
}

function KnownPods(props: {
  entityRef: string;
  state: EntityDeploysState;
  error: Error | undefined;
  checkedAt: number | undefined;
}) {
  const { entityRef, state, error, checkedAt } = props;
  const classes = useStyles();
  const view = usePodsView();
  const judgedAt = useJudgingTime();
  const clusters = useMemo(
    () => arrangePods(state, judgedAt),
    [state, judgedAt],
  );
  const readable = useMemo(
    () => arrangeReadable(state, clusters, judgedAt),
    [state, clusters, judgedAt],
  );
  const podCount = clusters
    .flatMap(cluster => cluster.workloads)
    .reduce((count, workload) => count + workload.pods.length, 0);
  const metrics = usePodMetrics(entityRef, podCount > 0);
  const shared = useMemo(() => ({ entityRef, metrics }), [entityRef, metrics]);
  // Decided once: a rollout that passes the limit must not close what is open.
  const [large] = useState(podCount > LARGE_COUNT);
  const rows = useMemo(
    () =>
      listRows({ clusters, filter: view.filter, toggled: view.toggled, large }),
    [clusters, view.filter, view.toggled, large],
  );
  const { name } = parseEntityRef(entityRef);
  const counts = sumCounts(clusters.map(cluster => cluster.counts));
  const hasWorkloads = clusters.some(cluster => cluster.workloads.length > 0);
  return (
    <Card
      title={
        <>
          Pods
          {hasWorkloads && (
            <span className={classes.counts} role="status">
              {describeCounts(counts)}
            </span>
          )}
        </>
      }
    >
      {error && <FailureText what="This may be out of date." error={error} />}
      <div className={classes.top}>
        <Freshness
          state={state}
          checkedAt={checkedAt}
          className={classes.freshness}
        />
        {(podCount >= MIN_PODS_TO_FILTER || view.filter !== '') && (
          <TextField
            id="switchyard-pods-filter"
            type="search"
            size="small"
            variant="outlined"
            label="Filter pods"
            className={classes.filter}
            value={view.filter}
            onChange={event => view.setFilter(event.target.value)}
          />
        )}
      </div>
      {clusters.length === 0 && <NoPods state={state} name={name} />}
      {clusters.length > 0 && rows.length === 0 && (
        <Typography variant="body2">No pod matches “{view.filter}”.</Typography>
      )}
      {/* Outside the condition: a filter that hides every row must not end what is open. */}
      <TerminalHost entityRef={entityRef} state={state}>
        {rows.length > 0 && (
          <PodsContextProvider value={shared}>
            <PodsTable
              rows={rows}
              label={`Pods of ${name}`}
              onToggle={view.toggle}
              onLogs={view.setLogs}
            />
          </PodsContextProvider>
        )}
      </TerminalHost>
      <LogsDrawer
        entityRef={entityRef}
        place={view.logs}
        clusters={readable}
        onPlace={view.setLogs}
        onClose={() => view.setLogs(undefined)}
      />
    </Card>
  );
}

/** The time by which pods are judged. Seldom enough that a large table is not rendered for nothing. */
function useJudgingTime(): number {
  const [time, setTime] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setTime(Date.now());
    }, JUDGE_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return time;
}

/** 'None' is said only where everything was looked at. */
function NoPods(props: { state: EntityDeploysState; name: string }) {
  const { state, name } = props;
  const unknown = state.sources.filter(source => describeSource(source));
  const names = unknown.map(source => source.name).join(', ');
  const problems = state.problems.map(({ what }) => what).join(', ');
  if (unknown.length > 0) {
    return (
      <Typography variant="body2">
        No pods of {name} were found so far. Not known: {names}.
      </Typography>
    );
  }
  return (
    <Typography variant="body2">
      {problems === ''
        ? `None: ${name} has no pods in any cluster.`
        : `No pods are found by what ${name} says of itself: ${problems}. What to write stands in the Deploy card.`}
    </Typography>
  );
}

import { Content, EmptyState } from '@backstage/core-components';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Skeleton from '@material-ui/lab/Skeleton';
import { RunSummary } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  FailureText,
  RunTable,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useMemo } from 'react';
import { useRunHref } from '../../useRunHref';
import { RunFilterBar } from './RunFilterBar';
import { orderRuns, summarize } from './orderRuns';
import { RunFilters, useRunFilters } from './useRunFilters';
import { useRunPages } from './useRunPages';

const useStyles = makeStyles(
  theme => ({
    summary: { marginBottom: theme.spacing(2) },
    old: { opacity: 0.6 },
    more: { padding: theme.spacing(1), textAlign: 'center' },
    gap: { marginBottom: theme.spacing(2) },
    loading: { padding: theme.spacing(2) },
  }),
  { name: 'SwitchyardRunListPage' },
);

/** All runs that this person may see: wrong things first, then the newest. */
export function RunListPage() {
  const classes = useStyles();
  const runHref = useRunHref();
  const filters = useRunFilters();
  const { needle } = filters;
  const { runs, isOld, error, retry, showOlder, loadingOlder } = useRunPages(
    filters.asked,
  );
  const shown = useMemo(
    () => runs && orderRuns(runs).filter(run => matches(run, needle)),
    [runs, needle],
  );
  const summary = shown && summarize(shown);

  return (
    <Content>
      <div className={classes.summary} role="status">
        {summary && <StatusWord tone={summary.tone}>{summary.text}</StatusWord>}
      </div>
      <RunFilterBar filters={filters} />
      {error && (
        <FailureText
          className={classes.gap}
          what={
            shown ? 'The list may be out of date.' : 'Runs cannot be shown.'
          }
          error={error}
        />
      )}
      {!shown && error && (
        <ActionButton onClick={retry}>Try again</ActionButton>
      )}
      {!shown && !error && <ListSkeleton />}
      {shown && shown.length === 0 && (
        <NoRuns filters={filters} isPart={showOlder !== undefined} />
      )}
      {shown && shown.length > 0 && (
        <Paper className={isOld ? classes.old : undefined} aria-busy={isOld}>
          <RunTable runs={shown} label="Runs" runHref={runHref} />
        </Paper>
      )}
      {shown && showOlder && (
        <div className={classes.more}>
          <ActionButton onClick={showOlder} disabled={loadingOlder}>
            Show older runs
          </ActionButton>
        </div>
      )}
    </Content>
  );
}

function NoRuns(props: { filters: RunFilters; isPart: boolean }) {
  const { filters, isPart } = props;
  return filters.isEmpty ? (
    <EmptyState
      missing="data"
      title="No runs yet"
      description="A run appears here when somebody ships a version from the page of a component."
    />
  ) : (
    <EmptyState
      missing="data"
      title="No run matches"
      description={
        filters.needle !== '' && isPart
          ? 'Only the newest runs were searched for this part of a name. A whole one, such as component:default/orders, is looked for among all.'
          : undefined
      }
      action={
        <ActionButton variant="outlined" onClick={filters.clear}>
          Clear filters
        </ActionButton>
      }
    />
  );
}

function ListSkeleton() {
  const classes = useStyles();
  return (
    <Paper
      className={classes.loading}
      aria-busy="true"
      aria-label="Loading runs"
    >
      {[1, 2, 3, 4, 5].map(row => (
        <Skeleton key={row} variant="text" height={40} />
      ))}
    </Paper>
  );
}

function matches(run: RunSummary, needle: string): boolean {
  if (needle === '') return true;
  return run.entityRef.toLocaleLowerCase('en-US').includes(needle);
}

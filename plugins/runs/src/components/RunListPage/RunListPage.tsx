import { parseEntityRef } from '@backstage/catalog-model';
import { Content, EmptyState } from '@backstage/core-components';
import Checkbox from '@material-ui/core/Checkbox';
import ListItemText from '@material-ui/core/ListItemText';
import MenuItem from '@material-ui/core/MenuItem';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import Skeleton from '@material-ui/lab/Skeleton';
import {
  RunStatus,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  FailureText,
  quietColor,
  RunTable,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useMemo } from 'react';
import { useRunHref } from '../../useRunHref';
import { orderRuns, summarize } from './orderRuns';
import { RunFilters, statusChoices, useRunFilters } from './useRunFilters';
import { useRunPages } from './useRunPages';

const useStyles = makeStyles(
  theme => ({
    bar: {
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(2),
      alignItems: 'center',
      marginBottom: theme.spacing(2),
    },
    summary: { flex: '1 1 14rem' },
    entity: { flex: '0 1 16rem', minWidth: '10rem' },
    status: { flex: '0 1 14rem', minWidth: '10rem' },
    old: { opacity: 0.6 },
    label: { color: quietColor(theme) },
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
  const exactEntity = fullRef(filters.entity);
  const { runs, isOld, error, retry, showOlder, loadingOlder } = useRunPages({
    ...(exactEntity && { entityRef: exactEntity }),
    ...(filters.status.length > 0 && { status: filters.status }),
  });
  const needle = exactEntity
    ? ''
    : filters.entity.trim().toLocaleLowerCase('en-US');
  const shown = useMemo(
    () => runs && orderRuns(runs).filter(run => matches(run, needle)),
    [runs, needle],
  );
  const summary = shown && summarize(shown);

  return (
    <Content>
      <div className={classes.bar}>
        <div className={classes.summary} role="status">
          {summary && (
            <StatusWord tone={summary.tone}>{summary.text}</StatusWord>
          )}
        </div>
        <Filters filters={filters} />
      </div>
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
      {shown && shown.length === 0 && <NoRuns filters={filters} />}
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

function Filters(props: { filters: RunFilters }) {
  const { filters } = props;
  const classes = useStyles();
  const labels = new Map<unknown, string>(
    statusChoices.map(choice => [choice.status, choice.label]),
  );
  return (
    <>
      <TextField
        className={classes.entity}
        id="runs-filter-entity"
        label="Component"
        size="small"
        variant="outlined"
        InputLabelProps={{ className: classes.label }}
        value={filters.entity}
        onChange={event => filters.setEntity(event.target.value)}
      />
      <TextField
        className={classes.status}
        id="runs-filter-status"
        label="State"
        size="small"
        variant="outlined"
        select
        InputLabelProps={{ shrink: true, className: classes.label }}
        value={filters.status}
        onChange={event =>
          filters.setStatus(event.target.value as unknown as RunStatus[])
        }
        SelectProps={{
          multiple: true,
          displayEmpty: true,
          renderValue: chosen => {
            const names = (chosen as RunStatus[]).map(each => labels.get(each));
            return names.length === 0 ? 'Any' : names.join(', ');
          },
        }}
      >
        {statusChoices.map(choice => (
          <MenuItem key={choice.status} value={choice.status}>
            <Checkbox
              size="small"
              color="primary"
              checked={filters.status.includes(choice.status)}
              tabIndex={-1}
              disableRipple
            />
            <ListItemText primary={choice.label} />
          </MenuItem>
        ))}
      </TextField>
    </>
  );
}

function NoRuns(props: { filters: RunFilters }) {
  const { filters } = props;
  const filtered = filters.entity !== '' || filters.status.length > 0;
  return filtered ? (
    <EmptyState
      missing="data"
      title="No run matches"
      action={
        <ActionButton variant="outlined" onClick={filters.clear}>
          Clear filters
        </ActionButton>
      }
    />
  ) : (
    <EmptyState
      missing="data"
      title="No runs yet"
      description="A run appears here when somebody ships a version from the page of a component."
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

function fullRef(text: string): string | undefined {
  if (!/^[^:/\s]+:[^:/\s]+\/[^:/\s]+$/.test(text)) return undefined;
  try {
    parseEntityRef(text);
    return text;
  } catch {
    return undefined;
  }
}

function matches(run: RunSummary, needle: string): boolean {
  if (needle === '') return true;
  return run.entityRef.toLocaleLowerCase('en-US').includes(needle);
}

import { Content, EmptyState } from '@backstage/core-components';
import MenuItem from '@material-ui/core/MenuItem';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import Skeleton from '@material-ui/lab/Skeleton';
import { LockScope } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  FailureText,
  forbidsNow,
  LockDialog,
  LockList,
  LocksOverview,
  StatusWord,
  useEnvironments,
  useLocks,
} from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import { LockCalendarView } from './LockCalendarView';
import { LockFilterName, useLockFilters } from './useLockFilters';

const SCOPES: LockScope[] = [
  'environment',
  'system',
  'component',
  'cluster',
  'platform',
];
const KIND_CHOICES = [
  { value: 'lock', label: 'Locks' },
  { value: 'freeze', label: 'Freezes' },
  { value: 'warning', label: 'Warnings' },
];
const SCOPE_CHOICES = [
  { value: 'platform', label: 'Everything' },
  { value: 'environment', label: 'Environments' },
  { value: 'cluster', label: 'Clusters' },
  { value: 'system', label: 'Systems' },
  { value: 'component', label: 'Components' },
];

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(2),
    },
    bar: {
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(1.5),
      alignItems: 'center',
    },
    field: { flex: '1 1 10rem', maxWidth: '18rem' },
    paper: { padding: theme.spacing(2) },
  }),
  { name: 'SwitchyardLocksPage' },
);

/** All locks, freezes and warnings: what binds now and what is coming, as a list or by days; the way to set one. */
export function LocksPage() {
  const classes = useStyles();
  const { value, error, retry } = useLocks();
  if (!value) {
    if (!error) return <LocksSkeleton />;
    return (
      <Content>
        <FailureText what="Locks cannot be shown." error={error} />
        <ActionButton onClick={retry}>Try again</ActionButton>
      </Content>
    );
  }
  return (
    <Content>
      <div className={classes.root}>
        {error && (
          <FailureText what="This page may be out of date." error={error} />
        )}
        <Overview overview={value} onChanged={retry} />
      </div>
    </Content>
  );
}

function Overview(props: {
  overview: LocksOverview;
  onChanged(): Promise<void>;
}) {
  const { overview, onChanged } = props;
  const { locks, calendar, places } = overview;
  const classes = useStyles();
  const filters = useLockFilters();
  const [locking, setLocking] = useState(false);
  const shown = locks.filter(filters.isMeant);
  const scopes = SCOPES.filter(
    scope =>
      places.scopes.includes(scope) &&
      (scope !== 'cluster' || places.clusters.length > 0),
  );
  const closing = shown.filter(forbidsNow).length;
  return (
    <>
      <div role="status">
        {closing > 0 ? (
          <StatusWord tone="attention">
            {closing === 1
              ? '1 lock or freeze binds now'
              : `${closing} locks and freezes bind now`}
          </StatusWord>
        ) : (
          <StatusWord tone="ok">Nothing is locked or frozen now</StatusWord>
        )}
      </div>
      <div className={classes.bar}>
        <FilterFields filters={filters} />
        <ActionButton
          variant="outlined"
          onClick={() =>
            filters.set('view', filters.view === 'list' ? 'calendar' : '')
          }
        >
          {filters.view === 'list' ? 'Show the calendar' : 'Show the list'}
        </ActionButton>
        {scopes.length > 0 && (
          <ActionButton
            variant="contained"
            color="primary"
            onClick={() => setLocking(true)}
          >
            Lock or freeze…
          </ActionButton>
        )}
      </div>
      {filters.view === 'calendar' && (
        <LockCalendarView calendar={calendar} isMeant={filters.isMeant} />
      )}
      {filters.view === 'list' && shown.length === 0 && (
        <EmptyState
          missing="data"
          title="No locks, freezes or warnings"
          description="What people lock, freeze or warn about appears here, also what is planned."
        />
      )}
      {filters.view === 'list' && shown.length > 0 && (
        <Paper className={classes.paper}>
          <LockList locks={shown} onChanged={onChanged} />
        </Paper>
      )}
      <LockDialog
        open={locking}
        environments={places.environments}
        clusters={places.clusters}
        scopes={scopes}
        onClose={() => setLocking(false)}
        onLocked={() => {
          setLocking(false);
          onChanged();
        }}
      />
    </>
  );
}

function FilterFields(props: { filters: ReturnType<typeof useLockFilters> }) {
  const { values, set } = props.filters;
  const classes = useStyles();
  const environments = useEnvironments();
  const menu = (
    name: LockFilterName,
    label: string,
    choices: ReadonlyArray<{ value: string; label: string }>,
  ) => (
    <TextField
      id={`locks-filter-${name}`}
      className={classes.field}
      size="small"
      variant="outlined"
      label={label}
      select
      InputLabelProps={{ shrink: true }}
      SelectProps={{ displayEmpty: true }}
      value={
        choices.some(({ value }) => value === values[name]) ? values[name] : ''
      }
      onChange={event => set(name, event.target.value)}
    >
      <MenuItem value="">Any</MenuItem>
      {choices.map(choice => (
        <MenuItem key={choice.value} value={choice.value}>
          {choice.label}
        </MenuItem>
      ))}
    </TextField>
  );
  return (
    <>
      {menu('kind', 'Kind', KIND_CHOICES)}
      {menu('scope', 'What', SCOPE_CHOICES)}
      {menu(
        'environment',
        'Environment',
        environments.map(({ name, title }) => ({ value: name, label: title })),
      )}
    </>
  );
}

function LocksSkeleton() {
  const classes = useStyles();
  return (
    <Content>
      <div
        className={classes.root}
        aria-busy="true"
        aria-label="Loading locks and freezes"
      >
        <Skeleton variant="text" width="30%" />
        <Skeleton variant="rect" height={140} />
      </div>
    </Content>
  );
}

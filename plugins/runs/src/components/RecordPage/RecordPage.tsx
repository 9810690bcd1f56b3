import { Content, EmptyState } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import Skeleton from '@material-ui/lab/Skeleton';
import { RecordReport } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  FailureText,
  quietColor,
} from '@switchyard/backstage-plugin-runs-react';
import { ReactNode, useMemo } from 'react';
import { historyApiRef, RecordFilter } from '../../history';
import { toRef, useUrlFilters } from '../filters';
import { useKeptAsync } from '../filters/useKeptAsync';
import { RECORD_FILTERS, RecordFilterBar } from './RecordFilterBar';
import { RecordCharts } from './RecordCharts';
import { RecordTable } from './RecordTable';
import { failureRate, rollbackRate, span } from './recordWords';

const DAY_MS = 24 * 60 * 60_000;
const DEFAULT_DAYS = 90;

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(3),
    },
    old: { opacity: 0.6 },
    facts: {
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(2, 4),
      margin: 0,
      padding: theme.spacing(2),
    },
    fact: { display: 'flex', flexDirection: 'column-reverse', margin: 0 },
    value: { ...theme.typography.h5, margin: 0 },
    quiet: { ...theme.typography.body2, color: quietColor(theme) },
    section: { padding: theme.spacing(2) },
  }),
  { name: 'SwitchyardRecordPage' },
);

/** How deploys went: how many, how fast, how often they failed, what they saved. */
export function RecordPage() {
  const classes = useStyles();
  const api = useApi(historyApiRef);
  const filters = useUrlFilters(RECORD_FILTERS);
  const { days, entity, system, team, environment, action } = filters.values;
  const asked = useMemo(
    () => toFilter({ days, entity, system, team, environment, action }),
    [days, entity, system, team, environment, action],
  );
  const { value, isOld, error, retry } = useKeptAsync(
    () => api.readRecord(asked),
    JSON.stringify(asked),
  );
  return (
    <Content>
      <RecordFilterBar filters={filters} asked={asked} report={value} />
      {error && (
        <FailureText
          what={
            value
              ? 'The numbers may be out of date.'
              : 'The record cannot be shown.'
          }
          error={error}
        />
      )}
      {error && <ActionButton onClick={retry}>Try again</ActionButton>}
      {!value && !error && (
        <Paper aria-busy="true" aria-label="Loading the record">
          <Skeleton variant="rect" height={240} />
        </Paper>
      )}
      {value && (
        <div
          className={isOld ? `${classes.root} ${classes.old}` : classes.root}
          aria-busy={isOld}
        >
          {value.total.runs === 0 ? (
            <EmptyState
              missing="data"
              title="No run ended in this time"
              description="A run is counted when it has ended."
              action={
                filters.isEmpty ? undefined : (
                  <ActionButton variant="outlined" onClick={filters.clear}>
                    Clear filters
                  </ActionButton>
                )
              }
            />
          ) : (
            <Report report={value} />
          )}
        </div>
      )}
    </Content>
  );
}

function Report(props: { report: RecordReport }) {
  const { report } = props;
  const { total } = report;
  const classes = useStyles();
  return (
    <>
      <Paper component="dl" className={classes.facts}>
        <Fact name="Runs" value={total.runs} />
        <Fact name="Failure rate" value={failureRate(total)} />
        <Fact name="Rollback rate" value={rollbackRate(total)} />
        <Fact name="Duration, median" value={span(total.durationP50Ms)} />
        <Fact
          name="Duration, 95 of 100 within"
          value={span(total.durationP95Ms)}
        />
        <Fact name="Lead time, median" value={span(total.leadP50Ms)} />
        <Fact name="Time saved" value={span(total.savedMs)} />
      </Paper>
      <RecordCharts report={report} />
      <Section heading="By component">
        <RecordTable
          label="Record by component"
          of="Component"
          rows={report.components.map(({ entityRef, ...numbers }) => ({
            key: entityRef,
            name: (
              <EntityRefLink entityRef={entityRef} defaultKind="component" />
            ),
            numbers,
          }))}
        />
      </Section>
      <Section heading="By action">
        <RecordTable
          label="Record by action"
          of="Action"
          rows={report.actions.map(({ action, ...numbers }) => ({
            key: action,
            name: action,
            numbers,
          }))}
        />
      </Section>
      <p className={classes.quiet}>
        Rates leave out what people cancelled. Lead time counts from the commit
        of what was shipped, or from its build where only that is known. Time
        saved is what each run took less than by hand:{' '}
        {span(report.manual.defaultMs)}
        {Object.entries(report.manual.actionsMs).map(
          ([action, ms]) => `, ${action} ${span(ms)}`,
        )}
        .
      </p>
    </>
  );
}

function Fact(props: { name: string; value: string | number }) {
  const classes = useStyles();
  return (
    <div className={classes.fact}>
      <dt className={classes.quiet}>{props.name}</dt>
      <dd className={classes.value}>{props.value}</dd>
    </div>
  );
}

function Section(props: { heading: string; children: ReactNode }) {
  const classes = useStyles();
  return (
    <Paper component="section" className={classes.section}>
      <Typography variant="h6" component="h2">
        {props.heading}
      </Typography>
      {props.children}
    </Paper>
  );
}

/** What makes no sense in the address is ignored. */
function toFilter(
  values: Record<(typeof RECORD_FILTERS)[number], string>,
): RecordFilter {
  const days = /^[1-9]\d{0,3}$/.test(values.days)
    ? Number(values.days)
    : DEFAULT_DAYS;
  // To the hour, so that asking again within it is the same question.
  const hour = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  return {
    from: new Date(hour - days * DAY_MS).toISOString(),
    to: new Date(hour).toISOString(),
    entityRef: toRef(values.entity, 'component'),
    system: toRef(values.system, 'system'),
    team: toRef(values.team, 'group'),
    environment: values.environment || undefined,
    action: values.action || undefined,
  };
}

import { useRouteRef } from '@backstage/core-plugin-api';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import {
  RecordBucket,
  RecordReport,
} from '@switchyard/backstage-plugin-runs-common';
import { formatSpan } from '@switchyard/backstage-plugin-runs-react';
import { rootRouteRef } from '../../routes';
import { RecordChart } from './RecordChart';

const DAY_MS = 24 * 60 * 60_000;

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fit, minmax(min(26rem, 100%), 1fr))',
      gap: theme.spacing(3),
      padding: theme.spacing(2),
    },
  }),
  { name: 'SwitchyardRecordCharts' },
);

const PER: Record<RecordBucket, string> = {
  day: 'day',
  week: 'week',
  month: 'month',
};

/** The record over time. Each point opens its runs. */
export function RecordCharts(props: { report: RecordReport }) {
  const { by, series } = props.report;
  const classes = useStyles();
  const runs = useRouteRef(rootRouteRef)();
  const points = series.map(({ at }) => ({
    label: at.slice(0, by === 'month' ? 7 : 10),
    href: `${runs}?${new URLSearchParams({
      from: at.slice(0, 10),
      to: lastDay(at, by),
    })}`,
  }));
  const whole = (value: number) =>
    Number.isInteger(value) ? String(value) : value.toFixed(1);
  return (
    <Paper className={classes.root}>
      <RecordChart
        title={`Runs per ${PER[by]}`}
        kind="bars"
        points={points}
        format={whole}
        series={[
          {
            label: 'Succeeded',
            tone: 'ok',
            values: series.map(each => each.succeeded),
          },
          {
            label: 'Failed',
            tone: 'error',
            values: series.map(each => each.failed),
          },
          {
            label: 'Cancelled',
            tone: 'neutral',
            values: series.map(each => each.cancelled),
          },
        ]}
      />
      <RecordChart
        title="Duration of what succeeded"
        kind="lines"
        points={points}
        format={formatSpan}
        series={[
          {
            label: 'Median',
            tone: 'active',
            values: series.map(each => each.durationP50Ms),
          },
          {
            label: '95 of 100 within',
            tone: 'attention',
            pattern: 'dashed',
            values: series.map(each => each.durationP95Ms),
          },
        ]}
      />
      <RecordChart
        title="Share of failures"
        kind="lines"
        points={points}
        format={value => `${whole(value)} %`}
        series={[
          {
            label: 'Failure rate',
            tone: 'error',
            values: series.map(({ succeeded, failed }) =>
              share(failed, succeeded + failed),
            ),
          },
          {
            label: 'Rollback rate',
            tone: 'attention',
            pattern: 'dashed',
            values: series.map(({ succeeded, rollbacks }) =>
              share(rollbacks, succeeded),
            ),
          },
        ]}
      />
      <RecordChart
        title="Lead time and time saved"
        kind="lines"
        points={points}
        format={formatSpan}
        series={[
          {
            label: 'Lead time, median',
            tone: 'active',
            values: series.map(each => each.leadP50Ms),
          },
          {
            label: 'Time saved',
            tone: 'ok',
            pattern: 'dashed',
            values: series.map(each => each.savedMs),
          },
        ]}
      />
    </Paper>
  );
}

function share(part: number, all: number): number | undefined {
  return all === 0 ? undefined : (part / all) * 100;
}

function lastDay(at: string, by: RecordBucket): string {
  const start = new Date(at);
  const end = {
    day: start,
    week: new Date(start.getTime() + 6 * DAY_MS),
    month: new Date(
      Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0),
    ),
  }[by];
  return end.toISOString().slice(0, 10);
}

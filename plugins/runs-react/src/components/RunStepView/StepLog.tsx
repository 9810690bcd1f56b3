import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import Typography from '@material-ui/core/Typography';
import {
  RunLogLine,
  StepStatus,
} from '@switchyard/backstage-plugin-runs-common';
import { DateTime } from 'luxon';
import { useMemo, useState } from 'react';
import { formatExact } from '../AgeText';
import { CopyButton } from '../CopyButton';
import { StatusWord } from '../StatusWord';
import { quietColor } from '../../tone';

const useStyles = makeStyles(
  theme => ({
    heading: {
      display: 'flex',
      alignItems: 'center',
      flexWrap: 'wrap',
      gap: theme.spacing(1),
    },
    search: { marginLeft: 'auto' },
    log: {
      margin: 0,
      padding: theme.spacing(1, 1.5),
      listStyle: 'none',
      maxHeight: 360,
      overflow: 'auto',
      fontFamily: 'Menlo, Consolas, monospace',
      fontSize: 12,
      lineHeight: 1.7,
      border: `1px solid ${theme.palette.divider}`,
      borderRadius: theme.shape.borderRadius,
      background: theme.palette.background.default,
    },
    line: { display: 'flex', gap: theme.spacing(1.5), alignItems: 'baseline' },
    time: { color: quietColor(theme), flex: 'none' },
    message: { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', minWidth: 0 },
    quiet: { color: quietColor(theme) },
  }),
  { name: 'SwitchyardStepLog' },
);

/** With fewer lines the eye is faster. */
const SEARCHED_FROM = 10;
/** More would make the page slow; the search looks at all of them. */
const SHOWN = 1_000;

/** What a step has said, newest last, with a search. */
export function StepLog(props: {
  status: StepStatus;
  log: readonly RunLogLine[];
}) {
  const { status, log } = props;
  const classes = useStyles();
  const [wanted, setWanted] = useState('');
  const needle = wanted.trim().toLocaleLowerCase('en-US');
  const found = useMemo(
    () =>
      needle === ''
        ? log
        : log.filter(line =>
            `${line.level} ${line.message}`
              .toLocaleLowerCase('en-US')
              .includes(needle),
          ),
    [log, needle],
  );
  const shown = found.slice(-SHOWN);
  return (
    <section>
      <div className={classes.heading}>
        <Typography variant="subtitle2" component="h4">
          Log
        </Typography>
        {log.length > 0 && <CopyButton text={logText(found)} label="log" />}
        {(log.length >= SEARCHED_FROM || needle !== '') && (
          <TextField
            className={classes.search}
            size="small"
            variant="outlined"
            placeholder="Search the log"
            value={wanted}
            onChange={event => setWanted(event.target.value)}
            inputProps={{ 'aria-label': 'Search the log', type: 'search' }}
          />
        )}
      </div>
      <div role="status" className={classes.quiet}>
        {describeFound(log.length, found.length, shown.length, needle)}
      </div>
      {shown.length > 0 && <Lines log={shown} />}
      {log.length === 0 && (
        <Typography variant="body2" className={classes.quiet}>
          {status === 'pending' ? 'The step has not started.' : 'No lines yet.'}
        </Typography>
      )}
    </section>
  );
}

function describeFound(
  all: number,
  found: number,
  shown: number,
  needle: string,
): string | undefined {
  if (needle !== '' && found === 0) return 'No line matches.';
  const last = shown < found ? `; the last ${shown} are shown` : '';
  if (needle !== '') return `${found} of ${all} lines match${last}`;
  return last === '' ? undefined : `${all} lines${last}`;
}

function Lines(props: { log: readonly RunLogLine[] }) {
  const { log } = props;
  const classes = useStyles();
  return (
    // It scrolls inside, so the keyboard must reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <ol className={classes.log} tabIndex={0} aria-label="Log of the step">
      {log.map((line, index) => (
        <li key={`${index}|${line.at}`} className={classes.line}>
          <time
            dateTime={line.at}
            title={formatExact(line.at)}
            className={classes.time}
          >
            {DateTime.fromISO(line.at).toFormat('HH:mm:ss')}
          </time>
          {line.level !== 'info' && (
            <StatusWord tone={line.level === 'error' ? 'error' : 'attention'}>
              {line.level}
            </StatusWord>
          )}
          <span className={classes.message}>{line.message}</span>
        </li>
      ))}
    </ol>
  );
}

function logText(log: readonly RunLogLine[]): string {
  return log.map(line => `${line.at} ${line.level} ${line.message}`).join('\n');
}

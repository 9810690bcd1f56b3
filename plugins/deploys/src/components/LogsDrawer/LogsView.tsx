import FormControlLabel from '@material-ui/core/FormControlLabel';
import MenuItem from '@material-ui/core/MenuItem';
import { makeStyles } from '@material-ui/core/styles';
import Switch from '@material-ui/core/Switch';
import TextField from '@material-ui/core/TextField';
import Tooltip from '@material-ui/core/Tooltip';
import DownloadIcon from '@material-ui/icons/GetApp';
import { PodContainerState } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionButton,
  FailureText,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useEffect, useState } from 'react';
import { PodPlace } from '../PodsCard/usePodsView';
import { defaultContainer } from './containers';
import { downloadLog } from './downloadLog';
import { LogLines } from './LogLines';
import { LogSearchField } from './LogSearchField';
import { useLogSearch } from './useLogSearch';
import { LogStream, useLogStream } from './useLogStream';

/** Lines of the past to begin with. */
const TAIL_LINES = 2_000;
const useStyles = makeStyles(
  theme => ({
    bar: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      gap: theme.spacing(1, 2),
    },
    container: { minWidth: 160 },
    status: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      columnGap: theme.spacing(2),
      minHeight: 30,
      color: theme.palette.text.secondary,
      fontSize: theme.typography.body2.fontSize,
    },
  }),
  { name: 'SwitchyardLogsView' },
);

/** The log of one container of a pod: which, how, and its lines. */
export function LogsView(props: {
  entityRef: string;
  place: PodPlace;
  /** Empty while the pod is not known. */
  containers: readonly PodContainerState[];
}) {
  const { entityRef, place, containers } = props;
  const classes = useStyles();
  const [chosen, setChosen] = useState<string>();
  const [previous, setPrevious] = useState(false);
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useState(true);
  const [timestamps, setTimestamps] = useState(false);
  // Chosen once: a container that fails while its log is read must not take another's place.
  const [first, setFirst] = useState(() => defaultContainer(containers));
  useEffect(() => {
    if (first === undefined) setFirst(defaultContainer(containers));
  }, [first, containers]);
  const container = chosen ?? first;
  const stream = useLogStream(
    container === undefined
      ? undefined
      : {
          entityRef,
          ...place,
          container,
          previous,
          tail: TAIL_LINES,
          // What was written before the restart is complete.
          follow: !previous,
        },
  );
  const search = useLogSearch(stream);
  const restarted =
    containers.find(each => each.name === container)?.restarts ?? 0;

  return (
    <>
      <div className={classes.bar}>
        <TextField
          select
          id="switchyard-logs-container"
          size="small"
          variant="outlined"
          label="Container"
          className={classes.container}
          value={container ?? ''}
          onChange={event => {
            setChosen(event.target.value);
            setPrevious(false);
          }}
        >
          {containers.map(each => (
            <MenuItem key={each.name} value={each.name}>
              {each.name}
              {each.kind !== 'container' && ` (${each.kind})`}
            </MenuItem>
          ))}
        </TextField>
        <LogSearchField search={search} />
      </div>
      <div className={classes.bar}>
        <Toggle
          label="Follow"
          checked={follow && !previous}
          disabled={previous}
          onChange={setFollow}
        />
        <Tooltip
          title={
            restarted === 0 && !previous
              ? 'This container has not been restarted'
              : ''
          }
        >
          <span>
            <Toggle
              label="Before the last restart"
              checked={previous}
              disabled={restarted === 0 && !previous}
              onChange={setPrevious}
            />
          </span>
        </Tooltip>
        <Toggle label="Wrap lines" checked={wrap} onChange={setWrap} />
        <Toggle
          label="Timestamps"
          checked={timestamps}
          onChange={setTimestamps}
        />
        <ActionButton
          size="small"
          startIcon={<DownloadIcon />}
          disabled={stream.lines.length === 0}
          onClick={() =>
            downloadLog(stream.lines, {
              fileName: `${place.pod}_${container}.log`,
              timestamps,
            })
          }
        >
          Download
        </ActionButton>
      </div>
      {stream.error && (
        <FailureText
          what={
            stream.lines.length > 0
              ? 'The log broke off.'
              : 'The log cannot be read.'
          }
          error={stream.error}
        />
      )}
      <LogLines
        lines={stream.lines}
        version={stream.version}
        follow={follow && !previous}
        wrap={wrap}
        timestamps={timestamps}
        search={search.text}
        standing={search.standing}
        label={`Log of ${container ?? place.pod}`}
      />
      <StatusLine stream={stream} known={container !== undefined} />
    </>
  );
}

function StatusLine(props: { stream: LogStream; known: boolean }) {
  const { stream, known } = props;
  const classes = useStyles();
  const { status, lines, dropped, restart } = stream;
  const lineCount = lines.length.toLocaleString('en-US');
  return (
    <div className={classes.status}>
      <span role="status">
        {!known && (
          <StatusWord tone="waiting">Waiting for the pod’s state</StatusWord>
        )}
        {known && status === 'connecting' && (
          <StatusWord tone="active">Opening the log</StatusWord>
        )}
        {status === 'reading' && <StatusWord tone="active">Reading</StatusWord>}
        {status === 'ended' && (
          <StatusWord tone="neutral">
            {lines.length === 0 ? 'The log is empty' : 'End of the log'}
          </StatusWord>
        )}
        {status === 'failed' && (
          <StatusWord tone="error">Broken off</StatusWord>
        )}
      </span>
      {lines.length > 0 && <span>{lineCount} lines</span>}
      {dropped > 0 && (
        <span>
          {dropped.toLocaleString('en-US')} older lines are not kept here
        </span>
      )}
      {(status === 'ended' || status === 'failed') && (
        <ActionButton size="small" onClick={restart}>
          Read again
        </ActionButton>
      )}
    </div>
  );
}

function Toggle(props: {
  label: string;
  checked: boolean;
  disabled?: boolean;
  onChange(checked: boolean): void;
}) {
  const { label, checked, disabled, onChange } = props;
  return (
    <FormControlLabel
      label={label}
      control={
        <Switch
          size="small"
          color="primary"
          checked={checked}
          disabled={disabled}
          onChange={event => onChange(event.target.checked)}
        />
      }
    />
  );
}

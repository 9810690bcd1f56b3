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
} from '@switchyard/backstage-plugin-runs-react';
import { useEffect, useMemo, useState } from 'react';
import { ArrangedWorkload } from '../PodsCard/arrangePods';
import { LogsPlace } from '../PodsCard/usePodsView';
import { defaultContainer } from './containers';
import { downloadLog } from './downloadLog';
import { LogLines } from './LogLines';
import { LogSearchField } from './LogSearchField';
import { LogSources } from './LogSources';
import { LogStatus } from './LogStatus';
import { ranges, toRange } from './ranges';
import { sourceNames } from './sourceNames';
import { useLogSearch } from './useLogSearch';
import { useLogStream } from './useLogStream';

/** No name of a container or pod. */
const ALL = '*';

const useStyles = makeStyles(
  theme => ({
    bar: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      gap: theme.spacing(1, 2),
    },
    choice: { minWidth: 160, maxWidth: '100%' },
  }),
  { name: 'SwitchyardLogsView' },
);

/** Logs: whose, from when, how, and their lines. */
export function LogsView(props: {
  entityRef: string;
  place: LogsPlace;
  /** With all its pods. Undefined while it is not known. */
  workload: ArrangedWorkload | undefined;
  onPlace(place: LogsPlace): void;
}) {
  const { entityRef, place, workload, onPlace } = props;
  const { cluster, namespace } = place;
  const pod = 'pod' in place ? place.pod : undefined;
  const classes = useStyles();
  const [chosen, setChosen] = useState<string>();
  const [previous, setPrevious] = useState(false);
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useState(true);
  const [timestamps, setTimestamps] = useState(false);
  const [range, setRange] = useState(pod === undefined ? '500' : '2000');
  const containers = useMemo(
    () => containersOf(workload, pod),
    [workload, pod],
  );
  // Chosen once: a container that fails while its log is read must not take another's place.
  const [first, setFirst] = useState(() => defaultContainer(containers));
  useEffect(() => {
    if (first === undefined) setFirst(defaultContainer(containers));
  }, [first, containers]);
  const container = chosen ?? first;
  const stream = useLogStream(
    container === undefined || !workload
      ? undefined
      : {
          entityRef,
          cluster,
          namespace,
          workload: {
            kind: workload.workload.kind,
            name: workload.workload.name,
          },
          ...(pod !== undefined && { pods: [pod] }),
          ...(container !== ALL && { container }),
          previous,
          ...toRange(range),
          // What was written before the restart is complete.
          follow: !previous,
        },
  );
  const search = useLogSearch(stream);
  const names = useMemo(() => sourceNames(stream.sources), [stream.sources]);
  const hasSeveral = stream.sources.length > 1;
  const restarted = containers.some(
    each => (container === ALL || each.name === container) && each.restarts > 0,
  );
  const called = container === ALL ? 'all containers' : container;

  return (
    <>
      <div className={classes.bar}>
        {workload && workload.pods.length > 1 && (
          <Choice
            id="switchyard-logs-pod"
            label="Pod"
            value={pod ?? ALL}
            options={[
              [ALL, `All pods (${workload.pods.length})`],
              // One that is gone stays chosen.
              ...new Map(
                [pod, ...workload.pods.map(each => each.pod.name)].flatMap(
                  name => (name === undefined ? [] : [[name, name]]),
                ),
              ),
            ]}
            onChange={value =>
              onPlace({
                cluster,
                namespace,
                ...(value === ALL
                  ? {
                      workload: {
                        kind: workload.workload.kind,
                        name: workload.workload.name,
                      },
                    }
                  : { pod: value }),
              })
            }
          />
        )}
        <Choice
          id="switchyard-logs-container"
          label="Container"
          value={container ?? ''}
          options={[
            ...containers.map((each): [string, string] => [
              each.name,
              each.kind === 'container'
                ? each.name
                : `${each.name} (${each.kind})`,
            ]),
            ...(containers.length > 1
              ? [[ALL, 'All containers'] as [string, string]]
              : []),
          ]}
          onChange={value => {
            setChosen(value);
            setPrevious(false);
          }}
        />
        <Choice
          id="switchyard-logs-range"
          label="From"
          value={range}
          options={ranges}
          onChange={setRange}
        />
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
            restarted || previous ? '' : 'This container has not been restarted'
          }
        >
          <span>
            <Toggle
              label="Before the last restart"
              checked={previous}
              disabled={!restarted && !previous}
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
              fileName: `${pod ?? workload?.workload.name}_${
                container === ALL ? 'all' : container
              }.log`,
              timestamps,
              ...(hasSeveral && {
                nameOf: source => {
                  const of = stream.sources[source];
                  return `${of.pod} ${of.container}`;
                },
              }),
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
      <LogSources
        sources={stream.sources}
        names={names}
        leftOut={stream.leftOut}
      />
      <LogLines
        lines={stream.lines}
        version={stream.version}
        follow={follow && !previous}
        wrap={wrap}
        timestamps={timestamps}
        search={search.text}
        standing={search.standing}
        names={hasSeveral ? names : undefined}
        label={`Log of ${called ?? pod ?? ''}`}
      />
      <LogStatus stream={stream} known={container !== undefined} />
    </>
  );
}

/** Of the pod; of a workload all that any of its pods has. */
function containersOf(
  workload: ArrangedWorkload | undefined,
  pod: string | undefined,
): PodContainerState[] {
  const found = new Map<string, PodContainerState>();
  for (const each of workload?.pods ?? []) {
    if (pod !== undefined && each.pod.name !== pod) continue;
    for (const container of each.pod.containers) {
      const known = found.get(container.name);
      if (!known || known.restarts < container.restarts) {
        found.set(container.name, container);
      }
    }
  }
  return [...found.values()];
}

function Choice(props: {
  id: string;
  label: string;
  value: string;
  options: ReadonlyArray<readonly [value: string, text: string]>;
  onChange(value: string): void;
}) {
  const { id, label, value, options, onChange } = props;
  const classes = useStyles();
  return (
    <TextField
      select
      id={id}
      size="small"
      variant="outlined"
      label={label}
      className={classes.choice}
      value={value}
      onChange={event => onChange(event.target.value)}
    >
      {options.map(([each, text]) => (
        <MenuItem key={each} value={each}>
          {text}
        </MenuItem>
      ))}
    </TextField>
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

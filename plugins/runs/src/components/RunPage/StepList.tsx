import { alpha, makeStyles, Theme, useTheme } from '@material-ui/core/styles';
import {
  RunDetail,
  RunStep,
  TERMINAL_RUN_STATUSES,
} from '@switchyard/backstage-plugin-runs-common';
import {
  ElapsedText,
  OverdueWord,
  stepTone,
  StepStatusWord,
  toneColor,
  useChanged,
  useNow,
  quietColor,
} from '@switchyard/backstage-plugin-runs-react';
import { layerSteps, timeBar } from './stepGraph';

const useStyles = makeStyles(
  theme => ({
    list: { listStyle: 'none', margin: 0, padding: 0 },
    layer: { margin: 0, padding: 0, listStyle: 'none' },
    // The line at the left holds together what may run at the same time.
    alone: { borderLeft: '3px solid transparent' },
    parallel: { borderLeft: `3px solid ${theme.palette.divider}` },
    step: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr) auto auto',
      columnGap: theme.spacing(2),
      rowGap: theme.spacing(0.5),
      alignItems: 'baseline',
      width: '100%',
      padding: theme.spacing(1, 2),
      border: 0,
      borderLeft: '3px solid transparent',
      background: 'none',
      color: theme.palette.text.primary,
      ...theme.typography.body2,
      textAlign: 'left',
      cursor: 'pointer',
      transition: theme.transitions.create('background-color', {
        duration: 400,
      }),
      '&:hover': { background: theme.palette.action.hover },
      '&:focus-visible': {
        outline: `2px solid ${theme.palette.primary.main}`,
        outlineOffset: -2,
      },
    },
    chosen: {
      background: alpha(theme.palette.primary.main, 0.08),
      borderLeftColor: theme.palette.primary.main,
    },
    changed: { background: alpha(theme.palette.primary.main, 0.08) },
    title: { fontWeight: 500, overflowWrap: 'anywhere' },
    state: { display: 'grid' },
    elapsed: {
      minWidth: '3.5em',
      textAlign: 'right',
      color: quietColor(theme),
    },
    track: {
      gridColumn: '1 / -1',
      position: 'relative',
      height: 6,
      borderRadius: 3,
      background: theme.palette.action.hover,
      overflow: 'hidden',
    },
    bar: {
      position: 'absolute',
      top: 0,
      bottom: 0,
      borderRadius: 3,
      minWidth: 4,
    },
    detail: {
      gridColumn: '1 / -1',
      color: quietColor(theme),
      fontSize: theme.typography.body2.fontSize,
      overflowWrap: 'anywhere',
    },
  }),
  { name: 'SwitchyardStepList' },
);

/** The steps in the order of their graph, each with its state and its place in the run's time. */
export function StepList(props: {
  run: RunDetail;
  chosenId: string | undefined;
  onChoose(stepId: string): void;
}) {
  const { run, chosenId, onChoose } = props;
  const classes = useStyles();
  const running =
    !TERMINAL_RUN_STATUSES.includes(run.status) && run.finishedAt === undefined;
  const now = useNow({ running });
  const span = {
    from: Date.parse(run.startedAt ?? run.requestedAt),
    to: run.finishedAt ? Date.parse(run.finishedAt) : now,
  };
  return (
    <ol className={classes.list} aria-label="Steps">
      {layerSteps(run.steps).map(layer => (
        <li
          key={layer[0].id}
          className={layer.length > 1 ? classes.parallel : classes.alone}
        >
          <ul
            className={classes.layer}
            aria-label={
              layer.length > 1 ? `${layer.length} at the same time` : undefined
            }
          >
            {layer.map(step => (
              <li key={step.id}>
                <StepRow
                  step={step}
                  span={span}
                  chosen={step.id === chosenId}
                  onChoose={() => onChoose(step.id)}
                />
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function StepRow(props: {
  step: RunStep;
  span: { from: number; to: number };
  chosen: boolean;
  onChoose(): void;
}) {
  const { step, span, chosen, onChoose } = props;
  const classes = useStyles();
  const theme = useTheme<Theme>();
  const changed = useChanged(step.status);
  // One that was parked before its first change was taken up once, and waits for its start again.
  const startedAt = step.status === 'pending' ? undefined : step.startedAt;
  const bar = timeBar({ startedAt, finishedAt: step.finishedAt }, span);
  const detail = [step.cluster, step.status === 'running' && step.progress]
    .filter(Boolean)
    .join(' · ');
  const className = [
    classes.step,
    chosen && classes.chosen,
    changed && classes.changed,
  ]
    .filter(Boolean)
    .join(' ');
  return (
    <button
      type="button"
      className={className}
      aria-current={chosen ? 'step' : undefined}
      onClick={onChoose}
    >
      <span className={classes.title}>{step.title}</span>
      <span className={classes.state}>
        <StepStatusWord status={step.status} />
        <OverdueWord expectedBy={step.expectedBy} />
      </span>
      <span className={classes.elapsed}>
        {startedAt ? (
          <ElapsedText from={startedAt} to={step.finishedAt} />
        ) : (
          '–'
        )}
      </span>
      {detail && <span className={classes.detail}>{detail}</span>}
      <span className={classes.track} aria-hidden="true">
        {bar && (
          <span
            className={classes.bar}
            style={{
              left: `${bar.left}%`,
              width: `${bar.width}%`,
              background: toneColor(theme, stepTone(step.status)),
            }}
          />
        )}
      </span>
    </button>
  );
}

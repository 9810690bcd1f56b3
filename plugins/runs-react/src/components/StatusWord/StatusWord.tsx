import { makeStyles, Theme, useTheme } from '@material-ui/core/styles';
import {
  RunStatus,
  RunSummary,
  StepStatus,
} from '@switchyard/backstage-plugin-runs-common';
import { ReactNode } from 'react';
import { useNow } from '../../hooks/useNow';
import { Tone, toneColor } from '../../tone';
import { ToneShape } from './ToneShape';

const useStyles = makeStyles(
  theme => ({
    root: {
      fontFamily: theme.typography.fontFamily,
      display: 'inline-flex',
      // The line of the word, not of the shape: beside other text it stands level.
      alignItems: 'baseline',
      gap: 6,
      maxWidth: '100%',
      fontWeight: 500,
    },
    // A word that is too long for its column breaks rather than running under the next.
    words: { minWidth: 0 },
    // Grey and thin, but no paler: it must be read in an incident.
    stale: { fontWeight: 400 },
  }),
  { name: 'SwitchyardStatusWord' },
);

/** @public */
export interface StatusWordProps {
  tone: Tone;
  /** The word, in the terms of the system that says it: 'Synced', 'CrashLoopBackOff'. */
  children: ReactNode;
  /** Grey, because it was true once and is not known now. */
  stale?: boolean;
  className?: string;
}

/**
 * A state as a word and a shape, in the one colour that its tone has everywhere.
 *
 * @public
 */
export function StatusWord(props: StatusWordProps) {
  const { tone, children, stale, className } = props;
  const classes = useStyles();
  const theme = useTheme<Theme>();
  const shown: Tone = stale ? 'neutral' : tone;
  return (
    <span
      className={[classes.root, stale && classes.stale, className]
        .filter(Boolean)
        .join(' ')}
      style={{ color: toneColor(theme, shown) }}
    >
      <ToneShape tone={tone} />
      <span className={classes.words}>{children}</span>
    </span>
  );
}

const runWords: Record<RunStatus, { tone: Tone; word: string }> = {
  queued: { tone: 'waiting', word: 'Queued' },
  waiting: { tone: 'waiting', word: 'Waiting' },
  running: { tone: 'active', word: 'Running' },
  succeeded: { tone: 'ok', word: 'Succeeded' },
  failed: { tone: 'error', word: 'Failed' },
  'needs-attention': { tone: 'attention', word: 'Needs attention' },
  dead: { tone: 'error', word: 'Gave up' },
  cancelled: { tone: 'neutral', word: 'Cancelled' },
};

/**
 * The status of a run. `parked` tells a run that waits for a person from one that waits for its turn.
 *
 * @public
 */
export function RunStatusWord(props: { status: RunStatus; parked?: boolean }) {
  const { status, parked } = props;
  if (status === 'waiting' && parked)
    return <StatusWord tone="attention">Parked</StatusWord>;
  const { tone, word } = runWords[status];
  return <StatusWord tone={tone}>{word}</StatusWord>;
}

/**
 * The mark of a run with an emergency pass: that it waits for one, has one, or went by one. Nothing for one that came to nothing.
 *
 * @public
 */
export function BreakGlassWord(props: {
  breakGlass: RunSummary['breakGlass'];
}) {
  const { breakGlass } = props;
  if (breakGlass?.used || breakGlass?.status === 'given')
    return <StatusWord tone="attention">Break-glass</StatusWord>;
  return breakGlass?.status === 'asked' ? (
    <StatusWord tone="waiting">Break-glass asked for</StatusWord>
  ) : null;
}

const stepWords: Record<StepStatus, { tone: Tone; word: string }> = {
  pending: { tone: 'waiting', word: 'Not started' },
  running: { tone: 'active', word: 'Running' },
  retrying: { tone: 'attention', word: 'Retrying' },
  succeeded: { tone: 'ok', word: 'Succeeded' },
  failed: { tone: 'error', word: 'Failed' },
  'needs-attention': { tone: 'attention', word: 'Needs attention' },
  dead: { tone: 'error', word: 'Gave up' },
  cancelled: { tone: 'neutral', word: 'Cancelled' },
  skipped: { tone: 'attention', word: 'Skipped' },
};

/**
 * Says of something that runs that it takes longer than it should; nothing before that. It appears by itself when the time has come.
 *
 * @public
 */
export function OverdueWord(props: { expectedBy: string | undefined }) {
  const { expectedBy } = props;
  const now = useNow({ running: expectedBy !== undefined });
  if (expectedBy === undefined || now <= Date.parse(expectedBy)) return null;
  return <StatusWord tone="attention">Takes longer than expected</StatusWord>;
}

/** The tone of a step's status. @public */
export function stepTone(status: StepStatus): Tone {
  return stepWords[status].tone;
}

/** The status of a step. @public */
export function StepStatusWord(props: { status: StepStatus }) {
  const { tone, word } = stepWords[props.status];
  return <StatusWord tone={tone}>{word}</StatusWord>;
}

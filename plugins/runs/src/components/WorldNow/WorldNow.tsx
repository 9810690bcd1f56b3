import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import Skeleton from '@material-ui/lab/Skeleton';
import {
  EvidenceFinding,
  RunDetail,
  StepEvidence,
} from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  AgeText,
  ChangeList,
  FailureText,
  quietColor,
  StatusWord,
  Tone,
} from '@switchyard/backstage-plugin-runs-react';
import { useEvidence } from './useEvidence';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(1),
      minWidth: 0,
    },
    heading: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      gap: theme.spacing(0.5, 2),
    },
    again: { marginLeft: 'auto' },
    quiet: { color: quietColor(theme) },
    list: {
      listStyle: 'none',
      margin: 0,
      padding: 0,
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(1.5),
    },
    text: { overflowWrap: 'anywhere' },
    details: {
      ...theme.typography.body2,
      color: quietColor(theme),
      margin: 0,
      paddingLeft: theme.spacing(2.5),
      overflowWrap: 'anywhere',
    },
  }),
  { name: 'SwitchyardWorldNow' },
);

const words: Record<EvidenceFinding, { tone: Tone; word: string }> = {
  done: { tone: 'ok', word: 'Has happened' },
  'not-done': { tone: 'neutral', word: 'Has not happened' },
  waiting: { tone: 'active', word: 'Still under way' },
  failed: { tone: 'error', word: 'Has failed' },
  unknown: { tone: 'attention', word: 'Cannot be told' },
  'not-readable': { tone: 'attention', word: 'Not readable' },
  'not-checkable': { tone: 'attention', word: 'A person has to look' },
};

/** How the world stands for the steps at which a run has stopped: looked at when this is shown, not remembered. */
export function WorldNow(props: { run: RunDetail }) {
  const { run } = props;
  const classes = useStyles();
  const { evidence, error, isLooking, lookAgain } = useEvidence(
    run.id,
    run.hash,
  );
  return (
    <section
      className={classes.root}
      aria-label="The world now"
      aria-busy={isLooking}
    >
      <div className={classes.heading}>
        <Typography variant="subtitle2" component="h4">
          The world now
        </Typography>
        <Typography variant="body2" className={classes.quiet} role="status">
          {isLooking && 'Looking…'}
          {!isLooking && evidence && (
            <AgeText prefix="as of" at={evidence.asOf} />
          )}
        </Typography>
        <div className={classes.again}>
          <ActionButton size="small" onClick={lookAgain} disabled={isLooking}>
            Look again
          </ActionButton>
        </div>
      </div>
      {error && (
        <FailureText
          what={
            evidence
              ? 'It could not be looked at again.'
              : 'The world could not be looked at.'
          }
          error={error}
        />
      )}
      {!evidence && !error && <Skeleton variant="text" height={48} />}
      {evidence && evidence.steps.length === 0 && (
        <Typography variant="body2">
          No step of this run is in doubt: it stopped between its steps.
        </Typography>
      )}
      {evidence && evidence.steps.length > 0 && (
        <ul className={classes.list}>
          {evidence.steps.map(step => (
            <li key={step.stepId}>
              <Finding step={step} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Finding(props: { step: StepEvidence }) {
  const { step } = props;
  const classes = useStyles();
  const { tone, word } = words[step.finding];
  const where = step.cluster ? ` · ${step.cluster}` : '';
  return (
    <>
      <StatusWord tone={tone}>{word}</StatusWord>{' '}
      <Typography variant="body2" component="span" className={classes.text}>
        {step.title}
        {where}
      </Typography>
      <Typography variant="body2" className={classes.text}>
        {step.message}
      </Typography>
      {step.changes.length > 0 && <ChangeList changes={step.changes} />}
      {step.details.length > 0 && (
        <ul className={classes.details}>
          {step.details.map((line, index) => (
            <li key={`${index}|${line}`}>{line}</li>
          ))}
        </ul>
      )}
    </>
  );
}

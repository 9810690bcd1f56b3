import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { RunGate, RunSummary } from '@switchyard/backstage-plugin-runs-common';
import {
  AgeText,
  ApprovalDetails,
  ApprovalWord,
  quietColor,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { GateButtons } from './GateButtons';

const useStyles = makeStyles(
  theme => ({
    root: {
      ...theme.typography.body2,
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(1),
      overflowWrap: 'anywhere',
    },
    head: {
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(0.5, 2),
      alignItems: 'baseline',
    },
    name: { fontWeight: 600 },
    quiet: { color: quietColor(theme) },
    list: { listStyle: 'none', margin: 0, padding: 0 },
  }),
  { name: 'SwitchyardGateView' },
);

/** One gate: how far it is, until when, who has said what, and what this viewer may say. */
export function GateView(props: {
  run: RunSummary;
  gate: RunGate;
  onDone(): Promise<void>;
}) {
  const { run, gate, onDone } = props;
  const classes = useStyles();
  const { approval, rejection, delegations } = gate;
  return (
    <div className={classes.root} role="group" aria-label={`Gate ${gate.name}`}>
      <div className={classes.head}>
        <GateWord gate={gate} />
        {/* What an approval asks for is said below, with links. */}
        <span className={classes.name}>
          {approval ? gate.name : gate.title}
        </span>
        {gate.status === 'closed' ? (
          <AgeText className={classes.quiet} prefix="since" at={gate.since} />
        ) : (
          gate.decidedAt && (
            <AgeText className={classes.quiet} at={gate.decidedAt} />
          )
        )}
        {gate.expiresAt && (
          <AgeText
            className={classes.quiet}
            prefix="ends unanswered"
            at={gate.expiresAt}
          />
        )}
      </div>
      {approval && <ApprovalDetails approval={approval} />}
      {rejection && (
        <div>
          <EntityRefLink entityRef={rejection.by} defaultKind="user" /> rejected
          it: “{rejection.comment}”
        </div>
      )}
      {delegations.length > 0 && (
        <ul className={classes.list} aria-label="Handed on">
          {delegations.map(({ from, to, comment }) => (
            <li key={`${from}|${to}`}>
              <EntityRefLink entityRef={from} defaultKind="user" /> asked{' '}
              <EntityRefLink entityRef={to} defaultKind="user" /> to approve
              instead
              {comment && <>: “{comment}”</>}
            </li>
          ))}
        </ul>
      )}
      {gate.before && gate.status === 'closed' && (
        <Typography variant="body2" className={classes.quiet}>
          Before step {gate.before}; what the run has done so far stays.
        </Typography>
      )}
      <GateButtons run={run} gate={gate} onDone={onDone} />
    </div>
  );
}

function GateWord(props: { gate: RunGate }) {
  const { status, approval, kind } = props.gate;
  switch (status) {
    case 'rejected':
      return <StatusWord tone="error">Rejected</StatusWord>;
    case 'expired':
      return <StatusWord tone="error">Nobody answered in time</StatusWord>;
    case 'open':
      return (
        <StatusWord tone="ok">
          {kind === 'approval' ? 'Approved' : 'Opened'}
        </StatusWord>
      );
    default:
      return approval ? (
        <ApprovalWord approval={approval} />
      ) : (
        <StatusWord tone="waiting">Waits for a person</StatusWord>
      );
  }
}

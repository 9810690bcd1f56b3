import { useApi } from '@backstage/core-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { RunGate, RunSummary } from '@switchyard/backstage-plugin-runs-common';
import { runsApiRef, toUserRef } from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import { VerbDialog } from '../RunPage/VerbDialog';
import { CommentField } from './CommentField';
import { WordButton } from './WordButton';
import { WordDialog } from './WordDialog';

const useStyles = makeStyles(
  theme => ({
    root: { display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1, 2) },
  }),
  { name: 'SwitchyardGateButtons' },
);

interface GateButtonProps {
  run: RunSummary;
  gate: RunGate;
  onDone(): Promise<void>;
}

/** What this viewer may say at a gate. What the viewer could say and may not now is there too, with the reason. */
export function GateButtons(props: GateButtonProps) {
  const classes = useStyles();
  if (props.gate.verbs.length === 0) return null;
  return (
    <div className={classes.root}>
      <ApproveButton {...props} />
      <RejectButton {...props} />
      <DelegateButton {...props} />
      <OpenButton {...props} />
    </div>
  );
}

function ApproveButton({ run, gate, onDone }: GateButtonProps) {
  const runsApi = useApi(runsApiRef);
  return (
    <WordButton
      verbs={gate.verbs}
      verb="approve"
      title="Approve"
      variant="contained"
      color="primary"
    >
      {({ isOpen, close }) =>
        isOpen && (
          <WordDialog
            run={run}
            title={`Approve run #${run.number}?`}
            confirm={`Approve: ${run.title}`}
            onClose={close}
            onConfirm={async ({ planHash, comment }) => {
              await runsApi.approveGate(gate.id, {
                planHash,
                ...(comment !== '' && { comment }),
              });
              await onDone();
            }}
          />
        )
      }
    </WordButton>
  );
}

function RejectButton({ run, gate, onDone }: GateButtonProps) {
  const runsApi = useApi(runsApiRef);
  return (
    <WordButton
      verbs={gate.verbs}
      verb="reject"
      title="Reject"
      variant="outlined"
    >
      {({ isOpen, close }) =>
        isOpen && (
          <WordDialog
            run={run}
            needsComment
            title={`Reject run #${run.number}?`}
            confirm={`Reject run #${run.number}`}
            explanation="It ends here, for good. Who asked for it is told why, and may ask again."
            onClose={close}
            onConfirm={async ({ planHash, comment }) => {
              await runsApi.rejectGate(gate.id, { planHash, comment });
              await onDone();
            }}
          />
        )
      }
    </WordButton>
  );
}

function DelegateButton({ run, gate, onDone }: GateButtonProps) {
  const runsApi = useApi(runsApiRef);
  const [to, setTo] = useState('');
  const [comment, setComment] = useState('');
  return (
    <WordButton
      verbs={gate.verbs}
      verb="delegate"
      title="Hand on"
      variant="outlined"
    >
      {({ isOpen, close }) => (
        <VerbDialog
          open={isOpen}
          title={`Hand on your approval of run #${run.number}?`}
          confirm="Hand on"
          dismiss="Not now"
          onClose={close}
          onConfirm={async () => {
            if (to.trim() === '') throw new Error('Say to whom.');
            await runsApi.delegateGate(gate.id, {
              to: toUserRef(to),
              ...(comment.trim() !== '' && { comment: comment.trim() }),
            });
            await onDone();
          }}
        >
          <Typography variant="body2">
            Somebody else may then approve or reject this one run with your
            right. Whoever that is needs the permission to approve, too.
          </Typography>
          <CommentField
            id={`runs-gate-to-${gate.id}`}
            label="To whom"
            help="The name in the catalog, such as pia"
            required
            value={to}
            onChange={setTo}
          />
          <CommentField
            id={`runs-gate-delegate-comment-${gate.id}`}
            label="Comment"
            value={comment}
            onChange={setComment}
          />
        </VerbDialog>
      )}
    </WordButton>
  );
}

function OpenButton({ run, gate, onDone }: GateButtonProps) {
  const runsApi = useApi(runsApiRef);
  return (
    <WordButton
      verbs={gate.verbs}
      verb="open"
      title="Let it go on"
      variant="contained"
      color="primary"
    >
      {({ isOpen, close }) => (
        <VerbDialog
          open={isOpen}
          title={`Let run #${run.number} go on?`}
          confirm={`Let run #${run.number} go on`}
          dismiss="Not now"
          onClose={close}
          onConfirm={async () => {
            await runsApi.openGate(gate.id);
            await onDone();
          }}
        >
          <Typography variant="body2">
            It goes on past “{gate.title}”, after it has looked at the world
            again.
          </Typography>
        </VerbDialog>
      )}
    </WordButton>
  );
}

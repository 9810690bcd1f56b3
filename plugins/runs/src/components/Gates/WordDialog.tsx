import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import Skeleton from '@material-ui/lab/Skeleton';
import { RunSummary } from '@switchyard/backstage-plugin-runs-common';
import { FailureText, useRun } from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import { PlanContents } from '../RunPage/PlanContents';
import { VerbDialog } from '../RunPage/VerbDialog';
import { CommentField } from './CommentField';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(2),
      marginTop: theme.spacing(1),
    },
  }),
  { name: 'SwitchyardWordDialog' },
);

/** A person's word on a plan, with the plan: the word is for what is shown here, and counts for nothing else. To be mounted while it is open only. */
export function WordDialog(props: {
  run: RunSummary;
  title: string;
  confirm: string;
  explanation?: string;
  needsComment?: boolean;
  onClose(): void;
  onConfirm(word: { planHash: string; comment: string }): Promise<void>;
}) {
  const { run, title, confirm, explanation, needsComment, onClose } = props;
  const classes = useStyles();
  const { value: shown, error } = useRun(run.id);
  const [comment, setComment] = useState('');
  return (
    <VerbDialog
      open
      title={title}
      confirm={confirm}
      dismiss="Not now"
      blocked={!shown}
      onClose={onClose}
      onConfirm={async () => {
        if (!shown) return;
        if (needsComment && comment.trim() === '')
          throw new Error('Say why: whoever asked for it has to know.');
        await props.onConfirm({
          planHash: shown.planHash,
          comment: comment.trim(),
        });
      }}
    >
      {explanation && <Typography variant="body2">{explanation}</Typography>}
      <div className={classes.root}>
        <Typography variant="body2">Reason: {run.reason}</Typography>
        {shown && <PlanContents plan={shown.plan} />}
        {!shown && error && (
          <FailureText what="The plan cannot be shown." error={error} />
        )}
        {!shown && !error && (
          <Skeleton variant="rect" height={120} aria-label="Loading the plan" />
        )}
      </div>
      <CommentField
        id={`runs-word-${run.id}`}
        label="Comment"
        required={needsComment}
        value={comment}
        onChange={setComment}
      />
    </VerbDialog>
  );
}

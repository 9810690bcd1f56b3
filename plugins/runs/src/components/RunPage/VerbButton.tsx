import Typography from '@material-ui/core/Typography';
import TextField from '@material-ui/core/TextField';
import { RunDetail, RunVerb } from '@switchyard/backstage-plugin-runs-common';
import { BlockedButton } from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import { VerbDialog } from './VerbDialog';
import { runVerbAction } from './verbs';

/** A verb of a run: its button, with the reason why not where it cannot be used, and the question before. Nothing where it makes no sense. */
export function VerbButton(props: {
  run: RunDetail;
  verb: RunVerb['verb'];
  stepId?: string;
  /** 'Discard run': the button, and, with the number of the run in it, the confirm button. */
  title: string;
  /** What it will do, in a sentence or two. */
  explanation: string;
  dismiss?: string;
  /** It has to be explained: `act` is given the reason. */
  needsReason?: boolean;
  act(reason: string): Promise<void>;
}) {
  const { run, verb, stepId, title, explanation, dismiss, needsReason, act } =
    props;
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const action = runVerbAction(run, { verb, stepId, title });
  if (!action) return null;
  const asked = stepId ? title : title.replace('run', `run #${run.number}`);
  return (
    <>
      <BlockedButton
        action={action}
        variant="outlined"
        size={stepId ? 'small' : undefined}
        onClick={() => setOpen(true)}
      >
        {title}…
      </BlockedButton>
      <VerbDialog
        open={open}
        title={`${asked}?`}
        confirm={asked}
        dismiss={dismiss ?? 'Not now'}
        onClose={() => setOpen(false)}
        onConfirm={async () => {
          if (needsReason && reason.trim() === '')
            throw new Error('Say why: it goes into the record.');
          await act(reason.trim());
        }}
      >
        <Typography variant="body2">{explanation}</Typography>
        {needsReason && (
          <TextField
            id={`runs-verb-reason-${verb}`}
            label="Reason"
            margin="normal"
            variant="outlined"
            required
            fullWidth
            value={reason}
            onChange={event => setReason(event.target.value)}
          />
        )}
      </VerbDialog>
    </>
  );
}

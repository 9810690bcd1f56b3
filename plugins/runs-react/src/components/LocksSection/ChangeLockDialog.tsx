import Dialog from '@material-ui/core/Dialog';
import DialogActions from '@material-ui/core/DialogActions';
import DialogContent from '@material-ui/core/DialogContent';
import DialogTitle from '@material-ui/core/DialogTitle';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import { Lock } from '@switchyard/backstage-plugin-runs-common';
import { useEffect, useState } from 'react';
import { useAttempt } from '../../hooks/useAttempt';
import { useStableId } from '../../hooks/useStableId';
import { ActionButton } from '../ActionButton';
import { shortName } from '../BlockerList';
import { FailureText } from '../FailureText';
import { ReasonField } from '../ReasonField';
import { toUserRef } from '../toUserRef';

const useStyles = makeStyles(
  theme => ({ fields: { display: 'grid', gap: theme.spacing(2) } }),
  { name: 'SwitchyardChangeLockDialog' },
);

/** What is done to a lock, and what for. */
export interface LockVerb {
  verb: 'extend' | 'transfer';
  lock: Lock;
}

const WORDS = {
  extend: {
    title: 'Until when?',
    label: 'Ends',
    gap: 'Say until when.',
    button: 'Set the new end',
    failure: 'The end is as it was.',
  },
  transfer: {
    title: 'Who holds it from now on?',
    label: 'Person',
    gap: 'Say who, e.g. user:default/dana.',
    button: 'Hand it on',
    failure: 'It was not handed on.',
  },
};

/** Gives a lock another end or another holder. */
export function ChangeLockDialog(props: {
  /** Undefined: closed. */
  change: LockVerb | undefined;
  onClose(): void;
  /** `value` is an ISO time, or a person. */
  onChange(change: LockVerb, value: string, reason?: string): Promise<void>;
}) {
  const { change, onClose, onChange } = props;
  const classes = useStyles();
  const titleId = useStableId('change-lock');
  // The words must not vanish while the dialog fades out.
  const [shown, setShown] = useState<LockVerb>();
  const [value, setValue] = useState('');
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const { busy, error, attempt, forget } = useAttempt();

  useEffect(() => {
    if (!change) return;
    setShown(change);
    setValue('');
    setReason('');
    setAsked(false);
    forget();
  }, [change, forget]);

  const words = WORDS[shown?.verb ?? 'extend'];
  const isTime = shown?.verb === 'extend';
  const needsReason = shown?.lock.release.needsReason ?? false;
  const valueGap = value.trim() === '' ? words.gap : undefined;
  const reasonGap =
    needsReason && reason.trim() === '' ? 'Say why.' : undefined;

  const submit = async () => {
    setAsked(true);
    if (!change || valueGap || reasonGap || busy) return;
    await attempt(async () => {
      await onChange(
        change,
        isTime ? new Date(value).toISOString() : toUserRef(value),
        needsReason ? reason.trim() : undefined,
      );
      onClose();
    });
  };

  return (
    <Dialog
      open={change !== undefined}
      onClose={busy ? undefined : onClose}
      aria-labelledby={titleId}
      fullWidth
      maxWidth="xs"
    >
      <form
        onSubmit={event => {
          event.preventDefault();
          submit();
        }}
        noValidate
      >
        <DialogTitle id={titleId}>{words.title}</DialogTitle>
        <DialogContent className={classes.fields}>
          <TextField
            id={`${titleId}-value`}
            label={words.label}
            variant="outlined"
            type={isTime ? 'datetime-local' : 'text'}
            InputLabelProps={{ shrink: true }}
            value={value}
            error={asked && valueGap !== undefined}
            helperText={asked ? valueGap : undefined}
            onChange={event => setValue(event.target.value)}
          />
          {shown && needsReason && (
            <ReasonField
              id={`${titleId}-reason`}
              value={reason}
              help={`${shortName(shown.lock.holder)} holds it, and may ask.`}
              problem={asked ? reasonGap : undefined}
              onChange={setReason}
              onEnter={submit}
            />
          )}
          {error && <FailureText what={words.failure} error={error} />}
        </DialogContent>
        <DialogActions>
          <ActionButton onClick={onClose} disabled={busy}>
            Cancel
          </ActionButton>
          <ActionButton
            type="submit"
            color="primary"
            variant="contained"
            disabled={busy}
          >
            {words.button}
          </ActionButton>
        </DialogActions>
      </form>
    </Dialog>
  );
}

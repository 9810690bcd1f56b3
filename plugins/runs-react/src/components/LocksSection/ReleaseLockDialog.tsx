import Dialog from '@material-ui/core/Dialog';
import DialogActions from '@material-ui/core/DialogActions';
import DialogContent from '@material-ui/core/DialogContent';
import DialogContentText from '@material-ui/core/DialogContentText';
import DialogTitle from '@material-ui/core/DialogTitle';
import { Lock } from '@switchyard/backstage-plugin-runs-common';
import { useEffect, useState } from 'react';
import { ActionButton } from '../ActionButton';
import { useAttempt } from '../../hooks/useAttempt';
import { useEnvironmentTitle } from '../../hooks/useEnvironmentTitle';
import { useStableId } from '../../hooks/useStableId';
import { shortName } from '../BlockerList';
import { FailureText } from '../FailureText';
import { ReasonField } from '../ReasonField';
import { describeLockPlace } from './lockWords';

/** Asks before a lock is released, and says what that does and does not do. */
export function ReleaseLockDialog(props: {
  /** Undefined: closed. */
  lock: Lock | undefined;
  onClose(): void;
  onRelease(lock: Lock, reason?: string): Promise<void>;
}) {
  const { lock, onClose, onRelease } = props;
  const titleOf = useEnvironmentTitle();
  const titleId = useStableId('release');
  const { busy, error, attempt, forget } = useAttempt();
  // The words must not vanish while the dialog fades out.
  const [shown, setShown] = useState<Lock>();
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);

  useEffect(() => {
    if (!lock) return;
    setShown(lock);
    setReason('');
    setAsked(false);
    forget();
  }, [lock, forget]);

  const needsReason = shown?.release.needsReason ?? false;
  const reasonMissing = needsReason && reason.trim() === '';

  const release = async () => {
    setAsked(true);
    if (!lock || reasonMissing || busy) return;
    await attempt(async () => {
      await onRelease(lock, needsReason ? reason.trim() : undefined);
      onClose();
    });
  };

  return (
    <Dialog
      open={lock !== undefined}
      onClose={busy ? undefined : onClose}
      aria-labelledby={titleId}
      fullWidth
      maxWidth="xs"
    >
      <DialogTitle id={titleId}>
        Release the {shown?.kind ?? 'lock'}?
      </DialogTitle>
      <DialogContent>
        {shown && (
          <DialogContentText>
            “{shown.reason}”, set by {shortName(shown.createdBy)} for{' '}
            {describeLockPlace(shown, titleOf)}.{' '}
            {shown.kind === 'warning'
              ? 'It will be shown no longer.'
              : 'Deploys are possible again; runs that it stopped wait until somebody confirms them.'}
          </DialogContentText>
        )}
        {shown && needsReason && (
          <ReasonField
            id={`${titleId}-reason`}
            value={reason}
            help={`${shortName(shown.holder)} holds it, and may ask.`}
            problem={
              asked && reasonMissing
                ? 'Say why you release what somebody else has locked.'
                : undefined
            }
            onChange={setReason}
            onEnter={release}
          />
        )}
        {error && (
          <FailureText what="The lock was not released." error={error} />
        )}
      </DialogContent>
      <DialogActions>
        <ActionButton onClick={onClose} disabled={busy}>
          Keep it
        </ActionButton>
        <ActionButton
          onClick={release}
          color="primary"
          variant="contained"
          disabled={busy}
        >
          Release {shown?.kind ?? 'lock'}
        </ActionButton>
      </DialogActions>
    </Dialog>
  );
}

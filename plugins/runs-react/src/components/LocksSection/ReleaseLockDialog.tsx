import Dialog from '@material-ui/core/Dialog';
import DialogActions from '@material-ui/core/DialogActions';
import DialogContent from '@material-ui/core/DialogContent';
import DialogContentText from '@material-ui/core/DialogContentText';
import DialogTitle from '@material-ui/core/DialogTitle';
import { Lock } from '@switchyard/backstage-plugin-runs-common';
import { useEffect, useState } from 'react';
import { ActionButton } from '../ActionButton';
import { useEnvironmentTitle } from '../../hooks/useEnvironmentTitle';
import { useStableId } from '../../hooks/useStableId';
import { shortName } from '../BlockerList';
import { FailureText } from '../FailureText';

/** Asks before a lock is released, and says what that does and does not do. */
export function ReleaseLockDialog(props: {
  /** Undefined: closed. */
  lock: Lock | undefined;
  onClose(): void;
  onRelease(lock: Lock): Promise<void>;
}) {
  const { lock, onClose, onRelease } = props;
  const titleOf = useEnvironmentTitle();
  const titleId = useStableId('release');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  // The words must not vanish while the dialog fades out.
  const [shown, setShown] = useState<Lock>();

  useEffect(() => {
    if (!lock) return;
    setShown(lock);
    setError(undefined);
  }, [lock]);

  const release = async () => {
    if (!lock) return;
    setBusy(true);
    setError(undefined);
    try {
      await onRelease(lock);
      onClose();
    } catch (cause) {
      setError(cause as Error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open={lock !== undefined}
      onClose={busy ? undefined : onClose}
      aria-labelledby={titleId}
      fullWidth
      maxWidth="xs"
    >
      <DialogTitle id={titleId}>Release the lock?</DialogTitle>
      <DialogContent>
        {shown && (
          <DialogContentText>
            “{shown.reason}”, set by {shortName(shown.createdBy)} for{' '}
            {shortName(shown.entityRef)}
            {shown.environment
              ? ` in ${titleOf(shown.environment)}`
              : ' in all environments'}
            . Deploys are possible again; runs that it stopped wait until
            somebody confirms them.
          </DialogContentText>
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
          Release lock
        </ActionButton>
      </DialogActions>
    </Dialog>
  );
}

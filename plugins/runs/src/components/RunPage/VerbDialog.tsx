import Dialog from '@material-ui/core/Dialog';
import DialogActions from '@material-ui/core/DialogActions';
import DialogContent from '@material-ui/core/DialogContent';
import DialogTitle from '@material-ui/core/DialogTitle';
import {
  ActionButton,
  FailureText,
  useAttempt,
} from '@switchyard/backstage-plugin-runs-react';
import { ReactNode, useEffect } from 'react';

/** Asks before a verb is used on a run, and says what it will do. It stays open with the reason when the backend refuses. */
export function VerbDialog(props: {
  open: boolean;
  title: string;
  children: ReactNode;
  /** What the button does, in words: 'Cancel run #412'. */
  confirm: string;
  /** The way back: 'Let it go on'. */
  dismiss: string;
  /** What the answer is about is not there yet. */
  blocked?: boolean;
  onClose(): void;
  onConfirm(): Promise<void>;
}) {
  const {
    open,
    title,
    children,
    confirm,
    dismiss,
    blocked,
    onClose,
    onConfirm,
  } = props;
  const { busy, error, attempt, forget } = useAttempt();
  useEffect(() => {
    if (open) forget();
  }, [open, forget]);

  const act = () =>
    attempt(async () => {
      await onConfirm();
      onClose();
    });
  return (
    <Dialog
      open={open}
      onClose={busy ? undefined : onClose}
      // On the dialog itself: what stands around it is no dialog to a screen reader.
      PaperProps={{ 'aria-label': title }}
      fullWidth
      maxWidth="sm"
    >
      <DialogTitle>{title}</DialogTitle>
      <DialogContent>
        {children}
        {error && <FailureText what="It was not done." error={error} />}
      </DialogContent>
      <DialogActions>
        <ActionButton onClick={onClose} disabled={busy}>
          {dismiss}
        </ActionButton>
        <ActionButton
          onClick={act}
          color="primary"
          variant="contained"
          disabled={busy || blocked}
        >
          {confirm}
        </ActionButton>
      </DialogActions>
    </Dialog>
  );
}

import { useApi } from '@backstage/core-plugin-api';
import Dialog from '@material-ui/core/Dialog';
import DialogActions from '@material-ui/core/DialogActions';
import DialogContent from '@material-ui/core/DialogContent';
import DialogContentText from '@material-ui/core/DialogContentText';
import DialogTitle from '@material-ui/core/DialogTitle';
import MenuItem from '@material-ui/core/MenuItem';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import { Lock } from '@switchyard/backstage-plugin-runs-common';
import { useEffect, useRef, useState } from 'react';
import { ActionButton } from '../ActionButton';
import { runsApiRef } from '../../api';
import { useEnvironmentTitle } from '../../hooks/useEnvironmentTitle';
import { useStableId } from '../../hooks/useStableId';
import { formatExact } from '../AgeText';
import { shortName } from '../BlockerList';
import { FailureText } from '../FailureText';
import { ReasonField } from '../ReasonField';

const HOUR_MS = 3_600_000;
const DEFAULT_EXPIRY_HOURS = 4;
const EVERYWHERE = '';
const NEVER = 0;
const expiryChoices = [
  { hours: 1, label: '1 hour' },
  { hours: DEFAULT_EXPIRY_HOURS, label: '4 hours' },
  { hours: 8, label: '8 hours' },
  { hours: 24, label: '1 day' },
  { hours: 72, label: '3 days' },
  { hours: 168, label: '1 week' },
  { hours: NEVER, label: 'Until it is released' },
];

const useStyles = makeStyles(
  theme => ({ fields: { display: 'grid', gap: theme.spacing(2) } }),
  {
    name: 'SwitchyardLockDialog',
  },
);

/** @public */
export interface LockDialogProps {
  open: boolean;
  entityRef: string;
  /** Environments in which this person may set a lock. */
  environments: readonly string[];
  /** Whether 'all environments' is offered. Default: true. */
  allowAllEnvironments?: boolean;
  onClose(): void;
  onLocked(lock: Lock): void;
}

/**
 * Sets a lock: where, why, until when.
 *
 * @public
 */
export function LockDialog(props: LockDialogProps) {
  const {
    open,
    entityRef,
    environments,
    allowAllEnvironments = true,
    onClose,
    onLocked,
  } = props;
  const classes = useStyles();
  const runsApi = useApi(runsApiRef);
  const titleOf = useEnvironmentTitle();
  const titleId = useStableId('lock');
  const reasonField = useRef<HTMLTextAreaElement>(null);
  const firstChoice = allowAllEnvironments
    ? EVERYWHERE
    : environments[0] ?? EVERYWHERE;
  const [environment, setEnvironment] = useState(firstChoice);
  const [hours, setHours] = useState(DEFAULT_EXPIRY_HOURS);
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<Error>();

  useEffect(() => {
    if (!open) return;
    setEnvironment(firstChoice);
    setHours(DEFAULT_EXPIRY_HOURS);
    setReason('');
    setAsked(false);
    setError(undefined);
    // A new opening starts afresh; an update of the page while it is open must not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [open]);

  const reasonMissing = reason.trim() === '';
  const name = shortName(entityRef);
  const ends = new Date(Date.now() + hours * HOUR_MS).toISOString();

  const submit = async () => {
    setAsked(true);
    if (reasonMissing || saving) return;
    setSaving(true);
    setError(undefined);
    try {
      const lock = await runsApi.createLock({
        entityRef,
        ...(environment !== EVERYWHERE && { environment }),
        reason: reason.trim(),
        ...(hours !== NEVER && {
          expiresAt: new Date(Date.now() + hours * HOUR_MS).toISOString(),
        }),
      });
      onLocked(lock);
    } catch (cause) {
      setError(cause as Error);
    } finally {
      setSaving(false);
    }
  };

  return (
    <Dialog
      open={open}
      onClose={(_, how) => {
        // A click beside it would throw away a reason that was typed.
        if (!saving && how !== 'backdropClick') onClose();
      }}
      aria-labelledby={titleId}
      fullWidth
      maxWidth="sm"
      TransitionProps={{ onEnter: () => reasonField.current?.focus() }}
    >
      <form
        onSubmit={event => {
          event.preventDefault();
          submit();
        }}
        noValidate
      >
        <DialogTitle id={titleId}>Lock {name}</DialogTitle>
        <DialogContent className={classes.fields}>
          <DialogContentText>
            Nobody but you can deploy {name} while the lock holds. Runs that are
            under way stop before their next change.
          </DialogContentText>
          <ReasonField
            id={`${titleId}-reason`}
            value={reason}
            help="Everybody who is stopped sees it."
            problem={
              asked && reasonMissing
                ? 'Say why, for those who find the lock.'
                : undefined
            }
            inputRef={reasonField}
            onChange={setReason}
            onEnter={submit}
          />
          <TextField
            id={`${titleId}-environment`}
            label="Environment"
            value={environment}
            onChange={event => setEnvironment(event.target.value)}
            select
            variant="outlined"
            SelectProps={{ native: false, displayEmpty: true }}
            InputLabelProps={{ shrink: true }}
          >
            {allowAllEnvironments && (
              <MenuItem value={EVERYWHERE}>All environments</MenuItem>
            )}
            {environments.map(each => (
              <MenuItem key={each} value={each}>
                {titleOf(each)}
              </MenuItem>
            ))}
          </TextField>
          <TextField
            id={`${titleId}-expiry`}
            label="Ends"
            value={hours}
            onChange={event => setHours(Number(event.target.value))}
            select
            variant="outlined"
            helperText={
              hours === NEVER
                ? 'Somebody has to release it.'
                : formatExact(ends)
            }
          >
            {expiryChoices.map(choice => (
              <MenuItem key={choice.hours} value={choice.hours}>
                {choice.label}
              </MenuItem>
            ))}
          </TextField>
          {error && <FailureText what="The lock was not set." error={error} />}
        </DialogContent>
        <DialogActions>
          <ActionButton onClick={onClose} disabled={saving}>
            Cancel
          </ActionButton>
          <ActionButton
            type="submit"
            color="primary"
            variant="contained"
            disabled={saving}
          >
            {environment === EVERYWHERE
              ? `Lock ${name}`
              : `Lock ${name} in ${titleOf(environment)}`}
          </ActionButton>
        </DialogActions>
      </form>
    </Dialog>
  );
}

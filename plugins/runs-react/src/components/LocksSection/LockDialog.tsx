import { useApi } from '@backstage/core-plugin-api';
import Dialog from '@material-ui/core/Dialog';
import DialogActions from '@material-ui/core/DialogActions';
import DialogContent from '@material-ui/core/DialogContent';
import DialogContentText from '@material-ui/core/DialogContentText';
import DialogTitle from '@material-ui/core/DialogTitle';
import { makeStyles } from '@material-ui/core/styles';
import { Lock, LockScope } from '@switchyard/backstage-plugin-runs-common';
import { useEffect, useRef, useState } from 'react';
import { ActionButton } from '../ActionButton';
import { runsApiRef } from '../../api';
import { useAttempt } from '../../hooks/useAttempt';
import { useEnvironmentTitle } from '../../hooks/useEnvironmentTitle';
import { useStableId } from '../../hooks/useStableId';
import { shortName } from '../BlockerList';
import { FailureText } from '../FailureText';
import { ReasonField } from '../ReasonField';
import {
  EVERYWHERE,
  findGaps,
  LockDraft,
  newDraft,
  toLockRequest,
} from './lockDraft';
import { LockFields } from './LockFields';

const SET = { lock: 'Lock', freeze: 'Freeze', warning: 'Warn about' };
const ONE_COMPONENT: readonly LockScope[] = ['component'];

const useStyles = makeStyles(
  theme => ({ fields: { display: 'grid', gap: theme.spacing(2) } }),
  {
    name: 'SwitchyardLockDialog',
  },
);

/** @public */
export interface LockDialogProps {
  open: boolean;
  /** The component to be locked; without one, people say what. */
  entityRef?: string;
  /** Environments in which this person may set a lock. */
  environments: readonly string[];
  /** Clusters that may be locked. */
  clusters?: readonly string[];
  /** What may be locked, where no component is given; the first is offered first. */
  scopes?: readonly LockScope[];
  /** Whether 'all environments' is offered. Default: true. */
  allowAllEnvironments?: boolean;
  onClose(): void;
  onLocked(lock: Lock): void;
}

/**
 * Sets a lock, a freeze or a warning: where, why, from when and until when.
 *
 * @public
 */
export function LockDialog(props: LockDialogProps) {
  const {
    open,
    entityRef,
    environments,
    clusters = [],
    scopes = ONE_COMPONENT,
    allowAllEnvironments = true,
    onClose,
    onLocked,
  } = props;
  const classes = useStyles();
  const runsApi = useApi(runsApiRef);
  const titleOf = useEnvironmentTitle();
  const titleId = useStableId('lock');
  const reasonField = useRef<HTMLTextAreaElement>(null);
  const firstDraft = () =>
    newDraft({
      scope: scopes[0],
      entityRef: entityRef ?? '',
      environment: allowAllEnvironments
        ? EVERYWHERE
        : environments[0] ?? EVERYWHERE,
    });
  const [draft, setDraft] = useState<LockDraft>(firstDraft);
  const [asked, setAsked] = useState(false);
  const { busy: saving, error, attempt, forget } = useAttempt();

  useEffect(() => {
    if (!open) return;
    setDraft(firstDraft());
    setAsked(false);
    forget();
    // A new opening starts afresh; an update of the page while it is open must not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [open]);

  const change = (fields: Partial<LockDraft>) =>
    setDraft(before => ({ ...before, ...fields }));
  const found = findGaps(draft);
  const gaps = asked ? found : {};
  const name = entityRef && shortName(entityRef);
  const within =
    draft.environment === EVERYWHERE ? '' : ` in ${titleOf(draft.environment)}`;

  const submit = async () => {
    setAsked(true);
    if (Object.keys(found).length > 0 || saving) return;
    await attempt(async () =>
      onLocked(await runsApi.createLock(toLockRequest(draft, Date.now()))),
    );
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
        <DialogTitle id={titleId}>
          {name ? `Lock ${name}` : 'Lock or freeze'}
        </DialogTitle>
        <DialogContent className={classes.fields}>
          <DialogContentText>
            {draft.kind === 'warning'
              ? 'Whoever deploys sees the warning first.'
              : 'Runs that are under way stop before their next change.'}
          </DialogContentText>
          <ReasonField
            id={`${titleId}-reason`}
            value={draft.reason}
            help="Everybody who is stopped sees it."
            problem={gaps.reason}
            inputRef={reasonField}
            onChange={reason => change({ reason })}
            onEnter={submit}
          />
          <LockFields
            id={titleId}
            draft={draft}
            gaps={gaps}
            scopes={entityRef ? ONE_COMPONENT : scopes}
            environments={environments}
            clusters={clusters}
            allowAllEnvironments={allowAllEnvironments}
            onChange={change}
          />
          {error && (
            <FailureText
              what={`The ${draft.kind} was not set.`}
              error={error}
            />
          )}
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
            {name
              ? `${SET[draft.kind]} ${name}${within}`
              : `Set the ${draft.kind}`}
          </ActionButton>
        </DialogActions>
      </form>
    </Dialog>
  );
}

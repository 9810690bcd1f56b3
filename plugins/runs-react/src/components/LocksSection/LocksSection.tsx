import { makeStyles } from '@material-ui/core/styles';
import Skeleton from '@material-ui/lab/Skeleton';
import {
  EntityRunsState,
  Lock,
} from '@switchyard/backstage-plugin-runs-common';
import { useState } from 'react';
import { useEntityRuns } from '../../hooks/useEntityRuns';
import { useEnvironmentTitle } from '../../hooks/useEnvironmentTitle';
import { BlockedButton } from '../BlockedButton';
import { FailureText } from '../FailureText';
import { hiddenText } from '../hiddenText';
import { StatusWord } from '../StatusWord';
import { LockDialog } from './LockDialog';
import { LockList } from './LockList';
import { describeLock } from './lockWords';
import { lockingAction } from './lockingAction';
import { nameActions, OtherBlockers } from './OtherBlockers';
import {
  BlockedActions,
  isFree,
  isLocked,
  otherBlockers,
} from './findOtherBlockers';

/** There is nothing to show of a lock on a component that this person may not see. */
const HIDDEN_LOCK = 'Locked on another component';

const useStyles = makeStyles(
  theme => ({
    actions: { marginTop: theme.spacing(2) },
    hidden: hiddenText,
    failure: { marginBottom: theme.spacing(2) },
  }),
  { name: 'SwitchyardLocksSection' },
);

/** @public */
export interface LocksSectionProps {
  /** Full entity ref. */
  entityRef: string;
  className?: string;
}

/**
 * What binds deploys of an entity, why, by whom and until when, and what else forbids them; the way to set or release a lock. For cards and
 * pages alike.
 *
 * @public
 */
export function LocksSection(props: LocksSectionProps) {
  const { entityRef, className } = props;
  const classes = useStyles();
  const { value, error, retry } = useEntityRuns(entityRef);
  const [locking, setLocking] = useState(false);
  const titleOf = useEnvironmentTitle();

  if (!value) {
    if (error)
      return <FailureText what="Locks cannot be shown." error={error} />;
    return <LocksSkeleton />;
  }
  const action = lockingAction(value);
  const blocked = otherBlockers(value);
  const locked = isLocked(value);
  return (
    <div className={className}>
      {error && (
        <FailureText
          className={classes.failure}
          what="Locks may be out of date."
          error={error}
        />
      )}
      {/* Apart from the list: the ages in it change all the time, and must not be read out each time. */}
      <div role="status" className={classes.hidden}>
        {announce({
          locks: value.locks,
          locked,
          blocked,
          titleOf,
        })}
      </div>
      <BindingLocks
        entityRef={value.entityRef}
        locks={value.locks}
        free={isFree(value)}
        locked={locked}
        onChanged={retry}
      />
      <OtherBlockers blocked={blocked} />
      {action && (
        <div className={classes.actions}>
          <BlockedButton
            action={action.state}
            variant="outlined"
            size="small"
            onClick={() => setLocking(true)}
          >
            Lock…
          </BlockedButton>
          <LockDialog
            open={locking}
            entityRef={entityRef}
            environments={action.environments}
            allowAllEnvironments={action.allowAllEnvironments}
            onClose={() => setLocking(false)}
            onLocked={() => {
              setLocking(false);
              retry();
            }}
          />
        </div>
      )}
    </div>
  );
}

function announce(options: {
  locks: readonly Lock[];
  locked: boolean;
  blocked: readonly BlockedActions[];
  titleOf(environment: string): string;
}): string {
  const { locks, locked, blocked, titleOf } = options;
  const each = locks.map(lock =>
    [describeLock(lock, titleOf), lock.reason].join(', '),
  );
  const none = locked ? HIDDEN_LOCK : 'No locks';
  const texts = [
    locks.length === 0
      ? none
      : `${locks.length} ${locks.length === 1 ? 'lock' : 'locks'}: ${each.join(
          '; ',
        )}`,
    ...blocked.map(
      ({ actions, blockers }) =>
        `Blocked: ${nameActions({ actions, titleOf })}, ${blockers
          .map(({ what }) => what)
          .join(', ')}`,
    ),
  ];
  return texts.join('. ');
}

function BindingLocks(props: {
  entityRef: string;
  locks: EntityRunsState['locks'];
  /** Nothing else stands in the way of this viewer either. */
  free: boolean;
  /** A lock binds, shown or not. */
  locked: boolean;
  onChanged(): Promise<void>;
}) {
  const { entityRef, locks, free, locked, onChanged } = props;
  if (locks.length === 0 && locked)
    return <StatusWord tone="attention">{HIDDEN_LOCK}</StatusWord>;
  return (
    <>
      {!locked && (
        <StatusWord tone="ok">
          {free ? 'Nothing blocks a deploy' : 'No lock binds'}
        </StatusWord>
      )}
      {locks.length > 0 && (
        <LockList locks={locks} entityRef={entityRef} onChanged={onChanged} />
      )}
    </>
  );
}

function LocksSkeleton() {
  return (
    <div aria-busy="true" aria-label="Loading locks">
      <Skeleton variant="text" width="60%" />
      <Skeleton variant="text" width="40%" />
    </div>
  );
}

import { useApi } from '@backstage/core-plugin-api';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import Skeleton from '@material-ui/lab/Skeleton';
import {
  EntityRunsState,
  Lock,
} from '@switchyard/backstage-plugin-runs-common';
import { useState } from 'react';
import { runsApiRef } from '../../api';
import { useEntityRuns } from '../../hooks/useEntityRuns';
import { useEnvironmentTitle } from '../../hooks/useEnvironmentTitle';
import { AgeText } from '../AgeText';
import { BlockedButton } from '../BlockedButton';
import { FailureText } from '../FailureText';
import { hiddenText } from '../hiddenText';
import { StatusWord } from '../StatusWord';
import { LockDialog } from './LockDialog';
import { lockingAction } from './lockingAction';
import { nameActions, OtherBlockers } from './OtherBlockers';
import {
  BlockedActions,
  isFree,
  isLocked,
  otherBlockers,
} from './findOtherBlockers';
import { ReleaseLockDialog } from './ReleaseLockDialog';
import { quietColor } from '../../tone';

/** There is nothing to show of a lock on a component that this person may not see. */
const HIDDEN_LOCK = 'Locked on another component';

const useStyles = makeStyles(
  theme => ({
    list: {
      ...theme.typography.body2,
      listStyle: 'none',
      margin: 0,
      padding: 0,
      display: 'grid',
      gap: theme.spacing(2),
    },
    lock: {
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(1),
      alignItems: 'flex-start',
    },
    words: { flex: '1 1 14rem', minWidth: 0 },
    reason: { overflowWrap: 'anywhere' },
    facts: {
      display: 'flex',
      flexWrap: 'wrap',
      columnGap: theme.spacing(2),
      color: quietColor(theme),
      fontSize: theme.typography.body2.fontSize,
    },
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
  const [releasing, setReleasing] = useState<Lock>();
  const runsApi = useApi(runsApiRef);
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
      <LockList
        entityRef={value.entityRef}
        locks={value.locks}
        free={isFree(value)}
        locked={locked}
        onRelease={setReleasing}
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
      <ReleaseLockDialog
        lock={releasing}
        onClose={() => setReleasing(undefined)}
        onRelease={async lock => {
          await runsApi.releaseLock(lock.id);
          await retry();
        }}
      />
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
  const each = locks.map(({ environment, reason }) =>
    [environment ? titleOf(environment) : 'all environments', reason].join(
      ', ',
    ),
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

function LockList(props: {
  entityRef: string;
  locks: EntityRunsState['locks'];
  /** Nothing else stands in the way of this viewer either. */
  free: boolean;
  /** A lock binds, shown or not. */
  locked: boolean;
  onRelease(lock: Lock): void;
}) {
  const { entityRef, locks, free, locked, onRelease } = props;
  const classes = useStyles();
  const titleOf = useEnvironmentTitle();
  if (locks.length === 0 && locked)
    return <StatusWord tone="attention">{HIDDEN_LOCK}</StatusWord>;
  if (locks.length === 0)
    return (
      <StatusWord tone="ok">
        {free ? 'Nothing blocks a deploy' : 'No lock binds'}
      </StatusWord>
    );
  return (
    <ul className={classes.list}>
      {locks.map(lock => (
        <li key={lock.id} className={classes.lock}>
          <div className={classes.words}>
            <StatusWord tone="attention">
              {lock.environment
                ? `Locked in ${titleOf(lock.environment)}`
                : 'Locked in all environments'}
            </StatusWord>
            <Typography variant="body2" className={classes.reason}>
              {lock.reason}
            </Typography>
            <div className={classes.facts}>
              {/* It binds here as well, for both deploy the same target. */}
              {lock.entityRef !== entityRef && (
                <span>
                  on <EntityRefLink entityRef={lock.entityRef} />
                </span>
              )}
              <span>
                by <EntityRefLink entityRef={lock.createdBy} />
              </span>
              <AgeText at={lock.createdAt} />
              {lock.expiresAt ? (
                <AgeText prefix="ends" at={lock.expiresAt} />
              ) : (
                <span>until it is released</span>
              )}
            </div>
          </div>
          <BlockedButton
            action={{
              title: 'Release',
              allowed: lock.release.allowed,
              blockers: lock.release.allowed
                ? []
                : [
                    {
                      type: 'permission',
                      what: 'Not yours to release',
                      why: lock.release.why ?? 'You may not release this lock.',
                      liftedBy: [lock.createdBy],
                    },
                  ],
            }}
            size="small"
            onClick={() => onRelease(lock)}
          >
            Release…
          </BlockedButton>
        </li>
      ))}
    </ul>
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

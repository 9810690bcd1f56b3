import { Link } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { Lock } from '@switchyard/backstage-plugin-runs-common';
import { useState } from 'react';
import { runsApiRef } from '../../api';
import { useEnvironmentTitle } from '../../hooks/useEnvironmentTitle';
import { quietColor } from '../../tone';
import { ActionButton } from '../ActionButton';
import { AgeText } from '../AgeText';
import { BlockedButton } from '../BlockedButton';
import { StatusWord } from '../StatusWord';
import { ChangeLockDialog, LockVerb } from './ChangeLockDialog';
import { describeLock, describeSchedule, forbidsNow } from './lockWords';
import { ReleaseLockDialog } from './ReleaseLockDialog';

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
    buttons: { display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5) },
  }),
  { name: 'SwitchyardLockList' },
);

/** @public */
export interface LockListProps {
  locks: readonly Lock[];
  /** The component on whose page they are listed. */
  entityRef?: string;
  /** Something was done to one of them: look again. */
  onChanged(): Promise<void>;
}

/**
 * Locks, freezes and warnings, each with why, by whom and until when, and with what this person may do to it.
 *
 * @public
 */
export function LockList(props: LockListProps) {
  const { locks, entityRef, onChanged } = props;
  const classes = useStyles();
  const runsApi = useApi(runsApiRef);
  const [releasing, setReleasing] = useState<Lock>();
  const [changing, setChanging] = useState<LockVerb>();
  return (
    <>
      <ul className={classes.list}>
        {locks.map(lock => (
          <li key={lock.id} className={classes.lock}>
            <LockWords lock={lock} entityRef={entityRef} />
            <span className={classes.buttons}>
              {lock.release.allowed && (
                <>
                  <ActionButton
                    size="small"
                    onClick={() => setChanging({ verb: 'extend', lock })}
                  >
                    Extend…
                  </ActionButton>
                  <ActionButton
                    size="small"
                    onClick={() => setChanging({ verb: 'transfer', lock })}
                  >
                    Hand on…
                  </ActionButton>
                </>
              )}
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
                          why:
                            lock.release.why ??
                            'You may not release this lock.',
                          liftedBy: [lock.holder],
                        },
                      ],
                }}
                size="small"
                onClick={() => setReleasing(lock)}
              >
                Release…
              </BlockedButton>
            </span>
          </li>
        ))}
      </ul>
      <ReleaseLockDialog
        lock={releasing}
        onClose={() => setReleasing(undefined)}
        onRelease={async (lock, reason) => {
          await runsApi.releaseLock(lock.id, reason);
          await onChanged();
        }}
      />
      <ChangeLockDialog
        change={changing}
        onClose={() => setChanging(undefined)}
        onChange={async ({ verb, lock }, value, reason) => {
          if (verb === 'extend')
            await runsApi.extendLock(lock.id, { expiresAt: value, reason });
          else await runsApi.transferLock(lock.id, { to: value, reason });
          await onChanged();
        }}
      />
    </>
  );
}

function LockWords(props: { lock: Lock; entityRef?: string }) {
  const { lock, entityRef } = props;
  const classes = useStyles();
  const titleOf = useEnvironmentTitle();
  return (
    <div className={classes.words}>
      <StatusWord tone={forbidsNow(lock) ? 'attention' : 'neutral'}>
        {describeLock(lock, titleOf)}
      </StatusWord>
      <Typography variant="body2" className={classes.reason}>
        {lock.reason}
      </Typography>
      <div className={classes.facts}>
        {/* It binds here as well, for both deploy the same target. */}
        {lock.scope === 'component' && lock.entityRef !== entityRef && (
          <span>
            on <EntityRefLink entityRef={lock.entityRef!} />
          </span>
        )}
        <span>
          by <EntityRefLink entityRef={lock.holder} />
        </span>
        {lock.incident && (
          <Link to={lock.incident} target="_blank" rel="noopener">
            incident
          </Link>
        )}
        {lock.schedule && <span>{describeSchedule(lock.schedule)}</span>}
        <LockTimes lock={lock} />
      </div>
    </div>
  );
}

/** Since when, from when, until when: what of it a person needs now. */
function LockTimes({ lock }: { lock: Lock }) {
  if (lock.overdue)
    return (
      <span>
        expiry is overdue: it binds no longer, and has not been put away
      </span>
    );
  if (!lock.binds)
    return lock.nextStart ? (
      <AgeText
        prefix={lock.schedule ? 'begins again' : 'begins'}
        at={lock.nextStart}
      />
    ) : null;
  return (
    <>
      {!lock.schedule && <AgeText at={lock.startsAt ?? lock.createdAt} />}
      {lock.nextEnd ?? lock.expiresAt ? (
        <AgeText prefix="ends" at={(lock.nextEnd ?? lock.expiresAt)!} />
      ) : (
        <span>until it is released</span>
      )}
    </>
  );
}

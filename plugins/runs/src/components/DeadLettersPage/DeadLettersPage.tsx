import { Content, EmptyState, Link } from '@backstage/core-components';
import { useRouteRef } from '@backstage/core-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import Skeleton from '@material-ui/lab/Skeleton';
import { RunSummary } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  FailureText,
  StatusWord,
  useRunList,
} from '@switchyard/backstage-plugin-runs-react';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { rootRouteRef } from '../../routes';
import { DeadLetter } from './DeadLetter';
import { DecidedLetters } from './DecidedLetters';

const useStyles = makeStyles(
  theme => ({
    summary: { marginBottom: theme.spacing(2) },
    gap: { marginBottom: theme.spacing(2) },
    list: {
      listStyle: 'none',
      margin: 0,
      padding: 0,
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(2),
    },
    more: { ...theme.typography.body2, marginTop: theme.spacing(2) },
  }),
  { name: 'SwitchyardDeadLettersPage' },
);

const STATUSES = ['needs-attention', 'dead'] as const;
const SHOWN = 100;

/** Runs that stopped without a clear end: what of them is known, what is not, how the world stands, and what can be done. */
export function DeadLettersPage() {
  const classes = useStyles();
  const list = useRouteRef(rootRouteRef);
  const { value, error, retry } = useRunList({
    status: STATUSES,
    limit: SHOWN,
  });
  const [params, setParams] = useSearchParams();
  const open = params.getAll('open');
  const letters = useMemo(() => value && orderLetters(value.items), [value]);
  const [decided, setDecided] = useState<readonly RunSummary[]>([]);
  const decide = async (run: RunSummary) => {
    setDecided(before => [run, ...before.filter(({ id }) => id !== run.id)]);
    await retry();
  };
  const toggle = (id: string) =>
    setParams(
      before => {
        const next = new URLSearchParams(before);
        const others = next.getAll('open').filter(each => each !== id);
        next.delete('open');
        for (const each of open.includes(id) ? others : [...others, id])
          next.append('open', each);
        return next;
      },
      { replace: true },
    );

  return (
    <Content>
      <div className={classes.summary} role="status">
        {letters && <Summary letters={letters} />}
      </div>
      {error && (
        <FailureText
          className={classes.gap}
          what={
            letters
              ? 'This page may be out of date.'
              : 'Dead letters cannot be shown.'
          }
          error={error}
        />
      )}
      {!letters && error && (
        <ActionButton onClick={retry}>Try again</ActionButton>
      )}
      {!letters && !error && (
        <div aria-busy="true" aria-label="Loading dead letters">
          {[1, 2, 3].map(row => (
            <Skeleton key={row} variant="text" height={64} />
          ))}
        </div>
      )}
      <DecidedLetters
        className={classes.gap}
        runs={decided.filter(
          ({ id }) => letters?.every(letter => letter.id !== id) ?? false,
        )}
      />
      {letters && letters.length === 0 && (
        <EmptyState
          missing="data"
          title="No dead letters"
          description="A run comes here when it is not known whether an effect happened, or when all its attempts are used up."
        />
      )}
      {letters && letters.length > 0 && (
        <ul className={classes.list} aria-label="Dead letters">
          {letters.map(run => (
            <li key={run.id}>
              <DeadLetter
                run={run}
                open={open.includes(run.id)}
                onToggle={() => toggle(run.id)}
                onDone={() => decide(run)}
              />
            </li>
          ))}
        </ul>
      )}
      {value?.nextCursor && (
        <div className={classes.more}>
          These are the newest {SHOWN}.{' '}
          <Link
            to={`${list()}?${STATUSES.map(each => `status=${each}`).join('&')}`}
          >
            All of them
          </Link>
        </div>
      )}
    </Content>
  );
}

function Summary(props: { letters: readonly RunSummary[] }) {
  const { letters } = props;
  if (letters.length === 0)
    return <StatusWord tone="ok">No run needs a decision</StatusWord>;
  const unclear = letters.filter(run => run.status === 'needs-attention');
  const all =
    letters.length === 1
      ? '1 run needs a decision'
      : `${letters.length} runs need a decision`;
  return (
    <StatusWord tone="attention">
      {unclear.length === 0
        ? all
        : `${all}; of ${unclear.length} it is not known whether a change happened`}
    </StatusWord>
  );
}

/** What keeps others waiting stands first: an unknown outcome holds its target. */
function orderLetters(runs: readonly RunSummary[]): RunSummary[] {
  const weight = (run: RunSummary) =>
    run.status === 'needs-attention' ? 0 : 1;
  return [...runs].sort((a, b) => weight(a) - weight(b) || b.number - a.number);
}

import { Link } from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';
import Tooltip from '@material-ui/core/Tooltip';
import { MigrationState } from '@switchyard/backstage-plugin-deploys-common';
import {
  hiddenText,
  StatusWord,
  Tone,
} from '@switchyard/backstage-plugin-runs-react';
import { useSearchParams } from 'react-router-dom';
import { useTableStyles } from '../Table';

const WORDS: Record<MigrationState['verdict'], { text: string; tone: Tone }> = {
  ran: { text: 'Migration ran', tone: 'ok' },
  running: { text: 'Migration running', tone: 'active' },
  failed: { text: 'Migration failed', tone: 'error' },
  skipped: { text: 'Migration skipped', tone: 'attention' },
  'not-there': { text: 'No migration', tone: 'neutral' },
  unknown: { text: 'Migration unknown', tone: 'attention' },
};

const useStyles = makeStyles(
  { hidden: hiddenText },
  { name: 'SwitchyardMigrationNote' },
);

/** What became of the migration, and the way to what it said. */
export function MigrationNote(props: { migration: MigrationState }) {
  const { verdict, text, log, logIsGone } = props.migration;
  const classes = useStyles();
  const table = useTableStyles();
  const [params] = useSearchParams();
  const { text: word, tone } = WORDS[verdict];
  const search = new URLSearchParams(params);
  // The Pods card opens what its address names.
  if (log) search.set('logs', [log.cluster, log.namespace, log.pod].join('/'));
  return (
    <div className={table.quiet}>
      <Tooltip title={text}>
        <span>
          <StatusWord tone={tone}>
            {word}
            <span className={classes.hidden}>: {text}</span>
          </StatusWord>
        </span>
      </Tooltip>
      {log && (
        <>
          {' '}
          <Link
            to={`?${search}`}
            underline="always"
            aria-label="Log of the migration"
          >
            log
          </Link>
        </>
      )}
      {logIsGone && ' log gone with its pod'}
    </div>
  );
}

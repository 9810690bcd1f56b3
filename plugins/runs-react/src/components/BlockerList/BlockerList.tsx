import { Link } from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { Blocker } from '@switchyard/backstage-plugin-runs-common';
import { AgeText } from '../AgeText';
import { StatusWord } from '../StatusWord';
import { RefPhrases } from './RefPhrases';
import { quietColor } from '../../tone';

const useStyles = makeStyles(
  theme => ({
    list: {
      ...theme.typography.body2,
      margin: 0,
      padding: 0,
      listStyle: 'none',
      display: 'grid',
      gap: theme.spacing(1.5),
    },
    facts: {
      display: 'flex',
      flexWrap: 'wrap',
      columnGap: theme.spacing(2),
      color: quietColor(theme),
      fontSize: theme.typography.body2.fontSize,
    },
  }),
  { name: 'SwitchyardBlockerList' },
);

/** @public */
export interface BlockerListProps {
  blockers: readonly Blocker[];
  className?: string;
}

/**
 * What forbids an action: what, why, since when, until when, and who can lift it.
 *
 * @public
 */
export function BlockerList(props: BlockerListProps) {
  const { blockers, className } = props;
  const classes = useStyles();
  return (
    <ul className={[classes.list, className].filter(Boolean).join(' ')}>
      {blockers.map(blocker => (
        <li
          key={[blocker.type, blocker.ref, blocker.what, blocker.since].join(
            '|',
          )}
        >
          <StatusWord tone="attention">{blocker.what}</StatusWord>
          <Typography variant="body2">{blocker.why}</Typography>
          <div className={classes.facts}>
            {blocker.since && <AgeText prefix="since" at={blocker.since} />}
            {blocker.until && <AgeText prefix="ends" at={blocker.until} />}
            {blocker.liftedBy && blocker.liftedBy.length > 0 && (
              <span>
                Can be lifted by <RefPhrases refs={blocker.liftedBy} />
              </span>
            )}
            {blocker.url && <Link to={blocker.url}>What it is about</Link>}
            {blocker.ask && blocker.ask.length > 0 && (
              <span>
                Ask <RefPhrases refs={blocker.ask} /> for it
              </span>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

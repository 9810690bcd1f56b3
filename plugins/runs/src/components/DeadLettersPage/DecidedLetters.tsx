import { Link } from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { RunSummary } from '@switchyard/backstage-plugin-runs-common';
import {
  quietColor,
  RunStatusWord,
  useRun,
} from '@switchyard/backstage-plugin-runs-react';
import { useRunHref } from '../../useRunHref';

const useStyles = makeStyles(
  theme => ({
    list: {
      ...theme.typography.body2,
      listStyle: 'none',
      margin: theme.spacing(0.5, 0, 0),
      padding: 0,
    },
    item: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      gap: theme.spacing(0.5, 2),
      overflowWrap: 'anywhere',
    },
    quiet: { color: quietColor(theme) },
  }),
  { name: 'SwitchyardDecidedLetters' },
);

/** What has become of the letters that the viewer has decided on since the page was opened: they are no longer in its list. */
export function DecidedLetters(props: {
  runs: readonly RunSummary[];
  className?: string;
}) {
  const { runs, className } = props;
  const classes = useStyles();
  if (runs.length === 0) return null;
  return (
    <section className={className} aria-labelledby="decided-letters">
      <Typography variant="subtitle2" component="h3" id="decided-letters">
        Decided just now
      </Typography>
      <ul className={classes.list} aria-labelledby="decided-letters">
        {runs.map(run => (
          <DecidedLetter key={run.id} run={run} />
        ))}
      </ul>
    </section>
  );
}

function DecidedLetter({ run }: { run: RunSummary }) {
  const classes = useStyles();
  const { value } = useRun(run.id);
  const href = useRunHref()(run.id);
  const name = `#${run.number} ${run.title}`;
  return (
    <li className={classes.item}>
      {value && <RunStatusWord status={value.status} />}
      {href ? <Link to={href}>{name}</Link> : name}
      {value && (
        <span className={classes.quiet}>
          {value.stepsDone} of {value.stepsTotal} steps done
        </span>
      )}
    </li>
  );
}

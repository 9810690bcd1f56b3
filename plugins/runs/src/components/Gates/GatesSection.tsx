import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { RunDetail } from '@switchyard/backstage-plugin-runs-common';
import { GateView } from './GateView';

const useStyles = makeStyles(
  theme => ({
    root: {
      padding: theme.spacing(2),
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(2),
      borderLeft: `4px solid ${theme.palette.divider}`,
    },
    waiting: { borderLeftColor: theme.palette.warning.main },
    list: {
      listStyle: 'none',
      margin: 0,
      padding: 0,
      display: 'grid',
      gap: theme.spacing(3),
    },
  }),
  { name: 'SwitchyardGatesSection' },
);

/** The gates of a run: who may answer, who has, and what this viewer may say. Nothing where there is none. */
export function GatesSection(props: {
  run: RunDetail;
  onDone(): Promise<void>;
}) {
  const { run, onDone } = props;
  const classes = useStyles();
  if (run.gates.length === 0) return null;
  const waits = run.waiting?.reason === 'gate';
  return (
    <Paper
      className={[classes.root, waits && classes.waiting]
        .filter(Boolean)
        .join(' ')}
      component="section"
      aria-label="Gates"
    >
      <Typography variant="subtitle1" component="h3">
        {waits ? 'Waits for people' : 'Gates'}
      </Typography>
      <ul className={classes.list}>
        {run.gates.map(gate => (
          <li key={gate.id}>
            <GateView run={run} gate={gate} onDone={onDone} />
          </li>
        ))}
      </ul>
    </Paper>
  );
}

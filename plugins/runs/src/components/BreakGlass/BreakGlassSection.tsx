import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { RunDetail } from '@switchyard/backstage-plugin-runs-common';
import { AskForPass } from './AskForPass';
import { PassView } from './PassView';

const useStyles = makeStyles(
  theme => ({
    root: {
      padding: theme.spacing(2),
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(2),
      borderLeft: `4px solid ${theme.palette.divider}`,
    },
    loud: { borderLeftColor: theme.palette.warning.main },
    list: {
      listStyle: 'none',
      margin: 0,
      padding: 0,
      display: 'grid',
      gap: theme.spacing(3),
    },
  }),
  { name: 'SwitchyardBreakGlassSection' },
);

/** The emergency passes of a run, newest first, and the way to one. Nothing where there is none. */
export function BreakGlassSection(props: {
  run: RunDetail;
  onDone(): Promise<void>;
}) {
  const { run, onDone } = props;
  const classes = useStyles();
  const { passes, passOffer } = run;
  if (passes.length === 0 && !passOffer) return null;
  const isLoud = passes.some(
    ({ status, usedAt }) =>
      status === 'asked' || status === 'given' || usedAt !== undefined,
  );
  return (
    <Paper
      className={[classes.root, isLoud && classes.loud]
        .filter(Boolean)
        .join(' ')}
      component="section"
      aria-label="Break-glass"
    >
      <Typography variant="subtitle1" component="h3">
        Break-glass
      </Typography>
      {passes.length > 0 && (
        <ul className={classes.list}>
          {passes.map(pass => (
            <li key={pass.id}>
              <PassView run={run} pass={pass} onDone={onDone} />
            </li>
          ))}
        </ul>
      )}
      {passOffer && <AskForPass run={run} offer={passOffer} onDone={onDone} />}
    </Paper>
  );
}

import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { RunDetail } from '@switchyard/backstage-plugin-runs-common';
import {
  ChangeList,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';

const useStyles = makeStyles(
  theme => ({
    list: {
      listStyle: 'none',
      margin: 0,
      padding: 0,
      display: 'grid',
      gap: theme.spacing(1),
    },
  }),
  { name: 'SwitchyardPlanContents' },
);

/** What a plan warns of, and what it changes. */
export function PlanContents(props: { plan: RunDetail['plan'] }) {
  const { changes, warnings } = props.plan;
  const classes = useStyles();
  return (
    <>
      {warnings.length > 0 && (
        <ul className={classes.list}>
          {warnings.map(warning => (
            <li key={`${warning.what}|${warning.ref}`}>
              <StatusWord tone="attention">{warning.what}</StatusWord>
              <Typography variant="body2">{warning.why}</Typography>
            </li>
          ))}
        </ul>
      )}
      <ChangeList changes={changes} />
    </>
  );
}

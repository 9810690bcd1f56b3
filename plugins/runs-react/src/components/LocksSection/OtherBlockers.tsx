import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { useEnvironmentTitle } from '../../hooks/useEnvironmentTitle';
import { BlockerList } from '../BlockerList';
import { BlockedActions } from './findOtherBlockers';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gap: theme.spacing(1.5),
      marginTop: theme.spacing(2),
    },
    list: {
      display: 'grid',
      gap: theme.spacing(2),
      listStyle: 'none',
      margin: 0,
      padding: 0,
    },
    actions: { marginBottom: theme.spacing(0.5) },
  }),
  { name: 'SwitchyardOtherBlockers' },
);

/** Why somebody cannot deploy although no lock binds, or once it is lifted. */
export function OtherBlockers(props: { blocked: readonly BlockedActions[] }) {
  const { blocked } = props;
  const classes = useStyles();
  const titleOf = useEnvironmentTitle();
  if (blocked.length === 0) return null;
  return (
    <section className={classes.root}>
      <Typography variant="subtitle2" component="h3">
        What else stands in the way
      </Typography>
      <ul className={classes.list}>
        {blocked.map(({ actions, blockers }) => (
          <li key={nameActions({ actions, titleOf })}>
            <Typography variant="body2" className={classes.actions}>
              {nameActions({ actions, titleOf })}
            </Typography>
            <BlockerList blockers={blockers} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** 'Hotfix in Production, Hotfix in Development'. */
export function nameActions(options: {
  actions: BlockedActions['actions'];
  titleOf(environment: string): string;
}): string {
  const { actions, titleOf } = options;
  return actions
    .map(({ title, environment }) => `${title} in ${titleOf(environment)}`)
    .join(', ');
}

import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { ReactNode } from 'react';

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
  { name: 'SwitchyardListSection' },
);

/** A part of a run's page that is about words of people, one below the other; loud where the run waits for one, or went on by one. */
export function ListSection<T extends { id: string }>(props: {
  label: string;
  title: string;
  isLoud: boolean;
  items: readonly T[];
  renderItem(item: T): ReactNode;
  children?: ReactNode;
}) {
  const { label, title, isLoud, items, renderItem, children } = props;
  const classes = useStyles();
  return (
    <Paper
      className={[classes.root, isLoud && classes.loud]
        .filter(Boolean)
        .join(' ')}
      component="section"
      aria-label={label}
    >
      <Typography variant="subtitle1" component="h3">
        {title}
      </Typography>
      {items.length > 0 && (
        <ul className={classes.list}>
          {items.map(item => (
            <li key={item.id}>{renderItem(item)}</li>
          ))}
        </ul>
      )}
      {children}
    </Paper>
  );
}

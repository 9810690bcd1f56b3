import { EntityInfoCard } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import { ReactNode } from 'react';

const useStyles = makeStyles(
  theme => ({
    // Above the tables scroll inside; without this they would push the page wide.
    root: { minWidth: 0 },
    body: {
      // The card's own font is that of @backstage/ui; what is in it is MUI.
      fontFamily: theme.typography.fontFamily,
      fontSize: theme.typography.body2.fontSize,
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(1.5),
    },
  }),
  { name: 'SwitchyardCard' },
);

/** A card of an entity page, as the catalog's own cards look. */
export function Card(props: { title: ReactNode; children: ReactNode }) {
  const { title, children } = props;
  const classes = useStyles();
  return (
    <EntityInfoCard title={title} className={classes.root}>
      <div className={classes.body}>{children}</div>
    </EntityInfoCard>
  );
}

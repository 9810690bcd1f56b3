import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import { LocksSection } from '@switchyard/backstage-plugin-runs-react';
import { Card } from '../Card';
import { DeployCard } from '../DeployCard';
import { HistoryCard } from '../HistoryCard';
import { PodsCard } from '../PodsCard';
import { RightsLink, RunStrips } from '../RunStrips';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gap: theme.spacing(3),
      // Tables scroll inside; without this they would push the page wide.
      gridTemplateColumns: 'minmax(0, 1fr)',
    },
    strips: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(1),
    },
  }),
  { name: 'SwitchyardDeployContent' },
);

/** The tab 'Deploy' of an entity: runs under way on top, then what runs where, its pods, what locks it, and what was done. */
export function DeployContent() {
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  const classes = useStyles();
  return (
    <div className={classes.root}>
      <div className={classes.strips}>
        <RunStrips entityRef={entityRef} />
        <RightsLink entityRef={entityRef} />
      </div>
      <DeployCard />
      <PodsCard />
      <Card title="Locks">
        <LocksSection entityRef={entityRef} />
      </Card>
      <HistoryCard />
    </div>
  );
}

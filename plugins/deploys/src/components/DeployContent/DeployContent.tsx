import { stringifyEntityRef } from '@backstage/catalog-model';
import { InfoCard } from '@backstage/core-components';
import { useEntity } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import {
  EntityRunStrips,
  LocksSection,
} from '@switchyard/backstage-plugin-runs-react';
import { DeployCard } from '../DeployCard';
import { HistoryCard } from '../HistoryCard';
import { PodsCard } from '../PodsCard';
import { useRunHref } from '../useRunHref';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gap: theme.spacing(3),
      // Tables scroll inside; without this they would push the page wide.
      gridTemplateColumns: 'minmax(0, 1fr)',
    },
  }),
  { name: 'SwitchyardDeployContent' },
);

/** The tab 'Deploy' of an entity: runs under way on top, then what runs where, its pods, what locks it, and what was done. */
export function DeployContent() {
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  const classes = useStyles();
  const runHref = useRunHref();
  return (
    <div className={classes.root}>
      <EntityRunStrips entityRef={entityRef} runHref={runHref} />
      <DeployCard />
      <PodsCard />
      <InfoCard title="Locks">
        <LocksSection entityRef={entityRef} />
      </InfoCard>
      <HistoryCard />
    </div>
  );
}

import Tab from '@material-ui/core/Tab';
import Tabs from '@material-ui/core/Tabs';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { DeploymentState } from '@switchyard/backstage-plugin-deploys-common';
import {
  AgeText,
  useEntityRuns,
} from '@switchyard/backstage-plugin-runs-react';
import { useId } from 'react';
import { PickedAction } from '../DeployCard/actions';
import { rowTint } from '../rowTint';
import { DiffTab } from './DiffTab';
import { HistoryTab } from './HistoryTab';
import { LastSyncTab } from './LastSyncTab';
import { Part } from './Part';
import { ResourcesTab } from './ResourcesTab';
import { RolloutFacts } from './RolloutFacts';
import { useDetailsStyles } from './useDetailsStyles';
import { usePart } from './usePart';
import { Conditions, Windows } from './WindowsTab';

const TABS = [
  { id: 'sync', title: 'Last sync' },
  { id: 'resources', title: 'Resources' },
  { id: 'diff', title: 'Diff' },
  { id: 'history', title: 'History' },
  { id: 'windows', title: 'Windows & conditions' },
] as const;
type TabId = (typeof TABS)[number]['id'];

const useStyles = makeStyles(
  theme => ({
    panel: { paddingTop: theme.spacing(2), minHeight: 120 },
    tabs: { minHeight: 36 },
    tab: {
      minHeight: 36,
      minWidth: 72,
      textTransform: 'none',
      // Backstage's own is a light one in the dark theme too.
      '&&:hover': { background: rowTint(theme), color: 'inherit' },
    },
  }),
  { name: 'SwitchyardDeploymentDetailsTabs' },
);

interface DetailsProps {
  entityRef: string;
  row: DeploymentState;
  /** An action that is possible was picked. */
  onAction(action: PickedAction): void;
}

/** What opens below a line of the Deploy card. Each tab is read when it is shown. */
export function DeploymentDetails(
  props: DetailsProps & {
    tab: string | undefined;
    onTab(tab: string): void;
  },
) {
  const { entityRef, row, tab, onTab, onAction } = props;
  const classes = useStyles();
  const common = useDetailsStyles();
  const id = useId();
  const { application, cluster } = row;
  if (!application) {
    return (
      <div className={common.stack}>
        <Typography variant="body2">
          No Application of Argo CD deploys this. What runs is known from the
          cluster; what Git wants, who synced last and what a sync would change
          is not.
        </Typography>
        <RolloutFacts workloads={row.workloads} />
      </div>
    );
  }
  const selected: TabId = TABS.find(each => each.id === tab)?.id ?? 'sync';
  return (
    <div className={common.stack}>
      {cluster === undefined && (
        <Typography variant="body2">
          The portal does not see this cluster: all of this is Argo CD’s word
          {application.reconciledAt && (
            <>
              , <AgeText prefix="as of" at={application.reconciledAt} />
            </>
          )}
          . Pods, logs and whether the cluster is up are not known.
        </Typography>
      )}
      <RolloutFacts workloads={row.workloads} />
      <div>
        <Tabs
          value={selected}
          onChange={(_, value: TabId) => onTab(value)}
          variant="scrollable"
          scrollButtons="auto"
          indicatorColor="primary"
          className={classes.tabs}
          aria-label={`Details of ${application.name}`}
        >
          {TABS.map(each => (
            <Tab
              key={each.id}
              value={each.id}
              label={each.title}
              className={classes.tab}
              id={`${id}-${each.id}`}
              aria-controls={`${id}-panel`}
            />
          ))}
        </Tabs>
        <div
          role="tabpanel"
          id={`${id}-panel`}
          aria-labelledby={`${id}-${selected}`}
          className={classes.panel}
        >
          <Panel
            key={selected}
            tab={selected}
            entityRef={entityRef}
            row={row}
            onAction={onAction}
          />
        </div>
      </div>
    </div>
  );
}

function Panel(props: DetailsProps & { tab: TabId }) {
  const { tab, ...rest } = props;
  switch (tab) {
    case 'resources':
      return <Resources {...rest} />;
    case 'diff':
      return <Diff {...rest} />;
    case 'history':
      return <History {...rest} />;
    case 'windows':
      return <WindowsAndConditions {...rest} />;
    default:
      return <LastSync {...rest} />;
  }
}

function LastSync(props: DetailsProps) {
  return (
    <Part state={usePart(optionsOf(props, 'details'))} what="the last sync">
      {details => <LastSyncTab details={details} />}
    </Part>
  );
}

function Resources(props: DetailsProps) {
  return (
    <Part state={usePart(optionsOf(props, 'tree'))} what="the resources">
      {tree => <ResourcesTab tree={tree} />}
    </Part>
  );
}

function Diff(props: DetailsProps) {
  return (
    <Part
      state={usePart(optionsOf(props, 'diff'))}
      what="what a sync would change"
    >
      {diff => <DiffTab diff={diff} />}
    </Part>
  );
}

function History(props: DetailsProps) {
  const { entityRef, row, onAction } = props;
  const { value: runs } = useEntityRuns(entityRef);
  return (
    <Part state={usePart(optionsOf(props, 'history'))} what="the history">
      {history => (
        <HistoryTab
          history={history}
          environment={row.environment}
          runs={runs}
          onAction={onAction}
        />
      )}
    </Part>
  );
}

function WindowsAndConditions(props: DetailsProps) {
  const classes = useDetailsStyles();
  return (
    <div className={classes.stack}>
      <Part state={usePart(optionsOf(props, 'windows'))} what="sync windows">
        {windows => <Windows windows={windows} />}
      </Part>
      <Part state={usePart(optionsOf(props, 'details'))} what="conditions">
        {({ conditions, withheld }) => (
          <Conditions conditions={conditions} withheld={withheld} />
        )}
      </Part>
    </div>
  );
}

function optionsOf<TPart extends string>(
  { entityRef, row }: Pick<DetailsProps, 'entityRef' | 'row'>,
  part: TPart,
) {
  const { sync, health, revision, operation, lastDeploy } =
    row.application ?? {};
  return {
    entityRef,
    deployment: row.id,
    part,
    // What Argo CD says at a glance: when that changes, so may what is behind it.
    version: JSON.stringify([sync, health, revision, operation, lastDeploy]),
  };
}

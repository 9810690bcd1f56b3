import { Content, EmptyState } from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';
import { FleetRow } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionButton,
  FailureText,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { ReactNode } from 'react';
import { countRows, describeCounts } from '../../fleet/arrangeFleet';
import { FleetTable } from '../../fleet/FleetApi';
import { FilterField } from '../../fleet/filterFleet';
import { useFleet } from '../../fleet/useFleet';
import { FleetFilters, useFleetFilters } from '../../fleet/useFleetFilters';
import { useShownRows } from '../../fleet/useShownRows';
import { severityWords } from '../../fleet/words';
import { CardFailure, CardSkeleton } from '../CardStates';
import { FilterBar } from './FilterBar';
import { FleetFreshness } from './FleetFreshness';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'flex',
      flexDirection: 'column',
      minWidth: 0,
      fontFamily: theme.typography.fontFamily,
    },
    head: {
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(1),
      alignItems: 'center',
      justifyContent: 'space-between',
      marginBottom: theme.spacing(1),
    },
    actions: { display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1) },
    gap: { marginBottom: theme.spacing(1.5) },
  }),
  { name: 'SwitchyardFleetPage' },
);

/** What the pages of the fleet have in common: the sentence on top, filters, how fresh it is, and what is said where there is nothing to show. */
export function FleetPage(props: {
  fields: readonly FilterField[];
  canGroup?: boolean;
  actions(shown: {
    rows: readonly FleetRow[];
    filters: FleetFilters;
  }): ReactNode;
  children(shown: {
    fleet: FleetTable;
    rows: readonly FleetRow[];
    filters: FleetFilters;
  }): ReactNode;
}) {
  const { fields, canGroup, actions, children } = props;
  const classes = useStyles();
  const { value: fleet, error, loading, checkedAt, retry } = useFleet();
  const filters = useFleetFilters();
  const rows = useShownRows(fleet, filters);
  return (
    <main>
      <Content>
        <div className={classes.root}>
          {loading && <CardSkeleton label="Loading the fleet" rows={12} />}
          {!fleet && error && (
            <CardFailure
              what="The fleet cannot be shown."
              error={error}
              onRetry={retry}
            />
          )}
          {fleet && (
            <>
              <div className={classes.head}>
                <Summary fleet={fleet} rows={rows} filters={filters} />
                <div className={classes.actions}>
                  {actions({ rows, filters })}
                </div>
              </div>
              <FilterBar
                rows={fleet.rows}
                filters={filters}
                fields={fields}
                canGroup={canGroup}
              />
              {error && (
                <FailureText
                  className={classes.gap}
                  what="What is shown may be out of date."
                  error={error}
                />
              )}
              <FleetFreshness fleet={fleet} checkedAt={checkedAt} />
              {rows.length > 0 ? (
                children({ fleet, rows, filters })
              ) : (
                <NoRows fleet={fleet} filters={filters} />
              )}
            </>
          )}
        </div>
      </Content>
    </main>
  );
}

function Summary(props: {
  fleet: FleetTable;
  rows: readonly FleetRow[];
  filters: FleetFilters;
}) {
  const { fleet, rows, filters } = props;
  const counts = countRows(rows);
  // They are in order.
  const tone =
    rows.length > 0 ? severityWords[rows[0].severity].tone : 'neutral';
  const shown = filters.isNarrowed
    ? `${rows.length} of ${fleet.rows.length} shown: `
    : '';
  return (
    <div role="status">
      <StatusWord tone={tone}>
        {rows.length > 0
          ? `${shown}${describeCounts(counts)}`
          : 'Nothing to show'}
      </StatusWord>
    </div>
  );
}

function NoRows(props: { fleet: FleetTable; filters: FleetFilters }) {
  const { fleet, filters } = props;
  if (filters.isNarrowed && fleet.rows.length > 0) {
    return (
      <EmptyState
        missing="data"
        title="Nothing matches"
        action={
          <ActionButton variant="outlined" onClick={filters.clear}>
            Clear filters
          </ActionButton>
        }
      />
    );
  }
  const connecting = fleet.sources.some(({ state }) => state === 'connecting');
  if (fleet.incomplete || connecting) {
    return (
      <EmptyState
        missing="data"
        title="Not looked at yet"
        description="The portal has just started to look at clusters and Argo CD."
      />
    );
  }
  return (
    <EmptyState
      missing="content"
      title={
        fleet.scope === 'everything'
          ? 'Nothing runs'
          : 'Nothing that you may see runs'
      }
      description={
        fleet.scope === 'everything'
          ? 'No component names an Application or workloads, and Argo CD has no Application.'
          : 'What belongs to components that you may see in the catalog appears here. Who holds the permission deploys.fleet.read sees everything.'
      }
    />
  );
}

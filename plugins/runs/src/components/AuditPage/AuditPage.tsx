import { Content, EmptyState } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Skeleton from '@material-ui/lab/Skeleton';
import { auditTrailEvents } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  downloadText,
  FailureText,
  useEnvironments,
} from '@switchyard/backstage-plugin-runs-react';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { AuditTrailFilter, historyApiRef } from '../../history';
import {
  DayFilter,
  FilterBar,
  MenuFilter,
  startOfDay,
  TextFilter,
  toRef,
  UrlFilters,
  useUrlFilters,
} from '../filters';
import { AuditTable } from './AuditTable';
import { useAuditPages } from './useAuditPages';

const FILTERS = [
  'entity',
  'event',
  'environment',
  'person',
  'run',
  'from',
  'to',
] as const;
type AuditFilterName = (typeof FILTERS)[number];

const eventChoices = Object.entries(auditTrailEvents).map(([value, label]) => ({
  value,
  label,
}));

const useStyles = makeStyles(
  theme => ({
    old: { opacity: 0.6 },
    more: { padding: theme.spacing(1), textAlign: 'center' },
    gap: { marginBottom: theme.spacing(2) },
    loading: { padding: theme.spacing(2) },
  }),
  { name: 'SwitchyardAuditPage' },
);

/** Who did what, with what was before and after, why, and in which run. */
export function AuditPage() {
  const classes = useStyles();
  const filters = useUrlFilters(FILTERS);
  const asked = toFilter(filters.values);
  const { items, isOld, loading, error, retry, showOlder } =
    useAuditPages(asked);
  return (
    <Content>
      <AuditFilterBar filters={filters} asked={asked} />
      {error && (
        <FailureText
          className={classes.gap}
          what={
            items
              ? 'The list may be out of date.'
              : 'The audit trail cannot be shown.'
          }
          error={error}
        />
      )}
      {error && <ActionButton onClick={retry}>Try again</ActionButton>}
      {!items && !error && (
        <Paper
          className={classes.loading}
          aria-busy="true"
          aria-label="Loading the audit trail"
        >
          {[1, 2, 3, 4, 5].map(row => (
            <Skeleton key={row} variant="text" height={40} />
          ))}
        </Paper>
      )}
      {items?.length === 0 && !showOlder && (
        <EmptyState
          missing="data"
          title={
            filters.isEmpty ? 'Nothing has happened yet' : 'Nothing matches'
          }
          description="What people do to runs, gates and locks, and what runs change in other systems, appears here."
          action={
            filters.isEmpty ? undefined : (
              <ActionButton variant="outlined" onClick={filters.clear}>
                Clear filters
              </ActionButton>
            )
          }
        />
      )}
      {items && items.length > 0 && (
        <Paper className={isOld ? classes.old : undefined} aria-busy={isOld}>
          <AuditTable items={items} />
        </Paper>
      )}
      {showOlder && (
        <div className={classes.more}>
          <ActionButton onClick={showOlder} disabled={loading}>
            Show older entries
          </ActionButton>
        </div>
      )}
    </Content>
  );
}

function AuditFilterBar(props: {
  filters: UrlFilters<AuditFilterName>;
  asked: AuditTrailFilter;
}) {
  const { filters, asked } = props;
  const environments = useEnvironments();
  const field = (name: AuditFilterName, label: string) => ({
    id: `audit-filter-${name}`,
    label,
    value: filters.values[name],
    onChange: (value: string) => filters.set(name, value),
  });
  return (
    <FilterBar label="Filter the audit trail">
      <TextFilter {...field('entity', 'Component')} />
      <MenuFilter {...field('event', 'What')} choices={eventChoices} />
      <MenuFilter
        {...field('environment', 'Environment')}
        choices={environments.map(({ name, title }) => ({
          value: name,
          label: title,
        }))}
      />
      <TextFilter {...field('person', 'Who')} />
      <TextFilter {...field('run', 'Run number')} />
      <DayFilter {...field('from', 'From')} />
      <DayFilter {...field('to', 'Until')} />
      <ExportButtons asked={asked} />
    </FilterBar>
  );
}

function ExportButtons(props: { asked: AuditTrailFilter }) {
  const { asked } = props;
  const api = useApi(historyApiRef);
  const [state, take] = useAsyncFn(
    async (format: 'csv' | 'json') => {
      const text = await api.exportAudit(asked, format);
      downloadText([text], {
        fileName: `switchyard-audit.${format}`,
        type: format === 'csv' ? 'text/csv' : 'application/json',
      });
    },
    [api, asked],
  );
  return (
    <>
      <ActionButton onClick={() => take('csv')} disabled={state.loading}>
        Export CSV
      </ActionButton>
      <ActionButton onClick={() => take('json')} disabled={state.loading}>
        Export JSON
      </ActionButton>
      {state.error && (
        <FailureText what="The file was not made." error={state.error} />
      )}
    </>
  );
}

/** What makes no sense in the address is ignored. */
function toFilter(
  values: Readonly<Record<AuditFilterName, string>>,
): AuditTrailFilter {
  const run = values.run.replace(/^#/, '');
  return {
    entityRef: toRef(values.entity, 'component'),
    event: values.event || undefined,
    environment: values.environment || undefined,
    person: toRef(values.person, 'user'),
    run: /^[1-9]\d{0,15}$/.test(run) ? run : undefined,
    from: startOfDay(values.from, 0),
    to: startOfDay(values.to, 1),
  };
}

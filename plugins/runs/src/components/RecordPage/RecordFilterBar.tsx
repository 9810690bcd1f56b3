import { humanizeEntityRef } from '@backstage/plugin-catalog-react';
import { parseEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/core-plugin-api';
import { RecordReport } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  downloadText,
  FailureText,
  useEnvironments,
} from '@switchyard/backstage-plugin-runs-react';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { historyApiRef, RecordFilter } from '../../history';
import { FilterBar, MenuFilter, UrlFilters } from '../filters';
import { useRunKinds } from '../RunListPage/useRunKinds';

export const RECORD_FILTERS = [
  'days',
  'entity',
  'system',
  'team',
  'environment',
  'action',
] as const;
type RecordFilterName = (typeof RECORD_FILTERS)[number];

const periods = [
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
  { value: '365', label: 'Last year' },
  { value: '1825', label: 'Last 5 years' },
];

/** What is counted, and the runs behind it as a file. All of it stands in the address. */
export function RecordFilterBar(props: {
  filters: UrlFilters<RecordFilterName>;
  asked: RecordFilter;
  /** For what can be chosen. */
  report?: RecordReport;
}) {
  const { filters, asked, report } = props;
  const environments = useEnvironments();
  const kinds = useRunKinds();
  const api = useApi(historyApiRef);
  const [file, take] = useAsyncFn(async () => {
    downloadText([await api.exportRecord(asked)], {
      fileName: 'switchyard-record.csv',
      type: 'text/csv',
    });
  }, [api, asked]);
  const field = (name: RecordFilterName, label: string) => ({
    id: `record-filter-${name}`,
    label,
    value: filters.values[name],
    onChange: (value: string) => filters.set(name, value),
  });
  return (
    <FilterBar label="Filter the record">
      <MenuFilter
        {...field('days', 'Period')}
        none="Last 90 days"
        choices={periods}
      />
      <MenuFilter
        {...field('team', 'Team')}
        choices={toChoices(report?.choices.teams, 'group')}
      />
      <MenuFilter
        {...field('system', 'System')}
        choices={toChoices(report?.choices.systems, 'system')}
      />
      <MenuFilter
        {...field('entity', 'Component')}
        choices={toChoices(report?.choices.components, 'component')}
      />
      <MenuFilter
        {...field('environment', 'Environment')}
        choices={environments.map(({ name, title }) => ({
          value: name,
          label: title,
        }))}
      />
      <MenuFilter
        {...field('action', 'Action')}
        choices={kinds.map(({ kind, title }) => ({
          value: kind,
          label: title,
        }))}
      />
      <ActionButton onClick={take} disabled={file.loading}>
        Export CSV
      </ActionButton>
      {file.error && (
        <FailureText what="The file was not made." error={file.error} />
      )}
    </FilterBar>
  );
}

function toChoices(refs: readonly string[] | undefined, defaultKind: string) {
  return (refs ?? []).map(ref => ({
    value: ref,
    label: humanizeEntityRef(parseEntityRef(ref), { defaultKind }),
  }));
}

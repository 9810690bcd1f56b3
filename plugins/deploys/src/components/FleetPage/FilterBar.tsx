import Checkbox from '@material-ui/core/Checkbox';
import FormControlLabel from '@material-ui/core/FormControlLabel';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import {
  FleetRow,
  SEVERITIES,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  quietColor,
  useEnvironmentTitle,
} from '@switchyard/backstage-plugin-runs-react';
import { useMemo } from 'react';
import { compare, GROUP_FIELDS, GroupField } from '../../fleet/arrangeFleet';
import {
  describeValue,
  fieldOf,
  FilterField,
  NONE,
} from '../../fleet/filterFleet';
import { FleetFilters } from '../../fleet/useFleetFilters';
import { SearchBox } from './SearchBox';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(1),
      alignItems: 'center',
      marginBottom: theme.spacing(1.5),
    },
    field: { flex: '0 1 9.5rem', minWidth: '8rem' },
    label: { color: quietColor(theme) },
  }),
  { name: 'SwitchyardFleetFilterBar' },
);

const fieldLabels: Record<FilterField, string> = {
  team: 'Team',
  system: 'System',
  environment: 'Environment',
  cluster: 'Cluster',
  status: 'Status',
  sync: 'Sync',
  health: 'Health',
};

/** What narrows the lines of a page, and how they are grouped. */
export function FilterBar(props: {
  /** All that the person may see: of these the choices are made. */
  rows: readonly FleetRow[];
  filters: FleetFilters;
  fields: readonly FilterField[];
  canGroup?: boolean;
}) {
  const { rows, filters, fields, canGroup } = props;
  const classes = useStyles();
  return (
    <div className={classes.root} role="search" aria-label="Filters">
      <SearchBox text={filters.text} onChange={filters.setText} />
      {fields.map(field => (
        <FieldSelect key={field} field={field} rows={rows} filters={filters} />
      ))}
      {canGroup && (
        <Select
          id="fleet-group"
          label="Group by"
          value={filters.group ?? ''}
          choices={[
            ['', 'Nothing'],
            ...GROUP_FIELDS.map(
              field => [field, fieldLabels[field]] as [string, string],
            ),
          ]}
          onChange={value =>
            filters.setGroup(value === '' ? undefined : (value as GroupField))
          }
        />
      )}
      <FormControlLabel
        label="Mine"
        control={
          <Checkbox
            color="primary"
            size="small"
            checked={filters.mine}
            onChange={event => filters.setMine(event.target.checked)}
          />
        }
      />
    </div>
  );
}

function FieldSelect(props: {
  field: FilterField;
  rows: readonly FleetRow[];
  filters: FleetFilters;
}) {
  const { field, rows, filters } = props;
  const title = useEnvironmentTitle();
  const value = filters.fields[field] ?? '';
  const choices = useMemo(() => {
    const values = new Set(rows.map(row => fieldOf(row, field)));
    // What a link asks for is a choice even where there is nothing of it now.
    if (value) values.add(value);
    return [...values]
      .map(
        each => [each, describeValue(field, each, title)] as [string, string],
      )
      .sort(
        (a, b) => orderOf(field, a) - orderOf(field, b) || compare(a[1], b[1]),
      );
  }, [rows, field, value, title]);
  return (
    <Select
      id={`fleet-filter-${field}`}
      label={fieldLabels[field]}
      value={value}
      choices={[['', 'Any'], ...choices]}
      onChange={chosen => filters.setField(field, chosen || undefined)}
    />
  );
}

function orderOf(field: FilterField, [value]: [string, string]): number {
  if (value === NONE) return SEVERITIES.length;
  return field === 'status'
    ? SEVERITIES.findIndex(severity => severity === value)
    : 0;
}

function Select(props: {
  id: string;
  label: string;
  value: string;
  choices: ReadonlyArray<[value: string, label: string]>;
  onChange(value: string): void;
}) {
  const { id, label, value, choices, onChange } = props;
  const classes = useStyles();
  return (
    <TextField
      id={id}
      className={classes.field}
      label={label}
      size="small"
      variant="outlined"
      select
      SelectProps={{ native: true }}
      InputLabelProps={{ shrink: true, className: classes.label }}
      value={value}
      onChange={event => onChange(event.target.value)}
    >
      {choices.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </TextField>
  );
}

import Checkbox from '@material-ui/core/Checkbox';
import ListItemText from '@material-ui/core/ListItemText';
import MenuItem from '@material-ui/core/MenuItem';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import { RunStatus } from '@switchyard/backstage-plugin-runs-common';
import {
  quietColor,
  useEnvironments,
} from '@switchyard/backstage-plugin-runs-react';
import { DayFilter, FilterBar, MenuFilter, TextFilter } from '../filters';
import { RunFilters, SingleFilter, statusChoices } from './useRunFilters';
import { useRunKinds } from './useRunKinds';

const useStyles = makeStyles(
  theme => ({
    field: { flex: '1 1 10rem', maxWidth: '18rem' },
    label: { color: quietColor(theme) },
  }),
  { name: 'SwitchyardRunFilterBar' },
);

/** What the list is to show. All of it stands in the address. */
export function RunFilterBar(props: { filters: RunFilters }) {
  const { filters } = props;
  const classes = useStyles();
  const kinds = useRunKinds();
  const environments = useEnvironments();
  const shared = (filter: SingleFilter | 'status') => ({
    id: `runs-filter-${filter}`,
    className: classes.field,
    size: 'small' as const,
    variant: 'outlined' as const,
  });
  const labelProps = { shrink: true, className: classes.label };
  const labels = new Map<unknown, string>(
    statusChoices.map(choice => [choice.status, choice.label]),
  );
  const single = (filter: SingleFilter, label: string) => ({
    id: `runs-filter-${filter}`,
    label,
    value: filters.values[filter],
    onChange: (value: string) => filters.set(filter, value),
  });
  return (
    <FilterBar label="Filter runs">
      <TextField
        {...shared('entity')}
        label="Component"
        InputLabelProps={{ className: classes.label }}
        value={filters.values.entity}
        onChange={event => filters.set('entity', event.target.value)}
      />
      <TextField
        {...shared('status')}
        label="State"
        select
        InputLabelProps={labelProps}
        value={filters.status}
        onChange={event =>
          filters.setStatus(event.target.value as unknown as RunStatus[])
        }
        SelectProps={{
          multiple: true,
          displayEmpty: true,
          renderValue: chosen => {
            const names = (chosen as RunStatus[]).map(each => labels.get(each));
            return names.length === 0 ? 'Any' : names.join(', ');
          },
        }}
      >
        {statusChoices.map(choice => (
          <MenuItem key={choice.status} value={choice.status}>
            <Checkbox
              size="small"
              color="primary"
              checked={filters.status.includes(choice.status)}
              tabIndex={-1}
              disableRipple
            />
            <ListItemText primary={choice.label} />
          </MenuItem>
        ))}
      </TextField>
      <MenuFilter
        {...single('kind', 'Kind')}
        choices={kinds.map(({ kind, title }) => ({
          value: kind,
          label: title,
        }))}
      />
      <MenuFilter
        {...single('environment', 'Environment')}
        choices={environments.map(({ name, title }) => ({
          value: name,
          label: title,
        }))}
      />
      <TextFilter {...single('person', 'Asked for by')} />
      <DayFilter {...single('from', 'Asked for from')} />
      <DayFilter {...single('to', 'Until')} />
    </FilterBar>
  );
}

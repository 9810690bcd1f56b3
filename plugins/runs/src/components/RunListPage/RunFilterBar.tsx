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
import { useEffect, useState } from 'react';
import { RunFilters, SingleFilter, statusChoices } from './useRunFilters';
import { useRunKinds } from './useRunKinds';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(1.5),
      marginBottom: theme.spacing(2),
    },
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
  const menu = (
    filter: SingleFilter,
    label: string,
    choices: ReadonlyArray<{ value: string; label: string }>,
  ) => {
    const value = filters.values[filter];
    return (
      <TextField
        {...shared(filter)}
        label={label}
        select
        InputLabelProps={labelProps}
        SelectProps={{ displayEmpty: true }}
        value={value}
        onChange={event => filters.set(filter, event.target.value)}
      >
        <MenuItem value="">Any</MenuItem>
        {/* A link may name what is not known here, or not yet. */}
        {value !== '' && choices.every(choice => choice.value !== value) && (
          <MenuItem value={value}>{value}</MenuItem>
        )}
        {choices.map(choice => (
          <MenuItem key={choice.value} value={choice.value}>
            {choice.label}
          </MenuItem>
        ))}
      </TextField>
    );
  };
  const day = (filter: SingleFilter, label: string) => (
    <TextField
      {...shared(filter)}
      label={label}
      type="date"
      InputLabelProps={labelProps}
      value={filters.values[filter]}
      onChange={event => filters.set(filter, event.target.value)}
    />
  );
  return (
    <div className={classes.root} role="search" aria-label="Filter runs">
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
      {menu(
        'kind',
        'Kind',
        kinds.map(({ kind, title }) => ({ value: kind, label: title })),
      )}
      {menu(
        'environment',
        'Environment',
        environments.map(({ name, title }) => ({ value: name, label: title })),
      )}
      <PersonField
        className={classes.field}
        labelClassName={classes.label}
        value={filters.values.person}
        onChange={person => filters.set('person', person)}
      />
      {day('from', 'Asked for from')}
      {day('to', 'until')}
    </div>
  );
}

/** A whole name is looked for, so it counts when it is finished: on Enter, or when the field is left. */
function PersonField(props: {
  className: string;
  labelClassName: string;
  value: string;
  onChange(value: string): void;
}) {
  const { className, labelClassName, value, onChange } = props;
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const commit = () => {
    if (text.trim() !== value) onChange(text.trim());
  };
  return (
    <TextField
      id="runs-filter-person"
      className={className}
      label="Asked for by"
      size="small"
      variant="outlined"
      InputLabelProps={{ className: labelClassName }}
      value={text}
      onChange={event => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={event => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

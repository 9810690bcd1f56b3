import MenuItem from '@material-ui/core/MenuItem';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import { quietColor } from '@switchyard/backstage-plugin-runs-react';
import { ReactNode, useEffect, useState } from 'react';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      gap: theme.spacing(1.5),
      marginBottom: theme.spacing(2),
    },
    field: { flex: '1 1 10rem', maxWidth: '18rem' },
    label: { color: quietColor(theme) },
  }),
  { name: 'SwitchyardFilterFields' },
);

interface FieldProps {
  /** Unique on the page. */
  id: string;
  label: string;
  /** '' for none. */
  value: string;
  onChange(value: string): void;
}

/** The filters of a page, side by side. */
export function FilterBar(props: { label: string; children: ReactNode }) {
  const classes = useStyles();
  return (
    <div className={classes.root} role="search" aria-label={props.label}>
      {props.children}
    </div>
  );
}

/** A whole name is looked for, so it counts when it is finished: on Enter, or when the field is left. */
export function TextFilter(props: FieldProps) {
  const { id, label, value, onChange } = props;
  const classes = useStyles();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const commit = () => {
    if (text.trim() !== value) onChange(text.trim());
  };
  return (
    <TextField
      id={id}
      label={label}
      className={classes.field}
      size="small"
      variant="outlined"
      InputLabelProps={{ className: classes.label }}
      value={text}
      onChange={event => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={event => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

/** Something to choose. */
export interface FilterChoice {
  value: string;
  label: string;
}

/** One of several. */
export function MenuFilter(
  props: FieldProps & {
    choices: readonly FilterChoice[];
    /** What '' is called. Default: 'Any'. */
    none?: string;
  },
) {
  const { id, label, value, onChange, choices, none = 'Any' } = props;
  const classes = useStyles();
  return (
    <TextField
      id={id}
      label={label}
      className={classes.field}
      size="small"
      variant="outlined"
      select
      InputLabelProps={{ shrink: true, className: classes.label }}
      SelectProps={{ displayEmpty: true }}
      value={value}
      onChange={event => onChange(event.target.value)}
    >
      <MenuItem value="">{none}</MenuItem>
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
}

/** A day. */
export function DayFilter(props: FieldProps) {
  const { id, label, value, onChange } = props;
  const classes = useStyles();
  return (
    <TextField
      id={id}
      label={label}
      className={classes.field}
      size="small"
      variant="outlined"
      type="date"
      InputLabelProps={{ shrink: true, className: classes.label }}
      value={value}
      onChange={event => onChange(event.target.value)}
    />
  );
}

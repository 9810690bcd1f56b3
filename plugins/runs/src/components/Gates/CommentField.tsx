import TextField from '@material-ui/core/TextField';

/** What the backend takes. */
const MAX_LENGTH = 500;

/** One line of what a person says at a gate. */
export function CommentField(props: {
  id: string;
  label: string;
  help?: string;
  required?: boolean;
  value: string;
  onChange(value: string): void;
}) {
  const { id, label, help, required, value, onChange } = props;
  return (
    <TextField
      id={id}
      label={label}
      helperText={help}
      margin="normal"
      variant="outlined"
      required={required}
      fullWidth
      inputProps={{ maxLength: MAX_LENGTH }}
      value={value}
      onChange={event => onChange(event.target.value)}
    />
  );
}

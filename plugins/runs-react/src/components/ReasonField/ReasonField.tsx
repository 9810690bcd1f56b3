import TextField from '@material-ui/core/TextField';
import { makeStyles } from '@material-ui/core/styles';
import { RefObject } from 'react';
import { toneColor } from '../../tone';

/** What the backend takes. */
const MAX_REASON_LENGTH = 500;
/** Line ends, tabs and the like, as pasted texts have them: the backend refuses them. */
const UNSEEN_CHARACTERS = /\s*[\p{Cc}\u2028\u2029]+\s*/gu;

// The theme's own error colour is below AA as text.
const useStyles = makeStyles(
  theme => ({
    error: { '&$error': { color: toneColor(theme, 'error') } },
  }),
  { name: 'SwitchyardReasonField' },
);

/**
 * Why something is done. One line that wraps: a reason goes into commit trailers, where a line end would forge another. Enter confirms, as in every
 * form.
 */
export function ReasonField(props: {
  id: string;
  value: string;
  /** Who reads it. */
  help: string;
  /** What is wrong with it, once that has to be said. */
  problem?: string;
  inputRef?: RefObject<HTMLTextAreaElement>;
  onChange(reason: string): void;
  onEnter(): void;
}) {
  const { id, value, help, problem, inputRef, onChange, onEnter } = props;
  const classes = useStyles();
  return (
    <TextField
      id={id}
      label="Reason"
      value={value}
      onChange={event =>
        onChange(event.target.value.replace(UNSEEN_CHARACTERS, ' '))
      }
      onKeyDown={event => {
        // Enter also ends the composition of a Japanese or Chinese word.
        if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
        event.preventDefault();
        onEnter();
      }}
      error={problem !== undefined}
      helperText={problem ?? help}
      inputRef={inputRef}
      InputLabelProps={{ classes }}
      FormHelperTextProps={{ classes }}
      inputProps={{ maxLength: MAX_REASON_LENGTH }}
      required
      multiline
      minRows={2}
      variant="outlined"
    />
  );
}

import MenuItem from '@material-ui/core/MenuItem';
import TextField from '@material-ui/core/TextField';
import { PodContainerState } from '@switchyard/backstage-plugin-deploys-common';

const MAX_REASON_LENGTH = 500;

/** Which container, and why: what both a terminal and a command ask. */
export function SessionForm(props: {
  containers: readonly PodContainerState[];
  container: string;
  onContainer(name: string): void;
  reason: string;
  onReason(reason: string): void;
  /** Undefined while it is not known. */
  reasonOptional: boolean | undefined;
  disabled: boolean;
}) {
  const { containers, container, onContainer, reason, onReason, disabled } =
    props;
  return (
    <>
      <TextField
        select
        id="switchyard-session-container"
        size="small"
        variant="outlined"
        label="Container"
        value={container}
        disabled={disabled}
        onChange={event => onContainer(event.target.value)}
      >
        {containers.map(each => (
          <MenuItem
            key={each.name}
            value={each.name}
            disabled={each.state !== 'running'}
          >
            {each.name}
            {each.state !== 'running' && ' (does not run)'}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        id="switchyard-session-reason"
        size="small"
        variant="outlined"
        label={props.reasonOptional ? 'Reason (optional)' : 'Reason'}
        helperText="Written down with who, where and how long; not what is typed or shown"
        value={reason}
        disabled={disabled}
        inputProps={{ maxLength: MAX_REASON_LENGTH }}
        // It is read most while the session runs and the field is disabled.
        FormHelperTextProps={{ disabled: false }}
        onChange={event => onReason(event.target.value)}
      />
    </>
  );
}

import Dialog from '@material-ui/core/Dialog';
import DialogActions from '@material-ui/core/DialogActions';
import DialogContent from '@material-ui/core/DialogContent';
import DialogTitle from '@material-ui/core/DialogTitle';
import MenuItem from '@material-ui/core/MenuItem';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import { PodContainerState } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionButton,
  CopyButton,
  FailureText,
} from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import { TerminalPlace } from '../../api';
import { defaultContainer } from '../LogsDrawer/containers';
import { SessionForm } from './SessionForm';
import { SessionStatus } from './SessionStatus';
import { useSession } from './useSession';
import { useTerminalOptions } from './useTerminalOptions';

const TITLE_ID = 'switchyard-command-title';

const useStyles = makeStyles(
  theme => ({
    form: {
      display: 'flex',
      flexDirection: 'column',
      gap: theme.spacing(2),
      marginBottom: theme.spacing(2),
    },
    output: {
      margin: theme.spacing(1, 0, 0),
      maxHeight: '40vh',
      overflow: 'auto',
      whiteSpace: 'pre-wrap',
      overflowWrap: 'anywhere',
      fontSize: '0.8rem',
    },
    quiet: { color: theme.palette.text.secondary },
  }),
  { name: 'SwitchyardCommandDialog' },
);

/** Runs one command of the portal's list in a container. */
export function CommandDialog(props: {
  place: TerminalPlace;
  environment: string;
  containers: readonly PodContainerState[];
  onClose(): void;
}) {
  const { place, environment, containers, onClose } = props;
  const classes = useStyles();
  const options = useTerminalOptions();
  const [container, setContainer] = useState(
    () => defaultContainer(containers) ?? '',
  );
  const [reason, setReason] = useState('');
  const [name, setName] = useState('');
  const [values, setValues] = useState<Record<string, string>>({});
  const [output, setOutput] = useState('');
  const [decoder, setDecoder] = useState(() => new TextDecoder());
  const { state, open } = useSession(place, data =>
    setOutput(before => before + decoder.decode(data, { stream: true })),
  );
  const isBusy = state.is === 'opening' || state.is === 'open';
  const command = options.value?.commands.find(each => each.name === name);
  const reasonOptional = options.value?.reasonOptionalIn.includes(environment);
  const problems = (command?.arguments ?? []).filter(argument =>
    isWrong(argument, values[argument.name] ?? ''),
  );
  const isReady =
    command && problems.length === 0 && (reasonOptional || reason.trim());

  return (
    <Dialog
      open
      fullWidth
      maxWidth="md"
      aria-labelledby={TITLE_ID}
      onClose={onClose}
    >
      <DialogTitle id={TITLE_ID}>Run a command in {place.pod}</DialogTitle>
      <DialogContent>
        {options.error && (
          <FailureText what="Commands cannot be run." error={options.error} />
        )}
        {options.value?.commands.length === 0 && (
          <p>
            No commands are configured: switchyard.terminal.commands is empty.
          </p>
        )}
        <form
          id="switchyard-command"
          className={classes.form}
          onSubmit={event => {
            event.preventDefault();
            setOutput('');
            setDecoder(new TextDecoder());
            open({
              kind: 'command',
              command: name,
              arguments: values,
              container,
              ...(reason.trim() && { reason: reason.trim() }),
            });
          }}
        >
          <TextField
            select
            id="switchyard-command-name"
            size="small"
            variant="outlined"
            label="Command"
            value={name}
            disabled={isBusy}
            helperText={command?.description}
            onChange={event => {
              setName(event.target.value);
              setValues({});
            }}
          >
            {(options.value?.commands ?? []).map(each => (
              <MenuItem key={each.name} value={each.name}>
                {each.name}
              </MenuItem>
            ))}
          </TextField>
          {command?.arguments.map(argument => (
            <TextField
              key={argument.name}
              id={`switchyard-command-${argument.name}`}
              size="small"
              variant="outlined"
              label={
                argument.optional
                  ? `${argument.name} (optional)`
                  : argument.name
              }
              disabled={isBusy}
              value={values[argument.name] ?? ''}
              error={
                Boolean(values[argument.name]) && problems.includes(argument)
              }
              helperText={argument.description ?? `Matches ${argument.pattern}`}
              onChange={event =>
                setValues({ ...values, [argument.name]: event.target.value })
              }
            />
          ))}
          {command && (
            <code className={classes.quiet}>
              {[
                ...command.command,
                ...command.arguments.map(each => values[each.name] ?? '…'),
              ].join(' ')}
            </code>
          )}
          <SessionForm
            containers={containers}
            container={container}
            onContainer={setContainer}
            reason={reason}
            onReason={setReason}
            reasonOptional={reasonOptional}
            disabled={isBusy}
          />
        </form>
        <SessionStatus state={state} />
        {output && (
          <>
            <CopyButton label="output" text={output} />
            <pre
              className={classes.output}
              aria-label="Output"
              // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, also by keyboard
              tabIndex={0}
            >
              {output}
            </pre>
          </>
        )}
      </DialogContent>
      <DialogActions>
        <ActionButton onClick={onClose}>
          {isBusy ? 'End and close' : 'Close'}
        </ActionButton>
        <ActionButton
          type="submit"
          form="switchyard-command"
          color="primary"
          variant="contained"
          disabled={isBusy || !isReady}
        >
          {name ? `Run ${name}` : 'Run'}
        </ActionButton>
      </DialogActions>
    </Dialog>
  );
}

/** As the backend judges; it has the last word. */
function isWrong(
  argument: { pattern: string; optional: boolean },
  value: string,
): boolean {
  if (value === '') return !argument.optional;
  return (
    value.startsWith('-') ||
    !new RegExp(`^(?:${argument.pattern})$`, 'u').test(value)
  );
}

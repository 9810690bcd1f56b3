import Drawer from '@material-ui/core/Drawer';
import FormControlLabel from '@material-ui/core/FormControlLabel';
import IconButton from '@material-ui/core/IconButton';
import { makeStyles } from '@material-ui/core/styles';
import Switch from '@material-ui/core/Switch';
import Typography from '@material-ui/core/Typography';
import CloseIcon from '@material-ui/icons/Close';
import { PodContainerState } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionButton,
  FailureText,
} from '@switchyard/backstage-plugin-runs-react';
import { useRef, useState } from 'react';
import { TerminalPlace } from '../../api';
import { defaultContainer } from '../LogsDrawer/containers';
import { SessionForm } from './SessionForm';
import { SessionStatus } from './SessionStatus';
import { TerminalHandle, TerminalScreen } from './TerminalScreen';
import { useSession } from './useSession';
import { useTerminalOptions } from './useTerminalOptions';

const TITLE_ID = 'switchyard-terminal-title';

const useStyles = makeStyles(
  theme => ({
    paper: {
      width: 'min(1100px, 100vw)',
      padding: theme.spacing(2),
      display: 'flex',
      flexDirection: 'column',
      gap: theme.spacing(1.5),
      fontFamily: theme.typography.fontFamily,
    },
    head: { display: 'flex', alignItems: 'flex-start', gap: theme.spacing(1) },
    words: { flex: '1 1 auto', minWidth: 0, overflowWrap: 'anywhere' },
    form: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'flex-start',
      gap: theme.spacing(1, 2),
      '& > *': { minWidth: 160 },
    },
    bar: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      gap: theme.spacing(0, 2),
      minHeight: 38,
    },
    quiet: {
      color: theme.palette.text.secondary,
      fontSize: theme.typography.body2.fontSize,
    },
  }),
  { name: 'SwitchyardTerminalDrawer' },
);

/** A terminal in a container, beside the page. It ends when it is closed. */
export function TerminalDrawer(props: {
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
  const [screenReader, setScreenReader] = useState(false);
  const terminal = useRef<TerminalHandle>(null);
  const { state, open, type, resize } = useSession(place, data =>
    terminal.current?.write(data),
  );
  const isBusy = state.is === 'opening' || state.is === 'open';
  const reasonOptional = options.value?.reasonOptionalIn.includes(environment);
  const isReady = Boolean(options.value) && (reasonOptional || reason.trim());

  return (
    <Drawer
      open
      anchor="right"
      classes={{ paper: classes.paper }}
      PaperProps={{ role: 'dialog', 'aria-labelledby': TITLE_ID } as object}
      onClose={() => {
        // Escape belongs to the programs in the terminal; a click beside it must not end what runs there.
        if (!isBusy) onClose();
      }}
    >
      <div className={classes.head}>
        <div className={classes.words}>
          <Typography variant="h6" component="h2" id={TITLE_ID}>
            Terminal in {place.pod}
          </Typography>
          <span className={classes.quiet}>
            {place.namespace} in {place.cluster}, {environment}
          </span>
        </div>
        <IconButton
          aria-label={isBusy ? 'End the session and close' : 'Close terminal'}
          size="small"
          onClick={onClose}
        >
          <CloseIcon />
        </IconButton>
      </div>
      {options.error && (
        <FailureText what="Terminals cannot be used." error={options.error} />
      )}
      <form
        className={classes.form}
        onSubmit={event => {
          event.preventDefault();
          terminal.current?.clear();
          open({
            kind: 'terminal',
            container,
            ...(reason.trim() && { reason: reason.trim() }),
          }).then(() => terminal.current?.focus());
        }}
      >
        <SessionForm
          containers={containers}
          container={container}
          onContainer={setContainer}
          reason={reason}
          onReason={setReason}
          reasonOptional={reasonOptional}
          disabled={isBusy}
        />
        <ActionButton
          type="submit"
          color="primary"
          variant="contained"
          disabled={isBusy || !isReady}
        >
          {state.is === 'ended' ? 'Open again' : 'Open terminal'}
        </ActionButton>
      </form>
      <div className={classes.bar}>
        <SessionStatus state={state} />
        <FormControlLabel
          label="Screen reader"
          control={
            <Switch
              size="small"
              checked={screenReader}
              onChange={(_, checked) => setScreenReader(checked)}
            />
          }
        />
        {options.value && (
          <span className={classes.quiet}>
            Ends after {options.value.idleMinutes} minutes without a key, and
            after {options.value.maxMinutes} in any case. Ctrl+Shift+E leaves
            the terminal.
          </span>
        )}
      </div>
      <TerminalScreen
        ref={terminal}
        label={`Terminal in ${container} of ${place.pod}`}
        active={state.is === 'open'}
        screenReader={screenReader}
        onType={type}
        onResize={resize}
      />
    </Drawer>
  );
}

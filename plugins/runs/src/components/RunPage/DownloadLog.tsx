import { useApi } from '@backstage/core-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import { RunDetail } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  FailureText,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';

const useStyles = makeStyles(
  theme => ({ root: { padding: theme.spacing(1, 2) } }),
  { name: 'SwitchyardDownloadLog' },
);

/** Saves the logs of all steps as one file. */
export function DownloadLog(props: { run: RunDetail }) {
  const { run } = props;
  const classes = useStyles();
  const runsApi = useApi(runsApiRef);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const download = async () => {
    setBusy(true);
    setError(undefined);
    try {
      saveAs(`run-${run.number}.log`, await runsApi.getRunLog(run.id));
    } catch (cause) {
      setError(cause as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={classes.root}>
      <ActionButton size="small" onClick={download} disabled={busy}>
        Download log
      </ActionButton>
      {error && <FailureText what="The log could not be read." error={error} />}
    </div>
  );
}

// A link would carry no token: the text is fetched, and handed to the browser as a file.
function saveAs(fileName: string, text: string): void {
  const address = URL.createObjectURL(
    new Blob([text], { type: 'text/plain;charset=utf-8' }),
  );
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

import { useApi } from '@backstage/core-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import { RunDetail } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  downloadText,
  FailureText,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import useAsyncFn from 'react-use/esm/useAsyncFn';

const useStyles = makeStyles(
  theme => ({ root: { padding: theme.spacing(1, 2) } }),
  { name: 'SwitchyardDownloadLog' },
);

/** Saves the logs of all steps as one file. */
export function DownloadLog(props: { run: RunDetail }) {
  const { run } = props;
  const classes = useStyles();
  const runsApi = useApi(runsApiRef);
  const [{ loading, error }, download] = useAsyncFn(
    async () =>
      // A link would carry no token: the text is fetched.
      downloadText([await runsApi.getRunLog(run.id)], {
        fileName: `run-${run.number}.log`,
        type: 'text/plain;charset=utf-8',
      }),
    [runsApi, run.id, run.number],
  );
  return (
    <div className={classes.root}>
      <ActionButton size="small" onClick={download} disabled={loading}>
        Download log
      </ActionButton>
      {error && <FailureText what="The log could not be read." error={error} />}
    </div>
  );
}

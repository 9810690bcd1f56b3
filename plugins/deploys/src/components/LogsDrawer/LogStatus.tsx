import { makeStyles } from '@material-ui/core/styles';
import {
  ActionButton,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { LogStream } from './useLogStream';

const useStyles = makeStyles(
  theme => ({
    status: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      columnGap: theme.spacing(2),
      minHeight: 30,
      color: theme.palette.text.secondary,
      fontSize: theme.typography.body2.fontSize,
    },
  }),
  { name: 'SwitchyardLogStatus' },
);

/** How the reading goes, and how much is kept. */
export function LogStatus(props: { stream: LogStream; known: boolean }) {
  const { stream, known } = props;
  const classes = useStyles();
  const { status, lines, dropped, restart } = stream;
  const lineCount = lines.length.toLocaleString('en-US');
  return (
    <div className={classes.status}>
      <span role="status">
        {!known && (
          <StatusWord tone="waiting">Waiting for the pod’s state</StatusWord>
        )}
        {known && status === 'connecting' && (
          <StatusWord tone="active">Opening the log</StatusWord>
        )}
        {status === 'reading' && <StatusWord tone="active">Reading</StatusWord>}
        {status === 'ended' && (
          <StatusWord tone="neutral">
            {lines.length === 0 ? 'The log is empty' : 'End of the log'}
          </StatusWord>
        )}
        {status === 'failed' && (
          <StatusWord tone="error">Broken off</StatusWord>
        )}
      </span>
      {lines.length > 0 && <span>{lineCount} lines</span>}
      {dropped > 0 && (
        <span>
          {dropped.toLocaleString('en-US')} older lines were dropped, so that
          the browser holds the rest
        </span>
      )}
      {(status === 'ended' || status === 'failed') && (
        <ActionButton size="small" onClick={restart}>
          Read again
        </ActionButton>
      )}
    </div>
  );
}

import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableContainer from '@material-ui/core/TableContainer';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import Tooltip from '@material-ui/core/Tooltip';
import Typography from '@material-ui/core/Typography';
import {
  CommitDetails,
  DeploymentHistory,
} from '@switchyard/backstage-plugin-deploys-common';
import { EntityRunsState } from '@switchyard/backstage-plugin-runs-common';
import {
  AgeText,
  BlockedButton,
  CopyButton,
} from '@switchyard/backstage-plugin-runs-react';
import { findAction, PickedAction } from '../DeployCard/actions';
import { DeployedBy } from '../DeployCard/DeployedBy';
import { shortRevision } from './shortRevision';
import { useDetailsStyles } from './useDetailsStyles';

/** What was deployed when and by whom, with what the commit says. */
export function HistoryTab(props: {
  history: DeploymentHistory;
  environment: string;
  runs: EntityRunsState | undefined;
  /** An action that is possible was picked. */
  onAction(action: PickedAction): void;
}) {
  const { history, environment, runs, onAction } = props;
  const { entries } = history;
  const rollback = findAction(runs, 'rollback', environment);
  if (entries.length === 0) {
    return (
      <Typography variant="body2">
        None: Argo CD has deployed nothing here yet.
      </Typography>
    );
  }
  return (
    <TableContainer>
      <Table size="small" aria-label="History of deploys">
        <TableHead>
          <TableRow>
            <TableCell>Deployed</TableCell>
            <TableCell>Who</TableCell>
            <TableCell>Commit</TableCell>
            {rollback?.visible && <TableCell aria-label="Roll back" />}
          </TableRow>
        </TableHead>
        <TableBody>
          {entries.map((entry, index) => (
            <TableRow key={entry.id}>
              <TableCell component="th" role="rowheader" scope="row">
                <AgeText at={entry.deployedAt} />
                {entry.seconds !== undefined && ` (took ${entry.seconds} s)`}
              </TableCell>
              <TableCell>
                <DeployedBy
                  at={entry.deployedAt}
                  by={entry.by ?? (entry.automated ? 'auto-sync' : 'unknown')}
                  environment={environment}
                  runs={runs}
                />
              </TableCell>
              <TableCell>
                {entry.commits.length === 0 && 'unknown'}
                {entry.commits.map((commit, position) => (
                  <Commit key={position} commit={commit} />
                ))}
              </TableCell>
              {rollback?.visible && (
                <TableCell align="right">
                  {/* What was deployed last is what there is. */}
                  {index > 0 && (
                    <BlockedButton
                      compact
                      action={rollback}
                      size="small"
                      onClick={() =>
                        onAction({ ...rollback, input: inputOf(entry) })
                      }
                    >
                      Roll back…
                    </BlockedButton>
                  )}
                </TableCell>
              )}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

/** Of several commits it is not known here which one names the image: it is chosen in the form then. */
function inputOf({ commits }: DeploymentHistory['entries'][number]) {
  return commits.length === 1 ? { revision: commits[0].revision } : undefined;
}

function Commit(props: { commit: CommitDetails }) {
  const { revision, author, message, at, problem } = props.commit;
  const classes = useDetailsStyles();
  const [subject] = (message ?? '').split('\n');
  return (
    <div>
      <span className={classes.code} title={revision}>
        {shortRevision(revision)}
      </span>
      <CopyButton label="revision" text={revision} />
      {subject && (
        <Tooltip title={<span className={classes.words}>{message}</span>}>
          <span>{subject}</span>
        </Tooltip>
      )}
      {author && (
        <div className={classes.quiet}>
          {author}
          {at && ', '}
          {at && <AgeText at={at} />}
        </div>
      )}
      {problem && <div className={classes.quiet}>{problem}</div>}
    </div>
  );
}

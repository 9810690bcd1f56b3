import { useApi } from '@backstage/core-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { RunPass, RunSummary } from '@switchyard/backstage-plugin-runs-common';
import { runsApiRef } from '@switchyard/backstage-plugin-runs-react';
import { WordButton } from '../Gates/WordButton';
import { WordDialog } from '../Gates/WordDialog';
import { VerbDialog } from '../RunPage/VerbDialog';

const useStyles = makeStyles(
  theme => ({
    root: { display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1, 2) },
  }),
  { name: 'SwitchyardPassButtons' },
);

/** What this viewer may say to an emergency pass. What the viewer could say and may not now is there too, with the reason. */
export function PassButtons(props: {
  run: RunSummary;
  pass: RunPass;
  /** As it stands by the clock. */
  status: RunPass['status'];
  onDone(): Promise<void>;
}) {
  const { run, pass, status, onDone } = props;
  const classes = useStyles();
  const runsApi = useApi(runsApiRef);
  const then = async (done: Promise<void>) => {
    await done;
    await onDone();
  };
  // A dialog that is open stays, to say why it came too late.
  if (pass.verbs.length === 0) return null;
  return (
    <div className={classes.root}>
      <WordButton
        verbs={pass.verbs}
        verb="confirm"
        title="Confirm"
        variant="contained"
        color="primary"
        disabled={status === 'expired'}
      >
        {({ isOpen, close }) =>
          isOpen && (
            <WordDialog
              run={run}
              title={`Break the glass for run #${run.number}?`}
              confirm={`Break the glass: ${run.title}`}
              explanation="It goes on by your word although what is named stands in the way. Everybody concerned is told."
              onClose={close}
              onConfirm={({ planHash, comment }) =>
                then(
                  runsApi.confirmPass(pass.id, {
                    planHash,
                    ...(comment !== '' && { comment }),
                  }),
                )
              }
            />
          )
        }
      </WordButton>
      <WordButton
        verbs={pass.verbs}
        verb="refuse"
        title="Refuse"
        variant="outlined"
        disabled={status === 'expired'}
      >
        {({ isOpen, close }) =>
          isOpen && (
            <WordDialog
              run={run}
              needsComment
              title={`Refuse to break the glass for run #${run.number}?`}
              confirm={`Refuse for run #${run.number}`}
              explanation="The run stays parked, and goes on when nothing stands in its way any more. Who asked is told why."
              onClose={close}
              onConfirm={({ planHash, comment }) =>
                then(runsApi.refusePass(pass.id, { planHash, comment }))
              }
            />
          )
        }
      </WordButton>
      <WordButton
        verbs={pass.verbs}
        verb="withdraw"
        title="Withdraw"
        variant="outlined"
        disabled={status === 'expired'}
      >
        {({ isOpen, close }) => (
          <VerbDialog
            open={isOpen}
            title={`Withdraw the pass of run #${run.number}?`}
            confirm="Withdraw the pass"
            dismiss="Not now"
            onClose={close}
            onConfirm={() => then(runsApi.withdrawPass(pass.id))}
          >
            <Typography variant="body2">
              The next effect of the run is stopped again by what stands in its
              way. What has been done stays.
            </Typography>
          </VerbDialog>
        )}
      </WordButton>
    </div>
  );
}

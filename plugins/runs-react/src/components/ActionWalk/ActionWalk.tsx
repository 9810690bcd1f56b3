import {
  PreviewRequest,
  RunPreview,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';
import Dialog from '@material-ui/core/Dialog';
import DialogActions from '@material-ui/core/DialogActions';
import DialogContent from '@material-ui/core/DialogContent';
import DialogTitle from '@material-ui/core/DialogTitle';
import { makeStyles, useTheme } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import useMediaQuery from '@material-ui/core/useMediaQuery';
import Skeleton from '@material-ui/lab/Skeleton';
import { ReactNode, useEffect, useRef, useState } from 'react';
import { ActionButton } from '../ActionButton';
import { useRun } from '../../hooks/useRun';
import { useStableId } from '../../hooks/useStableId';
import { BlockedButton, BlockedButtonAction } from '../BlockedButton';
import { FailureText } from '../FailureText';
import { ReasonField } from '../ReasonField';
import { RunStrip } from '../RunStrip';
import { StatusWord } from '../StatusWord';
import { PlanReview } from './PlanReview';
import { usePlanPreview } from './usePlanPreview';
import { Refusal, useRunRequest } from './useRunRequest';
import { quietColor } from '../../tone';

const useStyles = makeStyles(
  theme => ({
    content: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(3),
      alignContent: 'start',
      '&:focus': { outline: 'none' },
    },
    stage: { color: quietColor(theme) },
    refusal: {
      border: `1px solid ${theme.palette.divider}`,
      borderRadius: theme.shape.borderRadius,
      padding: theme.spacing(1.5),
    },
    actions: { flexWrap: 'wrap' },
  }),
  { name: 'SwitchyardActionWalk' },
);

/** @public */
export interface ActionWalkProps {
  open: boolean;
  /** Action kind: 'hotfix'. */
  action: string;
  /** Heading of the walk: 'Hotfix orders'. */
  title: string;
  entityRef: string;
  environment: string;
  /** What was chosen. Undefined until the choice is complete: no preview is made then. */
  input: PreviewRequest['input'] | undefined;
  /** The choice itself: a form or list that the caller renders and from which `input` follows. */
  children: ReactNode;
  /** Address of a run's page, for runs ahead and for the result. */
  runHref?: (runId: string) => string | undefined;
  onClose(): void;
  /** The run was accepted. */
  onRequested?(run: RunSummary): void;
}

type Stage = 'choose' | 'review';

/**
 * The walk of a change, for every kind of action: choose → the change and what stands in its way → reason → confirm → the run.
 *
 * @public
 */
export function ActionWalk(props: ActionWalkProps) {
  const { open, title, onClose } = props;
  const titleId = useStableId('walk');
  const fullScreen = useMediaQuery(useTheme().breakpoints.down('xs'));
  return (
    <Dialog
      open={open}
      onClose={(_, how) => {
        // A click beside it would throw away a reason that was typed.
        if (how !== 'backdropClick') onClose();
      }}
      aria-labelledby={titleId}
      fullWidth
      maxWidth="md"
      fullScreen={fullScreen}
    >
      <DialogTitle id={titleId}>{title}</DialogTitle>
      {/* Mounted while open only, so that a new walk starts at its beginning. */}
      <Walk {...props} />
    </Dialog>
  );
}

function Walk(props: ActionWalkProps) {
  const {
    action,
    entityRef,
    environment,
    input,
    children,
    runHref,
    onClose,
    onRequested,
  } = props;
  const classes = useStyles();
  const reasonId = useStableId('reason');
  const [stage, setStage] = useState<Stage>('choose');
  const [reason, setReason] = useState('');
  const reasonField = useRef<HTMLTextAreaElement>(null);
  const [asked, setAsked] = useState(false);
  const request =
    input && stage === 'review'
      ? { action, entityRef, environment, input }
      : undefined;
  const { preview, error, loading, refresh } = usePlanPreview(
    request,
    entityRef,
  );
  const confirm = useRunRequest({ refreshPreview: refresh, onRequested });

  if (confirm.run)
    return <Result run={confirm.run} runHref={runHref} onClose={onClose} />;

  if (stage === 'choose') {
    return (
      <>
        <DialogContent className={classes.content}>{children}</DialogContent>
        <DialogActions className={classes.actions}>
          <ActionButton onClick={onClose}>Cancel</ActionButton>
          <ActionButton
            color="primary"
            variant="contained"
            disabled={!input}
            onClick={() => setStage('review')}
          >
            See the change
          </ActionButton>
        </DialogActions>
      </>
    );
  }

  const reasonMissing = reason.trim() === '';
  const busy = confirm.sending || loading || error !== undefined;
  const mayConfirm =
    !busy && preview !== undefined && confirmAction(preview).allowed;
  const send = async () => {
    setAsked(true);
    // It may be out of sight below a long diff: pressing the button would seem to do nothing.
    if (reasonMissing) reasonField.current?.focus();
    if (reasonMissing || !request || !preview) return;
    await confirm.send(request, preview, reason.trim());
  };
  return (
    <>
      <StageContent busy={loading}>
        {confirm.refusal && <RefusalText refusal={confirm.refusal} />}
        {error && (
          <FailureText what="The change cannot be shown." error={error} />
        )}
        {preview ? (
          <PlanReview preview={preview} runHref={runHref} />
        ) : (
          loading && <ReviewSkeleton />
        )}
        {preview && (
          <ReasonField
            id={reasonId}
            inputRef={reasonField}
            value={reason}
            help="It goes into the commit and the record."
            problem={
              asked && reasonMissing
                ? 'Say why: it goes into the commit and the record.'
                : undefined
            }
            onChange={setReason}
            onEnter={() => {
              if (mayConfirm) send();
            }}
          />
        )}
      </StageContent>
      <DialogActions className={classes.actions}>
        <ActionButton
          onClick={() => {
            confirm.reset();
            setStage('choose');
          }}
          disabled={confirm.sending}
        >
          Back
        </ActionButton>
        {error && (
          <ActionButton onClick={() => refresh()}>Try again</ActionButton>
        )}
        {preview && (
          <BlockedButton
            action={confirmAction(preview)}
            color="primary"
            variant="contained"
            disabled={busy}
            onClick={send}
          />
        )}
      </DialogActions>
    </>
  );
}

/** What a stage shows. It takes the focus, for the button that led to it is gone: keys scroll it, and a screen reader goes on here. */
function StageContent(props: { busy?: boolean; children: ReactNode }) {
  const { busy, children } = props;
  const classes = useStyles();
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => content.current?.focus(), []);
  return (
    <DialogContent
      ref={content}
      tabIndex={-1}
      className={classes.content}
      aria-busy={busy}
    >
      {children}
    </DialogContent>
  );
}

/** The confirm button repeats the effect; what makes the plan impossible is one more thing in its way. */
function confirmAction(preview: RunPreview): BlockedButtonAction {
  const { plan, verdict } = preview;
  return {
    title: plan.title,
    allowed: verdict.allowed && plan.problems.length === 0,
    blockers: [
      ...plan.problems.map(problem => ({
        type: 'plan-problem' as const,
        what: problem.what,
        why: problem.why,
      })),
      ...verdict.blockers,
    ],
  };
}

function RefusalText(props: { refusal: Refusal }) {
  const { refusal } = props;
  const classes = useStyles();
  if (refusal.kind === 'failed')
    return <FailureText what="No run was made." error={refusal.error} />;
  return (
    <div role="alert" className={classes.refusal}>
      <StatusWord tone="attention">
        The change is not the one that you were shown
      </StatusWord>
      <Typography variant="body2">
        {refusal.message} No run was made. Look at the new change below, then
        confirm again.
      </Typography>
    </div>
  );
}

function Result(props: {
  run: RunSummary;
  runHref?: ActionWalkProps['runHref'];
  onClose(): void;
}) {
  const { run, runHref, onClose } = props;
  const { value } = useRun(run.id);
  const href = runHref?.(run.id);
  return (
    <>
      <StageContent>
        <Typography variant="body2">
          The run goes on by itself; this window may be closed.
        </Typography>
        <RunStrip run={value ?? run} runHref={runHref} />
      </StageContent>
      <DialogActions>
        {href && (
          <ActionButton
            to={href}
            color="primary"
            variant="contained"
            onClick={onClose}
          >
            Open run #{run.number}
          </ActionButton>
        )}
        <ActionButton onClick={onClose}>Close</ActionButton>
      </DialogActions>
    </>
  );
}

function ReviewSkeleton() {
  return (
    <div aria-label="Working out the change">
      <Skeleton variant="text" width="40%" />
      <Skeleton variant="rect" height={72} />
      <Skeleton variant="text" width="60%" />
      <Skeleton variant="rect" height={140} />
    </div>
  );
}

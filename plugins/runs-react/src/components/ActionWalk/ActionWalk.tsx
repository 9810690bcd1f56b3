import { useApiHolder } from '@backstage/core-plugin-api';
import {
  PassOffer,
  PreviewRequest,
  RunFork,
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
import { ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { actionFormsApiRef } from '../../forms';
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
  /** Action kind: 'hotfix'. Its form is looked up in the portal's {@link ActionForms}. */
  action: string;
  /** Heading of the walk: 'Hotfix orders'. */
  title: string;
  entityRef: string;
  environment: string;
  /** The choice of an earlier run to begin with. */
  fork?: RunFork['request'];
  /** What is chosen when the walk begins; a form may be left at it, or choose something else. */
  initialInput?: PreviewRequest['input'];
  /** Address of a run's page, for runs ahead and for the result. */
  runHref?: (runId: string) => string | undefined;
  onClose(): void;
  /** The run was accepted. */
  onRequested?(run: RunSummary): void;
}

type Stage = 'choose' | 'review';

/**
 * The walk of a change, for every kind of action: choose, where the action has a form → the change and what stands in its way → reason → confirm → the run.
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
    fork,
    initialInput,
    runHref,
    onClose,
    onRequested,
  } = props;
  const form = useApiHolder().get(actionFormsApiRef)?.[action];
  const classes = useStyles();
  const reasonId = useStableId('reason');
  const [stage, setStage] = useState<Stage>(form ? 'choose' : 'review');
  const [input, setInput] = useState(
    fork?.input ?? initialInput ?? (form ? form.initialInput : {}),
  );
  const [reason, setReason] = useState('');
  const [toReplace, setToReplace] = useState<string>();
  const [incident, setIncident] = useState<string>();
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
  // What has begun meanwhile is no longer replaced.
  const replaces = preview?.replaceable.find(
    ({ run, allowed }) => allowed && run.id === toReplace,
  )?.run.id;
  // What stood in the way may be gone: then there is nothing to pass.
  const offer = incident === undefined ? undefined : preview?.passOffer;
  const confirm = useRunRequest({ refreshPreview: refresh, onRequested });

  if (confirm.run)
    return <Result run={confirm.run} runHref={runHref} onClose={onClose} />;

  if (form && stage === 'choose') {
    return (
      <>
        <DialogContent className={classes.content}>
          <Suspense fallback={<FormSkeleton />}>
            <form.Form
              entityRef={entityRef}
              environment={environment}
              input={input}
              onChange={setInput}
            />
          </Suspense>
        </DialogContent>
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
    !busy && preview !== undefined && confirmAction(preview, offer).allowed;
  const send = async () => {
    setAsked(true);
    // It may be out of sight below a long diff: pressing the button would seem to do nothing.
    if (reasonMissing) reasonField.current?.focus();
    if (reasonMissing || !request || !preview) return;
    await confirm.send(
      {
        ...request,
        reason: reason.trim(),
        ...(fork && { forkedFrom: fork.forkedFrom }),
        ...(replaces && { replaces }),
        ...(offer && {
          breakGlass: {
            reason: reason.trim(),
            ...(incident?.trim() && { incident: incident.trim() }),
          },
        }),
      },
      preview,
    );
  };
  return (
    <>
      <StageContent busy={loading}>
        {confirm.refusal && <RefusalText refusal={confirm.refusal} />}
        {error && (
          <FailureText what="The change cannot be shown." error={error} />
        )}
        {preview ? (
          <PlanReview
            preview={preview}
            runHref={runHref}
            replaces={replaces}
            onReplace={setToReplace}
            incident={incident}
            onIncident={setIncident}
          />
        ) : (
          loading && <ReviewSkeleton />
        )}
        {preview && (
          <ReasonField
            id={reasonId}
            inputRef={reasonField}
            value={reason}
            help="It goes into the record, and into the commit if there is one."
            problem={
              asked && reasonMissing
                ? 'Say why: it goes into the record, and into the commit if there is one.'
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
            if (!form) {
              onClose();
              return;
            }
            confirm.reset();
            setStage('choose');
          }}
          disabled={confirm.sending}
        >
          {form ? 'Back' : 'Cancel'}
        </ActionButton>
        {error && (
          <ActionButton onClick={() => refresh()}>Try again</ActionButton>
        )}
        {preview && (
          <BlockedButton
            action={confirmAction(preview, offer)}
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

/** The confirm button repeats the effect; what makes the plan impossible is one more thing in its way. With an emergency pass nothing else is. */
function confirmAction(
  preview: RunPreview,
  offer: PassOffer | undefined,
): BlockedButtonAction {
  const { plan, verdict } = preview;
  if (offer?.allowed && plan.problems.length === 0)
    return {
      title: `${
        offer.needsSecond ? 'Ask to break the glass' : 'Break the glass'
      }: ${plan.title}`,
      allowed: true,
      blockers: [],
    };
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

function FormSkeleton() {
  return (
    <div aria-busy="true" aria-label="Loading the form">
      <Skeleton variant="rect" height={40} />
      <Skeleton variant="text" height={44} />
    </div>
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

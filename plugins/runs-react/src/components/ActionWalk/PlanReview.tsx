import { Link } from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import {
  ApprovalState,
  PlanProblem,
  RunPreview,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import { ReactNode } from 'react';
import { ApprovalDetails, ApprovalWord } from '../ApprovalDetails';
import { BlockerList } from '../BlockerList';
import { ChangeList } from '../ChangeList';
import { StatusWord } from '../StatusWord';
import { Tone, quietColor } from '../../tone';
import { BreakGlassChoice } from './BreakGlassChoice';
import { ChildrenReview } from './ChildrenReview';
import { ReplaceChoice } from './ReplaceChoice';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(3),
      minWidth: 0,
    },
    section: { minWidth: 0 },
    heading: { marginBottom: theme.spacing(1) },
    list: {
      ...theme.typography.body2,
      margin: 0,
      padding: 0,
      listStyle: 'none',
      display: 'grid',
      gap: theme.spacing(1.5),
    },
    ref: { color: quietColor(theme), overflowWrap: 'anywhere' },
  }),
  { name: 'SwitchyardPlanReview' },
);

/** What a run would do, what stands in its way, what is risky, and what is ahead of it. */
export function PlanReview(props: {
  preview: RunPreview;
  runHref?: (runId: string) => string | undefined;
  /** Id of the run that is to end in favour of this one. */
  replaces?: string;
  onReplace(runId: string | undefined): void;
  /** Address of the incident for which the glass is broken, empty where none is named; undefined: it is not. */
  incident?: string;
  onIncident(incident: string | undefined): void;
}) {
  const { preview, runHref, replaces, onReplace, incident, onIncident } = props;
  const { plan, verdict, replaceable, passOffer } = preview;
  const replaced = replaceable.find(({ run }) => run.id === replaces)?.run;
  const ahead = preview.ahead.filter(({ id }) => id !== replaces);
  const classes = useStyles();
  const isParent = (plan.children ?? []).length > 0;
  const warnings = distinct([...plan.warnings, ...verdict.warnings]);
  return (
    <div className={classes.root}>
      <div role="status">
        <Summary
          preview={preview}
          warnings={warnings.length}
          ahead={ahead.length}
        />
        {replaced && (
          <Typography variant="body2">
            Replaces run #{replaced.number}, which waits.
          </Typography>
        )}
      </div>
      <Section heading="What will change">
        {isParent && <ChildrenReview preview={preview} />}
        {!isParent && plan.changes.length > 0 && (
          <ChangeList changes={plan.changes} />
        )}
        {!isParent && plan.changes.length === 0 && (
          <Typography variant="body2">
            Nothing: what is wanted is there already.
          </Typography>
        )}
      </Section>
      {plan.problems.length > 0 && (
        <Section heading="Why it is not possible">
          <Findings findings={plan.problems} tone="error" />
        </Section>
      )}
      {verdict.blockers.length > 0 && (
        <Section heading="What stands in the way">
          <BlockerList blockers={verdict.blockers} />
        </Section>
      )}
      {verdict.approvals.length > 0 && (
        <Section heading="Who must approve">
          <Approvals approvals={verdict.approvals} />
        </Section>
      )}
      {passOffer && plan.problems.length === 0 && (
        <BreakGlassChoice
          offer={passOffer}
          incident={incident}
          onChange={onIncident}
        />
      )}
      {ahead.length > 0 && (
        <Section heading="Runs ahead">
          <Typography variant="body2">
            It starts when these have ended, and then looks at the world again:
          </Typography>
          <ul className={classes.list}>
            {ahead.map(run => (
              <li key={run.id}>
                <StatusWord tone="waiting">
                  {runHref?.(run.id) ? (
                    <Link to={runHref(run.id)!}>Run #{run.number}</Link>
                  ) : (
                    `Run #${run.number}`
                  )}
                </StatusWord>{' '}
                {run.title}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {replaceable.length > 0 && (
        <ReplaceChoice
          replaceable={replaceable}
          replaces={replaces}
          onReplace={onReplace}
        />
      )}
      {warnings.length > 0 && (
        <Section heading="Worth knowing before">
          <Findings findings={warnings} tone="attention" />
        </Section>
      )}
      {plan.undo && plan.problems.length === 0 && (
        <Section heading="How to take it back">
          <Typography variant="body2">{plan.undo}</Typography>
        </Section>
      )}
    </div>
  );
}

/** The interlock repeats the plan's warnings: each is said once. */
function distinct(warnings: readonly Warning[]): Warning[] {
  return [...new Map(warnings.map(each => [findingKey(each), each])).values()];
}

function findingKey(finding: PlanProblem | Warning): string {
  return [finding.what, finding.why, finding.ref].join('|');
}

function Summary(props: {
  preview: RunPreview;
  warnings: number;
  ahead: number;
}) {
  const { preview, warnings, ahead } = props;
  const stops = preview.plan.problems.length + preview.verdict.blockers.length;
  if (stops > 0) {
    return (
      <StatusWord tone="error">
        {stops === 1
          ? 'One thing stands in the way'
          : `${stops} things stand in the way`}
      </StatusWord>
    );
  }
  if (!preview.verdict.allowed)
    return <StatusWord tone="error">Not possible now</StatusWord>;
  if (preview.verdict.approvals.some(each => each.missing > 0))
    return <StatusWord tone="waiting">It waits for approval first</StatusWord>;
  if (ahead > 0)
    return (
      <StatusWord tone="waiting">
        It waits for {ahead === 1 ? 'the run' : 'the runs'} ahead
      </StatusWord>
    );
  if (warnings > 0)
    return (
      <StatusWord tone="attention">
        Possible, with {warnings === 1 ? 'one thing' : `${warnings} things`} to
        know
      </StatusWord>
    );
  return <StatusWord tone="ok">Nothing stands in the way</StatusWord>;
}

/** What people must agree to before it begins. */
function Approvals(props: { approvals: readonly ApprovalState[] }) {
  const { approvals } = props;
  const classes = useStyles();
  return (
    <>
      {approvals.some(each => each.missing > 0) && (
        <Typography variant="body2" className={classes.heading}>
          It waits until they have agreed to exactly this change, and takes its
          place in line only then.
        </Typography>
      )}
      <ul className={classes.list}>
        {approvals.map(approval => (
          <li key={approval.name}>
            <ApprovalWord approval={approval} /> {approval.name}
            <ApprovalDetails approval={approval} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Section(props: { heading: string; children: ReactNode }) {
  const { heading, children } = props;
  const classes = useStyles();
  return (
    <section className={classes.section}>
      <Typography
        variant="subtitle1"
        component="h3"
        className={classes.heading}
      >
        {heading}
      </Typography>
      {children}
    </section>
  );
}

function Findings(props: {
  findings: ReadonlyArray<PlanProblem | Warning>;
  tone: Tone;
}) {
  const { findings, tone } = props;
  const classes = useStyles();
  return (
    <ul className={classes.list}>
      {findings.map(finding => (
        <li key={findingKey(finding)}>
          <StatusWord tone={tone}>{finding.what}</StatusWord>
          <Typography variant="body2">{finding.why}</Typography>
          {finding.ref && (
            <Typography variant="caption" className={classes.ref}>
              {finding.ref}
            </Typography>
          )}
          {'url' in finding && finding.url && (
            <Typography variant="body2">
              <Link to={finding.url}>What it is about</Link>
            </Typography>
          )}
        </li>
      ))}
    </ul>
  );
}

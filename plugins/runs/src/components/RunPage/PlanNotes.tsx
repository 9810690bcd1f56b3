import Accordion from '@material-ui/core/Accordion';
import AccordionDetails from '@material-ui/core/AccordionDetails';
import AccordionSummary from '@material-ui/core/AccordionSummary';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import ExpandMoreIcon from '@material-ui/icons/ExpandMore';
import { RunDetail } from '@switchyard/backstage-plugin-runs-common';
import {
  CopyButton,
  quietColor,
} from '@switchyard/backstage-plugin-runs-react';
import { PlanContents } from './PlanContents';

const useStyles = makeStyles(
  theme => ({
    details: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(2),
      minWidth: 0,
    },
    quiet: { color: quietColor(theme), overflowWrap: 'anywhere' },
  }),
  { name: 'SwitchyardPlanNotes' },
);

/** The plan as it was confirmed. Closed at first: what happened stands above it. */
export function PlanNotes(props: { run: RunDetail }) {
  const { run } = props;
  const classes = useStyles();
  return (
    <Accordion TransitionProps={{ unmountOnExit: true }}>
      <AccordionSummary
        expandIcon={<ExpandMoreIcon />}
        aria-controls="runs-plan"
        id="runs-plan-summary"
      >
        <Typography variant="subtitle1" component="h3">
          The plan as it was confirmed
        </Typography>
      </AccordionSummary>
      <AccordionDetails id="runs-plan" className={classes.details}>
        <PlanContents plan={run.plan} />
        <Typography variant="caption" component="div" className={classes.quiet}>
          {run.kind} plan, version {run.plan.version}, {run.planHash}
          <CopyButton text={run.planHash} label="plan hash" />
        </Typography>
      </AccordionDetails>
    </Accordion>
  );
}

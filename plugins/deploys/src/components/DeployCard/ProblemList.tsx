import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { EntityDeploysState } from '@switchyard/backstage-plugin-deploys-common';
import {
  CopyButton,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { rowTint } from '../rowTint';

const useStyles = makeStyles(
  theme => ({
    list: {
      listStyle: 'none',
      margin: 0,
      padding: 0,
      display: 'grid',
      gap: theme.spacing(2),
    },
    item: { minWidth: 0 },
    why: { overflowWrap: 'anywhere' },
    example: {
      display: 'flex',
      alignItems: 'flex-start',
      marginTop: theme.spacing(0.5),
    },
    code: {
      margin: 0,
      padding: theme.spacing(1),
      overflowX: 'auto',
      flex: '1 1 auto',
      minWidth: 0,
      fontSize: '0.8rem',
      borderRadius: theme.shape.borderRadius,
      backgroundColor: rowTint(theme),
    },
  }),
  { name: 'SwitchyardProblemList' },
);

/** A thing that somebody has to set right, with what to write. */
export type Problem = EntityDeploysState['problems'][number];

/** Annotations that are missing or wrong, and targets that have not agreed: what, why, and what to add. */
export function ProblemList(props: { problems: readonly Problem[] }) {
  const { problems } = props;
  const classes = useStyles();
  if (problems.length === 0) return null;
  return (
    <ul className={classes.list} aria-label="What to set right">
      {problems.map(problem => (
        <li key={`${problem.what}|${problem.why}`} className={classes.item}>
          <StatusWord tone="attention">{problem.what}</StatusWord>
          <Typography variant="body2" className={classes.why}>
            {problem.why}
          </Typography>
          {problem.example && (
            <div className={classes.example}>
              {/* Scrolls sideways, so the keyboard has to reach it. */}
              {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
              <pre className={classes.code} tabIndex={0}>
                {problem.example}
              </pre>
              <CopyButton label="example" text={problem.example} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What the state names itself, and one entry for each target that has not agreed to be acted on by this entity. */
export function collectProblems(
  state: EntityDeploysState,
  titleOf: (environment: string) => string,
): Problem[] {
  const missingConsent = state.deployments
    .filter(row => !row.consent.given)
    .map(row => {
      const target = row.application?.name ?? row.cluster;
      return {
        what: `${target ?? 'A target'} in ${titleOf(
          row.environment,
        )} has not agreed`,
        why: row.consent.why,
      };
    });
  return [...state.problems, ...missingConsent];
}

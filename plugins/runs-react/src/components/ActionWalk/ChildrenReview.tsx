import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import {
  PlannedChild,
  PreviewedChild,
  RunPlan,
  RunPreview,
} from '@switchyard/backstage-plugin-runs-common';
import { ChangeList } from '../ChangeList';
import { planTable } from '../planTable';
import { StatusWord } from '../StatusWord';

const useStyles = makeStyles(
  theme => ({
    root: { display: 'grid', gap: theme.spacing(2), minWidth: 0 },
    scroll: { overflowX: 'auto' },
    table: planTable(theme),
    value: { fontFamily: 'Menlo, Consolas, monospace', fontSize: 12 },
    why: { minWidth: '14rem', overflowWrap: 'anywhere' },
    summary: { ...theme.typography.body2, cursor: 'pointer' },
  }),
  { name: 'SwitchyardChildrenReview' },
);

/** The runs that a run would ask for: each with what it changes, when its turn is, and what stands in its own way. */
export function ChildrenReview(props: { preview: RunPreview }) {
  const { preview } = props;
  const { plan } = preview;
  const children = plan.children ?? [];
  const judged = new Map((preview.children ?? []).map(each => [each.id, each]));
  const classes = useStyles();
  return (
    <div className={classes.root}>
      <div className={classes.scroll}>
        <table className={classes.table} aria-label="Runs that it asks for">
          <thead>
            <tr>
              <th scope="col">Component</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
              <th scope="col">Wave</th>
              <th scope="col">In the way</th>
            </tr>
          </thead>
          <tbody>
            {children.map(child => (
              <ChildRow
                key={child.id}
                plan={plan}
                child={child}
                judged={judged.get(child.id)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {children
        .filter(child => child.plan.changes.length > 0)
        .map(child => (
          <details key={child.id}>
            <summary className={classes.summary}>
              What changes for {child.id}
            </summary>
            <ChangeList changes={child.plan.changes} />
          </details>
        ))}
    </div>
  );
}

function ChildRow(props: {
  plan: RunPlan;
  child: PlannedChild;
  judged: PreviewedChild | undefined;
}) {
  const { plan, child, judged } = props;
  const classes = useStyles();
  const { entityRef } = child.plan;
  const change = plan.changes.find(({ ref }) => ref === entityRef);
  const blockers = judged?.verdict.blockers ?? [];
  const approvals = judged?.verdict.approvals ?? [];
  const ahead = judged?.ahead ?? [];
  return (
    <tr>
      <td>
        <EntityRefLink entityRef={entityRef} defaultKind="component" />
      </td>
      <td className={classes.value}>{change?.before ?? '–'}</td>
      <td className={classes.value}>{change?.after ?? '–'}</td>
      <td>{waveOf(plan, child.id) ?? '–'}</td>
      <td className={classes.why}>
        {blockers.map(({ what, why }) => (
          <div key={`${what}|${why}`}>
            <StatusWord tone="error">{what}</StatusWord>
            <Typography variant="body2">{why}</Typography>
          </div>
        ))}
        {blockers.length === 0 && ahead.length > 0 && (
          <StatusWord tone="waiting">After run #{ahead[0].number}</StatusWord>
        )}
        {blockers.length === 0 &&
          approvals.some(({ missing }) => missing > 0) && (
            <StatusWord tone="waiting">Waits for approval</StatusWord>
          )}
        {blockers.length === 0 &&
          ahead.length === 0 &&
          approvals.every(({ missing }) => missing === 0) && (
            <StatusWord tone="ok">Nothing</StatusWord>
          )}
      </td>
    </tr>
  );
}

/** The first step that asks for it. */
function waveOf(plan: RunPlan, childId: string): number | undefined {
  const index = plan.steps.findIndex(
    ({ input }) =>
      Array.isArray(input.children) && input.children.includes(childId),
  );
  return index < 0 ? undefined : index + 1;
}

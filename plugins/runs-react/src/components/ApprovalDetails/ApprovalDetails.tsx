import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import {
  Approval,
  ApprovalState,
} from '@switchyard/backstage-plugin-runs-common';
import { AgeText } from '../AgeText';
import { RefPhrases } from '../BlockerList';
import { StatusWord } from '../StatusWord';
import { quietColor } from '../../tone';

const useStyles = makeStyles(
  theme => ({
    root: {
      ...theme.typography.body2,
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(0.75),
      overflowWrap: 'anywhere',
    },
    list: {
      listStyle: 'none',
      margin: 0,
      padding: 0,
      display: 'grid',
      gap: theme.spacing(0.5),
    },
    quiet: { color: quietColor(theme) },
  }),
  { name: 'SwitchyardApprovalDetails' },
);

/** @public */
export interface ApprovalDetailsProps {
  approval: ApprovalState;
  className?: string;
}

/**
 * How far an approval has come, in a word: 'Approved', '1 of 2 approvals'.
 *
 * @public
 */
export function ApprovalWord(props: { approval: ApprovalState }) {
  const { given, needed, missing } = props.approval;
  if (missing === 0) return <StatusWord tone="ok">Approved</StatusWord>;
  // A required person may be missing although there are enough of them.
  return (
    <StatusWord tone="waiting">
      {Math.min(given.length, needed)} of {needed}{' '}
      {needed === 1 ? 'approval' : 'approvals'}
    </StatusWord>
  );
}

/**
 * Whose word an approval takes, who has given it, what was said, and what does not count any more.
 *
 * @public
 */
export function ApprovalDetails(props: ApprovalDetailsProps) {
  const { approval, className } = props;
  const classes = useStyles();
  const { needed, from, given, missing, missingRequired } = approval;
  return (
    <div className={[classes.root, className].filter(Boolean).join(' ')}>
      {missing > 0 && (
        <div>
          {needed === 1 ? 'One person' : `${needed} people`} of{' '}
          {from.length > 0 ? <RefPhrases refs={from} /> : 'those named below'}{' '}
          must approve
          {missingRequired.length > 0 && (
            <>
              {'; among them somebody of '}
              <RefPhrases refs={missingRequired} last="and" />
            </>
          )}
          .
        </div>
      )}
      {given.length > 0 && (
        <ul className={classes.list} aria-label="Approvals">
          {given.map(each => (
            <li key={each.by}>
              <StatusWord tone="ok">
                <Who approval={each} /> approved
              </StatusWord>{' '}
              <AgeText className={classes.quiet} at={each.at} />
              {each.reusedFrom !== undefined && (
                <span className={classes.quiet}>
                  {' '}
                  the same plan, for run #{each.reusedFrom}
                </span>
              )}
              {each.comment && <div>“{each.comment}”</div>}
            </li>
          ))}
        </ul>
      )}
      {approval.void.length > 0 && (
        <ul className={classes.list} aria-label="Approvals that are void">
          {approval.void.map(each => (
            <li key={`${each.by}|${each.at}`}>
              <StatusWord tone="attention">
                The approval of <Who approval={each} /> is void
              </StatusWord>{' '}
              <AgeText className={classes.quiet} at={each.at} />
              <div>The plan has changed since: it was for another one.</div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Who(props: { approval: Approval }) {
  const { by, onBehalfOf } = props.approval;
  return (
    <>
      <EntityRefLink entityRef={by} defaultKind="user" />
      {onBehalfOf && (
        <>
          {' for '}
          <EntityRefLink entityRef={onBehalfOf} defaultKind="user" />
        </>
      )}
    </>
  );
}

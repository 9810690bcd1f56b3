import { EmptyState } from '@backstage/core-components';
import Typography from '@material-ui/core/Typography';
import {
  ActionState,
  ApprovalState,
} from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  AgeText,
  ApprovalDetails,
  BlockerList,
  FailureText,
  StatusWord,
  useEntityRuns,
} from '@switchyard/backstage-plugin-runs-react';
import { RightsSkeleton, RightsTable } from './RightsTable';

/** What this viewer may do with a component now. */
export function EntityRights(props: { entityRef: string }) {
  const { entityRef } = props;
  const { value, error, retry } = useEntityRuns(entityRef);
  if (!value) {
    if (!error) return <RightsSkeleton />;
    return (
      <div>
        <FailureText
          what={`What you may do with ${entityRef} cannot be shown.`}
          error={error}
        />
        <ActionButton onClick={retry}>Try again</ActionButton>
      </div>
    );
  }
  const { actions } = value;
  if (actions.length === 0)
    return (
      <EmptyState
        missing="data"
        title="There is nothing to do with it"
        description="No action makes sense for this component: nothing that deploys it has been found, and no environment is configured."
      />
    );
  const now = actions.filter(each => each.allowed).length;
  return (
    <div>
      {error && <FailureText what="This may be out of date." error={error} />}
      <Typography variant="body2">
        {now} of {actions.length} allowed now, <AgeText at={value.asOf} />
      </Typography>
      <RightsTable rights={actions} label={`What you may do with ${entityRef}`}>
        {action => <Now action={action} />}
      </RightsTable>
    </div>
  );
}

function Now(props: { action: ActionState }) {
  const { allowed, visible, blockers, approvals, warnings } = props.action;
  const asked = approvals.filter(isMissing);
  return (
    <>
      {allowed && asked.length === 0 && (
        <StatusWord tone="ok">Allowed</StatusWord>
      )}
      {allowed && asked.length > 0 && (
        <StatusWord tone="waiting">Needs approval</StatusWord>
      )}
      {!allowed && (
        <StatusWord tone="error">
          {visible ? 'Not allowed now' : 'Not allowed for you'}
        </StatusWord>
      )}
      {blockers.length > 0 && <BlockerList blockers={blockers} />}
      {asked.map(approval => (
        <div key={approval.name}>
          <Typography variant="body2">
            By the policy {approval.name}:
          </Typography>
          <ApprovalDetails approval={approval} />
        </div>
      ))}
      {warnings.map(({ what, why }) => (
        <div key={`${what}|${why}`}>
          <StatusWord tone="attention">{what}</StatusWord>
          <Typography variant="body2">{why}</Typography>
        </div>
      ))}
    </>
  );
}

function isMissing({ missing, missingRequired }: ApprovalState): boolean {
  return missing > 0 || missingRequired.length > 0;
}

import { useApi } from '@backstage/core-plugin-api';
import Typography from '@material-ui/core/Typography';
import { ActionRight } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  FailureText,
  RefPhrases,
  runsApiRef,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import { RightsSkeleton, RightsTable } from './RightsTable';

/** What this viewer may do at all. Rights change seldom: it is asked once, when the page opens. */
export function GeneralRights() {
  const runsApi = useApi(runsApiRef);
  const { value, error, retry } = useAsyncRetry(
    () => runsApi.listRights(),
    [runsApi],
  );
  if (error)
    return (
      <div>
        <FailureText what="What you may do cannot be shown." error={error} />
        <ActionButton onClick={retry}>Try again</ActionButton>
      </div>
    );
  if (!value) return <RightsSkeleton />;
  return (
    <RightsTable rights={value} label="What you may do">
      {right => <AtAll right={right} />}
    </RightsTable>
  );
}

function AtAll(props: { right: ActionRight }) {
  const { on, ownedBy, approvals } = props.right;
  if (on === 'none')
    return <StatusWord tone="error">Not allowed for you</StatusWord>;
  return (
    <>
      <StatusWord tone={on === 'every' ? 'ok' : 'attention'}>
        {on === 'every' ? 'On every component' : 'On some components'}
      </StatusWord>
      {on === 'some' && (
        <Typography variant="body2" component="div">
          {ownedBy.length > 0 ? (
            <>
              Those that <RefPhrases refs={ownedBy} /> owns.
            </>
          ) : (
            'It depends on the component: name one above.'
          )}
        </Typography>
      )}
      {approvals.map(approval => (
        <div key={approval.name}>
          <StatusWord tone="waiting">
            {approval.always ? 'Needs approval' : 'May need approval'}
          </StatusWord>
          <Typography variant="body2" component="div">
            {approval.needed === 1 ? 'One person' : `${approval.needed} people`}{' '}
            of{' '}
            <RefPhrases
              refs={[
                ...approval.from,
                ...(approval.owners ? ['the owners of the component'] : []),
              ]}
            />{' '}
            must approve ({approval.name}).
          </Typography>
        </div>
      ))}
    </>
  );
}

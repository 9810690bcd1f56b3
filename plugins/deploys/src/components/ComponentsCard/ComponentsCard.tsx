import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import Typography from '@material-ui/core/Typography';
import {
  FailureText,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useMemo } from 'react';
import { countRows, describeCounts, orderRows } from '../../fleet/arrangeFleet';
import { FleetTable } from '../../fleet/FleetApi';
import { useFleetPart } from '../../fleet/useFleet';
import { otherKind, severityWords } from '../../fleet/words';
import { Card } from '../Card';
import { CardFailure, CardSkeleton } from '../CardStates';
import { FleetFreshness } from '../FleetPage/FleetFreshness';
import { Matrix } from '../MatrixPage/Matrix';
import { ReleaseButtons } from './ReleaseButtons';

/** What the components of a system, a domain, a group or a person run where: the sum on top, what is wrong first below. */
export function ComponentsCard() {
  const { entity } = useEntity();
  const { value, error, loading, checkedAt, retry } = useFleetPart(
    stringifyEntityRef(entity),
  );
  return (
    <Card title="Deploys">
      {loading && <CardSkeleton label="Loading what runs where" />}
      {!value && error && (
        <CardFailure
          what="What runs where cannot be shown."
          error={error}
          onRetry={retry}
        />
      )}
      {value && error && (
        <FailureText what="What is shown may be out of date." error={error} />
      )}
      {entity.kind.toLocaleLowerCase('en-US') === 'system' && (
        <ReleaseButtons entityRef={stringifyEntityRef(entity)} />
      )}
      {value && <Part fleet={value} checkedAt={checkedAt} />}
    </Card>
  );
}

function Part(props: { fleet: FleetTable; checkedAt: number | undefined }) {
  const { fleet, checkedAt } = props;
  const rows = useMemo(
    () => orderRows(fleet.rows, fleet.environments),
    [fleet],
  );
  if (rows.length === 0) {
    return (
      <>
        <Typography variant="body2">
          {fleet.incomplete
            ? 'Not looked at yet: the portal has just started to look at clusters and Argo CD.'
            : 'None of its components that you may see runs anywhere.'}
        </Typography>
        <FleetFreshness fleet={fleet} checkedAt={checkedAt} />
      </>
    );
  }
  const refs = new Set(rows.flatMap(({ entity }) => entity?.ref ?? []));
  const isMixed = [...refs].some(ref => otherKind(ref) !== undefined);
  const [one, several] = isMixed
    ? ['entity', 'entities']
    : ['component', 'components'];
  return (
    <>
      <div role="status">
        <StatusWord tone={severityWords[rows[0].severity].tone}>
          {refs.size} {refs.size === 1 ? one : several}:{' '}
          {describeCounts(countRows(rows))}
        </StatusWord>
      </div>
      <FleetFreshness fleet={fleet} checkedAt={checkedAt} />
      <Matrix fleet={fleet} rows={rows} />
    </>
  );
}

import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import Typography from '@material-ui/core/Typography';
import {
  FailureText,
  RunTable,
  useEntityRuns,
} from '@switchyard/backstage-plugin-runs-react';
import { Card } from '../Card';
import { CardFailure, CardSkeleton } from '../CardStates';
import { useRunHref } from '../useRunHref';

/** What was done to an entity: who, what, how long it took, and how it ended. */
export function HistoryCard() {
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  const { value, error, loading, retry } = useEntityRuns(entityRef);
  const runHref = useRunHref();
  const { name } = parseEntityRef(entityRef);
  return (
    <Card title="History">
      {loading && <CardSkeleton label="Loading runs" />}
      {!value && error && (
        <CardFailure
          what="Runs cannot be shown."
          error={error}
          onRetry={retry}
        />
      )}
      {value && error && (
        <FailureText what="This may be out of date." error={error} />
      )}
      {value && value.recent.length === 0 && (
        <Typography variant="body2">
          None: no run of {name} has ended yet.
        </Typography>
      )}
      {value && value.recent.length > 0 && (
        <RunTable
          runs={value.recent}
          label={`Runs of ${name} that have ended`}
          hideEntity
          runHref={runHref}
        />
      )}
    </Card>
  );
}

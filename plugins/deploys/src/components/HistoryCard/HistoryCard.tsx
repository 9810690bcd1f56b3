import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InfoCard } from '@backstage/core-components';
import { useEntity } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import {
  FailureText,
  RunTable,
  useEntityRuns,
} from '@switchyard/backstage-plugin-runs-react';
import { CardFailure, CardSkeleton } from '../CardStates';
import { useRunHref } from '../useRunHref';

const useStyles = makeStyles(
  theme => ({ single: { padding: theme.spacing(2) } }),
  { name: 'SwitchyardHistoryCard' },
);

/** What was done to an entity: who, what, how long it took, and how it ended. */
export function HistoryCard() {
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  const classes = useStyles();
  const { value, error, retry } = useEntityRuns(entityRef);
  const runHref = useRunHref();
  const { name } = parseEntityRef(entityRef);
  return (
    <InfoCard title="History" noPadding>
      {!value && (
        <div className={classes.single}>
          {error ? (
            <CardFailure
              what="Runs cannot be shown."
              error={error}
              onRetry={retry}
            />
          ) : (
            <CardSkeleton label="Loading runs" />
          )}
        </div>
      )}
      {value && error && (
        <FailureText
          className={classes.single}
          what="This may be out of date."
          error={error}
        />
      )}
      {value && value.recent.length === 0 && (
        <Typography variant="body2" className={classes.single}>
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
    </InfoCard>
  );
}

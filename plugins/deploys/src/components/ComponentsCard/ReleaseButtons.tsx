import { parseEntityRef } from '@backstage/catalog-model';
import { makeStyles } from '@material-ui/core/styles';
import {
  ActionWalk,
  BlockedButton,
  useEntityRuns,
  useEnvironmentTitle,
} from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import { useRunHref } from '../useRunHref';

const RELEASE = 'release';

const useStyles = makeStyles(
  theme => ({
    root: { display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1) },
  }),
  { name: 'SwitchyardReleaseButtons' },
);

/** The way to a release of a system, one per environment. Nothing where this portal has none. */
export function ReleaseButtons(props: { entityRef: string }) {
  const { entityRef } = props;
  const classes = useStyles();
  const runs = useEntityRuns(entityRef);
  const titleOf = useEnvironmentTitle();
  const runHref = useRunHref();
  const [walk, setWalk] = useState({ open: false, environment: '' });
  const actions = (runs.value?.actions ?? []).filter(
    ({ action, visible }) => action === RELEASE && visible,
  );
  if (actions.length === 0) return null;
  const { name } = parseEntityRef(entityRef);
  return (
    <div className={classes.root}>
      {actions.map(action => (
        <BlockedButton
          key={action.environment}
          action={{
            ...action,
            title: `Release to ${titleOf(action.environment)}…`,
          }}
          variant="outlined"
          size="small"
          onClick={() =>
            setWalk({ open: true, environment: action.environment })
          }
        />
      ))}
      <ActionWalk
        open={walk.open}
        action={RELEASE}
        title={`Release ${name} to ${titleOf(walk.environment)}`}
        entityRef={entityRef}
        environment={walk.environment}
        runHref={runHref}
        onClose={() => setWalk({ ...walk, open: false })}
        onRequested={runs.retry}
      />
    </div>
  );
}

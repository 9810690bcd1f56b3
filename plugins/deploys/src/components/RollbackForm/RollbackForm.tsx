import { useApi } from '@backstage/core-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import { RollbackChoices } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionFormProps,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import { useCallback, useState } from 'react';
import { useReading } from '../../state';
import { CardFailure, CardSkeleton } from '../CardStates';
import { RadioChoice } from '../RadioChoice';
import { ArgoDeploys } from './ArgoDeploys';
import { PastVersions } from './PastVersions';

const useStyles = makeStyles(
  theme => ({
    root: { display: 'grid', gap: theme.spacing(2), minWidth: 0 },
  }),
  { name: 'SwitchyardRollbackForm' },
);

type Mode = 'git' | 'argocd';

/** Picks one of the versions that ran, by what Argo CD remembers, or Kubernetes where no Application deploys it. */
export function RollbackForm(props: ActionFormProps) {
  const { entityRef, environment, input, onChange } = props;
  const classes = useStyles();
  const [mode, setMode] = useState<Mode>('git');
  const runsApi = useApi(runsApiRef);
  const { value, error, loading, retry } = useReading(
    useCallback(
      () =>
        runsApi.listChoices<RollbackChoices>({
          action: 'rollback',
          entityRef,
          environment,
        }),
      [runsApi, entityRef, environment],
    ),
  );
  if (!value) {
    if (loading) return <CardSkeleton label="Loading what ran so far" />;
    return (
      <CardFailure
        what="What ran so far could not be read."
        error={error ?? new Error('There was no answer.')}
        onRetry={retry}
      />
    );
  }
  if (value.isSetOnObjects)
    return <PastVersions choices={value} input={input} onChange={onChange} />;
  const byArgo = input ? input.mode === 'argocd' : mode === 'argocd';
  return (
    <div className={classes.root}>
      <RadioChoice<Mode>
        label="How"
        options={{
          git: 'By a commit, in all clusters',
          argocd: 'By Argo CD, where Git cannot be changed',
        }}
        value={byArgo ? 'argocd' : 'git'}
        onChoose={next => {
          setMode(next);
          onChange(undefined);
        }}
      />
      {byArgo ? (
        <ArgoDeploys choices={value} input={input} onChange={onChange} />
      ) : (
        <PastVersions choices={value} input={input} onChange={onChange} />
      )}
    </div>
  );
}

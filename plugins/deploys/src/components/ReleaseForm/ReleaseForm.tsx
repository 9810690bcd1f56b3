import { useApi } from '@backstage/core-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import { ReleaseChoices } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionFormProps,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import { useCallback, useState } from 'react';
import { useReading } from '../../state';
import { CardFailure, CardSkeleton } from '../CardStates';
import { RadioChoice } from '../RadioChoice';
import { readChoice, ReleaseChoice, toInput } from './releaseChoice';
import { ServiceChoice } from './ServiceChoice';
import { VersionChoice } from './VersionChoice';

const useStyles = makeStyles(
  theme => ({
    root: { display: 'grid', gap: theme.spacing(3), minWidth: 0 },
  }),
  { name: 'SwitchyardReleaseForm' },
);

/** Picks the services of a system that are to be released, and the version: from the registry, typed, or by the title of a pull request. */
export function ReleaseForm(props: ActionFormProps) {
  const { entityRef, environment, input, onChange } = props;
  const runsApi = useApi(runsApiRef);
  const { value, error, loading, retry } = useReading(
    useCallback(
      () =>
        runsApi.listChoices<ReleaseChoices>({
          action: 'release',
          entityRef,
          environment,
        }),
      [runsApi, entityRef, environment],
    ),
  );
  if (!value) {
    if (loading) return <CardSkeleton label="Loading services and versions" />;
    return (
      <CardFailure
        what="What can be released could not be read."
        error={error ?? new Error('There was no answer.')}
        onRetry={retry}
      />
    );
  }
  return <Choices choices={value} input={input} onChange={onChange} />;
}

function Choices(props: {
  choices: ReleaseChoices;
  input: ActionFormProps['input'];
  onChange: ActionFormProps['onChange'];
}) {
  const { choices, input, onChange } = props;
  const classes = useStyles();
  const [choice, setChoice] = useState(() => readChoice(input, choices));
  const choose = (more: Partial<ReleaseChoice>) => {
    const next = { ...choice, ...more };
    setChoice(next);
    onChange(toInput(next));
  };
  return (
    <div className={classes.root}>
      <ServiceChoice
        services={choices.services}
        chosen={choice.services}
        onChoose={services => choose({ services })}
      />
      <VersionChoice choices={choices} choice={choice} onChoose={choose} />
      <RadioChoice<ReleaseChoice['onFailure']>
        label="When one fails"
        options={{
          stop: 'Stop: later waves do not begin',
          'go-on': 'Go on with the other waves',
        }}
        value={choice.onFailure}
        onChoose={onFailure => choose({ onFailure })}
      />
    </div>
  );
}

import TextField from '@material-ui/core/TextField';
import Typography from '@material-ui/core/Typography';
import Autocomplete from '@material-ui/lab/Autocomplete';
import { ReleaseChoices } from '@switchyard/backstage-plugin-deploys-common';
import { StatusWord } from '@switchyard/backstage-plugin-runs-react';
import { useId } from 'react';
import { RadioChoice } from '../RadioChoice';
import { ReleaseChoice } from './releaseChoice';

/** Which version: one that the registry has, one that is typed, or the next by the title of a pull request. */
export function VersionChoice(props: {
  choices: ReleaseChoices;
  choice: ReleaseChoice;
  onChoose(more: Partial<ReleaseChoice>): void;
}) {
  const { choices, choice, onChoose } = props;
  const id = useId();
  const known = choices.versions.find(
    ({ version }) => version === choice.version.trim(),
  );
  const chosen = new Set(
    choices.services
      .filter(({ entityRef }) => choice.services.includes(entityRef))
      .map(({ name }) => name),
  );
  const missing = (known?.missing ?? []).filter(name => chosen.has(name));
  return (
    <RadioChoice<ReleaseChoice['by']>
      row
      label="Version"
      options={{
        version: 'One of the registry',
        title: 'The next, by the title of a pull request',
      }}
      value={choice.by}
      onChoose={by => onChoose({ by })}
    >
      {choice.by === 'version' ? (
        <>
          <Autocomplete
            id={`${id}-which`}
            freeSolo
            options={choices.versions.map(({ version }) => version)}
            inputValue={choice.version}
            onInputChange={(_, version) => onChoose({ version })}
            renderInput={params => (
              <TextField
                {...params}
                margin="dense"
                variant="outlined"
                label="Version of all services"
              />
            )}
          />
          {missing.length > 0 && (
            <div role="status">
              <StatusWord tone="error">
                {choice.version.trim()} has no image of {missing.join(', ')}
              </StatusWord>
            </div>
          )}
        </>
      ) : (
        <TextField
          id={`${id}-title`}
          margin="dense"
          variant="outlined"
          label="Title of the pull request"
          helperText="[major], [minor] or [patch] in it says what is raised"
          value={choice.title}
          onChange={event => onChoose({ title: event.target.value })}
        />
      )}
      {choices.notReadable.map(({ name, why }) => (
        <Typography key={name} variant="body2">
          Versions of {name} are not known: {why}
        </Typography>
      ))}
    </RadioChoice>
  );
}

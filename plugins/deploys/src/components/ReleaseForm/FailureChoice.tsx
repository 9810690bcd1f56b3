import FormControl from '@material-ui/core/FormControl';
import FormControlLabel from '@material-ui/core/FormControlLabel';
import FormLabel from '@material-ui/core/FormLabel';
import Radio from '@material-ui/core/Radio';
import RadioGroup from '@material-ui/core/RadioGroup';
import { useId } from 'react';
import { ReleaseChoice } from './releaseChoice';

/** What becomes of the others when one fails. */
export function FailureChoice(props: {
  onFailure: ReleaseChoice['onFailure'];
  onChoose(onFailure: ReleaseChoice['onFailure']): void;
}) {
  const { onFailure, onChoose } = props;
  const id = useId();
  return (
    <FormControl component="fieldset">
      <FormLabel id={id} component="legend">
        When one fails
      </FormLabel>
      <RadioGroup
        aria-labelledby={id}
        value={onFailure}
        onChange={(_, value) => onChoose(value as ReleaseChoice['onFailure'])}
      >
        <FormControlLabel
          value="stop"
          control={<Radio size="small" color="primary" />}
          label="Stop: later waves do not begin"
        />
        <FormControlLabel
          value="go-on"
          control={<Radio size="small" color="primary" />}
          label="Go on with the other waves"
        />
      </RadioGroup>
    </FormControl>
  );
}

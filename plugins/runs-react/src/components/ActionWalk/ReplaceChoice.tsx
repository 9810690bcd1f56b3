import FormControl from '@material-ui/core/FormControl';
import FormControlLabel from '@material-ui/core/FormControlLabel';
import FormLabel from '@material-ui/core/FormLabel';
import Radio from '@material-ui/core/Radio';
import RadioGroup from '@material-ui/core/RadioGroup';
import { ReplaceableRun } from '@switchyard/backstage-plugin-runs-common';
import { useStableId } from '../../hooks/useStableId';

const NONE = '';

/** Whether one of the runs that wait ends in favour of this one. */
export function ReplaceChoice(props: {
  replaceable: readonly ReplaceableRun[];
  /** Id of the run that is to end. */
  replaces: string | undefined;
  onReplace(runId: string | undefined): void;
}) {
  const { replaceable, replaces, onReplace } = props;
  const labelId = useStableId('replace');
  return (
    <FormControl component="fieldset">
      <FormLabel id={labelId} component="legend">
        Replace a run that waits
      </FormLabel>
      <RadioGroup
        aria-labelledby={labelId}
        value={replaces ?? NONE}
        onChange={(_, value) => onReplace(value === NONE ? undefined : value)}
      >
        <FormControlLabel
          value={NONE}
          control={<Radio size="small" color="primary" />}
          label="None: this one starts after them"
        />
        {replaceable.map(({ run, allowed, why }) => (
          <FormControlLabel
            key={run.id}
            value={run.id}
            disabled={!allowed}
            control={<Radio size="small" color="primary" />}
            label={`Run #${run.number} ${run.title}${
              allowed ? ': it ends and has changed nothing' : ` (${why})`
            }`}
          />
        ))}
      </RadioGroup>
    </FormControl>
  );
}

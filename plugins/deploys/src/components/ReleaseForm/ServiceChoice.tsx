import Checkbox from '@material-ui/core/Checkbox';
import FormControl from '@material-ui/core/FormControl';
import FormControlLabel from '@material-ui/core/FormControlLabel';
import FormGroup from '@material-ui/core/FormGroup';
import FormLabel from '@material-ui/core/FormLabel';
import { makeStyles } from '@material-ui/core/styles';
import { ReleasableService } from '@switchyard/backstage-plugin-deploys-common';
import { quietColor } from '@switchyard/backstage-plugin-runs-react';

const useStyles = makeStyles(
  theme => ({
    detail: { color: quietColor(theme), overflowWrap: 'anywhere' },
  }),
  { name: 'SwitchyardServiceChoice' },
);

/** Which services of the system. One that cannot be shipped says why. */
export function ServiceChoice(props: {
  services: readonly ReleasableService[];
  chosen: readonly string[];
  onChoose(services: string[]): void;
}) {
  const { services, chosen, onChoose } = props;
  const classes = useStyles();
  return (
    <FormControl component="fieldset">
      <FormLabel component="legend">
        Services ({chosen.length} of {services.length})
      </FormLabel>
      <FormGroup>
        {services.map(({ entityRef, name, current, why }) => (
          <FormControlLabel
            key={entityRef}
            disabled={why !== undefined}
            control={
              <Checkbox
                size="small"
                color="primary"
                checked={chosen.includes(entityRef)}
                onChange={(_, isChosen) =>
                  onChoose(
                    isChosen
                      ? [...chosen, entityRef]
                      : chosen.filter(ref => ref !== entityRef),
                  )
                }
              />
            }
            label={
              <>
                {name}{' '}
                <span className={classes.detail}>
                  {why ?? (current.join(', ') || 'no version is known')}
                </span>
              </>
            }
          />
        ))}
      </FormGroup>
    </FormControl>
  );
}

import FormControl from '@material-ui/core/FormControl';
import FormLabel from '@material-ui/core/FormLabel';
import RadioGroup from '@material-ui/core/RadioGroup';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { RollbackChoices } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionFormProps,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useId } from 'react';
import { shortRevision } from '../DeploymentDetails/shortRevision';
import { VersionChoice } from './VersionChoice';

const useStyles = makeStyles(
  theme => ({
    list: { display: 'grid', gap: theme.spacing(0.5), minWidth: 0 },
    notes: { display: 'grid', gap: theme.spacing(0.5) },
  }),
  { name: 'SwitchyardPastVersions' },
);

/** The versions that ran, to choose one for all clusters. */
export function PastVersions(
  props: Pick<ActionFormProps, 'input' | 'onChange'> & {
    choices: RollbackChoices;
  },
) {
  const { choices, input, onChange } = props;
  const { versions, unknown, problems, isSetOnObjects } = choices;
  const classes = useStyles();
  const id = useId();
  const revision = input?.revision as string | undefined;
  const selected =
    (input?.version as string | undefined) ??
    versions.find(each => revision && each.revisions.includes(revision))
      ?.version;
  return (
    <>
      {problems.map(({ what, why, ref }) => (
        <StatusWord key={`${what} ${ref}`} tone="attention">
          {what}
          {ref && ` (${ref})`}: {why}
        </StatusWord>
      ))}
      {revision && !selected && (
        <StatusWord tone="attention">
          Which version ran at {shortRevision(revision)} is not known. Choose
          another.
        </StatusWord>
      )}
      {versions.length === 0 ? (
        <Typography variant="body2">
          None: {isSetOnObjects ? 'Kubernetes' : 'Argo CD'} remembers no deploy
          of which it is known what ran.
        </Typography>
      ) : (
        <FormControl component="fieldset">
          <FormLabel id={`${id}-label`} component="legend">
            Version to bring back, the last one first
          </FormLabel>
          <RadioGroup
            aria-labelledby={`${id}-label`}
            className={classes.list}
            value={selected ?? ''}
            onChange={(_, version) => onChange({ version })}
          >
            {versions.map(choice => (
              <VersionChoice
                key={choice.version}
                choice={choice}
                isSetOnObjects={isSetOnObjects}
              />
            ))}
          </RadioGroup>
        </FormControl>
      )}
      {unknown.length > 0 && (
        <div className={classes.notes}>
          <Typography variant="body2" color="textSecondary">
            Not to be chosen, as it is not known what ran:
          </Typography>
          {unknown.map(each => (
            <Typography
              key={`${each.application} ${each.deployedAt}`}
              variant="body2"
              color="textSecondary"
            >
              {each.application}
              {each.revision && ` at ${shortRevision(each.revision)}`}:{' '}
              {each.why}
            </Typography>
          ))}
        </div>
      )}
    </>
  );
}

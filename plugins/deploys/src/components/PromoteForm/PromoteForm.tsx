import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import {
  ActionFormProps,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useEntityDeploys } from '../../state';
import { RadioChoice } from '../RadioChoice';
import { rolloutTone } from '../tones';

const useStyles = makeStyles(
  theme => ({
    root: { display: 'grid', gap: theme.spacing(2), minWidth: 0 },
    list: { margin: 0, paddingLeft: 0, listStyle: 'none' },
  }),
  { name: 'SwitchyardPromoteForm' },
);

/** Says how far a promotion goes: to the next step, from the beginning. */
export function PromoteForm(props: ActionFormProps) {
  const { entityRef, environment, input, onChange } = props;
  const classes = useStyles();
  const { value } = useEntityDeploys(entityRef);
  const isFull = input?.full === true;
  const rollouts = (value?.deployments ?? [])
    .filter(row => row.environment === environment)
    .flatMap(({ cluster, workloads }) =>
      workloads.flatMap(({ uid, name, rollout }) =>
        rollout?.next ? [{ uid, name, cluster, rollout }] : [],
      ),
    );
  return (
    <div className={classes.root}>
      <ul className={classes.list} aria-label="What is rolled out now">
        {rollouts.map(({ uid, name, cluster, rollout }) => (
          <li key={uid}>
            {name} in {cluster}:{' '}
            <StatusWord tone={rolloutTone(rollout.status)}>
              {rollout.text}
            </StatusWord>
          </li>
        ))}
      </ul>
      <RadioChoice<'step' | 'full'>
        label="How far"
        options={{ step: 'To the next step', full: 'In full' }}
        value={isFull ? 'full' : 'step'}
        onChoose={how => onChange(how === 'full' ? { full: true } : {})}
      >
        <div role="status">
          {isFull && (
            <Typography variant="body2">
              <StatusWord tone="attention">
                All steps, pauses and analyses that are left are skipped, and it
                cannot be aborted after that.
              </StatusWord>
            </Typography>
          )}
        </div>
      </RadioChoice>
    </div>
  );
}

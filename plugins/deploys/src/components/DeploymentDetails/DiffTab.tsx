import FormControlLabel from '@material-ui/core/FormControlLabel';
import Switch from '@material-ui/core/Switch';
import Typography from '@material-ui/core/Typography';
import {
  DeploymentDiff,
  ResourceDiff,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  ChangeDiff,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { createTwoFilesPatch } from 'diff';
import { useMemo, useState } from 'react';
import { useDetailsStyles } from './useDetailsStyles';

/** Lines around a change that are shown; the rest is folded. */
const CONTEXT_LINES = 3;
const ALL_LINES = 1_000_000;
/** Manifests that have nothing in common would take for ever. */
const DIFF_TIMEOUT_MS = 1_000;

const CHANGES: Record<ResourceDiff['change'], string> = {
  changed: 'would be changed',
  created: 'would be created',
  deleted: 'is not in Git: a sync that prunes would delete it',
};

/** What a sync would change: live against desired, as Argo CD compares them. */
export function DiffTab(props: { diff: DeploymentDiff }) {
  const { resources, unchanged, more } = props.diff;
  const classes = useDetailsStyles();
  const [whole, setWhole] = useState(false);
  const masked = resources.reduce((sum, each) => sum + each.masked, 0);
  if (resources.length === 0) {
    return (
      <Typography variant="body2">
        None:{' '}
        {unchanged === 1
          ? 'the one resource is'
          : `all ${unchanged} resources are`}{' '}
        as Git wants them.
      </Typography>
    );
  }
  return (
    <div className={classes.stack}>
      <div className={classes.line}>
        <span>
          {resources.length + more} of {resources.length + more + unchanged}{' '}
          resources differ from what Git wants.
        </span>
        <FormControlLabel
          control={
            <Switch
              size="small"
              color="primary"
              checked={whole}
              onChange={event => setWhole(event.target.checked)}
            />
          }
          label="Whole manifests"
        />
      </div>
      {masked > 0 && (
        <div className={classes.quiet}>
          {masked === 1 ? '1 value is hidden' : `${masked} values are hidden`}:
          secrets are never shown. Whether one differs is said in its place.
        </div>
      )}
      {resources.map(resource => (
        <Resource
          key={`${resource.group}/${resource.kind}/${resource.namespace}/${resource.name}`}
          resource={resource}
          whole={whole}
        />
      ))}
      {more > 0 && (
        <div className={classes.quiet}>and {more} more, in Argo CD</div>
      )}
    </div>
  );
}

function Resource(props: { resource: ResourceDiff; whole: boolean }) {
  const { resource, whole } = props;
  const { kind, namespace, name, change, live, desired, tooLarge } = resource;
  const classes = useDetailsStyles();
  const title = `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
  const patch = useMemo(
    () =>
      createTwoFilesPatch('live', 'desired', live, desired, '', '', {
        context: whole ? ALL_LINES : CONTEXT_LINES,
        timeout: DIFF_TIMEOUT_MS,
      }),
    [live, desired, whole],
  );
  return (
    <div>
      <StatusWord tone={change === 'deleted' ? 'attention' : 'neutral'}>
        {title} {CHANGES[change]}
      </StatusWord>
      {tooLarge && (
        <div className={classes.quiet}>
          It is too large to be shown here; Argo CD shows it.
        </div>
      )}
      {!tooLarge && patch && <ChangeDiff diff={patch} title={title} />}
      {!tooLarge && !patch && (
        <div className={classes.quiet}>
          It differs in so much that it is not shown line by line; Argo CD shows
          it.
        </div>
      )}
    </div>
  );
}

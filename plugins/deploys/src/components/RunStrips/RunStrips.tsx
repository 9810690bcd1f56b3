import IconButton from '@material-ui/core/IconButton';
import { makeStyles } from '@material-ui/core/styles';
import Tooltip from '@material-ui/core/Tooltip';
import CloseIcon from '@material-ui/icons/Close';
import {
  RunStrip,
  useEntityRuns,
} from '@switchyard/backstage-plugin-runs-react';
import { useEffect, useState } from 'react';
import { useRunHref } from '../useRunHref';

const useStyles = makeStyles(
  theme => ({
    root: { display: 'grid', gap: theme.spacing(1) },
    line: { display: 'flex', alignItems: 'center', gap: theme.spacing(0.5) },
    strip: { flex: '1 1 auto', minWidth: 0 },
  }),
  { name: 'SwitchyardRunStrips' },
);

/**
 * A strip for each run that is under way. One that ends while somebody looks stays with its result until it is put away: what a person waits
 * for must not vanish in the moment it is there.
 */
export function RunStrips(props: { entityRef: string }) {
  const { entityRef } = props;
  const classes = useStyles();
  const { value } = useEntityRuns(entityRef);
  const runHref = useRunHref();
  const [watched, setWatched] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const fresh = value?.active.filter(run => !watched.has(run.id)) ?? [];
    if (fresh.length > 0)
      setWatched(new Set([...watched, ...fresh.map(run => run.id)]));
  }, [value, watched]);

  const ended = value?.recent.filter(run => watched.has(run.id)) ?? [];
  const active = value?.active ?? [];
  if (active.length + ended.length === 0) return null;
  const putAway = (runId: string) =>
    setWatched(new Set([...watched].filter(each => each !== runId)));
  return (
    <div className={classes.root}>
      {active.map(run => (
        <RunStrip key={run.id} run={run} runHref={runHref} />
      ))}
      {ended.map(run => (
        <div key={run.id} className={classes.line}>
          <RunStrip run={run} runHref={runHref} className={classes.strip} />
          <Tooltip title="Put away">
            <IconButton
              size="small"
              aria-label={`Put run #${run.number} away`}
              onClick={() => putAway(run.id)}
            >
              <CloseIcon fontSize="small" />
            </IconButton>
          </Tooltip>
        </div>
      ))}
    </div>
  );
}

import { makeStyles } from '@material-ui/core/styles';
import { useEntityRuns } from '../../hooks/useEntityRuns';
import { RunStrip } from '../RunStrip';

const useStyles = makeStyles(
  theme => ({ root: { display: 'grid', gap: theme.spacing(1) } }),
  {
    name: 'SwitchyardEntityRunStrips',
  },
);

/** @public */
export interface EntityRunStripsProps {
  /** Full entity ref. */
  entityRef: string;
  runHref?: (runId: string) => string | undefined;
  className?: string;
}

/**
 * A strip for each run of an entity that has not ended; nothing where there is none.
 *
 * @public
 */
export function EntityRunStrips(props: EntityRunStripsProps) {
  const { entityRef, runHref, className } = props;
  const classes = useStyles();
  const { value } = useEntityRuns(entityRef);
  if (!value || value.active.length === 0) return null;
  return (
    <div className={[classes.root, className].filter(Boolean).join(' ')}>
      {value.active.map(run => (
        <RunStrip key={run.id} run={run} runHref={runHref} />
      ))}
    </div>
  );
}

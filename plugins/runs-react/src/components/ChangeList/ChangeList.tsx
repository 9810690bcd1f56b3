import { Link } from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';
import { Change } from '@switchyard/backstage-plugin-runs-common';
import { ChangeDiff } from '../ChangeDiff';
import { CopyButton } from '../CopyButton';
import { planTable } from '../planTable';
import { quietColor } from '../../tone';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(2),
      minWidth: 0,
    },
    scroll: { overflowX: 'auto' },
    table: planTable(theme),
    value: {
      // An image in a narrow window: the table scrolls rather than break it at every letter.
      minWidth: '11rem',
      fontFamily: 'Menlo, Consolas, monospace',
      fontSize: 12,
      overflowWrap: 'anywhere',
    },
    ref: { color: quietColor(theme), overflowWrap: 'anywhere' },
  }),
  { name: 'SwitchyardChangeList' },
);

/** @public */
export interface ChangeListProps {
  changes: readonly Change[];
  className?: string;
}

/**
 * Changes of any system: values before and after in a table, files as diffs under it.
 *
 * @public
 */
export function ChangeList(props: ChangeListProps) {
  const { changes, className } = props;
  const classes = useStyles();
  const values = changes.filter(change => change.diff === undefined);
  const files = changes.filter(change => change.diff !== undefined);
  return (
    <div className={[classes.root, className].filter(Boolean).join(' ')}>
      {values.length > 0 && <ValueTable changes={values} />}
      {files.map(change => (
        <ChangeDiff
          key={`${change.cluster}|${change.ref}|${change.what}`}
          title={[change.cluster, change.ref ?? change.what]
            .filter(Boolean)
            .join(' · ')}
          diff={change.diff!}
        />
      ))}
    </div>
  );
}

function ValueTable(props: { changes: readonly Change[] }) {
  const { changes } = props;
  const classes = useStyles();
  const withCluster = changes.some(change => change.cluster);
  const withBefore = changes.some(change => change.before !== undefined);
  const withAfter = changes.some(change => change.after !== undefined);
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            {withCluster && <th scope="col">Cluster</th>}
            <th scope="col">What</th>
            {withBefore && <th scope="col">Before</th>}
            {withAfter && <th scope="col">After</th>}
          </tr>
        </thead>
        <tbody>
          {changes.map((change, index) => (
            // The same thing may change twice, so its place is part of its identity.
            <tr key={`${index}|${change.cluster}|${change.what}`}>
              {withCluster && <td>{change.cluster ?? '–'}</td>}
              <td>
                {change.what}
                {change.ref && <ChangeRef change={change} />}
              </td>
              {withBefore && (
                <td className={classes.value}>{change.before ?? '–'}</td>
              )}
              {withAfter && (
                <td className={classes.value}>
                  {change.after ?? '–'}
                  {change.after && (
                    <CopyButton
                      text={change.after}
                      label={`${change.what} after`}
                    />
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ChangeRef(props: { change: Change }) {
  const { change } = props;
  const classes = useStyles();
  return (
    <div className={classes.ref}>
      {change.url ? <Link to={change.url}>{change.ref}</Link> : change.ref}
      <CopyButton
        text={change.ref!}
        label={change.system === 'git' ? 'revision' : 'name'}
      />
    </div>
  );
}

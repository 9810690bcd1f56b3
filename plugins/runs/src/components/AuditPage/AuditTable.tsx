import { Link } from '@backstage/core-components';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableContainer from '@material-ui/core/TableContainer';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import {
  AuditEntry,
  auditTrailEvents,
} from '@switchyard/backstage-plugin-runs-common';
import {
  AgeText,
  quietColor,
  useEnvironmentTitle,
} from '@switchyard/backstage-plugin-runs-react';
import { useRunHref } from '../../useRunHref';

const useStyles = makeStyles(
  theme => ({
    cell: { verticalAlign: 'top', lineHeight: 1.45 },
    // The portal's theme breaks words in cells; names and headings must stay whole.
    head: { '& th': { whiteSpace: 'nowrap', wordBreak: 'normal' } },
    nowrap: { whiteSpace: 'nowrap', wordBreak: 'normal' },
    wide: { minWidth: '14rem', overflowWrap: 'anywhere' },
    event: { fontWeight: 600 },
    quiet: { color: quietColor(theme), overflowWrap: 'anywhere' },
  }),
  { name: 'SwitchyardAuditTable' },
);

/** Entries of the audit trail, one a row: when, who, what, on what, before and after, why, in which run. */
export function AuditTable(props: { items: readonly AuditEntry[] }) {
  const classes = useStyles();
  return (
    <TableContainer>
      <Table size="small" aria-label="Audit trail">
        <TableHead className={classes.head}>
          <TableRow>
            <TableCell>When</TableCell>
            <TableCell>Who</TableCell>
            <TableCell>What</TableCell>
            <TableCell>Component</TableCell>
            <TableCell>Before</TableCell>
            <TableCell>After</TableCell>
            <TableCell>Why</TableCell>
            <TableCell>Run</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {props.items.map(entry => (
            <AuditRow key={entry.id} entry={entry} />
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function AuditRow(props: { entry: AuditEntry }) {
  const { entry } = props;
  const classes = useStyles();
  const titleOf = useEnvironmentTitle();
  const href = useRunHref()(entry.run?.id ?? '');
  const narrow = `${classes.cell} ${classes.nowrap}`;
  const wide = `${classes.cell} ${classes.wide}`;
  return (
    <TableRow hover>
      <TableCell className={narrow}>
        <AgeText at={entry.at} />
      </TableCell>
      <TableCell className={narrow}>
        {entry.actor ? (
          <EntityRefLink entityRef={entry.actor} defaultKind="user" />
        ) : (
          <span className={classes.quiet}>Switchyard</span>
        )}
      </TableCell>
      <TableCell className={wide}>
        <div className={classes.event}>{describeEvent(entry.event)}</div>
        <div>{entry.what}</div>
        <Whereabouts entry={entry} />
      </TableCell>
      <TableCell className={narrow}>
        {entry.entityRef && (
          <EntityRefLink entityRef={entry.entityRef} defaultKind="component" />
        )}
        {entry.environment && (
          <div className={classes.quiet}>{titleOf(entry.environment)}</div>
        )}
      </TableCell>
      <TableCell className={wide}>{entry.before}</TableCell>
      <TableCell className={wide}>{entry.after}</TableCell>
      <TableCell className={wide}>{entry.reason}</TableCell>
      <TableCell className={narrow}>
        {entry.run &&
          (href ? (
            <Link to={href}>#{entry.run.number}</Link>
          ) : (
            `#${entry.run.number}`
          ))}
      </TableCell>
    </TableRow>
  );
}

/** In which system and cluster, under which name there. */
function Whereabouts(props: { entry: AuditEntry }) {
  const { details } = props.entry;
  const classes = useStyles();
  const parts = ['system', 'cluster', 'ref'].flatMap(name =>
    typeof details?.[name] === 'string' ? [details[name] as string] : [],
  );
  if (parts.length === 0) return null;
  return <div className={classes.quiet}>{parts.join(' · ')}</div>;
}

/** For people; what a newer backend tells of is shown as it is. */
export function describeEvent(event: string): string {
  return (auditTrailEvents as Record<string, string>)[event] ?? event;
}

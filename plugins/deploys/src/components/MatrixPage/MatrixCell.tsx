import { Link } from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';
import { alpha } from '@material-ui/core/styles/colorManipulator';
import TableCell from '@material-ui/core/TableCell';
import Tooltip from '@material-ui/core/Tooltip';
import { FleetRow } from '@switchyard/backstage-plugin-deploys-common';
import { AgeText, StatusWord } from '@switchyard/backstage-plugin-runs-react';
import { reasonOf, severityWords } from '../../fleet/words';
import { useTableStyles } from '../Table';

const SHADE = 0.1;
const DAY_MS = 24 * 60 * 60_000;
const OLD_MS = 30 * DAY_MS;

const useStyles = makeStyles(
  theme => ({
    version: {
      fontFamily: 'monospace',
      fontWeight: 600,
      overflowWrap: 'anywhere',
    },
    // The doubled selectors win over those of tables.
    failed: {
      '&&': { backgroundColor: alpha(theme.palette.error.main, SHADE) },
    },
    drifting: {
      '&&': { backgroundColor: alpha(theme.palette.warning.main, SHADE) },
    },
    running: {
      '&&': { backgroundColor: alpha(theme.palette.info.main, SHADE) },
    },
    old: {
      '&&': {
        backgroundImage: `repeating-linear-gradient(135deg, transparent 0 6px, ${alpha(
          theme.palette.text.primary,
          0.06,
        )} 6px 8px)`,
      },
    },
    line: { '& + &': { marginTop: theme.spacing(0.5) } },
  }),
  { name: 'SwitchyardMatrixCell' },
);

/** What a component runs in one place: version, what is wrong with it, and its age; by shade and in words. */
export function MatrixCell(props: {
  lines: readonly FleetRow[] | undefined;
  href: string;
  /** 'orders in Production on prod-blue' */
  what: string;
}) {
  const { lines, href, what } = props;
  const classes = useStyles();
  const table = useTableStyles();
  if (!lines) {
    return (
      <TableCell>
        <span className={table.quiet} aria-label="not there">
          –
        </span>
      </TableCell>
    );
  }
  const [worst] = lines;
  const shade = shadeOf(worst);
  return (
    <TableCell
      className={[shade && classes[shade], lines.every(isOld) && classes.old]
        .filter(Boolean)
        .join(' ')}
    >
      {lines.map(line => (
        <div key={line.id} className={classes.line}>
          <Link
            to={href}
            className={classes.version}
            aria-label={`${what}: ${line.version ?? 'no version'}`}
          >
            {line.version ?? 'no version'}
          </Link>
          {line.severity !== 'fine' && (
            <Tooltip title={reasonOf(line) ?? ''}>
              <div>
                <StatusWord
                  tone={severityWords[line.severity].tone}
                  stale={line.severity === 'unseen'}
                >
                  {severityWords[line.severity].word}
                </StatusWord>
              </div>
            </Tooltip>
          )}
          {line.changedAt && (
            <div className={table.quiet}>
              {isOld(line) && 'old, '}
              <AgeText at={line.changedAt} bare />
            </div>
          )}
        </div>
      ))}
    </TableCell>
  );
}

function shadeOf({ severity }: FleetRow) {
  return severity === 'failed' ||
    severity === 'drifting' ||
    severity === 'running'
    ? severity
    : undefined;
}

function isOld({ changedAt }: FleetRow): boolean {
  return changedAt !== undefined && Date.now() - Date.parse(changedAt) > OLD_MS;
}

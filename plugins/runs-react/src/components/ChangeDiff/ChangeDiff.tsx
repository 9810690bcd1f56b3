import { alpha, makeStyles } from '@material-ui/core/styles';
import { useMemo } from 'react';
import { toneColor, quietColor } from '../../tone';
import { CopyButton } from '../CopyButton';
import { hiddenText } from '../hiddenText';
import { DiffLine, parseDiff } from './parseDiff';

const cell = { border: 0, fontSize: 12, lineHeight: 1.6 };

const useStyles = makeStyles(
  theme => ({
    root: {
      position: 'relative',
      margin: 0,
      border: `1px solid ${theme.palette.divider}`,
      borderRadius: theme.shape.borderRadius,
      background: theme.palette.background.default,
    },
    caption: {
      display: 'flex',
      alignItems: 'center',
      justifyContent: 'space-between',
      gap: theme.spacing(1),
      padding: theme.spacing(0.5, 1, 0.5, 1.5),
      borderBottom: `1px solid ${theme.palette.divider}`,
      fontFamily: 'Menlo, Consolas, monospace',
      fontSize: 12,
      overflowWrap: 'anywhere',
    },
    scroll: { overflowX: 'auto', maxHeight: 360, overflowY: 'auto' },
    table: {
      borderCollapse: 'collapse',
      width: '100%',
      fontFamily: 'Menlo, Consolas, monospace',
      fontSize: 12,
    },
    // It may stand inside of another table, whose rules for rows and cells reach into it: these win over them.
    number: {
      '&&&': {
        ...cell,
        width: 1,
        padding: theme.spacing(0, 1),
        textAlign: 'right',
        color: quietColor(theme),
        userSelect: 'none',
        whiteSpace: 'nowrap',
      },
    },
    sign: {
      '&&&': {
        ...cell,
        width: 1,
        padding: theme.spacing(0, 0.5),
        userSelect: 'none',
        fontWeight: 700,
      },
    },
    code: {
      '&&&': {
        ...cell,
        padding: theme.spacing(0, 1, 0, 0),
        whiteSpace: 'pre',
      },
    },
    added: {
      '&&&&': { background: alpha(theme.palette.success.main, 0.16) },
      '&&&& $sign': {
        color: toneColor(theme, 'ok', theme.palette.background.default),
      },
    },
    removed: {
      '&&&&': { background: alpha(theme.palette.error.main, 0.14) },
      '&&&& $sign': {
        color: toneColor(theme, 'error', theme.palette.background.default),
      },
    },
    quiet: { color: quietColor(theme) },
    hidden: hiddenText,
  }),
  { name: 'SwitchyardChangeDiff' },
);

const signs: Record<DiffLine['kind'], string> = {
  context: '',
  added: '+',
  removed: '−',
  hunk: '',
  note: '',
};
const spoken: Partial<Record<DiffLine['kind'], string>> = {
  added: 'added: ',
  removed: 'removed: ',
};

/** @public */
export interface ChangeDiffProps {
  /** Unified diff. */
  diff: string;
  /** What it is a diff of: `deploy-blue apps/orders/deployment.yaml`. */
  title: string;
  className?: string;
}

/**
 * A unified diff as a table: line numbers, a sign and a colour per line, in both themes.
 *
 * @public
 */
export function ChangeDiff(props: ChangeDiffProps) {
  const { diff, title, className } = props;
  const classes = useStyles();
  const lines = useMemo(() => parseDiff(diff), [diff]);
  return (
    <figure className={[classes.root, className].filter(Boolean).join(' ')}>
      <figcaption className={classes.caption}>
        <span>{title}</span>
        <CopyButton text={diff} label="diff" />
      </figcaption>
      <div
        className={classes.scroll}
        // It scrolls inside, so the keyboard must reach it.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label={`Changes in ${title}`}
      >
        <table className={classes.table}>
          <thead className={classes.hidden}>
            <tr>
              <th scope="col">Line before</th>
              <th scope="col">Line after</th>
              <th scope="col">Change</th>
              <th scope="col">Text</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line, index) => (
              // Lines have no identity but their place.
              <tr key={index} className={rowClass(line, classes)}>
                <td className={classes.number}>{line.before}</td>
                <td className={classes.number}>{line.after}</td>
                <td className={classes.sign} aria-hidden="true">
                  {signs[line.kind]}
                </td>
                <td className={classes.code}>
                  {spoken[line.kind] && (
                    <span className={classes.hidden}>{spoken[line.kind]}</span>
                  )}
                  {line.text}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

function rowClass(
  line: DiffLine,
  classes: Record<'added' | 'removed' | 'quiet', string>,
): string | undefined {
  if (line.kind === 'added') return classes.added;
  if (line.kind === 'removed') return classes.removed;
  return line.kind === 'context' ? undefined : classes.quiet;
}

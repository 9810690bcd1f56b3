import { makeStyles, useTheme } from '@material-ui/core/styles';
import Tooltip from '@material-ui/core/Tooltip';
import { StatusWord, Tone } from '@switchyard/backstage-plugin-runs-react';
import { ReadSource } from './LogBuffer';
import { sourceColor } from './sourceColor';

const useStyles = makeStyles(
  theme => ({
    list: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      columnGap: theme.spacing(2),
      margin: 0,
      padding: 0,
      listStyle: 'none',
      maxHeight: 96,
      overflowY: 'auto',
      fontSize: theme.typography.body2.fontSize,
    },
    source: { display: 'flex', alignItems: 'center', gap: theme.spacing(0.75) },
    name: { fontFamily: 'monospace', fontWeight: 600 },
    why: { overflowWrap: 'anywhere' },
  }),
  { name: 'SwitchyardLogSources' },
);

const words: Partial<
  Record<ReadSource['state'], { text: string; tone: Tone }>
> = {
  opening: { text: 'opening', tone: 'active' },
  waiting: { text: 'waiting', tone: 'waiting' },
  ended: { text: 'ended', tone: 'neutral' },
  gone: { text: 'gone', tone: 'neutral' },
  failed: { text: 'failed', tone: 'error' },
};

/** Whose lines these are, in the colours of their names, and who has none any more, and why. */
export function LogSources(props: {
  sources: readonly ReadSource[];
  names: ReadonlyMap<number, string>;
  leftOut: readonly string[];
}) {
  const { sources, names, leftOut } = props;
  const classes = useStyles();
  const theme = useTheme();
  // Of a single one only what is wrong is worth a line.
  const shown = sources.length > 1 ? sources : sources.filter(each => each.why);
  if (shown.length === 0 && leftOut.length === 0) return null;
  const isOpen = ({ state }: ReadSource) =>
    state !== 'gone' && state !== 'ended';
  const podCount = new Set(sources.filter(isOpen).map(({ pod }) => pod)).size;
  return (
    <ul className={classes.list} aria-label="Sources of these lines">
      {shown.map(({ source, pod, container, state, why }) => {
        const word = words[state];
        return (
          <li key={source} className={classes.source}>
            <Tooltip title={`${pod}, container ${container}`}>
              <span
                className={classes.name}
                style={{ color: sourceColor(source, theme) }}
              >
                {names.get(source)}
              </span>
            </Tooltip>
            {word && <StatusWord tone={word.tone}>{word.text}</StatusWord>}
            {why && <span className={classes.why}>{why}</span>}
          </li>
        );
      })}
      {leftOut.length > 0 && (
        <li>
          <Tooltip title={leftOut.join(', ')}>
            <span>
              <StatusWord tone="attention">
                {`${podCount} pods are read, ${leftOut.length} are not: choose a pod to read one of them`}
              </StatusWord>
            </span>
          </Tooltip>
        </li>
      )}
    </ul>
  );
}

import { makeStyles, useTheme } from '@material-ui/core/styles';
import { ActionButton } from '@switchyard/backstage-plugin-runs-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { rowTint } from '../rowTint';
import { splitByMatch } from './findMatches';
import { LogLine } from './LogBuffer';
import { CopiedLogTime, LogTime } from './LogTime';
import { sourceColor } from './sourceColor';

const LINE_PX = 18;
const FIRST_HEIGHT_PX = 480;
/** So close to the end, a person is reading the newest lines. */
const AT_END_PX = 2 * LINE_PX;
/** A browser lays out no more of one line in the time of a frame. */
const MAX_SHOWN_CHARACTERS = 8_000;

const useStyles = makeStyles(
  theme => ({
    root: { position: 'relative', flex: '1 1 auto', minHeight: 0 },
    scroll: {
      position: 'absolute',
      inset: 0,
      overflow: 'auto',
      fontFamily: 'monospace',
      fontSize: 12,
      lineHeight: `${LINE_PX}px`,
      backgroundColor: theme.palette.background.paper,
      color: theme.palette.text.primary,
      border: `1px solid ${theme.palette.divider}`,
      borderRadius: theme.shape.borderRadius,
    },
    all: { position: 'relative', minWidth: '100%' },
    line: {
      position: 'absolute',
      top: 0,
      left: 0,
      minWidth: '100%',
      display: 'flex',
      minHeight: LINE_PX,
      '&:hover': { backgroundColor: rowTint(theme) },
    },
    wrapped: { maxWidth: '100%' },
    number: {
      flex: 'none',
      width: '5.5em',
      paddingRight: theme.spacing(1),
      textAlign: 'right',
      userSelect: 'none',
      color: theme.palette.text.secondary,
    },
    name: {
      flex: 'none',
      width: '9em',
      marginRight: theme.spacing(1),
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      whiteSpace: 'nowrap',
      userSelect: 'none',
      fontWeight: 600,
    },
    text: { whiteSpace: 'pre' },
    wrap: { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', minWidth: 0 },
    match: {
      backgroundColor: theme.palette.warning.light,
      color: theme.palette.getContrastText(theme.palette.warning.light),
    },
    standing: { outline: `2px solid ${theme.palette.primary.main}` },
    newest: {
      position: 'absolute',
      right: theme.spacing(3),
      bottom: theme.spacing(2),
    },
  }),
  { name: 'SwitchyardLogLines' },
);

/** The lines of a log. Only what is in sight is rendered, so that a hundred thousand of them cost no more than a page. */
export function LogLines(props: {
  lines: readonly LogLine[];
  /** Changes whenever `lines` did. */
  version: number;
  /** Stays at the newest line while the person has not scrolled away from it. */
  follow: boolean;
  wrap: boolean;
  timestamps: boolean;
  search: string;
  /** Number of the line that the search stands on. */
  standing: number | undefined;
  /** Who wrote a line stands before it; undefined where there is only one. */
  names: ReadonlyMap<number, string> | undefined;
  label: string;
}) {
  const { lines, version, follow, wrap, timestamps, names } = props;
  const { search, label } = props;
  const standing =
    props.standing === undefined || lines.length === 0
      ? undefined
      : props.standing - lines[0].number;
  const classes = useStyles();
  const theme = useTheme();
  const scroll = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => LINE_PX,
    getItemKey: index => lines[index].number,
    overscan: 20,
    initialRect: { width: 0, height: FIRST_HEIGHT_PX },
  });

  // Wrapped lines are higher than others: what was measured holds no more.
  useEffect(() => virtualizer.measure(), [wrap, timestamps, virtualizer]);
  useEffect(() => {
    if (follow && atEnd && lines.length > 0)
      virtualizer.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [follow, atEnd, version, lines.length, virtualizer]);
  useEffect(() => {
    if (standing !== undefined)
      virtualizer.scrollToIndex(standing, { align: 'center' });
    // Not when its index changes because older lines were dropped: it is in sight already.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [props.standing, virtualizer]);

  return (
    <div className={classes.root}>
      <div
        ref={scroll}
        className={classes.scroll}
        role="region"
        aria-label={label}
        // The keyboard scrolls it.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onScroll={event => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          setAtEnd(scrollHeight - scrollTop - clientHeight <= AT_END_PX);
        }}
      >
        <div
          className={classes.all}
          style={{ height: virtualizer.getTotalSize() }}
        >
          {virtualizer.getVirtualItems().map(({ index, key, start }) => (
            <div
              key={key}
              data-index={index}
              ref={wrap ? virtualizer.measureElement : undefined}
              className={[
                classes.line,
                wrap && classes.wrapped,
                index === standing && classes.standing,
              ]
                .filter(Boolean)
                .join(' ')}
              style={{ transform: `translateY(${start}px)` }}
            >
              <span className={classes.number} aria-hidden="true">
                {lines[index].number}
              </span>
              {timestamps && <LogTime at={lines[index].at} />}
              {names && (
                <span
                  className={classes.name}
                  style={{ color: sourceColor(lines[index].source, theme) }}
                  title={names.get(lines[index].source)}
                >
                  {names.get(lines[index].source)}
                </span>
              )}
              <span className={wrap ? classes.wrap : classes.text}>
                {timestamps && <CopiedLogTime at={lines[index].at} />}
                {splitByMatch(
                  lines[index].text.slice(0, MAX_SHOWN_CHARACTERS),
                  search,
                ).map((piece, part) =>
                  part % 2 === 1 ? (
                    <mark key={part} className={classes.match}>
                      {piece}
                    </mark>
                  ) : (
                    piece
                  ),
                )}
                {lines[index].text.length > MAX_SHOWN_CHARACTERS && (
                  <em>
                    {` … ${(
                      lines[index].text.length - MAX_SHOWN_CHARACTERS
                    ).toLocaleString(
                      'en-US',
                    )} more characters are in the download`}
                  </em>
                )}
              </span>
            </div>
          ))}
        </div>
      </div>
      {follow && !atEnd && (
        <ActionButton
          size="small"
          variant="contained"
          color="primary"
          className={classes.newest}
          onClick={() => setAtEnd(true)}
        >
          Go to the newest line
        </ActionButton>
      )}
    </div>
  );
}

import { alpha, makeStyles } from '@material-ui/core/styles';
import { ImageVersion } from '@switchyard/backstage-plugin-deploys-common';
import {
  AgeText,
  StatusWord,
  quietColor,
} from '@switchyard/backstage-plugin-runs-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { rowTint } from '../rowTint';

const ROW_PX = 48;
const MAX_HEIGHT_PX = 336;
const SHORT_COMMIT = 8;

const useStyles = makeStyles(
  theme => ({
    list: {
      position: 'relative',
      maxHeight: MAX_HEIGHT_PX,
      overflowY: 'auto',
      border: `1px solid ${theme.palette.divider}`,
      borderRadius: theme.shape.borderRadius,
    },
    all: { position: 'relative', width: '100%' },
    option: {
      position: 'absolute',
      left: 0,
      right: 0,
      height: ROW_PX,
      padding: theme.spacing(0, 1.5),
      display: 'flex',
      alignItems: 'center',
      columnGap: theme.spacing(2),
      fontFamily: theme.typography.fontFamily,
      // Two lines on a phone: the version with its marks, then the facts.
      [theme.breakpoints.down('xs')]: {
        flexWrap: 'wrap',
        alignContent: 'center',
        justifyContent: 'space-between',
      },
      cursor: 'pointer',
      borderLeft: '4px solid transparent',
      '&:hover': { backgroundColor: rowTint(theme) },
    },
    cursor: {
      outline: `2px solid ${theme.palette.primary.main}`,
      outlineOffset: -2,
    },
    version: {
      fontFamily: 'monospace',
      fontWeight: 600,
      flex: '0 1 14rem',
      minWidth: '6rem',
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      whiteSpace: 'nowrap',
    },
    facts: {
      flex: '1 1 8rem',
      minWidth: 0,
      display: 'flex',
      columnGap: theme.spacing(1.5),
      overflow: 'hidden',
      whiteSpace: 'nowrap',
      color: quietColor(theme),
      fontSize: theme.typography.body2.fontSize,
      [theme.breakpoints.down('xs')]: { order: 1, flex: '1 0 100%' },
    },
    age: { flex: '0 0 8rem' },
    commit: { fontFamily: 'monospace', flex: '0 0 5rem' },
    author: { overflow: 'hidden', textOverflow: 'ellipsis' },
    marks: {
      flex: 'none',
      fontSize: theme.typography.body2.fontSize,
      maxWidth: '45%',
    },
    // After `facts`, which it names.
    selected: {
      backgroundColor: alpha(theme.palette.primary.main, 0.16),
      borderLeftColor: theme.palette.primary.main,
      '& $facts': { color: theme.palette.text.primary },
    },
  }),
  { name: 'SwitchyardVersionList' },
);

/** Id of the option of a version, for `aria-activedescendant`. */
export function versionOptionId(item: ImageVersion): string {
  return `switchyard-version-${item.tag}`;
}

/** The list itself: only what is in sight is rendered. */
export function VersionList(props: {
  id: string;
  items: readonly ImageVersion[];
  current: ReadonlyMap<string, readonly string[]>;
  clusterCount: number;
  selected: string | undefined;
  cursor: number | undefined;
  onSelect(version: string, index: number): void;
}) {
  const { id, items, current, clusterCount, selected, cursor, onSelect } =
    props;
  const classes = useStyles();
  const list = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => list.current,
    estimateSize: () => ROW_PX,
    getItemKey: index => items[index].tag,
    overscan: 8,
    initialRect: { width: 0, height: MAX_HEIGHT_PX },
  });
  useEffect(() => {
    if (cursor !== undefined) virtualizer.scrollToIndex(cursor);
  }, [cursor, virtualizer]);

  return (
    // The field above keeps the focus and moves through the options.
    // eslint-disable-next-line jsx-a11y/interactive-supports-focus
    <div
      id={id}
      ref={list}
      role="listbox"
      aria-label="Versions in the registry, newest first"
      className={classes.list}
    >
      <div
        role="presentation"
        className={classes.all}
        style={{ height: virtualizer.getTotalSize() }}
      >
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const item = items[index];
          const isSelected = item.version === selected;
          return (
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={key}
              id={versionOptionId(item)}
              role="option"
              tabIndex={-1}
              aria-selected={isSelected}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              className={[
                classes.option,
                isSelected && classes.selected,
                index === cursor && classes.cursor,
              ]
                .filter(Boolean)
                .join(' ')}
              style={{ transform: `translateY(${start}px)` }}
              // The field keeps the focus.
              onMouseDown={event => event.preventDefault()}
              onClick={() => onSelect(item.version, index)}
            >
              <span className={classes.version} title={item.tag}>
                {item.version}
              </span>
              <span className={classes.facts}>
                <span className={classes.age}>
                  {item.createdAt ? (
                    <AgeText at={item.createdAt} />
                  ) : (
                    'age unknown'
                  )}
                </span>
                <span className={classes.commit} title={item.commit}>
                  {item.commit?.slice(0, SHORT_COMMIT)}
                </span>
                {item.builtBy && (
                  <span className={classes.author}>by {item.builtBy}</span>
                )}
              </span>
              <span className={classes.marks}>
                <Marks
                  item={item}
                  runningIn={current.get(item.version) ?? []}
                  clusterCount={clusterCount}
                />
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Marks(props: {
  item: ImageVersion;
  runningIn: readonly string[];
  clusterCount: number;
}) {
  const { item, runningIn, clusterCount } = props;
  if (item.missingIn.length > 0) {
    return (
      <StatusWord tone="attention">
        missing in {item.missingIn.join(', ')}
      </StatusWord>
    );
  }
  if (runningIn.length === 0) return null;
  return (
    <StatusWord tone="ok">
      {runningIn.length === clusterCount
        ? 'current'
        : `current in ${runningIn.join(', ')}`}
    </StatusWord>
  );
}

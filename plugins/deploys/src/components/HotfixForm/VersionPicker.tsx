import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import Typography from '@material-ui/core/Typography';
import Skeleton from '@material-ui/lab/Skeleton';
import { ImageVersion } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionButton,
  FailureText,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { KeyboardEvent, useMemo, useState } from 'react';

import { ImageVersionsState } from './useImageVersions';
import { VersionList, versionOptionId } from './VersionList';

const PAGE_OPTIONS = 8;

const useStyles = makeStyles(
  theme => ({
    root: { display: 'grid', gap: theme.spacing(1.5), minWidth: 0 },
    row: { display: 'flex', gap: theme.spacing(1), flexWrap: 'wrap' },
  }),
  { name: 'SwitchyardVersionPicker' },
);

/**
 * Picks a version out of what the registry has. The filter field keeps the focus; arrow keys move through the list, Enter takes the one
 * they stand on.
 */
export function VersionPicker(props: {
  versions: ImageVersionsState;
  /** Clusters by the version that they run now. */
  current: ReadonlyMap<string, readonly string[]>;
  /** How many clusters the environment has. */
  clusterCount: number;
  selected: string | undefined;
  onSelect(version: string): void;
}) {
  const { versions, current, clusterCount, selected, onSelect } = props;
  const { value, error, loading, retry } = versions;
  const classes = useStyles();
  const [filter, setFilter] = useState('');
  const [cursor, setCursor] = useState<number>();
  const items = useMemo(
    () => filterVersions(value?.items ?? [], filter),
    [value, filter],
  );
  const unreadable =
    value?.repositories.filter(each => each.state === 'not-readable') ?? [];

  if (!value) {
    if (loading) return <PickerSkeleton />;
    return (
      <div className={classes.root}>
        <FailureText
          what="The versions could not be read."
          error={error ?? new Error('The registry gave no answer.')}
        />
        <div>
          <ActionButton variant="outlined" size="small" onClick={retry}>
            Try again
          </ActionButton>
        </div>
      </div>
    );
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const last = items.length - 1;
    if (last < 0) return;
    const at = cursor ?? items.findIndex(item => item.version === selected);
    const moves: Record<string, number> = {
      ArrowDown: Math.min(at + 1, last),
      ArrowUp: Math.max(at - 1, 0),
      PageDown: Math.min(at + PAGE_OPTIONS, last),
      PageUp: Math.max(at - PAGE_OPTIONS, 0),
    };
    if (event.key in moves) {
      event.preventDefault();
      setCursor(moves[event.key]);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const chosen = cursor ?? (items.length === 1 ? 0 : undefined);
      if (chosen !== undefined) onSelect(items[chosen].version);
    }
  };

  return (
    <div className={classes.root}>
      {error && (
        <FailureText what="The list may be out of date." error={error} />
      )}
      {unreadable.map(each => (
        <StatusWord key={each.repository} tone="attention">
          {each.repository} could not be read. {each.why}
        </StatusWord>
      ))}
      <TextField
        id="switchyard-version-filter"
        label="Version"
        placeholder="Filter by version, commit or author"
        variant="outlined"
        size="small"
        // The dialog was opened to pick one.
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        fullWidth
        value={filter}
        onChange={event => {
          setFilter(event.target.value);
          setCursor(undefined);
        }}
        onKeyDown={onKeyDown}
        inputProps={{
          role: 'combobox',
          autoComplete: 'off',
          'aria-expanded': items.length > 0,
          'aria-controls': items.length > 0 ? 'switchyard-versions' : undefined,
          'aria-autocomplete': 'list',
          'aria-activedescendant':
            cursor === undefined ? undefined : versionOptionId(items[cursor]),
        }}
      />
      {items.length > 0 ? (
        <VersionList
          id="switchyard-versions"
          items={items}
          current={current}
          clusterCount={clusterCount}
          selected={selected}
          cursor={cursor}
          onSelect={(version, index) => {
            setCursor(index);
            onSelect(version);
          }}
        />
      ) : (
        <Typography variant="body2">
          {describeNone({ filter, isReadable: unreadable.length === 0 })}
        </Typography>
      )}
      {unreadable.length > 0 && (
        <div>
          <ActionButton
            variant="outlined"
            size="small"
            disabled={loading}
            onClick={retry}
          >
            Try again
          </ActionButton>
        </div>
      )}
      <Typography variant="body2" role="status" color="textSecondary">
        {countText(items.length, value.items.length)}
        {unreadable.length > 0 && ' known'}
        {selected && ` · ${selected} chosen`}
      </Typography>
    </div>
  );
}

/** Why the list is empty. 'None' is said only where every registry was read. */
function describeNone(options: {
  filter: string;
  isReadable: boolean;
}): string {
  const { filter, isReadable } = options;
  if (filter !== '') return `No version matches “${filter}”.`;
  return isReadable
    ? 'None: the registry has no version of this image.'
    : 'No version is known while the registry cannot be read.';
}

function countText(shown: number, all: number): string {
  if (shown === all) return all === 1 ? '1 version' : `${all} versions`;
  return `${shown} of ${all} versions`;
}

/** Versions of which the version, commit or author contain every word. */
function filterVersions(
  items: readonly ImageVersion[],
  filter: string,
): readonly ImageVersion[] {
  const words = filter.toLocaleLowerCase('en-US').split(/\s+/).filter(Boolean);
  if (words.length === 0) return items;
  return items.filter(item => {
    const text = [item.version, item.tag, item.commit, item.builtBy]
      .join(' ')
      .toLocaleLowerCase('en-US');
    return words.every(word => text.includes(word));
  });
}

function PickerSkeleton() {
  return (
    <div aria-busy="true" aria-label="Loading versions" role="status">
      <Skeleton variant="rect" height={40} />
      {Array.from({ length: 6 }, (_, row) => (
        <Skeleton key={row} variant="text" height={44} />
      ))}
    </div>
  );
}

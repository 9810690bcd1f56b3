import { useMemo, useState } from 'react';
import useDebounce from 'react-use/lib/useDebounce';
import { LineMatches } from './findMatches';
import { LogStream } from './useLogStream';

/** A search through a hundred thousand lines waits for the end of the word. */
const SEARCH_AFTER_MS = 200;

/** What is searched for, where it was found, and the line that stands out. */
export interface LogSearch {
  /** What stands in the field; `text` follows when the typing pauses. */
  typed: string;
  setTyped(text: string): void;
  text: string;
  /** Numbers of lines. */
  matches: readonly number[];
  /** Number of the line that the search stands on. */
  standing: number | undefined;
  /** Which of the matches that is; -1 for none. */
  position: number;
  move(by: 1 | -1): void;
}

/** Searches a log, also in what comes while one looks. */
export function useLogSearch(stream: LogStream): LogSearch {
  const [typed, setTyped] = useState('');
  const [text, setText] = useState('');
  const [standing, setStanding] = useState<number>();
  useDebounce(
    () => {
      setText(typed);
      setStanding(undefined);
    },
    SEARCH_AFTER_MS,
    [typed],
  );
  const finder = useMemo(
    () => new LineMatches(text),
    // Another array: another log, whose numbers begin again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [text, stream.lines],
  );
  const matches = useMemo(
    () => finder.update(stream.lines),
    // The array stays the same when lines are added; its version does not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [finder, stream.version],
  );
  const position = standing === undefined ? -1 : matches.indexOf(standing);
  const move = (by: 1 | -1) => {
    if (matches.length === 0) return;
    const from = position === -1 && by === -1 ? 0 : position;
    setStanding(matches[(from + by + matches.length) % matches.length]);
  };
  return {
    typed,
    setTyped,
    text,
    matches,
    position,
    standing: position === -1 ? undefined : standing,
    move,
  };
}

import { useMemo, useState } from 'react';
import useDebounce from 'react-use/lib/useDebounce';
import { findMatches } from './findMatches';
import { LogStream } from './useLogStream';

/** A search through a hundred thousand lines waits for the end of the word. */
const SEARCH_AFTER_MS = 200;

/** What is searched for, where it was found, and the line that stands out. */
export interface LogSearch {
  /** What stands in the field; `text` follows when the typing pauses. */
  typed: string;
  setTyped(text: string): void;
  text: string;
  /** Indexes of lines. */
  matches: readonly number[];
  /** Index of the line that the search stands on. */
  standing: number | undefined;
  /** Which of the matches that is; -1 for none. */
  position: number;
  move(by: 1 | -1): void;
}

/** Searches a log, also in what comes while one looks. */
export function useLogSearch(stream: LogStream): LogSearch {
  const [typed, setTyped] = useState('');
  const [text, setText] = useState('');
  const [position, setPosition] = useState<number>();
  useDebounce(
    () => {
      setText(typed);
      setPosition(undefined);
    },
    SEARCH_AFTER_MS,
    [typed],
  );
  const matches = useMemo(
    () => findMatches(stream.lines, text),
    // The array stays the same when lines are added; its version does not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [stream.lines, stream.version, text],
  );
  const move = (by: 1 | -1) => {
    if (matches.length === 0) return;
    const from = position ?? (by === 1 ? -1 : 0);
    setPosition((from + by + matches.length) % matches.length);
  };
  return {
    typed,
    setTyped,
    text,
    matches,
    position: position ?? -1,
    standing: position === undefined ? undefined : matches[position],
    move,
  };
}

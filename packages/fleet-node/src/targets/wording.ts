/** Signals that people meet; others are shown by number. */
const SIGNALS: Record<number, string> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};
/** A shell answers 128 + n for a process that signal n ended. */
const SIGNAL_BASE = 128;

/**
 * How a container ended, e.g. 'exit code 137 (SIGKILL)'.
 *
 * @param memoryLimit - of the container, where it has one
 * @internal
 */
export function describeExit(
  ended: {
    reason?: string;
    exitCode?: number;
    signal?: number;
  },
  memoryLimit?: string,
): string {
  const { reason, exitCode, signal } = ended;
  if (reason === 'OOMKilled') {
    return memoryLimit === undefined
      ? 'killed for using too much memory, without a limit of its own'
      : `killed for using more memory than its limit of ${memoryLimit}`;
  }
  const number =
    signal ||
    (exitCode !== undefined && exitCode > SIGNAL_BASE
      ? exitCode - SIGNAL_BASE
      : undefined);
  const name = number && (SIGNALS[number] ?? `signal ${number}`);
  if (exitCode !== undefined) {
    return `exit code ${exitCode}${name ? ` (${name})` : ''}`;
  }
  return name ? String(name) : reason ?? 'an unknown end';
}

/** Texts of other systems as they may be shown: on one line and not endless. @internal */
export function shorten(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** The last item that matches: newest last, as events come. @internal */
export function findLast<T>(
  items: readonly T[],
  matches: (item: T) => boolean,
): T | undefined {
  for (let index = items.length - 1; index >= 0; index--) {
    if (matches(items[index])) return items[index];
  }
  return undefined;
}

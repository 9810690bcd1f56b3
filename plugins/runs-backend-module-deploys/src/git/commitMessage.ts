/** Keys of the trailers by which a run's commit is found again. */
export const RUN_TRAILER = 'Switchyard-Run';
export const REQUESTED_BY_TRAILER = 'Switchyard-Requested-By';
export const RUN_URL_TRAILER = 'Switchyard-Run-Url';

/**
 * A commit's message: what, why, and by whom. The reason is free text of a person and cannot add trailers.
 */
export function formatCommitMessage(options: {
  subject: string;
  reason: string;
  trailers: Readonly<Record<string, string>>;
}): string {
  const reason = options.reason
    .split(/\r\n|\r|\n/)
    .map(line => line.replace(/[^\P{C}\t]/gu, '').trimEnd())
    .map(line => (/^[A-Za-z][\w-]*\s*:/.test(line) ? `  ${line}` : line))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '');
  const trailers = Object.entries(options.trailers).map(
    ([key, value]) => `${key}: ${value.replace(/\s+/g, ' ')}`,
  );
  return `${[options.subject, reason, trailers.join('\n')]
    .filter(part => part !== '')
    .join('\n\n')}\n`;
}

/**
 * Reads the trailers of a commit: the last paragraph, if all of its lines are trailers and it is not the subject.
 */
export function parseTrailers(message: string): Record<string, string> {
  const paragraphs = message
    .replace(/\r\n/g, '\n')
    .trimEnd()
    .split(/\n\s*\n/);
  const lines =
    paragraphs.length > 1 ? paragraphs[paragraphs.length - 1].split('\n') : [];
  const trailers: Record<string, string> = {};
  for (const line of lines) {
    const match = /^([A-Za-z][\w-]*)\s*: (.*)$/.exec(line);
    if (!match) return {};
    trailers[match[1]] = match[2].trim();
  }
  return trailers;
}

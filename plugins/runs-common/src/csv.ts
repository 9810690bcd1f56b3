/**
 * A line of a table for spreadsheets (RFC 4180), with its end. Names and messages come from whoever writes manifests and reasons: a cell that
 * begins like a formula is made a text, as OWASP says.
 *
 * @public
 */
export function toCsvLine(
  cells: ReadonlyArray<string | number | undefined>,
): string {
  return `${cells.map(toCell).join(',')}\r\n`;
}

function toCell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^\s*[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n']/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

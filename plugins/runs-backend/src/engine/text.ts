import { withoutSecrets } from './secrets';

const MAX_LINE_LENGTH = 4_000;
// PostgreSQL refuses NUL, and a terminal's escape sequences have no place on a page. Tab and line end stay.
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Makes text from outside safe to store and to show: no control characters, no broken surrogates, no credentials, not endless. */
export function toStorableText(
  text: string,
  maxLength: number = MAX_LINE_LENGTH,
): string {
  // Through UTF-8, a half of a surrogate pair becomes the sign for 'not a character'.
  const clean = withoutSecrets(
    Buffer.from(text, 'utf8')
      .toString('utf8')
      .replace(/\r\n/g, '\n')
      .replace(CONTROL_CHARACTERS, '\ufffd'),
  );
  return clean.length <= maxLength
    ? clean
    : `${clean.slice(0, maxLength - 1)}…`;
}

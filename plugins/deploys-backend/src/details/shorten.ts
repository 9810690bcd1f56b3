const MAX_MESSAGE = 2_000;

/** What another system says, so that one of its messages cannot fill a screen or an answer. */
export function shorten(text: string, max = MAX_MESSAGE): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

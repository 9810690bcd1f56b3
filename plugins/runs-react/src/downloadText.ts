/**
 * Hands a text, in one piece or several, to the browser as a file.
 *
 * @public
 */
export function downloadText(
  pieces: string[],
  options: { fileName: string; type: string },
): void {
  const { fileName, type } = options;
  const url = URL.createObjectURL(new Blob(pieces, { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}

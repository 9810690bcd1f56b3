import { LogLine } from './LogBuffer';

/** Hands the lines to the browser as a file; with their exact times, and with who wrote them, where that is wanted. */
export function downloadLog(
  lines: readonly LogLine[],
  options: {
    fileName: string;
    timestamps: boolean;
    /** What stands before the lines of a source; nothing where there is only one. */
    nameOf?: (source: number) => string;
  },
) {
  const { fileName, timestamps, nameOf } = options;
  const text = lines.map(({ at, text: line, source }) => {
    const name = nameOf ? `[${nameOf(source)}] ` : '';
    return timestamps && at ? `${at} ${name}${line}\n` : `${name}${line}\n`;
  });
  const url = URL.createObjectURL(new Blob(text, { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}

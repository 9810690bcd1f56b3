import { downloadText } from '@switchyard/backstage-plugin-runs-react';
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
  downloadText(text, { fileName, type: 'text/plain' });
}

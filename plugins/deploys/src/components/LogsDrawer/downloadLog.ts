import { LogLine } from './LogBuffer';

/** Hands the lines to the browser as a file; with their exact times where they are wanted and known. */
export function downloadLog(
  lines: readonly LogLine[],
  options: { fileName: string; timestamps: boolean },
) {
  const { fileName, timestamps } = options;
  const text = lines.map(({ at, text: line }) =>
    timestamps && at ? `${at} ${line}\n` : `${line}\n`,
  );
  const url = URL.createObjectURL(new Blob(text, { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}

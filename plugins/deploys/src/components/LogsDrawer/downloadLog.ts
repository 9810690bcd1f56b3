import { LogLine } from './LogBuffer';

/** Hands the lines to the browser as a file, with the times that are known. */
export function downloadLog(lines: readonly LogLine[], fileName: string) {
  const text = lines.map(({ at, text: line }) =>
    at ? `${at} ${line}\n` : `${line}\n`,
  );
  const url = URL.createObjectURL(new Blob(text, { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}

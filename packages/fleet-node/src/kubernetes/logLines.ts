import { IncomingMessage } from 'node:http';
import { readChunks } from '../http/body';

/** What is kept of a line. A longer one is a fault of the program that wrote it; held whole it would be a fault of ours. */
const LINE_LIMIT_BYTES = 64 * 1024;

/**
 * Lines of a log without their ends. One that is too long is cut, and says so at its end; bytes that are no text become U+FFFD.
 *
 * @throws TransportError
 * @internal
 */
export async function* readLogLines(
  response: IncomingMessage,
  options: { idleTimeoutMs: number; signal: AbortSignal },
): AsyncGenerator<string> {
  // Splitting bytes is safe because 0x0a is no part of any other UTF-8 sequence.
  let kept: Buffer[] = [];
  let keptSize = 0;
  let size = 0;
  const add = (piece: Buffer) => {
    size += piece.length;
    const room = LINE_LIMIT_BYTES - keptSize;
    if (room <= 0 || piece.length === 0) return;
    const part = piece.subarray(0, room);
    kept.push(part);
    keptSize += part.length;
  };
  const finish = () => {
    const bytes = kept.length === 1 ? kept[0] : Buffer.concat(kept);
    const line = size > keptSize ? cut(bytes, size) : bytes.toString('utf8');
    kept = [];
    keptSize = 0;
    size = 0;
    return line;
  };
  for await (const chunk of readChunks(response, options)) {
    let start = 0;
    for (
      let end = chunk.indexOf(0x0a);
      end >= 0;
      end = chunk.indexOf(0x0a, start)
    ) {
      add(chunk.subarray(start, end));
      start = end + 1;
      yield finish();
    }
    add(chunk.subarray(start));
  }
  if (size > 0) yield finish();
}

function cut(bytes: Buffer, size: number): string {
  // The last character may be cut in the middle.
  const text = bytes.toString('utf8').replace(/\uFFFD+$/, '');
  return `${text} … [cut here: the line has ${size.toLocaleString(
    'en-US',
  )} bytes]`;
}

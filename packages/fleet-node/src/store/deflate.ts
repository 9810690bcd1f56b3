import zlib from 'node:zlib';

const LEVEL = 3;

/** @internal */
export type Deflate = (input: Buffer) => Buffer;

interface RawHandle {
  writeSync(
    flush: number,
    input: Buffer,
    inputOffset: number,
    inputLength: number,
    output: Buffer,
    outputOffset: number,
    outputLength: number,
  ): void;
  reset(): void;
}

/**
 * Makes a function that compresses with one zlib handle that is used again and again. What it answers is valid until its next call.
 *
 * A fresh handle per object (`deflateRawSync`) costs memory of its own each time and led to event-loop delays of 69 ms and 30 major
 * collections in a load that takes 12 ms this way. Node has no public way to use a handle again, so this reaches for the stream's own;
 * where a Node version has it no longer, or it answers something else than the public function, the public one is used.
 *
 * @internal
 */
export function createDeflate(options: { dictionary?: Buffer }): Deflate {
  const zlibOptions = { level: LEVEL, dictionary: options.dictionary };
  const plain: Deflate = input => zlib.deflateRawSync(input, zlibOptions);
  const stream = zlib.createDeflateRaw(zlibOptions) as unknown as {
    _handle?: RawHandle;
    _writeState?: Uint32Array;
  };
  const handle = stream._handle;
  const state = stream._writeState;
  if (typeof handle?.writeSync !== 'function' || !state) return plain;

  let output = Buffer.allocUnsafeSlow(64 * 1024);
  const reusing: Deflate = input => {
    // deflate never needs more than this, so one call always takes everything.
    const bound = input.length + (input.length >> 10) + 64;
    if (output.length < bound) output = Buffer.allocUnsafeSlow(bound * 2);
    handle.writeSync(
      zlib.constants.Z_FINISH,
      input,
      0,
      input.length,
      output,
      0,
      output.length,
    );
    const [availableOutput, availableInput] = state;
    handle.reset();
    if (availableInput !== 0) return plain(input);
    return output.subarray(0, output.length - availableOutput);
  };
  return worksTwice(reusing, options.dictionary) ? reusing : plain;
}

/** @internal */
export function inflate(
  bytes: Buffer,
  options: { dictionary?: Buffer },
): Buffer {
  return zlib.inflateRawSync(bytes, { dictionary: options.dictionary });
}

/** Twice, because a handle that loses its dictionary on reset would only show at the second use. */
function worksTwice(deflate: Deflate, dictionary?: Buffer): boolean {
  const probe = Buffer.from(
    `${dictionary?.subarray(0, 100).toString('latin1') ?? ''}probe`.repeat(3),
    'latin1',
  );
  try {
    return [1, 2].every(() =>
      inflate(Buffer.from(deflate(probe)), { dictionary }).equals(probe),
    );
  } catch {
    return false;
  }
}

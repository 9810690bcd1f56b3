import { Dictionaries } from '../../store/Dictionaries';
import { Pacer } from '../../store/Pacer';
import { ObjectReader } from './ObjectReader';
import { ReadEvent, ReadList, ReadRequest, Reading } from './types';

/**
 * Reads in the thread of its callers.
 *
 * @internal
 */
export class ReadingHere implements Reading {
  readonly #reader: ObjectReader;
  readonly #pacer: Pacer;

  constructor(options: { dictionaries: Dictionaries; pacer: Pacer }) {
    const { dictionaries } = options;
    this.#pacer = options.pacer;
    this.#reader = new ObjectReader({
      onLearnt: dictionary => dictionaries.add(dictionary),
    });
  }

  async readList(
    request: ReadRequest,
    page: Buffer,
    options: { known?: readonly string[]; urgent?: boolean } = {},
  ): Promise<ReadList> {
    const known = new Set(options.known);
    let read: ReadList;
    await this.#pacer.run(() => {
      read = this.#reader.readList(request, page, known);
    }, options);
    return read!;
  }

  async readEvents(request: ReadRequest, lines: Buffer): Promise<ReadEvent[]> {
    let read: ReadEvent[];
    await this.#pacer.run(() => {
      read = this.#reader.readEvents(request, lines);
    });
    return read!;
  }

  stop(): void {}
}

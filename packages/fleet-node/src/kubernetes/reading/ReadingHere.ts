import { Pacer } from '../../store/Pacer';
import { ServerAddress } from '../ServerEndpoint';
import { ObjectReader } from './ObjectReader';
import { Sources } from './Sources';
import {
  ReadEvent,
  ReadList,
  Reading,
  ReadRequest,
  Source,
  SourceRequest,
} from './types';

/**
 * Reads in the thread of its callers.
 *
 * @internal
 */
export class ReadingHere implements Reading {
  readonly #sources = new Sources();
  readonly #reader: ObjectReader;
  readonly #pacer: Pacer;

  /** @param options.onLearnt - answers the number of a dictionary that objects are compressed with from now on */
  constructor(options: {
    onLearnt: (dictionary: Buffer) => number;
    pacer: Pacer;
  }) {
    this.#pacer = options.pacer;
    this.#reader = new ObjectReader(options);
  }

  async open(request: SourceRequest, signal: AbortSignal): Promise<Source> {
    const { page, lines, ...answer } = await this.#sources.open(
      request,
      signal,
    );
    return {
      ...answer,
      readList: (of, options) => this.#readList(of, page!, options),
      readEvents: of => this.#readEvents(of, lines!),
      destroy: () => lines?.return(undefined),
    };
  }

  leave(server: ServerAddress): void {
    this.#sources.leave(server);
  }

  stop(): void {}

  async #readList(
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

  async *#readEvents(
    request: ReadRequest,
    batches: AsyncGenerator<Buffer>,
  ): AsyncGenerator<ReadEvent[]> {
    for await (const lines of batches) {
      let read: ReadEvent[];
      await this.#pacer.run(() => {
        read = this.#reader.readEvents(request, lines);
      });
      yield read!;
    }
  }
}

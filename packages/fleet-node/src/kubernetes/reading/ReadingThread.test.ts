import { Worker } from 'node:worker_threads';
import { mockServices } from '@backstage/backend-test-utils';
import { Dictionaries } from '../../store/Dictionaries';
import { versionKey } from '../../store/KindStore';
import { Pacer } from '../../store/Pacer';
import { pod } from '../../tests/objects';
import { ReadingHere } from './ReadingHere';
import { ReadingThread } from './ReadingThread';
import { Reading, ReadingInterruptedError } from './types';

const request = {
  kind: { key: 'Pod', apiVersion: 'v1', kind: 'Pod' },
  cluster: 'prod-blue',
};
const bytesOf = (text: string) => Buffer.from(text);
const page = (...items: unknown[]) =>
  bytesOf(
    JSON.stringify({
      items,
      metadata: { resourceVersion: '9', continue: 'c' },
    }),
  );
const lines = (...all: unknown[]) =>
  bytesOf(all.map(each => `${JSON.stringify(each)}\n`).join(''));

function startThread() {
  const dictionaries = new Dictionaries();
  const thread = new ReadingThread({
    dictionaries,
    pacer: new Pacer(),
    logger: mockServices.logger.mock(),
  });
  return {
    thread,
    dictionaries,
    stop: async () => thread.stop(),
  };
}

describe.each([
  ['in a thread', true],
  ['here', false],
])('what clusters send, read %s', (_, inThread) => {
  let reading: Reading;
  let dictionaries: Dictionaries;
  let stop = async () => {};

  beforeEach(() => {
    if (inThread) {
      const started = startThread();
      ({ dictionaries, stop } = started);
      reading = started.thread;
    } else {
      dictionaries = new Dictionaries();
      reading = new ReadingHere({ dictionaries, pacer: new Pacer() });
    }
  });
  afterEach(() => stop());

  it('takes a page: objects, place in history, what is known already, what makes no sense', async () => {
    const one = pod('one');
    const known = pod('known', { metadata: { resourceVersion: '5' } });
    const odd = {
      metadata: { name: 'odd', uid: 'odd' },
      spec: { containers: 7 },
    };
    const read = await reading.readList(
      request,
      page(one, known, odd, 'nothing'),
      { known: [versionKey({ uid: 'uid-known', resourceVersion: '5' })] },
    );
    expect(read).toMatchObject({ resourceVersion: '9', continueAt: 'c' });
    expect(read.problems).toHaveLength(1);
    expect(read.objects.map(({ name }) => name)).toEqual(['one', 'known']);
    expect(read.objects[1].shared).toBe('');
    const [first] = read.objects;
    const object = dictionaries.decode({
      bytes: Buffer.from(first.bytes.subarray(first.ownLength)),
      dictionary: first.dictionary,
    });
    expect(object).toMatchObject([{ metadata: { name: 'one' } }, {}]);
  });

  it('can read back what is compressed with what it learnt', async () => {
    const items = Array.from({ length: 40 }, (_each, i) => pod(`p${i}`));
    const { objects } = await reading.readList(request, page(...items));
    const last = objects[39];
    expect(last.dictionary).toBeGreaterThan(0);
    const bytes = Buffer.from(last.bytes.subarray(last.ownLength));
    expect(
      dictionaries.decode({ bytes, dictionary: last.dictionary }),
    ).toMatchObject([{ metadata: { name: 'p39' } }, {}]);
  });

  it('takes lines of a watch in their order', async () => {
    const events = await reading.readEvents(
      request,
      lines(
        { type: 'ADDED', object: pod('one') },
        { type: 'BOOKMARK', object: { metadata: { resourceVersion: '12' } } },
        { type: 'DELETED', object: pod('one') },
        { type: 'ERROR', object: { code: 410, reason: 'Expired' } },
      ),
    );
    expect(events).toMatchObject([
      { type: 'object', object: { name: 'one' } },
      { type: 'passed', resourceVersion: '12' },
      { type: 'deleted' },
      { type: 'error', code: 410, reason: 'Expired' },
    ]);
    await expect(
      reading.readEvents(request, bytesOf('{"type":\n')),
    ).resolves.toMatchObject([{ type: 'problem', isFatal: true }]);
  });

  it('reads many at once, small and large, each as it was handed over', async () => {
    const texts = Array.from({ length: 12 }, (_each, i) =>
      'äx'.repeat(i % 3 === 0 ? 150_000 + i : 10 + i),
    );
    // Larger ones in memory of their own and as part of some that others use.
    const all = await Promise.all(
      texts.map((text, i) => {
        const line = bytesOf(
          `${JSON.stringify({
            type: 'ADDED',
            object: pod(`p${i}`, { metadata: { annotations: { text } } }),
          })}\n`,
        );
        const shared = Buffer.concat([bytesOf('before\n'), line, line]);
        return reading.readEvents(
          request,
          i % 2 ? line : shared.subarray(7, 7 + line.length),
        );
      }),
    );
    const objects = all.flat().map(event => {
      if (event.type !== 'object') throw new Error(event.type);
      const { bytes, ownLength, dictionary } = event.object;
      return dictionaries.decode({
        bytes: Buffer.from(bytes.subarray(ownLength)),
        dictionary,
      }) as any;
    });
    expect(objects.map(([{ metadata }]) => metadata.name)).toEqual(
      texts.map((_text, i) => `p${i}`),
    );
    expect(objects.map(([{ metadata }]) => metadata.annotations.text)).toEqual(
      texts,
    );
  });

  it('rejects a page that is no JSON', async () => {
    await expect(reading.readList(request, bytesOf('<html>'))).rejects.toThrow(
      SyntaxError,
    );
  });
});

describe('ReadingThread', () => {
  it('starts a thread that ended anew, and says that what it had must be asked for again', async () => {
    const posts = jest.spyOn(Worker.prototype, 'postMessage');
    const { thread, stop } = startThread();
    await thread.readList(request, page(pod('one')));
    const [first] = posts.mock.contexts as Worker[];
    const ended = first.terminate();
    await expect(thread.readList(request, page(pod('two')))).rejects.toThrow(
      ReadingInterruptedError,
    );
    await ended;
    const again = await thread.readList(request, page(pod('two')));
    expect(again.objects).toHaveLength(1);
    expect(posts.mock.contexts.at(-1)).not.toBe(first);
    posts.mockRestore();
    await stop();
  });
});

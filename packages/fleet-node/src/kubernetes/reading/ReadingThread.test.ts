import http from 'node:http';
import { AddressInfo, Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { mockServices } from '@backstage/backend-test-utils';
import { Dictionaries } from '../../store/Dictionaries';
import { versionKey } from '../../store/KindStore';
import { Pacer } from '../../store/Pacer';
import { eventually } from '../../tests/eventually';
import { pod } from '../../tests/objects';
import { ReadingHere } from './ReadingHere';
import { ReadingThread } from './ReadingThread';
import { Reading, ReadingInterruptedError, SourceRequest } from './types';

const request = {
  kind: { key: 'Pod', apiVersion: 'v1', kind: 'Pod' },
  cluster: 'prod-blue',
};
const page = (...items: unknown[]) =>
  JSON.stringify({ items, metadata: { resourceVersion: '9', continue: 'c' } });
const lines = (...all: unknown[]) =>
  all.map(each => `${JSON.stringify(each)}\n`).join('');

/** Answers what it is told to, and nothing else. */
async function startServer() {
  const sockets = new Set<Socket>();
  let answer: http.RequestListener = () => {};
  const server = http.createServer((asked, response) =>
    answer(asked, response),
  );
  server.on('connection', socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sockets,
    answers(listener: http.RequestListener) {
      answer = listener;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

const sourceOf = (
  url: string,
  shape: SourceRequest['shape'],
): SourceRequest => ({
  server: { name: 'prod-blue', url },
  path: '/',
  headers: {},
  connectTimeoutMs: 1_000,
  answerTimeoutMs: 1_000,
  shape,
  limits: { idleTimeoutMs: 10_000, limitBytes: 1_000_000 },
});

function startThread() {
  const dictionaries = new Dictionaries();
  const thread = new ReadingThread({
    dictionaries,
    pacer: new Pacer(),
    logger: mockServices.logger.mock(),
  });
  return { thread, dictionaries };
}

describe.each([
  ['in a thread', true],
  ['here', false],
])('what clusters send, read %s', (_, inThread) => {
  let reading: Reading;
  let dictionaries: Dictionaries;
  let server: Awaited<ReturnType<typeof startServer>>;

  beforeAll(async () => {
    server = await startServer();
    if (inThread) {
      const started = startThread();
      dictionaries = started.dictionaries;
      reading = started.thread;
      return;
    }
    const own = new Dictionaries();
    dictionaries = own;
    reading = new ReadingHere({
      onLearnt: dictionary => own.add(dictionary),
      pacer: new Pacer(),
    });
  });
  afterAll(async () => {
    reading.stop();
    await server.stop();
  });

  const open = (
    shape: SourceRequest['shape'],
    signal = new AbortController().signal,
  ) => reading.open(sourceOf(server.url, shape), signal);
  async function readList(text: string, known?: string[]) {
    server.answers((_asked, response) => response.end(text));
    return (await open('page')).readList(request, { known });
  }
  async function readEvents(text: string) {
    server.answers((_asked, response) => response.end(text));
    const events = [];
    const source = await open('lines');
    for await (const some of source.readEvents(request)) events.push(...some);
    return events;
  }

  it('takes a page: objects, place in history, what is known already, what makes no sense', async () => {
    const one = pod('one');
    const known = pod('known', { metadata: { resourceVersion: '5' } });
    const odd = {
      metadata: { name: 'odd', uid: 'odd' },
      spec: { containers: 7 },
    };
    const read = await readList(page(one, known, odd, 'nothing'), [
      versionKey({ uid: 'uid-known', resourceVersion: '5' }),
    ]);
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
    const { objects } = await readList(page(...items));
    const last = objects[39];
    expect(last.dictionary).toBeGreaterThan(0);
    const bytes = Buffer.from(last.bytes.subarray(last.ownLength));
    expect(
      dictionaries.decode({ bytes, dictionary: last.dictionary }),
    ).toMatchObject([{ metadata: { name: 'p39' } }, {}]);
  });

  it('takes lines of a watch in their order', async () => {
    const events = await readEvents(
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
    await expect(readEvents('{"type":\n')).resolves.toMatchObject([
      { type: 'problem', isFatal: true },
    ]);
  });

  it('rejects a page that is no JSON', async () => {
    await expect(readList('<html>')).rejects.toThrow(SyntaxError);
  });

  it('hands on a refusal as it is, with when to ask again', async () => {
    server.answers((_asked, response) =>
      response.writeHead(429, { 'retry-after': '7' }).end('too many'),
    );
    const source = await open('lines');
    expect(source).toMatchObject({
      statusCode: 429,
      retryAfterMs: 7000,
      refusal: 'too many',
    });
    source.destroy();
  });

  it('says what is wrong with the other side', async () => {
    server.answers((_asked, response) => response.destroy());
    await expect(open('page')).rejects.toMatchObject({
      name: 'TransportError',
      reason: 'broken',
      mayHaveBeenReceived: true,
    });
    server.answers(() => {});
    await expect(open('page')).rejects.toMatchObject({ reason: 'silent' });
  });

  it.each(['break', 'abort', 'destroy'])(
    'gives what comes when it comes, and closes the connection of who stops by %s',
    async how => {
      const bookmark = { type: 'BOOKMARK', object: { metadata: {} } };
      let watch: http.ServerResponse | undefined;
      server.answers((_asked, response) => {
        watch = response;
        response.write(lines(bookmark));
      });
      const stopped = new AbortController();
      const source = await open('lines', stopped.signal);
      const batches: unknown[] = [];
      const read = async () => {
        for await (const events of source.readEvents(request)) {
          batches.push(events);
          if (batches.length === 1) watch!.write(lines(bookmark));
          else if (how === 'break') break;
          else if (how === 'abort') stopped.abort(new Error('stopped'));
          else source.destroy();
        }
      };
      const problem = await read().catch(error => error);
      expect(problem?.message).toBe(how === 'abort' ? 'stopped' : undefined);
      expect(batches).toMatchObject([
        [{ type: 'passed' }],
        [{ type: 'passed' }],
      ]);
      await eventually(() => server.sockets.size === 0);
      expect(server.sockets.size).toBe(0);
    },
  );

  it('stops waiting at once for who no longer wants it', async () => {
    server.answers(() => {});
    const stopped = new AbortController();
    const opened = open('page', stopped.signal);
    await eventually(() => server.sockets.size === 1);
    stopped.abort(new Error('stopped'));
    await expect(opened).rejects.toThrow('stopped');
    await eventually(() => server.sockets.size === 0);
    expect(server.sockets.size).toBe(0);
  });

  it('keeps connections, and closes them when the server is left', async () => {
    await readList(page());
    await readList(page());
    await eventually(() => server.sockets.size === 1);
    reading.leave(sourceOf(server.url, 'page').server);
    await eventually(() => server.sockets.size === 0);
    expect(server.sockets.size).toBe(0);
  });
});

describe('ReadingThread', () => {
  it('starts a thread that ended anew, and says that what it had must be asked for again', async () => {
    const server = await startServer();
    server.answers((_asked, response) => response.end(page(pod('one'))));
    const posts = jest.spyOn(Worker.prototype, 'postMessage');
    const { thread } = startThread();
    const { signal } = new AbortController();
    const open = () => thread.open(sourceOf(server.url, 'page'), signal);
    await (await open()).readList(request);
    const [first] = posts.mock.contexts as Worker[];
    const held = await open();
    const asked = open();
    await first.terminate();
    await expect(asked).rejects.toThrow(ReadingInterruptedError);
    await expect(held.readList(request)).rejects.toThrow(
      ReadingInterruptedError,
    );
    const again = await (await open()).readList(request);
    expect(again.objects).toHaveLength(1);
    expect(posts.mock.contexts.at(-1)).not.toBe(first);
    posts.mockRestore();
    thread.stop();
    await server.stop();
  });
});

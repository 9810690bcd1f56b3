import { pause } from '../http/backoff';
import { application } from '../tests/application';
import { eventually } from '../tests/eventually';
import { FullApplications } from './FullApplications';
import { DEFAULT_ARGOCD_TIMINGS } from './timings';
import { ApplicationEvent, ArgoCdReader } from './types';

describe('FullApplications', () => {
  let now: number;
  let streams: Set<string>;
  let opened: string[];
  let full: FullApplications;

  beforeEach(() => {
    now = 0;
    streams = new Set();
    opened = [];
    const reader: Partial<ArgoCdReader> = {
      async *streamApplication({ name }, { signal }) {
        streams.add(name);
        opened.push(name);
        const event: ApplicationEvent = {
          type: 'ADDED',
          application: application(name),
        };
        yield event;
        // A whole day, or until nobody wants it any more.
        await pause(86_400_000, signal);
        streams.delete(name);
      },
    };
    full = new FullApplications({
      reader: reader as ArgoCdReader,
      timings: DEFAULT_ARGOCD_TIMINGS,
      projectOf: () => undefined,
      onChange: () => {},
      maxLookedAt: 3,
      now: () => now,
    });
  });

  afterEach(() => full.stop());

  const ref = (name: string) => ({
    instance: 'main',
    namespace: 'argocd',
    name,
  });

  it('keeps the few that were looked at last', async () => {
    for (const name of ['a', 'b', 'c']) full.lookAt(ref(name));
    await eventually(() => streams.size === 3);
    now += 80_000;
    full.lookAt(ref('a'));
    full.lookAt(ref('d'));
    await eventually(() => [...streams].sort().join('') === 'acd');
    expect(full.get(ref('b'))).toBeUndefined();
    expect(full.get(ref('a'))?.metadata.name).toBe('a');
  });

  it('opens no streams in turn when more are looked at than there is room for', async () => {
    const all = ['a', 'b', 'c', 'd', 'e'];
    for (let round = 0; round < 10; round += 1) {
      for (const name of all) full.lookAt(ref(name));
      now += 5_000;
    }
    await eventually(() => [...streams].sort().join('') === 'abc');
    expect(opened).toEqual(['a', 'b', 'c']);
    // Those whose screens are closed make room.
    now += 80_000;
    full.lookAt(ref('d'));
    await eventually(() => [...streams].sort().join('') === 'bcd');
  });

  it('drops none that a run has open, however long ago it was looked at', async () => {
    const { signal } = new AbortController();
    const open = await full.open(ref('run'), { signal });
    for (const name of ['a', 'b', 'c', 'd', 'e']) full.lookAt(ref(name));
    now += DEFAULT_ARGOCD_TIMINGS.unlookedMs + 1;
    full.sweep();
    await eventually(() => [...streams].join('') === 'run');
    expect(open.current().metadata.name).toBe('run');
    open.close();
    open.close();
    await eventually(() => streams.size === 0);
  });

  it('shares one stream between a run and those who look', async () => {
    const { signal } = new AbortController();
    const first = await full.open(ref('a'), { signal });
    const second = await full.open(ref('a'), { signal });
    full.lookAt(ref('a'));
    expect(streams.size).toBe(1);
    first.close();
    expect(second.current().metadata.name).toBe('a');
    expect(streams.size).toBe(1);
    second.close();
  });
});

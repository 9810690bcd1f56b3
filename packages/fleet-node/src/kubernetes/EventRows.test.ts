import { EventRow } from '../rows';
import { event } from '../tests/objects';
import { EventRows } from './EventRows';
import { KubernetesObject } from './kubernetesObject';
import { eventRow } from './rows/event';

const now = Date.parse('2026-11-21T12:00:00Z');
const minutesAgo = (minutes: number) =>
  new Date(now - minutes * 60_000).toISOString();

const row = (uid: string, about: string, lastAt = minutesAgo(1)) =>
  ({ uid, lastAt, about: { uid: about } } as EventRow);

describe('EventRows', () => {
  it('keeps the newest few of an object', () => {
    const events = new EventRows({ now: () => now });
    for (let i = 0; i < 50; i += 1) events.put(row(`e${i}`, 'pod'));
    expect(events.about('pod')).toHaveLength(20);
    expect(events.about('pod')[0].uid).toBe('e30');
  });

  it('is bounded for a cluster', () => {
    const events = new EventRows({ now: () => now });
    for (let i = 0; i < 20_500; i += 1) events.put(row(`e${i}`, `pod${i}`));
    expect(events.size).toBe(20_000);
    expect(events.about('pod0')).toEqual([]);
    expect(events.about('pod20499')).toHaveLength(1);
  });

  it('lets go of what is old', () => {
    let time = now;
    const events = new EventRows({ now: () => time });
    expect(events.put(row('old', 'pod', minutesAgo(61)))).toBe(false);
    events.put(row('a', 'pod', minutesAgo(50)));
    time += 20 * 60_000;
    expect(events.about('pod')).toEqual([]);
    events.put(row('b', 'other', new Date(time).toISOString()));
    expect(events.size).toBe(1);
  });

  it('replaces an event that happened again', () => {
    const events = new EventRows({ now: () => now });
    events.put(row('a', 'pod', minutesAgo(9)));
    events.put(row('b', 'pod', minutesAgo(5)));
    events.put(row('a', 'pod', minutesAgo(1)));
    expect(events.about('pod').map(({ uid }) => uid)).toEqual(['b', 'a']);
  });
});

it.each([
  ['spec.containers{app}', 'app'],
  ['spec.initContainers{migrate}', 'migrate'],
  ['spec', undefined],
  [undefined, undefined],
])('an event about %s is about container %s', (fieldPath, container) => {
  const about = { kind: 'Pod', name: 'orders-1', uid: 'uid-1', fieldPath };
  const row1 = eventRow(event('orders-1.1', { about }) as KubernetesObject, {
    cluster: 'prod-blue',
  });
  expect(row1.about.container).toBe(container);
});

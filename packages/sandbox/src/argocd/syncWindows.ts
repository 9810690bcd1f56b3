import { parseCron } from './cron';
import { parseGoDuration } from './duration';
import { Application, SyncWindow } from './types';

const MINUTE_MS = 60_000;

/** Argo CD's globs: `*` for any text. */
export function globMatches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`).test(text);
}

/** Windows of a project that are meant for an Application: one of its names matches, or all kinds of names that the window gives. */
export function windowsFor(
  windows: readonly SyncWindow[],
  application: Pick<Application, 'metadata' | 'spec'>,
  clusterNames: readonly string[],
): SyncWindow[] {
  return windows.filter(window => {
    const checks = [
      [window.applications, [application.metadata.name]],
      [window.clusters, clusterNames],
      [window.namespaces, [application.spec.destination.namespace ?? '']],
    ] as Array<[string[] | undefined, readonly string[]]>;
    const given = checks.filter(([patterns]) => patterns?.length);
    const hits = given.map(([patterns, names]) =>
      patterns!.some(pattern => names.some(name => globMatches(pattern, name))),
    );
    return window.andOperator
      ? hits.length > 0 && hits.every(Boolean)
      : hits.some(Boolean);
  });
}

/** Whether a window is open or shut at a time: its schedule fired less than its duration ago, on the clocks of its time zone. */
export function isActive(window: SyncWindow, now: Date): boolean {
  const duration = parseGoDuration(window.duration);
  if (duration === undefined) {
    throw new Error(`cannot parse duration '${window.duration}'`);
  }
  const schedule = parseCron(window.schedule);
  const local = now.getTime() + offsetOf(window.timeZone ?? 'UTC', now);
  for (
    let minute = Math.floor(local / MINUTE_MS) * MINUTE_MS;
    minute > local - duration;
    minute -= MINUTE_MS
  ) {
    // The schedule's own second is not yet inside: Argo CD asks for a time before now.
    if (minute < local && schedule.matches(minute)) {
      return true;
    }
  }
  return false;
}

/** Whether Argo CD lets a sync happen, by the windows that are meant for the Application. */
export function canSync(
  windows: readonly SyncWindow[],
  options: { manual: boolean; now: Date },
): boolean {
  const active = windows.filter(window => isActive(window, options.now));
  const denies = active.filter(window => window.kind === 'deny');
  if (denies.length > 0) {
    return options.manual && denies.every(window => window.manualSync);
  }
  if (active.some(window => window.kind === 'allow')) {
    return true;
  }
  const allows = windows.filter(window => window.kind === 'allow');
  if (allows.length > 0) {
    return options.manual && allows.every(window => window.manualSync);
  }
  return true;
}

/** Milliseconds that the clocks of a time zone are ahead of UTC at a time. */
export function offsetOf(timeZone: string, now: Date): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(now);
  const part = (type: string) =>
    Number(parts.find(item => item.type === type)?.value);
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return wall - Math.floor(now.getTime() / 1000) * 1000;
}

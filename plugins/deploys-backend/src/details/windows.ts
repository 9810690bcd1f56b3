import {
  DeploymentWindows,
  SyncWindowDetails,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  ApplicationSyncWindows,
  ArgoProject,
  ProjectSyncWindow,
  SyncWindow,
} from '@switchyard/fleet-node';
import { nextTime, parseCron, parseGoDuration } from './cron';

/**
 * Sync windows now and next. Argo CD says which are meant for the Application and which are active; zone and reason stand in the project, which
 * the portal's account may not be allowed to read.
 */
export function describeWindows(
  windows: ApplicationSyncWindows,
  project: ArgoProject | undefined,
  now: Date,
): DeploymentWindows {
  const active = [...windows.activeWindows];
  const defined = [...(project?.syncWindows ?? [])];
  const details = windows.assignedWindows.map(assigned => {
    const isActive = take(active, assigned) !== undefined;
    return describeWindow(assigned, take(defined, assigned), isActive, now);
  });
  // A window that is active although it is not assigned should not be; say it rather than not.
  for (const left of active) {
    details.push(describeWindow(left, take(defined, left), true, now));
  }
  return {
    canSync: windows.canSync,
    text: summarize(windows.canSync, details),
    windows: details,
    ...(!project &&
      details.length > 0 && {
        problem:
          "The portal's account may not read the project: time zones and reasons of windows are not known, and times are given as if they were in UTC",
      }),
  };
}

function describeWindow(
  window: SyncWindow,
  defined: ProjectSyncWindow | undefined,
  active: boolean,
  now: Date,
): SyncWindowDetails {
  const timeZone = defined?.timeZone || 'UTC';
  const schedule = parseCron(window.schedule);
  const durationMs = parseGoDuration(window.duration);
  const isKnown = schedule && durationMs !== undefined && isZone(timeZone);
  const next = isKnown ? nextTime(schedule, timeZone, now) : undefined;
  // It began after this, and the schedule may have fired more than once since.
  const until =
    isKnown && active
      ? lastEnd(time => nextTime(schedule, timeZone, time), durationMs, now)
      : undefined;
  return {
    kind: window.kind,
    ...(defined?.description && { description: defined.description }),
    schedule: window.schedule,
    duration: window.duration,
    timeZone,
    manualSync: window.manualSync === true,
    active,
    ...(until && { until: until.toISOString() }),
    // One that fires again before it has ended has no next time that anybody waits for.
    ...(next && (!active || until) && { next: next.toISOString() }),
  };
}

/** More firings than this within one duration overlap so that the end cannot be told. */
const MAX_FIRINGS = 1_000;

function lastEnd(
  next: (after: Date) => Date | undefined,
  durationMs: number,
  now: Date,
): Date | undefined {
  let end: Date | undefined;
  let time = next(new Date(now.getTime() - durationMs));
  for (let count = 0; time && count < MAX_FIRINGS; count++) {
    if (time.getTime() > (end ?? now).getTime()) return end;
    end = new Date(time.getTime() + durationMs);
    time = next(time);
  }
  return undefined;
}

function summarize(
  canSync: boolean,
  windows: readonly SyncWindowDetails[],
): string {
  if (windows.length === 0) return 'No sync window applies';
  const deny = windows.find(({ kind, active }) => kind === 'deny' && active);
  const why = deny?.description ? `: ${deny.description}` : '';
  if (deny && !canSync) return `Closed by a deny window${why}`;
  if (deny)
    return `A deny window is active, which lets syncs by hand through${why}`;
  const allows = windows.filter(({ kind }) => kind === 'allow');
  if (allows.some(({ active }) => active))
    return 'Open: an allow window is active';
  if (allows.length > 0) {
    return canSync
      ? 'No allow window is active, which lets only syncs by hand through'
      : 'Closed: no allow window is active';
  }
  return 'Open: no deny window is active';
}

/** Takes the first that is the same, for several may be. */
function take<T extends SyncWindow>(
  from: T[],
  window: SyncWindow,
): T | undefined {
  const index = from.findIndex(
    each =>
      each.kind === window.kind &&
      each.schedule === window.schedule &&
      each.duration === window.duration &&
      (each.manualSync === true) === (window.manualSync === true),
  );
  return index < 0 ? undefined : from.splice(index, 1)[0];
}

function isZone(timeZone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en-US', { timeZone }));
  } catch {
    return false;
  }
}

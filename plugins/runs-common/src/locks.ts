/**
 * What a lock binds: everything, one environment, one cluster, the components of a system, or a component. All but `environment` may be narrowed to
 * one environment.
 *
 * @public
 */
export type LockScope =
  | 'platform'
  | 'environment'
  | 'cluster'
  | 'system'
  | 'component';

/** @public */
export const lockScopes: readonly LockScope[] = [
  'platform',
  'environment',
  'cluster',
  'system',
  'component',
];

/**
 * - `lock`: forbids, so that somebody can work undisturbed.
 * - `warning`: forbids nothing; it is shown before a deploy is confirmed.
 * - `freeze`: forbids for a time that was agreed on, also over and over by a schedule.
 *
 * @public
 */
export type LockKind = 'lock' | 'warning' | 'freeze';

/** @public */
export const lockKinds: readonly LockKind[] = ['lock', 'warning', 'freeze'];

/**
 * When a freeze repeats, by the clock on the wall of a time zone.
 *
 * @public
 */
export interface LockSchedule {
  /** `deny`: closed within the windows. `allow`: closed outside of them; several such freezes of one target open it together. Closed comes first. */
  mode: 'deny' | 'allow';
  /** Recurrence rule of RFC 5545 with FREQ of DAILY, WEEKLY, MONTHLY or YEARLY, e.g. `FREQ=WEEKLY;BYDAY=FR`. UNTIL is a wall time too. */
  rule: string;
  /** Wall time of the first window, e.g. `2026-01-30T18:00`. */
  start: string;
  /** Length of a window by the clock on the wall, in minutes. */
  durationMinutes: number;
  /** IANA name, e.g. `Europe/Berlin`. */
  timeZone: string;
}

/**
 * Whether deploys are closed, why, and when that changes, within the next 60 days.
 *
 * @public
 */
export interface FreezeStatus {
  closed: boolean;
  reason?: string;
  /** ISO time from which nothing is closed. */
  nextOpen?: string;
  /** ISO time at which it closes the next time; while it is closed, after it has opened. */
  nextClose?: string;
  nextCloseReason?: string;
}

/**
 * What a lock binds, in full.
 *
 * @public
 */
export interface LockTarget {
  scope: LockScope;
  /** Full ref of the system or component, for these scopes. */
  entityRef?: string;
  /** Name of the cluster, for this scope. */
  cluster?: string;
  /** Required for the scope `environment`. Without one, all others bind every environment. */
  environment?: string;
}

/**
 * A lock, warning or freeze. One on a component also binds whatever deploys the same target.
 *
 * @public
 */
export interface Lock extends LockTarget {
  id: string;
  kind: LockKind;
  reason: string;
  /** User entity ref of who set it. */
  createdBy: string;
  createdAt: string;
  /** User entity ref of who answers for it now: who set it, until it is handed on. */
  holder: string;
  /** Whether it lets its holder deploy. */
  holderMayDeploy: boolean;
  /** Address of the incident that it belongs to. */
  incident?: string;
  /** ISO time. Before it the lock does not bind. */
  startsAt?: string;
  /** ISO time. After it the lock binds no longer, whether or not anything has cleaned it up. */
  expiresAt?: string;
  /** Of a freeze that repeats. */
  schedule?: LockSchedule;
  /** Whether it binds at the moment: one that is planned does not yet. */
  binds: boolean;
  /** Whether it has ended by itself and nothing has put it away: it binds no longer, but what does so lags. */
  overdue: boolean;
  /** ISO time at which it begins to bind the next time, within the next 60 days. */
  nextStart?: string;
  /** ISO time at which it stops to bind, if only for a while, within the next 60 days. */
  nextEnd?: string;
  /** Whether this viewer may release it, and if not why. */
  release: {
    allowed: boolean;
    why?: string;
    /** Whether it takes a reason: somebody else holds the lock. */
    needsReason: boolean;
  };
}

/**
 * Answer of `GET /v1/lock-places`: what a lock may be set on besides systems and components.
 *
 * @public
 */
export interface LockPlacesList {
  environments: string[];
  /** Empty where nothing knows the clusters. */
  clusters: string[];
  /** Scopes of which this person may lock some, the narrowest first; none: never any. */
  scopes: LockScope[];
  /** Signal channel that rings when any lock changed. */
  channel: string;
}

/**
 * Answer of `GET /v1/lock-calendar`: what closes between two times, in order of the locks.
 *
 * @public
 */
export interface LockCalendar {
  items: Array<{
    lock: Lock;
    /** ISO times at which it closes; cut to what was asked about. */
    windows: Array<{ from: string; to: string }>;
  }>;
}

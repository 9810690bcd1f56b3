import {
  LockKind,
  LockRequest,
  LockSchedule,
  LockScope,
} from '@switchyard/backstage-plugin-runs-common';

const HOUR_MS = 3_600_000;
/** Stands for 'all environments' in a select, whose values are texts. */
export const EVERYWHERE = '';
/** Stands for 'until it is released' among the hours. */
export const NEVER = 0;
const DEFAULT_EXPIRY_HOURS = 4;
const DEFAULT_WINDOW_HOURS = 2;

/** What the fields of the dialog hold. */
export interface LockDraft {
  kind: LockKind;
  scope: LockScope;
  /** Of a system or component. */
  entityRef: string;
  cluster: string;
  /** {@link EVERYWHERE}, or a name. */
  environment: string;
  reason: string;
  /** How long it holds; {@link NEVER}: until it is released. */
  hours: number;
  /** Local time of the browser, or nothing for now. */
  startsAt: string;
  incident: string;
  repeats: boolean;
  mode: LockSchedule['mode'];
  rule: string;
  /** Wall time of the first window. */
  start: string;
  windowHours: number;
  timeZone: string;
}

/** A draft as the dialog opens with it. */
export function newDraft(first: Partial<LockDraft>): LockDraft {
  return {
    kind: 'lock',
    scope: 'component',
    entityRef: '',
    cluster: '',
    environment: EVERYWHERE,
    reason: '',
    hours: DEFAULT_EXPIRY_HOURS,
    startsAt: '',
    incident: '',
    repeats: false,
    mode: 'deny',
    rule: 'FREQ=WEEKLY;BYDAY=FR',
    start: '',
    windowHours: DEFAULT_WINDOW_HOURS,
    timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...first,
  };
}

/** What is missing before it can be sent, by field. The backend looks at the rest. */
export function findGaps(
  draft: LockDraft,
): Partial<Record<keyof LockDraft, string>> {
  const gaps: Partial<Record<keyof LockDraft, string>> = {};
  if (draft.reason.trim() === '')
    gaps.reason = 'Say why, for those who find the lock.';
  if (
    (draft.scope === 'system' || draft.scope === 'component') &&
    draft.entityRef.trim() === ''
  )
    gaps.entityRef = `Say which ${draft.scope}, e.g. ${draft.scope}:default/shop.`;
  if (draft.scope === 'cluster' && draft.cluster === '')
    gaps.cluster = 'Say which cluster.';
  if (draft.scope === 'environment' && draft.environment === EVERYWHERE)
    gaps.environment = 'Say which environment.';
  if (isRepeated(draft) && draft.start === '')
    gaps.start = 'Say when the first one begins.';
  return gaps;
}

/** Only freezes repeat. */
export function isRepeated({ kind, repeats }: LockDraft): boolean {
  return kind === 'freeze' && repeats;
}

/** What is sent. */
export function toLockRequest(draft: LockDraft, nowMs: number): LockRequest {
  const { kind, scope, hours } = draft;
  const begins = draft.startsAt === '' ? nowMs : Date.parse(draft.startsAt);
  return {
    ...(scope !== 'component' && { scope }),
    ...((scope === 'system' || scope === 'component') && {
      entityRef: draft.entityRef.trim(),
    }),
    ...(scope === 'cluster' && { cluster: draft.cluster }),
    ...(draft.environment !== EVERYWHERE && { environment: draft.environment }),
    ...(kind !== 'lock' && { kind }),
    reason: draft.reason.trim(),
    ...(draft.incident.trim() !== '' && { incident: draft.incident.trim() }),
    ...(draft.startsAt !== '' && { startsAt: new Date(begins).toISOString() }),
    expiresAt:
      hours === NEVER ? null : new Date(begins + hours * HOUR_MS).toISOString(),
    ...(isRepeated(draft) && {
      schedule: {
        mode: draft.mode,
        rule: draft.rule.trim(),
        start: draft.start,
        durationMinutes: Math.round(draft.windowHours * 60),
        timeZone: draft.timeZone.trim(),
      },
    }),
  };
}

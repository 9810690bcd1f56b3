import {
  lockKinds,
  lockScopes,
} from '@switchyard/backstage-plugin-runs-common';
import { z } from 'zod';
import { findScheduleProblems } from '../locks/schedule';
import {
  address,
  entityRef,
  environment,
  MAX_NAME_LENGTH,
  MAX_REASON_LENGTH,
  plainText,
} from './schemas';

const scope = z.enum(lockScopes, `must be one of ${lockScopes.join(', ')}`);
const kind = z.enum(lockKinds, `must be one of ${lockKinds.join(', ')}`);
const isoTime = z.iso.datetime({
  offset: true,
  error: 'must be an ISO time such as 2030-01-31T12:00:00Z',
});
/** Which fields a scope takes: `true` must be there, `false` must not. */
const FIELDS = {
  platform: { entityRef: false, cluster: false, environment: undefined },
  environment: { entityRef: false, cluster: false, environment: true },
  cluster: { entityRef: false, cluster: true, environment: undefined },
  system: { entityRef: true, cluster: false, environment: undefined },
  component: { entityRef: true, cluster: false, environment: undefined },
} as const;

const MAX_DURATION_MINUTES = 366 * 24 * 60;

const schedule = z
  .strictObject({
    mode: z.enum(['deny', 'allow'], 'must be deny or allow'),
    rule: plainText(MAX_REASON_LENGTH),
    start: plainText(MAX_NAME_LENGTH),
    durationMinutes: z
      .number('must be a number of minutes')
      .int('must be a whole number of minutes')
      .min(1)
      .max(MAX_DURATION_MINUTES),
    timeZone: plainText(MAX_NAME_LENGTH),
  })
  .superRefine((value, context) => {
    for (const { field, message } of findScheduleProblems(value))
      context.addIssue({ code: 'custom', path: [field], message });
  });

/** Body of `POST /v1/locks`. */
export const lockBody = z
  .strictObject({
    scope: scope.default('component'),
    entityRef: entityRef.optional(),
    cluster: plainText(MAX_NAME_LENGTH).optional(),
    environment: environment.optional(),
    kind: kind.optional(),
    reason: plainText(MAX_REASON_LENGTH),
    holderMayDeploy: z.boolean().optional(),
    incident: address.optional(),
    schedule: schedule.optional(),
    startsAt: isoTime.optional(),
    expiresAt: isoTime.nullable().optional(),
  })
  .superRefine((body, context) => {
    if (body.schedule && body.kind !== 'freeze')
      context.addIssue({
        code: 'custom',
        path: ['schedule'],
        message: 'makes sense for kind freeze only',
      });
    for (const [field, wanted] of Object.entries(FIELDS[body.scope])) {
      const given = body[field as 'entityRef'] !== undefined;
      if (wanted === undefined || wanted === given) continue;
      context.addIssue({
        code: 'custom',
        path: [field],
        message: wanted
          ? `is required for scope ${body.scope}`
          : `makes no sense for scope ${body.scope}`,
      });
    }
  });

const reason = plainText(MAX_REASON_LENGTH).optional();

/** Body of `POST /v1/locks/:id/extend`. */
export const extendBody = z.strictObject({
  expiresAt: isoTime.nullable(),
  reason,
});

/** Body of `POST /v1/locks/:id/transfer`. */
export const transferBody = z.strictObject({ to: entityRef, reason });

/** Body of `POST /v1/locks/:id/release`. */
export const releaseBody = z.strictObject({ reason }).default({});

/** Query of `GET /v1/locks`. */
export const lockQuery = z.object({
  entityRef: entityRef.optional(),
  scope: scope.optional(),
  kind: kind.optional(),
  environment: environment.optional(),
  holder: entityRef.optional(),
});

const MAX_CALENDAR_MS = 93 * 24 * 3_600_000;

/** Query of `GET /v1/lock-calendar`. */
export const calendarQuery = z
  .object({ from: isoTime, to: isoTime })
  .transform(({ from, to }) => ({ from: new Date(from), to: new Date(to) }))
  .refine(({ from, to }) => to > from, {
    path: ['to'],
    message: 'must be after from',
  })
  .refine(({ from, to }) => +to - +from <= MAX_CALENDAR_MS, {
    path: ['to'],
    message: 'must be at most 93 days after from',
  });

/** Path of what is about one lock. */
export const lockPath = z.object({ id: z.uuid('must be the id of a lock') });

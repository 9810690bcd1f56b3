import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import { JsonObject } from '@backstage/types';
import { z } from 'zod';

export const MAX_REASON_LENGTH = 500;
export const MAX_NAME_LENGTH = 100;
const MAX_REF_LENGTH = 300;
const MAX_ADDRESS_LENGTH = 2_000;
const MAX_INPUT_DEPTH = 20;

/**
 * Control characters (a line end in a reason would forge trailers of a commit message), and marks that turn the direction of text and so make a
 * sentence read as another.
 */
const UNSEEN_CHARACTERS =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

export const plainText = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(maxLength, `must not be longer than ${maxLength} characters`)
    .refine(
      text => !UNSEEN_CHARACTERS.test(text),
      'must not contain control characters or line ends',
    );

/** A full entity ref. */
export const entityRef = plainText(MAX_REF_LENGTH).transform(
  (text, context) => {
    try {
      const ref = stringifyEntityRef(parseEntityRef(text));
      if (!ref.includes('|')) return ref;
    } catch {
      // Reported below.
    }
    context.addIssue({
      code: 'custom',
      message: 'must be an entity ref such as component:default/orders',
    });
    return z.NEVER;
  },
);

/** Whoever walks through a value calls itself once per level: endless nesting would end the stack. */
const jsonObject = z
  .unknown()
  .refine(
    value => !isDeeperThan(value, MAX_INPUT_DEPTH),
    `must not be nested deeper than ${MAX_INPUT_DEPTH} levels`,
  )
  .pipe(z.record(z.string(), z.json()))
  .transform(input => input as JsonObject);

function isDeeperThan(value: unknown, depth: number): boolean {
  let level = [value];
  for (let each = 0; each <= depth; each++) {
    level = level.flatMap(item =>
      typeof item === 'object' && item !== null ? Object.values(item) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}

/** Name of an environment. */
export const environment = plainText(MAX_NAME_LENGTH).refine(
  text => !text.includes('|'),
  "must not contain '|'",
);

const runStatus = z.enum([
  'queued',
  'waiting',
  'running',
  'succeeded',
  'failed',
  'needs-attention',
  'dead',
  'cancelled',
]);

/** Hash of the plan that a person was shown. */
export const planHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be the planHash of a preview');

/** What a person says about a decision. */
export const comment = plainText(MAX_REASON_LENGTH);

/** Address of a page, such as that of an incident. */
export const address = z
  .url({
    protocol: /^https?$/,
    error: 'must be an address such as https://example.org/incidents/42',
  })
  .max(MAX_ADDRESS_LENGTH);

/** What an emergency pass is asked for with. */
export const passWish = z.strictObject({
  reason: plainText(MAX_REASON_LENGTH),
  incident: address.optional(),
});

/** Body of `POST /v1/previews`. */
export const previewBody = z.strictObject({
  action: plainText(MAX_NAME_LENGTH),
  entityRef,
  environment,
  input: jsonObject,
});

/** Query of the choices of an action. */
export const choicesQuery = z.object({
  action: plainText(MAX_NAME_LENGTH),
  environment,
});

/** Body of `POST /v1/runs`. */
export const runBody = previewBody.extend({
  reason: plainText(MAX_REASON_LENGTH),
  planHash,
  forkedFrom: z.uuid('must be the id of a run').optional(),
  replaces: z.uuid('must be the id of a run').optional(),
  breakGlass: passWish.optional(),
});

/** Body of verbs that have to be explained. */
export const reasonBody = z.strictObject({
  reason: plainText(MAX_REASON_LENGTH),
});

/** Header of `POST /v1/runs`. */
export const idempotencyKey = z.object({
  'Idempotency-Key': z
    .string(
      'is required: a text of your own that stands for this request, e.g. a UUID',
    )
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters'),
});

const time = z.iso
  .datetime({
    offset: true,
    error: 'must be an ISO time such as 2030-01-31T12:00:00Z',
  })
  .transform(text => new Date(text));

/** A value or several of a query parameter. */
const oneOrMore = <T extends z.ZodType>(schema: T) =>
  z.preprocess(
    value => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(schema).max(20).optional(),
  );

/** Query of `GET /v1/runs`. */
export const listQuery = z.object({
  entityRef: entityRef.optional(),
  status: oneOrMore(runStatus),
  kind: plainText(MAX_NAME_LENGTH).optional(),
  environment: environment.optional(),
  requestedBy: entityRef.optional(),
  from: time.optional(),
  to: time.optional(),
  limit: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(1)
    .max(100)
    .default(50),
  cursor: z.coerce
    .number('must be the nextCursor of the page before')
    .int()
    .min(1)
    .optional(),
});

/** Query of `why-not`. */
export const actionQuery = z.strictObject({
  action: plainText(MAX_NAME_LENGTH).optional(),
  environment: environment.optional(),
});

/** Query of `GET /v1/audit`. */
export const auditQuery = z.object({
  entityRef: entityRef.optional(),
  environment: environment.optional(),
  person: entityRef.optional(),
  event: oneOrMore(plainText(MAX_NAME_LENGTH)),
  run: z.coerce
    .number('must be the number of a run, such as 412')
    .int('must be the number of a run, such as 412')
    .min(1)
    .optional(),
  from: time.optional(),
  to: time.optional(),
  limit: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(1)
    .max(200)
    .default(100),
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,17}$/, 'must be the nextCursor of the page before')
    .optional(),
});

/** Query of `GET /v1/record` and of its export. */
export const recordQuery = z.object({
  entityRef: entityRef.optional(),
  system: entityRef.optional(),
  team: entityRef.optional(),
  environment: environment.optional(),
  action: plainText(MAX_NAME_LENGTH).optional(),
  from: time.optional(),
  to: time.optional(),
  by: z.enum(['day', 'week', 'month']).optional(),
});

/** Path of what is about one run. */
export const runPath = z.object({ id: z.uuid('must be the id of a run') });

/** Path of what is about one step. */
export const stepPath = runPath.extend({ stepId: plainText(200) });

/** Path of the state of an entity. */
export const entityPath = z
  .object({
    kind: plainText(MAX_NAME_LENGTH),
    namespace: plainText(MAX_NAME_LENGTH),
    name: plainText(MAX_NAME_LENGTH),
  })
  .transform((path, context) => {
    const parsed = entityRef.safeParse(
      `${path.kind}:${path.namespace}/${path.name}`,
    );
    if (parsed.success) return parsed.data;
    context.addIssue({
      code: 'custom',
      message: 'the path does not name an entity',
    });
    return z.NEVER;
  });

/** Body of verbs that need none. */
export const emptyBody = z.strictObject({}).optional();

/** @throws InputError that names the fields and what is wrong with them */
export function parseInput<T extends z.ZodType>(
  schema: T,
  value: unknown,
): z.output<T> {
  const result = schema.safeParse(value);
  if (!result.success) throw new InputError(z.prettifyError(result.error));
  return result.data;
}

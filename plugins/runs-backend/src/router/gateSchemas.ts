import { z } from 'zod';
import { comment, entityRef, planHash } from './schemas';

/** Path of what is about one gate. */
export const gatePath = z.object({ id: z.uuid('must be the id of a gate') });

/** Body of `POST /v1/gates/:id/approve`. */
export const approveBody = z.strictObject({
  planHash,
  comment: comment.optional(),
});

/** Body of `POST /v1/gates/:id/reject`. */
export const rejectBody = z.strictObject({ planHash, comment });

/** Body of `POST /v1/gates/:id/delegate`. */
export const delegateBody = z.strictObject({
  to: entityRef
    .transform(ref => ref.toLocaleLowerCase('en-US'))
    .refine(
      ref => ref.startsWith('user:'),
      'must be a user such as user:default/omar',
    ),
  comment: comment.optional(),
});

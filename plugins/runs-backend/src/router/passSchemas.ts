import { z } from 'zod';
import { comment, passWish, planHash } from './schemas';

/** Path of what is about one emergency pass. */
export const passPath = z.object({ id: z.uuid('must be the id of a pass') });

/** Body of `POST /v1/runs/:id/break-glass`. */
export const passBody = passWish.extend({ planHash });

/** Body of `POST /v1/break-glass/:id/confirm`. */
export const confirmPassBody = z.strictObject({
  planHash,
  comment: comment.optional(),
});

/** Body of `POST /v1/break-glass/:id/refuse`. */
export const refusePassBody = z.strictObject({ planHash, comment });

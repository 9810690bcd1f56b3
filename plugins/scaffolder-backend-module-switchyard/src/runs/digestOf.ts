import { createHash } from 'node:crypto';

/** Tells one input of a step from another: the rounds of a step with `each` share its id. */
export function digestOf(input: object): string {
  return createHash('sha256')
    .update(JSON.stringify(input))
    .digest('hex')
    .slice(0, 16);
}

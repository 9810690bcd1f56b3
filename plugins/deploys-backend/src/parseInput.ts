import { InputError } from '@backstage/errors';
import { z } from 'zod';

/**
 * Checks what came from outside.
 *
 * @throws InputError that says what is wrong
 */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new InputError(z.prettifyError(result.error));
  return result.data;
}

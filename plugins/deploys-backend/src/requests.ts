import { z } from 'zod';

const MAX_TAIL_LINES = 10_000;
const DEFAULT_TAIL_LINES = 500;

const kubernetesName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'is no name of Kubernetes');
const entityPart = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?$/, 'is no part of an entity ref');
const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform(value => value === 'true');

/** Path of everything about one entity. */
export const entityParams = z.object({
  kind: entityPart,
  namespace: entityPart,
  name: entityPart,
});

export const versionsQuery = z.object({
  environment: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'is no name of an environment'),
});

export const logsParams = entityParams.extend({
  // Compared with the fleet's names, never put into an address.
  cluster: z.string().min(1).max(253),
  podNamespace: kubernetesName,
  pod: kubernetesName,
});

export const logsQuery = z.object({
  container: kubernetesName.optional(),
  previous: flag,
  follow: flag,
  timestamps: flag,
  tail: z
    .string()
    .regex(/^\d{1,6}$/, 'is no whole number')
    .transform(Number)
    .pipe(z.number().min(1).max(MAX_TAIL_LINES))
    .default(DEFAULT_TAIL_LINES),
});

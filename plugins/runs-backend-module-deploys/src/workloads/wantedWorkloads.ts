import { z } from 'zod';

const name = z.string().trim().min(1).max(253);

/** Which workloads of a target a person means. */
export const wantedWorkloads = z
  .array(
    z.strictObject({
      kind: z
        .enum(['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'])
        .optional(),
      name,
      namespace: name.optional(),
      cluster: name.optional(),
    }),
  )
  .min(1)
  .max(50);

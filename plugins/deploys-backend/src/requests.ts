import { z } from 'zod';
import { MAX_MERGED_PODS } from './pods/MergedLog';

const MAX_TAIL_LINES = 10_000;
const DEFAULT_TAIL_LINES = 500;
const MAX_SINCE_SECONDS = 7 * 24 * 60 * 60;

/** A name of Kubernetes. */
export const kubernetesName = z
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

const wholeNumber = z
  .string()
  .regex(/^\d{1,8}$/, 'is no whole number')
  .transform(Number);
const howToRead = {
  container: kubernetesName.optional(),
  previous: flag,
  follow: flag,
  tail: wholeNumber
    .pipe(z.number().min(1).max(MAX_TAIL_LINES))
    .default(DEFAULT_TAIL_LINES),
  since: wholeNumber.pipe(z.number().min(1).max(MAX_SINCE_SECONDS)).optional(),
};

export const logsQuery = z.object({ ...howToRead, timestamps: flag });

export const mergedLogQuery = z
  .object({
    ...howToRead,
    cluster: z.string().min(1).max(253),
    namespace: kubernetesName,
    workload: z
      .string()
      .max(300)
      .regex(
        /^[A-Z][A-Za-z]{0,62}\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
        'is no kind and name, such as Deployment/orders',
      )
      .transform(text => {
        const [kind, name] = text.split('/');
        return { kind, name };
      }),
    pod: z
      .union([
        kubernetesName.transform(name => [name]),
        z.array(kubernetesName),
      ])
      .pipe(z.array(z.string()).max(MAX_MERGED_PODS))
      .default([]),
  })
  .transform(({ pod, ...rest }) => ({ ...rest, pods: pod }));

import { isImageTag } from '@switchyard/backstage-plugin-deploys-node';
import { z } from 'zod';

/** A version as a person gives it, to be shipped. */
export const versionInput = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .refine(
    isImageTag,
    'is no version: letters, digits, dots, dashes and underscores only',
  );

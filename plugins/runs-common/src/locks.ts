/**
 * A lock forbids actions on a component, in one environment or in all, and on whatever deploys the same target. Whoever holds it may still deploy.
 *
 * @public
 */
export interface Lock {
  id: string;
  entityRef: string;
  /** Without one the lock binds every environment. */
  environment?: string;
  reason: string;
  /** User entity ref of the holder. */
  createdBy: string;
  createdAt: string;
  /** ISO time. After it the lock binds no longer, whether or not anything has cleaned it up. */
  expiresAt?: string;
  /** Whether this viewer may release it, and if not why. */
  release: { allowed: boolean; why?: string };
}

import { KubernetesObject } from '../types';

export interface DeleteOptions {
  /** Seconds; the pod's own if not given, 0 at once. */
  gracePeriodSeconds?: number;
  propagation?: 'Background' | 'Foreground' | 'Orphan';
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
}

/** Seconds that a pod is given; others have none. A pod that never ran or has ended needs none. */
export function graceOf(
  object: KubernetesObject,
  options: DeleteOptions,
): number {
  if (object.kind !== 'Pod') {
    return 0;
  }
  if (
    !object.spec.nodeName ||
    ['Succeeded', 'Failed'].includes(object.status?.phase)
  ) {
    return 0;
  }
  const wanted =
    options.gracePeriodSeconds ??
    object.spec.terminationGracePeriodSeconds ??
    30;
  return Math.max(0, wanted);
}

/** Finalizers that an object has once its deletion was asked for. */
export function finalizersOnDelete(
  object: KubernetesObject,
  propagation: DeleteOptions['propagation'],
): string[] {
  const finalizers = new Set<string>(
    (object.metadata.finalizers as string[] | undefined) ?? [],
  );
  finalizers.delete('orphan');
  finalizers.delete('foregroundDeletion');
  if (propagation === 'Orphan') {
    finalizers.add('orphan');
  } else if (propagation === 'Foreground') {
    finalizers.add('foregroundDeletion');
  }
  return [...finalizers];
}

/** Marked for deletion, and nothing holds it any more. */
export function isFinished(object: KubernetesObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } =
    object.metadata as any;
  return (
    deletionTimestamp !== undefined &&
    (finalizers ?? []).length === 0 &&
    (deletionGracePeriodSeconds ?? 0) === 0 &&
    object.kind !== 'Namespace'
  );
}

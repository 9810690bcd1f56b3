/** The arithmetic of a Deployment: how many pods each of its ReplicaSets shall have. Pure functions over numbers. */

/** What the arithmetic needs of a ReplicaSet. */
export interface SetSize {
  name: string;
  /** `spec.replicas` */
  replicas: number;
  /** `status.availableReplicas` */
  available: number;
  createdAt: string;
  /** Annotation `max-replicas`: what the Deployment's size and surge were when the set was last scaled. */
  maxReplicas?: number;
}

export interface RolloutLimits {
  replicas: number;
  maxSurge: number;
  maxUnavailable: number;
}

type IntOrPercent = number | string | undefined;

/** A number, or a percentage of a total. */
export function resolveShare(
  value: IntOrPercent,
  total: number,
  round: (value: number) => number,
): number {
  if (typeof value === 'string') {
    return value.endsWith('%')
      ? round((parseInt(value, 10) * total) / 100)
      : parseInt(value, 10);
  }
  return value ?? 0;
}

/** Surge is rounded up, unavailability down; both zero would stand still, so one may be unavailable then. */
export function rolloutLimits(strategy: {
  type: string;
  replicas: number;
  maxSurge?: IntOrPercent;
  maxUnavailable?: IntOrPercent;
}): RolloutLimits {
  const { replicas } = strategy;
  if (strategy.type !== 'RollingUpdate') {
    return { replicas, maxSurge: 0, maxUnavailable: 0 };
  }
  const maxSurge = resolveShare(strategy.maxSurge, replicas, Math.ceil);
  let maxUnavailable = resolveShare(
    strategy.maxUnavailable,
    replicas,
    Math.floor,
  );
  if (maxSurge === 0 && maxUnavailable === 0) {
    maxUnavailable = 1;
  }
  return {
    replicas,
    maxSurge,
    maxUnavailable: Math.min(maxUnavailable, replicas),
  };
}

function sum(sets: SetSize[], of: (set: SetSize) => number): number {
  return sets.reduce((total, set) => total + of(set), 0);
}

/** Size of the new set: as large as all sets together may be. */
export function newSetSize(
  limits: RolloutLimits,
  newSet: SetSize,
  all: SetSize[],
): number {
  if (newSet.replicas >= limits.replicas) {
    return limits.replicas;
  }
  const room =
    limits.replicas + limits.maxSurge - sum(all, set => set.replicas);
  return room <= 0
    ? newSet.replicas
    : newSet.replicas + Math.min(room, limits.replicas - newSet.replicas);
}

/** Sizes of the old sets that shall shrink: first pods that are not available anyway, then available ones as far as enough are left. */
export function oldSetSizes(
  limits: RolloutLimits,
  newSet: SetSize,
  old: SetSize[],
): Map<string, number> {
  const sizes = new Map(old.map(set => [set.name, set.replicas]));
  const all = [newSet, ...old];
  const minAvailable = limits.replicas - limits.maxUnavailable;
  const newUnavailable = newSet.replicas - newSet.available;
  let room = sum(all, set => set.replicas) - minAvailable - newUnavailable;
  if (room <= 0 || sum(old, set => set.replicas) === 0) {
    return new Map();
  }
  const oldestFirst = [...old].sort((a, b) =>
    a.createdAt.localeCompare(b.createdAt),
  );
  for (const set of oldestFirst) {
    const unhealthy = Math.max(0, Math.min(room, set.replicas - set.available));
    sizes.set(set.name, set.replicas - unhealthy);
    room -= unhealthy;
  }
  let spare = sum(all, set => set.available) - minAvailable;
  for (const set of oldestFirst) {
    const size = sizes.get(set.name)!;
    const taken = Math.max(0, Math.min(size, spare));
    sizes.set(set.name, size - taken);
    spare -= taken;
  }
  return new Map(
    [...sizes].filter(
      ([name, size]) => size !== old.find(set => set.name === name)!.replicas,
    ),
  );
}

/**
 * Sizes after the Deployment was scaled in the middle of a rollout: each set grows or shrinks by its share, what rounding leaves goes to the largest.
 */
export function proportionalSizes(
  limits: RolloutLimits,
  active: SetSize[],
): Map<string, number> {
  const allowed = limits.replicas > 0 ? limits.replicas + limits.maxSurge : 0;
  const toAdd = allowed - sum(active, set => set.replicas);
  const newerFirst = toAdd > 0 ? -1 : 1;
  const sorted = [...active].sort(
    (a, b) =>
      b.replicas - a.replicas ||
      newerFirst * a.createdAt.localeCompare(b.createdAt),
  );
  const sizes = new Map<string, number>();
  let added = 0;
  for (const set of sorted) {
    const before = set.maxReplicas || limits.replicas;
    const share =
      limits.replicas === 0
        ? -set.replicas
        : Math.round((set.replicas * allowed) / before) - set.replicas;
    const rest = toAdd - added;
    const change =
      toAdd > 0
        ? Math.max(0, Math.min(share, rest))
        : Math.min(0, Math.max(share, rest));
    sizes.set(set.name, set.replicas + change);
    added += change;
  }
  if (sorted.length > 0 && toAdd !== added) {
    const largest = sorted[0].name;
    sizes.set(largest, Math.max(0, sizes.get(largest)! + toAdd - added));
  }
  return sizes;
}

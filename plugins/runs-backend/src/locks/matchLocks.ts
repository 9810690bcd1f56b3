import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { FactReading } from '@switchyard/backstage-plugin-runs-node';
import { LockRecord } from '../database/types';

/** A lock as the interlock needs it. Only locks that have neither been released nor expired are handed in. */
export type BindingLock = Omit<LockRecord, 'key'>;

/** What an action would touch, as far as locks go by it. */
export interface LockPlace {
  entityRef: string;
  environment: string;
  /** Full refs of the systems that the entity is part of. */
  systems?: readonly string[];
  /** By systems of the entities that deploy the same: refs of what they deploy with it. */
  sharedSystems?: ReadonlyMap<string, string[]>;
  /** Names of clusters that the plan names, besides those that fact sources tell of. */
  clusters?: readonly string[];
}

type Facts = ReadonlyArray<{ sourceId: string; reading: FactReading }>;

/** A lock that binds, and what its entity shares with the target when it lies on another one. */
export interface FoundLock {
  lock: BindingLock;
  /** Refs of what both deploy; empty for a lock on the target itself. */
  shared: string[];
}

/** Entities that deploy something that an action on this one would touch, each with what it is: their locks bind as well. */
export function findSharers(
  entityRef: string,
  facts: Facts,
): Map<string, string[]> {
  const sharers = new Map<string, string[]>();
  for (const { reading } of facts) {
    if (reading.state === 'not-readable') continue;
    for (const fact of reading.facts) {
      if (fact.type !== 'shared-target' || fact.entityRef === entityRef)
        continue;
      const refs = sharers.get(fact.entityRef) ?? [];
      if (!refs.includes(fact.ref))
        sharers.set(fact.entityRef, [...refs, fact.ref]);
    }
  }
  return sharers;
}

/** Names of the clusters that an action would touch: those that fact sources tell of, and those that the plan names. */
export function findClusters(facts: Facts, plan?: RunPlan): string[] {
  const told = facts.flatMap(({ reading }) =>
    reading.state === 'read'
      ? reading.facts.flatMap(fact =>
          fact.type === 'cluster' ? [fact.name] : [],
        )
      : [],
  );
  const planned = [...(plan?.steps ?? []), ...(plan?.changes ?? [])].flatMap(
    ({ cluster }) => (cluster === undefined ? [] : [cluster]),
  );
  return [...new Set([...told, ...planned])];
}

/** Those of the locks that bind an action there, whoever asks, whenever, and whatever they forbid. */
export function findLocks(options: {
  target: LockPlace;
  locks: readonly BindingLock[];
  facts: Facts;
}): FoundLock[] {
  const { target, locks, facts } = options;
  const sharers = findSharers(target.entityRef, facts);
  const clusters = new Set([
    ...findClusters(facts),
    ...(target.clusters ?? []),
  ]);
  return locks
    .filter(
      ({ environment }) =>
        environment === undefined || environment === target.environment,
    )
    .flatMap((lock): FoundLock[] => {
      const itself = { lock, shared: [] };
      switch (lock.scope) {
        case 'platform':
        case 'environment':
          return [itself];
        case 'cluster':
          return clusters.has(lock.cluster!) ? [itself] : [];
        case 'system':
          if (target.systems?.includes(lock.entityRef!)) return [itself];
          return toShared(lock, target.sharedSystems);
        default: {
          if (lock.entityRef === target.entityRef) return [itself];
          return toShared(lock, sharers);
        }
      }
    });
}

function toShared(
  lock: BindingLock,
  sharing: ReadonlyMap<string, string[]> | undefined,
): FoundLock[] {
  const shared = sharing?.get(lock.entityRef!);
  return shared ? [{ lock, shared }] : [];
}

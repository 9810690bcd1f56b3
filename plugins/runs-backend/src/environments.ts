import { Entity } from '@backstage/catalog-model';
import { ActionKinds } from './kinds/ActionKinds';

/** What matches none of `switchyard.environments`: the strictest rules are for it. */
export const UNASSIGNED_ENVIRONMENT = 'unassigned';

/** The environments in which locking an entity makes sense: where any action does, else all that are configured. */
export function createEnvironmentsOf(
  kinds: ActionKinds,
  configured: string[],
): (entity: Entity) => string[] {
  return entity => {
    const acting = new Set(
      kinds.all.flatMap(kind => kind.environments(entity)),
    );
    if (acting.size === 0) return configured;
    // In the order of the configuration; 'unassigned' and the like come last.
    const ordered = configured.filter(name => acting.has(name));
    return [...ordered, ...[...acting].filter(name => !ordered.includes(name))];
  };
}

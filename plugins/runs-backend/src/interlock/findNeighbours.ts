import { ActionKinds } from '../kinds/ActionKinds';
import { findSharers } from '../locks/matchLocks';
import { InterlockReader } from './InterlockReader';

/**
 * Entities that a lock on another one binds too, whatever the action and the environment. Sharing goes both ways: whoever deploys the same target
 * as an entity is bound by its locks. What cannot be read has none.
 *
 * @throws when the catalog cannot be asked
 */
export async function findNeighbours(
  entityRef: string,
  options: { reader: InterlockReader; kinds: ActionKinds },
): Promise<string[]> {
  const { reader, kinds } = options;
  const entity = await reader.readEntity(entityRef);
  if (!entity) return [];
  const facts = await Promise.all(
    kinds
      .targetsOf(entity)
      .map(({ kind, environment }) =>
        reader.readFacts({ entity, environment, action: kind.kind }),
      ),
  );
  return [...findSharers(entityRef, facts.flat()).keys()];
}

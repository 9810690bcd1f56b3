import { Entity } from '@backstage/catalog-model';
import { FleetReader } from '@switchyard/fleet-node';

const known = new WeakMap<FleetReader, Map<Entity, Map<string, unknown>>>();

/**
 * Answers a question about an entity from the fleet's memory once for all that ask in a row: every kind of action and every fact source does, for each
 * environment, when a card is opened. The answer is forgotten before anything else can happen, so it is never an older one.
 *
 * @param options.question - names the question; what it depends on besides entity and fleet must be in it
 */
export function onceInARow<T>(
  options: { question: string; entity: Entity; fleet: FleetReader },
  answer: () => T,
): T {
  const { question, entity, fleet } = options;
  let entities = known.get(fleet);
  if (!entities) {
    entities = new Map();
    known.set(fleet, entities);
    queueMicrotask(() => known.delete(fleet));
  }
  const answers = entities.get(entity) ?? new Map<string, unknown>();
  entities.set(entity, answers);
  if (!answers.has(question)) answers.set(question, answer());
  return answers.get(question) as T;
}

import { Entity } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import { JsonObject } from '@backstage/types';
import { ActionKind } from '@switchyard/backstage-plugin-runs-node';

const KIND_NAME = /^[a-z][a-z0-9-]{0,62}$/;
/** Words with a meaning of their own in permissions. */
const RESERVED = ['lock'];

/** The action kinds that modules have brought to this replica. */
export class ActionKinds {
  readonly #kinds = new Map<string, ActionKind>();

  /** @throws Error when the kind is taken, or when its steps could not be carried out safely */
  add<TInput extends JsonObject>(kind: ActionKind<TInput>): void {
    const { kind: name } = kind;
    if (!KIND_NAME.test(name) || RESERVED.includes(name))
      throw new Error(`'${name}' cannot be the name of an action kind`);
    if (this.#kinds.has(name))
      throw new Error(`Action kind '${name}' is taken`);
    if (kind.planVersions.length === 0)
      throw new Error(`Action kind '${name}' names no plan version`);
    for (const [handlerName, handler] of Object.entries(kind.steps)) {
      if (handler.effect === 'adoptable' && !handler.adopt) {
        throw new Error(
          `Handler '${handlerName}' of action kind '${name}' is adoptable but has no 'adopt'`,
        );
      }
    }
    this.#kinds.set(name, kind as unknown as ActionKind);
  }

  get(name: string): ActionKind | undefined {
    return this.#kinds.get(name);
  }

  /** @throws InputError for a kind that no module has brought */
  require(name: string): ActionKind {
    const kind = this.#kinds.get(name);
    if (!kind) throw new InputError(`action: there is no action '${name}'`);
    return kind;
  }

  get all(): ActionKind[] {
    return [...this.#kinds.values()];
  }

  /** What can be done with an entity, and where. */
  targetsOf(entity: Entity): Array<{ kind: ActionKind; environment: string }> {
    return this.all.flatMap(kind =>
      kind.environments(entity).map(environment => ({ kind, environment })),
    );
  }

  /** `kind:version` of everything that this replica can carry out. */
  get registered(): string[] {
    return this.all.flatMap(kind =>
      kind.planVersions.map(version => `${kind.kind}:${version}`),
    );
  }
}

import { WorldClock } from '../world/clock';
import { ApplicationStore } from './ApplicationStore';
import { newApplication } from './newApplication';
import { Application, keyOfApplication } from './types';

/** World milliseconds. */
const RECONCILE_MS = 1_000;

/** An ApplicationSet with one generator, of the kind that lists its elements. */
export interface ApplicationSet {
  apiVersion: 'argoproj.io/v1alpha1';
  kind: 'ApplicationSet';
  metadata: { name: string; namespace: string; uid: string };
  spec: {
    generators: Array<{ list: { elements: Array<Record<string, string>> } }>;
    /** With `{{name}}` where a value of an element goes. */
    template: {
      metadata: {
        name: string;
        labels?: Record<string, string>;
        annotations?: Record<string, string>;
      };
      spec: Application['spec'];
    };
  };
}

/** Makes one Application of each element of an ApplicationSet and keeps its spec as the template has it: what somebody else patches is taken back. */
export class ApplicationSetController {
  readonly #options: {
    applications: ApplicationStore;
    sets: readonly ApplicationSet[];
    clock: WorldClock;
  };
  readonly #stops = new Set<() => void>();
  #isDue = false;

  static create(options: {
    applications: ApplicationStore;
    sets: readonly ApplicationSet[];
    clock: WorldClock;
  }): ApplicationSetController {
    return new ApplicationSetController(options);
  }

  private constructor(options: {
    applications: ApplicationStore;
    sets: readonly ApplicationSet[];
    clock: WorldClock;
  }) {
    this.#options = options;
  }

  start(): void {
    if (this.#options.sets.length === 0) {
      return;
    }
    this.#reconcile();
    this.#stops.add(
      this.#options.applications.subscribe(({ application }) => {
        if (application.metadata.ownerReferences?.length) {
          this.#reconcileSoon();
        }
      }),
    );
  }

  close(): void {
    for (const stop of this.#stops) {
      stop();
    }
  }

  #reconcileSoon(): void {
    if (this.#isDue) {
      return;
    }
    this.#isDue = true;
    const stop = this.#options.clock.schedule(RECONCILE_MS, () => {
      this.#stops.delete(stop);
      this.#isDue = false;
      this.#reconcile();
    });
    this.#stops.add(stop);
  }

  #reconcile(): void {
    const { applications, sets, clock } = this.#options;
    for (const wanted of sets.flatMap(childrenOf)) {
      const key = keyOfApplication(wanted);
      if (!applications.get(key)) {
        applications.add(newApplication(wanted, clock.now()));
      }
      applications.update(key, draft => {
        draft.spec = structuredClone(wanted.spec);
        Object.assign(draft.metadata.labels, wanted.metadata.labels);
        draft.metadata.ownerReferences = wanted.metadata.ownerReferences;
      });
    }
  }
}

/** The Applications that a set wants, with the set as their owner. */
export function childrenOf(set: ApplicationSet): Application[] {
  const { name, namespace, uid } = set.metadata;
  return set.spec.generators
    .flatMap(generator => generator.list.elements)
    .map(element => {
      const filled = JSON.parse(
        JSON.stringify(set.spec.template).replace(
          /\{\{\s*\.?(\w+)\s*\}\}/g,
          (_, key: string) => JSON.stringify(element[key] ?? '').slice(1, -1),
        ),
      ) as ApplicationSet['spec']['template'];
      const { apiVersion, kind } = set;
      return newApplication(
        {
          metadata: {
            ...filled.metadata,
            namespace,
            ownerReferences: [
              {
                apiVersion,
                kind,
                name,
                uid,
                controller: true,
                blockOwnerDeletion: true,
              } as NonNullable<
                Application['metadata']['ownerReferences']
              >[number],
            ],
          },
          spec: filled.spec,
        },
        new Date(0),
      );
    });
}

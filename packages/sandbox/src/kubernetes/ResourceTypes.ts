import { Json } from './json';
import {
  apiVersionOf,
  resourceOfKind,
  resourceOfPlural,
  ResourceType,
  resourceTypes,
} from './resources';
import { Storage } from './store/Storage';
import { KubernetesObject } from './types';

const DEFINITIONS = {
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
};

/** The kinds of one cluster: Kubernetes' own and those that its CustomResourceDefinitions add. */
export class ResourceTypes {
  readonly #storage: Storage;
  #isStale = true;
  #custom: readonly ResourceType[] = [];

  static create(options: { storage: Storage }): ResourceTypes {
    return new ResourceTypes(options.storage);
  }

  private constructor(storage: Storage) {
    this.#storage = storage;
    storage.subscribe(({ object }) => {
      if (object.kind === DEFINITIONS.kind) {
        this.#isStale = true;
      }
    });
  }

  all(): readonly ResourceType[] {
    return [...resourceTypes, ...this.custom()];
  }

  custom(): readonly ResourceType[] {
    if (this.#isStale) {
      this.#isStale = false;
      this.#custom = this.#storage.list(DEFINITIONS).flatMap(typesOf);
    }
    return this.#custom;
  }

  ofKind(apiVersion: string, kind: string): ResourceType | undefined {
    return (
      resourceOfKind(apiVersion, kind) ??
      this.custom().find(
        type => type.kind === kind && apiVersionOf(type) === apiVersion,
      )
    );
  }

  ofPlural(apiVersion: string, plural: string): ResourceType | undefined {
    return (
      resourceOfPlural(apiVersion, plural) ??
      this.custom().find(
        type => type.plural === plural && apiVersionOf(type) === apiVersion,
      )
    );
  }
}

function typesOf({ spec }: KubernetesObject): ResourceType[] {
  const { names } = spec;
  return spec.versions
    .filter((version: Json) => version.served)
    .map(
      (version: Json): ResourceType => ({
        group: spec.group,
        version: version.name,
        kind: names.kind,
        plural: names.plural,
        singular: names.singular ?? names.kind.toLowerCase(),
        namespaced: spec.scope === 'Namespaced',
        shortNames: names.shortNames ?? [],
        categories: names.categories ?? [],
        emptyOnly: false,
        isComputed: false,
        isCustom: true,
        hasStatus: version.subresources?.status !== undefined,
        hasScale: version.subresources?.scale !== undefined,
        hasGeneration: true,
      }),
    );
}

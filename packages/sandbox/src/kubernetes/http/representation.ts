import { IncomingMessage } from 'node:http';
import { ApiError } from '../ApiError';
import { Json, textOf } from '../json';
import { apiVersionOf, ResourceType } from '../resources';
import { KubernetesObject } from '../types';
import { tableColumns, tableRow } from './tables';
import { presented } from './versions';

/** In which form a client wants objects. */
export type Form = 'object' | 'table' | 'metadata';

/** Reads the Accept header. Throws 406 when the client takes no JSON. */
export function formOf(request: IncomingMessage): Form {
  const accepted = String(request.headers.accept ?? '*/*').split(',');
  for (const entry of accepted) {
    const [type, ...parameters] = entry.split(';').map(part => part.trim());
    if (!['application/json', '*/*', 'application/*'].includes(type)) {
      continue;
    }
    const value = (name: string) =>
      parameters
        .find(each => each.startsWith(`${name}=`))
        ?.slice(name.length + 1);
    const as = value('as');
    if (as === undefined) {
      return 'object';
    }
    if (value('g') === 'meta.k8s.io' && value('v') === 'v1') {
      if (as === 'Table') {
        return 'table';
      }
      if (
        as === 'PartialObjectMetadata' ||
        as === 'PartialObjectMetadataList'
      ) {
        return 'metadata';
      }
    }
  }
  throw new ApiError({
    code: 406,
    reason: 'NotAcceptable',
    message: 'only the following media types are accepted: application/json',
  });
}

/** Makes the text of answers in the form that was asked for. */
export class Representation {
  readonly #resource: ResourceType;
  readonly #form: Form;
  readonly #now: () => Date;
  /** `Metadata`, `Object` or `None`: what a table's rows carry of their objects. */
  readonly #includeObject: string;

  static create(options: {
    resource: ResourceType;
    form: Form;
    includeObject?: string;
    now(): Date;
  }): Representation {
    return new Representation(options);
  }

  private constructor(options: {
    resource: ResourceType;
    form: Form;
    includeObject?: string;
    now(): Date;
  }) {
    this.#resource = options.resource;
    this.#form = options.form;
    this.#now = options.now;
    this.#includeObject = options.includeObject || 'Metadata';
  }

  one(object: KubernetesObject): string {
    switch (this.#form) {
      case 'table':
        return JSON.stringify(
          this.#table(
            [object],
            { resourceVersion: object.metadata.resourceVersion },
            true,
          ),
        );
      case 'metadata':
        return JSON.stringify(partial(object));
      default:
        return textOf(presented(this.#resource, object));
    }
  }

  /** An object as a watch shows it. Only the first table of a watch names its columns. */
  watched(object: KubernetesObject, isFirst: boolean): string {
    return this.#form === 'table'
      ? JSON.stringify(
          this.#table(
            [object],
            { resourceVersion: object.metadata.resourceVersion },
            isFirst,
          ),
        )
      : this.one(object);
  }

  list(objects: readonly KubernetesObject[], metadata: Json): string {
    if (this.#form === 'table') {
      return JSON.stringify(this.#table(objects, metadata, true));
    }
    const head =
      this.#form === 'metadata'
        ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' }
        : {
            kind: `${this.#resource.kind}List`,
            apiVersion: apiVersionOf(this.#resource),
          };
    const items = objects.map(object =>
      this.#form === 'metadata'
        ? JSON.stringify(partial(object))
        : itemText(presented(this.#resource, object)),
    );
    return `{"kind":"${head.kind}","apiVersion":"${
      head.apiVersion
    }","metadata":${JSON.stringify(metadata)},"items":[${items.join()}]}`;
  }

  bookmark(
    resourceVersion: number,
    annotations?: Record<string, string>,
  ): string {
    const metadata = {
      resourceVersion: String(resourceVersion),
      creationTimestamp: null,
      ...(annotations ? { annotations } : {}),
    };
    if (this.#form === 'table') {
      return JSON.stringify({
        ...this.#table([], { resourceVersion: String(resourceVersion) }, false),
        metadata,
      });
    }
    const head =
      this.#form === 'metadata'
        ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }
        : {
            kind: this.#resource.kind,
            apiVersion: apiVersionOf(this.#resource),
          };
    return JSON.stringify({ ...head, metadata });
  }

  #table(
    objects: readonly KubernetesObject[],
    metadata: Json,
    withColumns: boolean,
  ): Json {
    const now = this.#now();
    return {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      columnDefinitions: withColumns ? tableColumns(this.#resource) : null,
      rows: objects.map(object => ({
        cells: tableRow(this.#resource, object, now),
        ...(this.#includeObject === 'None'
          ? {}
          : {
              object:
                this.#includeObject === 'Object'
                  ? presented(this.#resource, object)
                  : partial(object),
            }),
      })),
    };
  }
}

function partial(object: KubernetesObject): Json {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  };
}

const itemTexts = new WeakMap<object, string>();

/** Items of a list carry neither kind nor apiVersion: the list has them. */
function itemText(object: KubernetesObject): string {
  let text = itemTexts.get(object);
  if (text === undefined) {
    const { kind: _, apiVersion: __, ...item } = object;
    text = JSON.stringify(item);
    itemTexts.set(object, text);
  }
  return text;
}

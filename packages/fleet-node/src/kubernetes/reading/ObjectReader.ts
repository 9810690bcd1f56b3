import { ObjectEncoder } from '../../store/ObjectEncoder';
import { StoredObject, versionKey } from '../../store/KindStore';
import { StoredRow, splitRow } from '../../store/rowParts';
import { KubernetesObject, isKubernetesObject } from '../kubernetesObject';
import { analysisRunRow } from '../rows/analysisRun';
import { objectRow } from '../rows/common';
import { eventRow, isEventOfInterest } from '../rows/event';
import { jobRow } from '../rows/job';
import { nodeKey, nodeRow } from '../rows/node';
import { podRow } from '../rows/pod';
import { rolloutRow } from '../rows/rollout';
import { workloadRow } from '../rows/workload';
import { slimObject } from '../slimObject';
import { ReadEvent, ReadList, ReadRequest } from './types';

const WORKLOADS = new Set([
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
]);
/** Kinds of which the row is all that is kept. */
const ROW_ONLY = new Set(['Node', 'Event']);

/**
 * Reads what API servers send. It knows nothing of what is held, and can do its work anywhere.
 *
 * @internal
 */
export class ObjectReader {
  readonly #encoders = new Map<string, ObjectEncoder>();
  readonly #onLearnt: (dictionary: Buffer) => number;

  constructor(options: { onLearnt: (dictionary: Buffer) => number }) {
    this.#onLearnt = options.onLearnt;
  }

  /** @throws SyntaxError */
  readList(
    request: ReadRequest,
    page: Uint8Array,
    known: ReadonlySet<string>,
  ): ReadList {
    const { items, metadata } = JSON.parse(textOf(page));
    const problems: string[] = [];
    const objects = (items ?? [])
      .filter(isKubernetesObject)
      .flatMap((object: KubernetesObject) => {
        const { uid, name, resourceVersion } = object.metadata;
        if (known.has(versionKey(object.metadata))) {
          return [asKnown({ uid, name, resourceVersion: resourceVersion! })];
        }
        try {
          return this.#read(request, object) ?? [];
        } catch (error) {
          problems.push(String(error));
          return [];
        }
      });
    return {
      objects,
      problems,
      resourceVersion: metadata?.resourceVersion ?? '',
      ...(metadata?.continue && { continueAt: metadata.continue }),
    };
  }

  readEvents(request: ReadRequest, lines: Uint8Array): ReadEvent[] {
    return textOf(lines)
      .split('\n')
      .filter(line => line !== '')
      .map(line => this.#readLine(request, line));
  }

  #readLine(request: ReadRequest, line: string): ReadEvent {
    let parsed: { type?: unknown; object?: any };
    try {
      parsed = JSON.parse(line);
    } catch (error) {
      return { type: 'problem', problem: String(error), isFatal: true };
    }
    const { type, object } = parsed;
    if (type === 'ERROR') {
      const { code, reason, message } = object ?? {};
      return { type: 'error', code, reason, message };
    }
    const version: unknown = object?.metadata?.resourceVersion;
    const resourceVersion =
      typeof version === 'string' && version ? version : undefined;
    if (type === 'BOOKMARK' || !isKubernetesObject(object)) {
      return { type: 'passed', resourceVersion };
    }
    if (type === 'DELETED') {
      return { type: 'deleted', uid: object.metadata.uid, resourceVersion };
    }
    try {
      const read = this.#read(request, object);
      return read
        ? { type: 'object', object: read, resourceVersion }
        : { type: 'passed', resourceVersion };
    } catch (error) {
      return { type: 'problem', problem: String(error), resourceVersion };
    }
  }

  /** Nothing for one that is not kept. */
  #read(
    { kind, cluster }: ReadRequest,
    object: KubernetesObject,
  ): StoredObject | undefined {
    // Items of a list do not say what they are, metadata-only ones say something else.
    object.apiVersion = kind.apiVersion;
    object.kind = kind.kind;
    if (kind.key === 'Event' && !isEventOfInterest(object)) return undefined;
    const isRowOnly = ROW_ONLY.has(kind.key);
    const origin = isRowOnly ? undefined : slimObject(object);
    const row = rowOf(kind.key, object, cluster);
    const { shared, own } = splitRow(row);
    const encoded = isRowOnly
      ? { bytes: Buffer.alloc(0), dictionary: 0 }
      : this.#encoder(kind.key).encode([object, origin]);
    const ownLength = Buffer.byteLength(own);
    const bytes = Buffer.allocUnsafe(ownLength + encoded.bytes.length);
    bytes.write(own, 'utf8');
    encoded.bytes.copy(bytes, ownLength);
    const { uid, name, resourceVersion } = row;
    const node = kind.key === 'Pod' && object.spec?.nodeName;
    return {
      uid,
      name,
      resourceVersion,
      shared,
      bytes,
      ownLength,
      dictionary: encoded.dictionary,
      ...(node && { key: nodeKey(node) }),
    };
  }

  #encoder(key: string): ObjectEncoder {
    let encoder = this.#encoders.get(key);
    if (!encoder) {
      encoder = new ObjectEncoder({ onLearnt: this.#onLearnt });
      this.#encoders.set(key, encoder);
    }
    return encoder;
  }
}

function rowOf(
  key: string,
  object: KubernetesObject,
  cluster: string,
): StoredRow {
  switch (key) {
    case 'Pod':
      return podRow(object, { cluster });
    case 'Job':
      return jobRow(object, { cluster });
    case 'Rollout':
      return rolloutRow(object, { cluster });
    case 'AnalysisRun':
      return analysisRunRow(object, { cluster });
    case 'Event':
      return eventRow(object, { cluster });
    case 'Node':
      return nodeRow(object, { cluster });
    default:
      return WORKLOADS.has(key)
        ? workloadRow(object, { cluster })
        : objectRow(object, { cluster });
  }
}

function asKnown(
  head: Pick<StoredObject, 'uid' | 'name' | 'resourceVersion'>,
): StoredObject {
  return {
    ...head,
    shared: '',
    bytes: new Uint8Array(),
    ownLength: 0,
    dictionary: 0,
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
  );
}

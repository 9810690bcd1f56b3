import { readFileSync } from 'node:fs';
import { Random } from '../world/Random';
import { writeFileAtomically } from '../world/writeFileAtomically';
import { textOf } from './json';
import { Storage } from './store/Storage';
import { KubernetesObject } from './types';

/** After a change, real milliseconds until it is on disk. */
const DEBOUNCE_MS = 500;

interface Snapshot {
  format: 1;
  resourceVersion: number;
  random: number;
  objects: KubernetesObject[];
}

/** Reads a cluster that was left. Undefined when there is none. */
export function readSnapshot(file: string | undefined): Snapshot | undefined {
  if (!file) {
    return undefined;
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  const snapshot: Snapshot = JSON.parse(text);
  if (snapshot.format !== 1) {
    throw new Error(
      `${file} was written by another version of the sandbox: start with a new folder`,
    );
  }
  return snapshot;
}

export function restoreObjects(storage: Storage, snapshot: Snapshot): void {
  for (const object of snapshot.objects) {
    const [group, version] = object.apiVersion.split('/');
    storage.restore({ group: version ? group : '', kind: object.kind }, object);
  }
}

/** Keeps a cluster on disk: soon after each change, and when it is closed. */
export class SnapshotWriter {
  readonly #options: { file: string; storage: Storage; random: Random };
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;
  #writtenVersion = -1;

  static create(options: {
    file: string;
    storage: Storage;
    random: Random;
  }): SnapshotWriter {
    return new SnapshotWriter(options);
  }

  private constructor(options: {
    file: string;
    storage: Storage;
    random: Random;
  }) {
    this.#options = options;
    this.#stop = options.storage.subscribe(() => {
      this.#timer ??= setTimeout(() => this.write(), DEBOUNCE_MS);
    });
  }

  close(): void {
    this.#stop();
    this.write();
  }

  /** Writes now what has changed. */
  write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { file, storage, random } = this.#options;
    if (storage.resourceVersion === this.#writtenVersion) {
      return;
    }
    const head: Omit<Snapshot, 'objects'> = {
      format: 1,
      resourceVersion: storage.resourceVersion,
      random: random.counter,
    };
    // Few objects have changed since the last time: only their text is new.
    const objects = storage.all().map(textOf).join();
    writeFileAtomically(
      file,
      `${JSON.stringify(head).slice(0, -1)},"objects":[${objects}]}`,
    );
    this.#writtenVersion = storage.resourceVersion;
  }
}

import { InputError } from '@backstage/errors';
import { Backoff, pause } from '../http/backoff';
import { assertObjectName } from '../kubernetes/names';
import { ArgoCdConnection, ArgoQuery } from './ArgoCdConnection';
import { ArgoCdError } from './ArgoCdError';
import { CONNECTION } from './connectionOf';
import { CommitMemory } from './CommitMemory';
import { Slots } from '../http/Slots';
import { readManagedResource, readProject } from './details';
import { ArgoCdTimings } from './timings';
import {
  Application,
  ApplicationEvent,
  ApplicationName,
  ApplicationSyncWindows,
  ArgoCdReader,
  ArgoProject,
  ManagedResource,
  ResourceNode,
  RevisionMetadata,
  SyncWindow,
} from './types';

const COMMIT = /^[0-9a-f]{7,64}$/i;
/** What people look into, so that a hundred of them cannot keep an Argo CD from what runs and watches ask of it. */
const MAX_READS_AT_ONCE = 8;
/** Manifests of a thousand resources, twice. */
const MANIFESTS_LIMIT_BYTES = 32 * 1024 * 1024;

/** @internal */
export class DefaultArgoCdReader implements ArgoCdReader {
  readonly instance: string;
  readonly [CONNECTION]: ArgoCdConnection;
  readonly #connection: ArgoCdConnection;
  readonly #timings: ArgoCdTimings;
  readonly #slots = new Slots(MAX_READS_AT_ONCE);
  readonly #commits: CommitMemory;

  constructor(options: {
    connection: ArgoCdConnection;
    timings: ArgoCdTimings;
  }) {
    this.#connection = options.connection;
    this[CONNECTION] = options.connection;
    this.#timings = options.timings;
    this.instance = options.connection.instance;
    // Shared by all who ask: no single one of them ends it.
    this.#commits = new CommitMemory();
  }

  async getApplication(
    name: ApplicationName,
    options: { refresh?: 'normal' | 'hard'; signal: AbortSignal },
  ): Promise<Application> {
    const answer = await this.#get(name, [], {
      query: { refresh: options.refresh },
      timeoutMs: options.refresh
        ? this.#timings.refreshTimeoutMs
        : this.#timings.requestTimeoutMs,
      signal: options.signal,
    });
    return asApplication(answer, this.instance);
  }

  async *streamApplication(
    name: ApplicationName,
    options: { signal: AbortSignal },
  ): AsyncGenerator<ApplicationEvent> {
    const { signal } = options;
    const backoff = new Backoff({
      baseMs: this.#timings.backoffBaseMs,
      maxMs: this.#timings.backoffMaxMs,
    });
    while (!signal.aborted) {
      let waitMs = 0;
      try {
        // The stream itself cannot tell a missing Application from a quiet one: it says nothing at all for both.
        const application = await this.getApplication(name, { signal });
        yield { type: 'ADDED', application };
        for await (const event of this.#connect(name, signal)) {
          backoff.reset();
          yield event;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof ArgoCdError) || error.kind !== 'unreachable') {
          throw error;
        }
        waitMs = error.retryAfterMs ?? 0;
      }
      await pause(Math.max(backoff.next(), waitMs), signal);
    }
  }

  async syncWindows(
    name: ApplicationName,
    options: { signal: AbortSignal },
  ): Promise<ApplicationSyncWindows> {
    const answer = await this.#get(name, ['syncwindows'], options);
    const { canSync, activeWindows, assignedWindows } = answer as {
      canSync?: boolean;
      activeWindows?: SyncWindow[] | null;
      assignedWindows?: SyncWindow[] | null;
    };
    return {
      // Left out when false, as everything that is empty.
      canSync: canSync === true,
      activeWindows: activeWindows ?? [],
      assignedWindows: assignedWindows ?? [],
    };
  }

  async resourceTree(
    name: ApplicationName,
    options: { signal: AbortSignal },
  ): Promise<ResourceNode[]> {
    const answer = await this.#look(name, ['resource-tree'], options);
    const { nodes } = answer as { nodes?: Array<Partial<ResourceNode>> | null };
    return (nodes ?? []).map(node => ({
      group: node.group ?? '',
      version: node.version ?? '',
      kind: node.kind ?? '',
      namespace: node.namespace ?? '',
      name: node.name ?? '',
      uid: node.uid ?? '',
      parentRefs: node.parentRefs ?? [],
      info: node.info ?? [],
      images: node.images ?? [],
      ...(node.health && { health: node.health }),
      ...(node.createdAt && { createdAt: node.createdAt }),
    }));
  }

  async revisionMetadata(
    name: ApplicationName,
    revision: string,
    options: { sourceIndex?: number; signal: AbortSignal },
  ): Promise<RevisionMetadata> {
    if (!COMMIT.test(revision)) {
      throw new InputError('The revision is not a commit id');
    }
    const { sourceIndex, signal } = options;
    const read = async (within: AbortSignal) => {
      const answer = await this.#look(
        name,
        ['revisions', revision, 'metadata'],
        {
          query: {
            sourceIndex:
              sourceIndex === undefined ? undefined : `${sourceIndex}`,
          },
          signal: within,
        },
      );
      const { author, date, tags, message } = answer as RevisionMetadata;
      return { author, date, tags, message };
    };
    const through = [name.namespace, name.name, sourceIndex].join('/');
    return this.#commits.get({ revision, through }, signal, read);
  }

  async managedResources(
    name: ApplicationName,
    options: { signal: AbortSignal },
  ): Promise<ManagedResource[]> {
    const answer = await this.#look(name, ['managed-resources'], {
      ...options,
      limitBytes: MANIFESTS_LIMIT_BYTES,
    });
    const { items } = answer as { items?: unknown[] | null };
    return (items ?? []).map(item => readManagedResource(item, this.instance));
  }

  async project(
    name: string,
    options: { signal: AbortSignal },
  ): Promise<ArgoProject> {
    assertObjectName(name, 'The name of the project');
    const { signal } = options;
    const answer = await this.#slots.run(signal, () =>
      this.#connection.request({
        path: ['projects', name],
        project: name,
        signal,
      }),
    );
    return readProject(answer, this.instance);
  }

  async *#connect(
    name: ApplicationName,
    signal: AbortSignal,
  ): AsyncGenerator<ApplicationEvent> {
    const renewed = new AbortController();
    const stop = this.#connection.tokens.subscribe(() => renewed.abort());
    try {
      const messages = this.#connection.stream({
        path: ['stream', 'applications'],
        query: { name: name.name, ...scope(name) },
        application: name.name,
        signal: AbortSignal.any([signal, renewed.signal]),
      });
      for await (const data of messages) {
        if (data === undefined) continue;
        const event = readStreamEvent(data, this.instance);
        yield {
          type: event.type,
          application: asApplication(event.application, this.instance),
        };
      }
    } catch (error) {
      if (signal.aborted || !renewed.signal.aborted) throw error;
    } finally {
      stop();
    }
  }

  /** A read for somebody's eyes: waits for its turn. */
  #look(
    name: ApplicationName,
    below: string[],
    options: { query?: ArgoQuery; limitBytes?: number; signal: AbortSignal },
  ): Promise<unknown> {
    assertApplicationName(name);
    return this.#slots.run(options.signal, () =>
      this.#get(name, below, options),
    );
  }

  #get(
    name: ApplicationName,
    below: string[],
    options: {
      query?: ArgoQuery;
      timeoutMs?: number;
      limitBytes?: number;
      signal: AbortSignal;
    },
  ): Promise<unknown> {
    assertApplicationName(name);
    return this.#connection.request({
      path: ['applications', name.name, ...below],
      query: { ...scope(name), ...options.query },
      application: name.name,
      timeoutMs: options.timeoutMs,
      limitBytes: options.limitBytes,
      signal: options.signal,
    });
  }
}

/** @internal */
export function scope(name: ApplicationName): ArgoQuery {
  return { appNamespace: name.namespace, project: name.project };
}

/** @throws InputError @internal */
export function assertApplicationName(name: ApplicationName): void {
  assertObjectName(name.name, 'The name of the Application');
  assertObjectName(name.namespace, 'The namespace of the Application');
  if (name.project !== undefined) {
    assertObjectName(name.project, 'The project of the Application');
  }
}

/** @throws ArgoCdError @internal */
export function asApplication(value: unknown, instance: string): Application {
  const application = value as Application | undefined;
  if (
    typeof application?.metadata?.name !== 'string' ||
    typeof application.spec !== 'object'
  ) {
    throw new ArgoCdError({
      kind: 'unexpected',
      instance,
      message: `Argo CD ${instance} gives answers that make no sense`,
    });
  }
  return application;
}

/**
 * What an event of a stream says. An error comes as `{"error":…}`, or as `{}` where fields were chosen.
 *
 * @throws ArgoCdError of kind `unreachable`: the stream is of no more use
 * @internal
 */
export function readStreamEvent(
  data: string,
  instance: string,
): { type: ApplicationEvent['type']; application: unknown } {
  const { result } = JSON.parse(data) as {
    result?: { type?: string; application?: unknown };
  };
  const type = result?.type;
  if (
    (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') &&
    result?.application
  ) {
    return { type, application: result.application };
  }
  throw new ArgoCdError({
    kind: 'unreachable',
    instance,
    message: `Argo CD ${instance} broke the stream off`,
  });
}

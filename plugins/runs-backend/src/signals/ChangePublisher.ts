import { LoggerService } from '@backstage/backend-plugin-api';
import { SignalsService } from '@backstage/plugin-signals-node';
import { RunsSignal } from '@switchyard/backstage-plugin-runs-common';
import { EntityMark, RunStore } from '../database/RunStore';
import { isEntityKey } from '../locks/lockKeys';
import { Change } from './ChangeListener';
import {
  Channels,
  hashEntityMark,
  hashNeighbourMark,
  hashOfAll,
  hashRun,
} from './Channels';

/** Changes that come together are told together. */
const GATHER_MS = 60;
/** The list is long, and nobody waits for it. */
const LIST_GATHER_MS = 500;

/** Tells browsers to look again: once per entity and per run that changed, with the hash of what they would see. */
export class ChangePublisher {
  readonly #signals: SignalsService;
  readonly #runs: RunStore;
  readonly #channels: Channels;
  readonly #neighboursOf: (entityRef: string) => Promise<string[]>;
  readonly #logger: LoggerService;
  #entities = new Set<string>();
  #locked = new Set<string>();
  /** Whether a lock has changed that binds more than one component. */
  #everywhere = false;
  #locksCount = 0;
  #changedRuns = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #listTimer: NodeJS.Timeout | undefined;
  #listCount = 0;
  #publishing: Promise<void> = Promise.resolve();

  constructor(options: {
    signals: SignalsService;
    runs: RunStore;
    channels: Channels;
    /** Entities that a lock on this one binds too. */
    neighboursOf: (entityRef: string) => Promise<string[]>;
    logger: LoggerService;
  }) {
    this.#signals = options.signals;
    this.#runs = options.runs;
    this.#channels = options.channels;
    this.#neighboursOf = options.neighboursOf;
    this.#logger = options.logger;
  }

  note(change: Change): void {
    if (change.what === 'lock' && bindsMany(change.entityRef))
      this.#everywhere = true;
    else if (change.what !== 'unknown') this.#entities.add(change.entityRef);
    if (change.what === 'lock' && !bindsMany(change.entityRef))
      this.#locked.add(change.entityRef);
    if (change.what === 'run') {
      this.#changedRuns.set(
        change.runId,
        Math.max(change.revision, this.#changedRuns.get(change.runId) ?? 0),
      );
    }
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
    if (change.what !== 'lock')
      this.#listTimer ??= setTimeout(() => this.#ringList(), LIST_GATHER_MS);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#listTimer);
    await this.#publishing;
  }

  #flush(): void {
    this.#timer = undefined;
    const entities = [...this.#entities];
    const locked = this.#locked;
    const runs = [...this.#changedRuns];
    const everywhere = this.#everywhere;
    this.#everywhere = false;
    this.#entities = new Set();
    this.#locked = new Set();
    this.#changedRuns = new Map();
    this.#publishing = this.#publishing
      .then(() => this.#publish(entities, locked, runs))
      .then(() =>
        everywhere || locked.size > 0 ? this.#ringLocks(everywhere) : undefined,
      )
      .catch(error => this.#complain(error));
  }

  async #publish(
    entities: string[],
    locked: ReadonlySet<string>,
    runs: Array<[id: string, revision: number]>,
  ): Promise<void> {
    await Promise.all(
      runs.map(([id, revision]) =>
        this.#ring(this.#channels.ofRun(id), hashRun({ id, revision })),
      ),
    );
    if (entities.length === 0) return;
    const marks = await this.#runs.readMarks(entities);
    await Promise.all(
      marks.map(mark =>
        this.#ring(
          this.#channels.ofEntity(mark.entityRef),
          hashEntityMark(mark),
        ),
      ),
    );
    // Who they are takes the catalog, for whose silence nobody else shall wait. A page that is not told looks again within a minute.
    for (const mark of marks.filter(({ entityRef }) => locked.has(entityRef)))
      this.#tellNeighbours(mark).catch(error => this.#complain(error));
  }

  async #tellNeighbours(mark: EntityMark): Promise<void> {
    const neighbours = await this.#neighboursOf(mark.entityRef);
    await Promise.all(
      neighbours.map(ref =>
        this.#ring(this.#channels.ofEntity(ref), hashNeighbourMark(mark)),
      ),
    );
  }

  /** For the list of locks; and for every page, where one has changed that binds more than a component. */
  async #ringLocks(everywhere: boolean): Promise<void> {
    this.#locksCount += 1;
    const hash = hashOfAll(this.#locksCount);
    const pages = everywhere
      ? this.#channels.watched().map(ref => this.#channels.ofEntity(ref))
      : [];
    await Promise.all(
      [this.#channels.ofLocks, ...pages].map(channel =>
        this.#ring(channel, hash),
      ),
    );
  }

  #ringList(): void {
    this.#listTimer = undefined;
    this.#listCount += 1;
    this.#ring(
      this.#channels.ofAllRuns,
      `${process.pid}-${this.#listCount}`,
    ).catch(error => this.#complain(error));
  }

  #complain(error: unknown): void {
    this.#logger.warn('Changes could not be told', { reason: String(error) });
  }

  async #ring(channel: string, hash: string): Promise<void> {
    await this.#signals.publish<RunsSignal>({
      recipients: { type: 'broadcast' },
      channel,
      message: { hash },
    });
  }
}

/** Whether a lock under this key binds more than one component and its neighbours. */
function bindsMany(key: string): boolean {
  return !isEntityKey(key) || key.startsWith('system:');
}

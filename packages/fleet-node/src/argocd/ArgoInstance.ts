import { LoggerService } from '@backstage/backend-plugin-api';
import { Pacer } from '../store/Pacer';
import { ApplicationQuery, FleetChange } from '../types';
import { ApplicationWatcher } from './ApplicationWatcher';
import { ArgoCdConnection } from './ArgoCdConnection';
import { ArgoCdInstanceConfig } from './config';
import { DefaultArgoCdReader } from './DefaultArgoCdReader';
import { FullApplications } from './FullApplications';
import { ArgoCdTimings } from './timings';
import { ArgoCdReader } from './types';

/**
 * All that the fleet has of one Argo CD.
 *
 * @internal
 */
export class ArgoInstance {
  readonly reader: ArgoCdReader;
  readonly watcher: ApplicationWatcher;
  readonly full: FullApplications;
  readonly #connection: ArgoCdConnection;
  readonly #stopped = new AbortController();

  constructor(options: {
    config: ArgoCdInstanceConfig;
    timings: ArgoCdTimings;
    pacer: Pacer;
    logger: LoggerService;
    onChange: (change: FleetChange) => void;
  }) {
    const { config, timings, onChange } = options;
    this.#connection = new ArgoCdConnection({ config, timings });
    this.reader = new DefaultArgoCdReader({
      connection: this.#connection,
      timings,
    });
    this.watcher = new ApplicationWatcher({
      ...options,
      connection: this.#connection,
      uiUrl: config.uiUrl,
      onRow: (row, deleted) => {
        if (!deleted) this.full.compare(row);
        onChange({ type: 'application', row, deleted });
      },
      onStatus: () =>
        onChange({ type: 'argo-instance', instance: config.name }),
    });
    this.full = new FullApplications({
      reader: this.reader,
      timings,
      projectOf: ref => this.watcher.applications.get(ref)?.project,
      onChange: (ref, deleted) =>
        onChange({ type: 'full-application', ref, deleted }),
    });
  }

  /** Asks for these Applications before the others have come. Answers at once. */
  readFirst(query: ApplicationQuery): void {
    this.watcher.readFirst(query, this.#stopped.signal);
  }

  start(): void {
    this.watcher.run(this.#stopped.signal);
  }

  stop(): void {
    this.#stopped.abort();
    this.full.stop();
    this.#connection.close();
  }
}

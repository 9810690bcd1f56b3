import { Pool } from 'pg';

/** How late the claim loop may be before something is wrong. */
const LATE_AFTER_MS = 15_000;

/** Answer of `GET /v1/health`. */
export interface HealthReport {
  status: 'ok' | 'unavailable';
  /** Whether this replica carries out runs. */
  worker: boolean;
  database: 'ok' | 'unreachable';
  /** Milliseconds since the claim loop last came round; absent on a replica that only serves HTTP. */
  claimLoopAgeMs?: number;
  activeRuns: number;
}

/** Says whether this replica can do its work. */
export class HealthReporter {
  readonly #pool: Pool;
  readonly #worker:
    | { claimLoopAgeMs: () => number; activeRuns: () => number }
    | undefined;

  constructor(options: {
    pool: Pool;
    worker?: { claimLoopAgeMs: () => number; activeRuns: () => number };
  }) {
    this.#pool = options.pool;
    this.#worker = options.worker;
  }

  async report(): Promise<HealthReport> {
    const database = await this.#pool.query('SELECT 1').then(
      () => 'ok' as const,
      () => 'unreachable' as const,
    );
    const claimLoopAgeMs =
      this.#worker && Math.round(this.#worker.claimLoopAgeMs());
    const isLate =
      claimLoopAgeMs !== undefined && claimLoopAgeMs > LATE_AFTER_MS;
    return {
      status: database === 'ok' && !isLate ? 'ok' : 'unavailable',
      worker: this.#worker !== undefined,
      database,
      claimLoopAgeMs,
      activeRuns: this.#worker?.activeRuns() ?? 0,
    };
  }
}

import { strict as assert } from 'node:assert';
import { RunDelta } from '../database/types';
import { TestReplica } from './TestReplica';

const NOTHING: RunDelta = { steps: [], logs: [], outbox: [] };

type Held = { runId: string; epoch: number };

/** What the line must look like, kept without a database. */
export class LineModel {
  readonly #runs = new Map<
    string,
    {
      keys: string[];
      place: number;
      held?: Held;
      isIn: boolean;
      failed?: boolean;
    }
  >();
  #nextPlace = 0;

  get ids(): string[] {
    return [...this.#runs.keys()];
  }

  get running(): string[] {
    return this.ids.filter(id => this.#runs.get(id)!.held);
  }

  add(id: string, keys: string[]): void {
    this.#runs.set(id, { keys, place: this.#nextPlace++, isIn: true });
  }

  heldKeys(): string[] {
    return this.running.flatMap(id => this.#runs.get(id)!.keys).sort();
  }

  noteClaim(id: string, held: Held): void {
    const run = this.#runs.get(id)!;
    assert.equal(run.held, undefined, 'a run was handed out twice');
    run.held = held;
  }

  /** Running are exactly those with nobody ahead on any key. */
  expectRunning(): void {
    const isFirst = (id: string) => {
      const run = this.#runs.get(id)!;
      if (!run.isIn) return false;
      return [...this.#runs.values()].every(
        other =>
          other === run ||
          !other.isIn ||
          other.place > run.place ||
          !other.keys.some(key => run.keys.includes(key)),
      );
    };
    assert.deepEqual(
      this.running.sort(),
      this.ids.filter(isFirst).sort(),
      'not the first in line are running',
    );
  }

  end(id: string): Held {
    const run = this.#runs.get(id)!;
    const { held } = run;
    run.held = undefined;
    run.isIn = false;
    return held!;
  }

  async act(
    action: { do: string; which: number },
    replica: TestReplica,
    finish: (held: Held) => Promise<void>,
    claim: (
      id: string,
      options?: object,
    ) => Promise<{ claim: Held } | undefined>,
  ): Promise<void> {
    const pick = (ids: string[]) =>
      ids.length === 0 ? undefined : ids[action.which % ids.length];
    const running = pick(this.running);
    const outside = pick(this.ids.filter(id => !this.#runs.get(id)!.isIn));
    switch (action.do) {
      case 'finish':
        if (running) await finish(this.end(running));
        break;
      case 'cancel': {
        const waiting = pick(
          this.ids.filter(
            id => this.#runs.get(id)!.isIn && !this.#runs.get(id)!.held,
          ),
        );
        if (
          waiting &&
          (await replica.runs.cancel(waiting, 'x')) === 'cancelled'
        )
          this.end(waiting);
        break;
      }
      case 'park':
        if (!running) break;
        await replica.queue.end(this.end(running), NOTHING, {
          status: 'waiting',
          parked: { message: '', since: '', blockers: [], ready: false },
          keepKeys: false,
        });
        break;
      case 'confirm':
        if (outside && (await replica.confirm(outside))) this.#enter(outside);
        break;
      case 'takeover': {
        if (!running) break;
        await replica.queue.release([this.#runs.get(running)!.held!]);
        const next = await claim(running, { worker: 'b' });
        this.#runs.get(running)!.held = next!.claim;
        break;
      }
      default:
        if (!running) break;
        await replica.queue.end(
          this.#runs.get(running)!.held!,
          {
            ...NOTHING,
            steps: [
              {
                stepId: 'one',
                status: 'failed',
                attempt: 1,
                failures: 1,
                interruptions: 0,
                effectStarted: false,
                changes: [],
              },
            ],
          },
          { status: 'failed', keepKeys: false },
        );
        this.end(running);
        assert.equal(await replica.retry(running, 'one'), true);
        this.#enter(running);
    }
  }

  #enter(id: string): void {
    const run = this.#runs.get(id)!;
    run.isIn = true;
    run.place = this.#nextPlace++;
  }
}

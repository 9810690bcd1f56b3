import { NotAllowedError } from '@backstage/errors';
import { RunLogLine } from '@switchyard/backstage-plugin-runs-common';
import { RunStore } from '../database/RunStore';
import { FullRun } from '../database/types';
import { Caller } from './Caller';
import { requireStep, RunReader } from './RunReader';
import { TargetAuthorizer } from './TargetAuthorizer';
import { CallOptions } from './types';

/** What runs have said. */
export interface LogService {
  /** The last lines of a step, oldest first. @throws NotFoundError */
  getStepLog(
    id: string,
    stepId: string,
    options: CallOptions,
  ): Promise<RunLogLine[]>;
  /** The logs of all steps, in parts. @throws NotFoundError */
  getRunLog(
    id: string,
    options: CallOptions,
  ): Promise<{ fileName: string; text: AsyncIterable<string> }>;
}

/** {@link LogService} with its permission, that of seeing runs. */
export class AuthorizedLogService implements LogService {
  static create(options: {
    runs: RunStore;
    reader: RunReader;
    authorizer: TargetAuthorizer;
  }): AuthorizedLogService {
    return new AuthorizedLogService(options);
  }

  readonly #runs: RunStore;
  readonly #reader: RunReader;
  readonly #authorizer: TargetAuthorizer;

  private constructor(options: {
    runs: RunStore;
    reader: RunReader;
    authorizer: TargetAuthorizer;
  }) {
    this.#runs = options.runs;
    this.#reader = options.reader;
    this.#authorizer = options.authorizer;
  }

  async getStepLog(
    id: string,
    stepId: string,
    { caller }: CallOptions,
  ): Promise<RunLogLine[]> {
    requireStep(await this.#find(id, caller), stepId);
    return this.#runs.readLog(id, stepId);
  }

  async getRunLog(id: string, { caller }: CallOptions) {
    const run = await this.#find(id, caller);
    return {
      fileName: `run-${run.number}.log`,
      text: this.#writeLog(run),
    };
  }

  async *#writeLog(run: FullRun): AsyncIterable<string> {
    const facts = [
      `Run #${run.number}: ${run.title}`,
      `${run.entityRef} in ${run.environment}`,
      `asked for by ${run.requestedBy} at ${run.requestedAt.toISOString()}: ${
        run.reason
      }`,
      `${inWords(run.status)}${run.cause ? `: ${run.cause}` : ''}`,
    ];
    yield `${facts.join('\n')}\n`;
    const records = new Map(run.steps.map(step => [step.stepId, step]));
    for (const { id, title, cluster } of run.plan.steps) {
      const { status, attempt } = records.get(id)!;
      const where = cluster ? `, ${cluster}` : '';
      const which = attempt > 1 ? `, attempt ${attempt}` : '';
      yield `\n== ${title}${where} (${inWords(status)}${which})\n`;
      for (const line of await this.#runs.readLog(run.id, id))
        yield `${line.at} ${line.level.padEnd(5)} ${line.message.replaceAll(
          '\n',
          '\n    ',
        )}\n`;
    }
  }

  async #find(id: string, caller: Caller): Promise<FullRun> {
    const { mayRead } = await this.#authorizer.decide(caller.credentials);
    if (!mayRead) throw new NotAllowedError('You may not see runs');
    return this.#reader.find(id, caller);
  }
}

function inWords(status: string): string {
  return status.replace('-', ' ');
}

import { mockCredentials } from '@backstage/backend-test-utils';
import { TemplateAction } from '@backstage/plugin-scaffolder-node';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import { JsonObject } from '@backstage/types';

/** A task of the scaffolder as its actions see it: what was stored in it stays when a step is carried out again. */
export class TestTask {
  readonly id: string;
  readonly person: string;
  readonly lines: string[] = [];
  readonly checkpoints = new Map<string, unknown>();
  /** Called after the work of a checkpoint and before it is stored: where a process may die. */
  beforeStored: (key: string) => void = () => {};
  readonly abort = new AbortController();

  constructor(options: { id: string; person?: string }) {
    this.id = options.id;
    this.person = options.person ?? 'dana';
  }

  /** Carries a step out. @returns what it put out */
  async run(
    action: TemplateAction<any, any, any>,
    input: JsonObject,
    options: { isDryRun?: boolean } = {},
  ): Promise<Record<string, any>> {
    const outputs: Record<string, unknown> = {};
    const log = (message: string) => this.lines.push(message);
    await action.handler({
      ...createMockActionContext({
        workspacePath: '/nowhere',
        task: { id: this.id },
        input,
      }),
      isDryRun: options.isDryRun,
      signal: this.abort.signal,
      logger: {
        info: log,
        warn: log,
        error: log,
        debug: () => {},
        child: () => undefined,
      },
      getInitiatorCredentials: async () =>
        mockCredentials.user(`user:default/${this.person}`),
      checkpoint: async ({ key, fn }: { key: string; fn: () => unknown }) => {
        if (!this.checkpoints.has(key)) {
          const value = await fn();
          this.beforeStored(key);
          this.checkpoints.set(key, value);
        }
        return this.checkpoints.get(key);
      },
      output: (name: string, value: unknown) => {
        outputs[name] = value;
      },
    } as any);
    return outputs;
  }
}

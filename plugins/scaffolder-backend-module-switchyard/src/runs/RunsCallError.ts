import { Blocker } from '@switchyard/backstage-plugin-runs-common';

/** The runs backend has refused something, or could not be asked. The message says it in words. */
export class RunsCallError extends Error {
  override readonly name = 'RunsCallError';
  /** Of the answer; undefined where none came. */
  readonly status?: number;
  /** What the interlock said, where it was that. */
  readonly blockers: Blocker[];

  constructor(
    message: string,
    options: { status?: number; blockers?: Blocker[] } = {},
  ) {
    super(message);
    this.status = options.status;
    this.blockers = options.blockers ?? [];
  }

  /** Whether asking again later may help. */
  get mayPass(): boolean {
    return (
      this.status === undefined || this.status >= 500 || this.status === 429
    );
  }
}

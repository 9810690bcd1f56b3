import { setTimeout as sleep } from 'node:timers/promises';
import {
  StepContext,
  StepFailedError,
  StepParkedError,
  StepResult,
  StepWithdrawnError,
} from '@switchyard/backstage-plugin-runs-node';
import { PullRequest, PullRequests } from '../forge';
import { GitError, GitRepository, parseTrailers, RUN_TRAILER } from '../git';
import { CommitStepInput, CommitStepOutput } from '../hotfix/types';
import { StepTools } from '../steps/types';
import {
  createOrder,
  describeRequest,
  nextOrder,
  openOrderOf,
  PullRequestOrder,
} from './pullRequestOrder';
import {
  applyEdits,
  diffOf,
  editFiles,
  prepareRunCommit,
  recordCommit,
} from './runCommit';

const CLOSE_ATTEMPTS = 5;
const CLOSE_PAUSE_MS = 1_000;
/** The pause grows to a twentieth of the time it has waited. */
const PAUSE_SHARE = 20;

interface RouteOptions {
  context: StepContext;
  tools: Pick<StepTools, 'identity' | 'patience'>;
  repository: GitRepository;
  input: CommitStepInput;
  pullRequests: PullRequests;
}

/**
 * How a commit gets into a branch that takes no pushes: by a branch of the run's own, a pull request, and somebody who merges it. Branch and pull request are
 * looked for before they are made, so each attempt goes on where the one before has ended.
 */
export class PullRequestRoute {
  readonly #options: RouteOptions;
  #order: PullRequestOrder;
  /** Of the commit, where this attempt has made it. */
  #diff: string | undefined;
  #lastTrouble: string | undefined;

  static create(options: RouteOptions): PullRequestRoute {
    return new PullRequestRoute(options);
  }

  private constructor(options: RouteOptions) {
    this.#options = options;
    this.#order = openOrderOf(options.context) ?? createOrder(options.context);
  }

  /** Whether an earlier attempt went this way. */
  hasBegun(): boolean {
    return openOrderOf(this.#options.context) !== undefined;
  }

  /** What became of the pull request of an earlier attempt. While it is open nothing is certain, and the step goes on with it. */
  async adopt(): Promise<StepResult | undefined> {
    const { context, pullRequests } = this.#options;
    const found = await this.#find();
    if (found?.state === 'merged') return this.#take(found);
    if (!context.lookingOnly) return undefined;
    if (found?.state === 'open')
      throw new StepParkedError(
        `${this.#describe(found)}; trying the step again waits for it`,
      );
    if (found)
      throw new StepFailedError(
        `The ${pullRequests.noun} ${found.name} is closed`,
      );
    return undefined;
  }

  /** Sees to it that the commit is merged. */
  async bringAbout(): Promise<StepResult> {
    const { context } = this.#options;
    const found = await this.#find();
    if (found?.state === 'merged') return this.#take(found);
    if (found?.state === 'open') {
      this.#record(found);
      return this.#follow(found);
    }
    // An earlier attempt may have come no further than the branch.
    if (context.cancelled.aborted) return this.#withdrawn('Nothing is open');
    if (found) {
      const next = nextOrder(context, this.#order);
      if (!next) throw new StepFailedError(this.#describeClosed(found));
      this.#order = next;
    }
    return (await this.#commit()) ?? this.#open();
  }

  #find(): Promise<PullRequest | undefined> {
    const { context, pullRequests } = this.#options;
    return pullRequests.findNewest(this.#branches(), context);
  }

  #branches() {
    return { from: this.#order.branch, into: this.#options.input.branch };
  }

  /** Makes the run's branch with the commit in it. Answers a result where nothing is left to be changed. */
  async #commit(): Promise<StepResult | undefined> {
    const { context, tools, repository, input } = this.#options;
    const { branch: name } = this.#order;
    if (await repository.findBranch(name, context)) return undefined;
    context.progress(`Making branch ${name} in ${repository.name}`);
    const head = await repository.head(input.branch, context);
    const files = await editFiles(context, repository, input, head);
    if (files.size === 0) {
      context.log(`${repository.name} names the version already`);
      return toResult({ commit: head.commit, created: false });
    }
    const prepared = await prepareRunCommit(context, repository, {
      input,
      parent: head,
      files,
      identity: tools.identity,
    });
    const report = await repository.createBranch(prepared, {
      name,
      signal: context.signal,
      beforeSend: () => this.#beforeEffect(),
    });
    if (report.state === 'refused')
      throw new StepFailedError(
        `${repository.name} refused the branch ${name} too: ${report.why}`,
      );
    if (report.state === 'accepted') this.#diff = diffOf(files);
    // A request that an earlier worker had sent may have arrived late; its commit is as good as this one.
    context.log(
      report.state === 'accepted'
        ? `Pushed ${prepared.oid.slice(0, 10)} to branch ${name} of ${
            repository.name
          }`
        : `Found branch ${name} in ${repository.name}`,
    );
    return undefined;
  }

  async #open(): Promise<StepResult> {
    const { context, pullRequests, repository, input } = this.#options;
    const { noun } = pullRequests;
    context.progress(`Opening a ${noun} in ${repository.name}`);
    try {
      await this.#beforeEffect();
    } catch (error) {
      context.signal.throwIfAborted();
      // Whoever ends a parked run asks no worker: nothing must be left behind.
      await this.#deleteBranch();
      throw error;
    }
    let opened: PullRequest;
    try {
      opened = await pullRequests.open(
        { ...this.#branches(), ...describeRequest(context, input) },
        context,
      );
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      // An answer that was lost, or a request of an earlier worker that came late: then it is there.
      const there = await this.#find();
      if (!there && isRefusal(error)) {
        await this.#deleteBranch();
        throw new StepFailedError(
          `No ${noun} could be opened in ${repository.name}: ${error.message}`,
        );
      }
      if (!there) throw error;
      opened = there;
    }
    context.log(`Opened ${noun} ${opened.name} in ${repository.name}`);
    this.#record(opened);
    return this.#follow(opened);
  }

  /** Waits until somebody merges or closes it. */
  async #follow(first: PullRequest): Promise<StepResult> {
    const { context, tools, pullRequests, repository } = this.#options;
    const { patience } = tools;
    const begun = Date.now();
    const deadline = begun + context.step.timeoutMs * patience.shareOfTimeout;
    let known = first;
    for (;;) {
      if (known.state === 'merged') return this.#take(known);
      if (known.state === 'closed')
        throw new StepFailedError(this.#describeClosed(known));
      if (context.cancelled.aborted) return this.#withdraw(known);
      if (Date.now() > deadline)
        throw new StepFailedError(
          `Nobody has merged ${pullRequests.noun} ${known.name} in ${
            repository.name
          } for ${Math.round(
            context.step.timeoutMs / 86_400_000,
          )} days; it is still open`,
        );
      context.progress(this.#describe(known));
      const { first: shortest, last: longest } = patience.pullRequestMs;
      await this.#pause(
        Math.min(
          Math.max((Date.now() - begun) / PAUSE_SHARE, shortest),
          longest,
        ),
      );
      known = (await this.#readAgain(known)) ?? known;
    }
  }

  /** Undefined while the forge is away: that passes, and nothing is lost by waiting. */
  async #readAgain({ number }: PullRequest): Promise<PullRequest | undefined> {
    const { context, pullRequests } = this.#options;
    try {
      return await pullRequests.read(number, context);
    } catch (error) {
      if (!isAway(error)) throw error;
      // It is asked again and again.
      if (this.#lastTrouble !== error.message)
        context.log(error.message, 'warn');
      this.#lastTrouble = error.message;
      return undefined;
    }
  }

  async #pause(ms: number): Promise<void> {
    const { signal, cancelled } = this.#options.context;
    await sleep(ms, undefined, {
      signal: AbortSignal.any([signal, cancelled]),
    }).catch(() => signal.throwIfAborted());
  }

  /** It was merged: looks whether what was planned has come into the branch. */
  async #take(merged: PullRequest): Promise<StepResult> {
    const { context, repository, input, pullRequests } = this.#options;
    const name = `${pullRequests.noun} ${merged.name}`;
    const { mergeCommit: commit } = merged;
    if (!commit)
      throw new Error(
        `It is not said yet with which commit ${name} was merged`,
      );
    const head = await repository.head(input.branch, context);
    const isThere = await repository.contains({
      branch: input.branch,
      revision: head.commit,
      commit,
      signal: context.signal,
    });
    if (!isThere)
      throw new Error(
        `${name} is merged, and ${input.branch} of ${repository.name} does not show its commit yet`,
      );
    const others = await applyEdits(repository, input, commit);
    if (others.size > 0)
      throw new StepFailedError(
        `${name} was merged with something else than was planned in ${[
          ...others.keys(),
        ].join(', ')}`,
      );
    const found = await repository.findCommit({
      branch: input.branch,
      commit,
      signal: context.signal,
    });
    recordCommit(context, repository, input, {
      oid: commit,
      parent: found?.parents[0],
      diff: this.#diff,
    });
    context.log(
      `${name} was merged${by(merged)} as ${commit.slice(0, 10)} into ${
        input.branch
      } of ${repository.name}`,
    );
    return toResult({ commit, created: true });
  }

  /** Somebody wants the run cancelled: closes the pull request, unless somebody else was faster and merged it. */
  async #withdraw(open: PullRequest): Promise<StepResult> {
    const { context, pullRequests, repository } = this.#options;
    const name = `${pullRequests.noun} ${open.name} in ${repository.name}`;
    for (let attempt = 1; ; attempt++) {
      try {
        await pullRequests.close(open.number, context).catch(error => {
          // Where it is merged the forge refuses; what counts is what it is now.
          if (!isRefusal(error)) throw error;
        });
        const now = await pullRequests.read(open.number, context);
        if (now.state === 'merged') return await this.#take(now);
        if (now.state === 'closed') break;
      } catch (error) {
        if (!isAway(error)) throw error;
        context.log(error.message, 'warn');
      }
      if (attempt === CLOSE_ATTEMPTS)
        throw new Error(`The ${name} could not be closed: it is still open`);
      await sleep(CLOSE_PAUSE_MS, undefined, { signal: context.signal });
    }
    return this.#withdrawn(`Closed ${name}`);
  }

  async #withdrawn(what: string): Promise<never> {
    await this.#deleteBranch();
    throw new StepWithdrawnError(`${what}, as the run is cancelled`);
  }

  /** Only where nobody has added to it. That it stays does no harm. */
  async #deleteBranch(): Promise<void> {
    const { context, repository } = this.#options;
    const { branch } = this.#order;
    try {
      const head = await repository.findBranch(branch, context);
      if (!head) return;
      const newest = await repository.findCommit({
        ...head,
        signal: context.signal,
      });
      if (
        parseTrailers(newest?.message ?? '')[RUN_TRAILER] !== context.run.id
      ) {
        context.log(`Somebody has added to branch ${branch}: it stays`, 'warn');
        return;
      }
      const report = await repository.deleteBranch(head, context);
      if (report.state === 'accepted')
        context.log(`Deleted branch ${branch} of ${repository.name}`);
      else
        context.log(
          `Branch ${branch} of ${repository.name} stays: ${report.why}`,
          'warn',
        );
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      context.log(error.message, 'warn');
    }
  }

  #beforeEffect(): Promise<void> {
    return this.#options.context.beforeEffect({ pullRequest: this.#order });
  }

  #record({ name, url }: PullRequest): void {
    const { context, repository, pullRequests, input } = this.#options;
    context.recordChange({
      system: 'git',
      what: `${pullRequests.noun} into ${input.branch} of ${repository.name}`,
      ref: name,
      url,
      cluster: context.step.cluster,
    });
  }

  #describe({ name, obstacles }: PullRequest): string {
    const { pullRequests, repository } = this.#options;
    const waits = `Waits until somebody merges ${pullRequests.noun} ${name} in ${repository.name}`;
    return obstacles.length > 0 ? `${waits}: ${obstacles.join('; ')}` : waits;
  }

  #describeClosed(closed: PullRequest): string {
    const { pullRequests, repository } = this.#options;
    return `The ${pullRequests.noun} ${closed.name} in ${
      repository.name
    } was closed without a merge${by(closed)}`;
  }
}

function by({ by: who }: PullRequest): string {
  return who === undefined ? '' : ` by ${who}`;
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof GitError &&
    ['invalid', 'forbidden', 'unauthorized', 'not-found'].includes(error.code)
  );
}

function isAway(error: unknown): error is GitError {
  return (
    error instanceof GitError &&
    ['unreachable', 'timeout', 'outcome-unknown'].includes(error.code)
  );
}

function toResult(output: CommitStepOutput): StepResult {
  return { output };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { JsonObject } from '@backstage/types';
import {
  OutcomeUnknownError,
  StepContext,
  StepFailedError,
  StepHandler,
  StepParkedError,
  StepResult,
} from '@switchyard/backstage-plugin-runs-node';
import { CommitStepInput, CommitStepOutput } from '../hotfix/types';
import {
  BranchHead,
  formatCommitMessage,
  GitCommit,
  GitError,
  GitRepository,
  parseTrailers,
  REQUESTED_BY_TRAILER,
  RUN_TRAILER,
  RUN_URL_TRAILER,
} from '../git';
import { setImage, UneditableError, unifiedDiff } from '../manifests';
import { compareWithPlan, describeDifference } from './plannedPlaces';
import { StepTools } from '../steps/types';

/** Lost races in a row after which the engine's backoff takes over. */
const MAX_RACES = 25;
const RACE_PAUSE_MS = 200;
const MAX_PARK_MESSAGE = 2_000;

/**
 * Makes one commit with all changes of a branch. It is pushed on the head it was made on, or not at all; after somebody else's push it is made again. An
 * earlier attempt's commit is found by the run's id in its trailers.
 */
export function createCommitStep(
  tools: Pick<StepTools, 'git' | 'identity'>,
): StepHandler {
  return {
    effect: 'adoptable',
    run: context => createCommit(context, tools),
    async adopt(context) {
      const { repository, input } = open(context, tools);
      const head = await repository.head(input.branch, context);
      return findOwn(context, repository, input, head);
    },
  };
}

async function createCommit(
  context: StepContext,
  tools: Pick<StepTools, 'git' | 'identity'>,
): Promise<StepResult> {
  const { repository, input } = open(context, tools);
  for (let race = 1; race <= MAX_RACES; race++) {
    context.progress(
      race === 1
        ? `Reading ${repository.name}`
        : `Somebody else pushed to ${repository.name}; making the commit again`,
    );
    const head = await repository.head(input.branch, context);
    // A request that an earlier worker had sent may arrive late, and is what won the race then.
    const own =
      race > 1 ? await findOwn(context, repository, input, head) : undefined;
    if (own) return own;
    const files = await editFiles(context, repository, input, head);
    if (files.size === 0) {
      context.log(
        `${repository.name} names the version already; nothing to commit`,
      );
      return toResult({ commit: head.commit, created: false });
    }
    const after = new Map(
      [...files].map(([path, { after: text }]) => [path, text]),
    );
    const prepared = await repository.prepareCommit({
      parent: head,
      files: after,
      message: messageOf(context, input),
      identity: tools.identity,
      at: new Date(),
    });
    context.progress(`Pushing to ${repository.name}`);
    const report = await push(context, repository, prepared);
    if (report === 'unknown') {
      const found = await findOwn(
        context,
        repository,
        input,
        await repository.head(input.branch, context),
      );
      if (found) return found;
      // It did not arrive, or has not yet: the next attempt looks again, and a late arrival excludes a second one.
      throw new Error(
        `The answer to the push to ${repository.name} was lost, and the commit is not there`,
      );
    }
    if (report.state === 'accepted') {
      recordCommit(context, repository, input, {
        oid: prepared.oid,
        parent: prepared.parent,
        diff: [...files]
          .map(([path, { before, after: text }]) =>
            unifiedDiff(path, before, text),
          )
          .join(''),
      });
      context.log(
        `Pushed ${prepared.oid.slice(0, 10)} to ${input.branch} of ${
          repository.name
        }`,
      );
      return toResult({ commit: prepared.oid, created: true });
    }
    if (report.state === 'refused')
      throw new StepFailedError(
        `${repository.name} refused the push: ${report.why}`,
      );
    context.log(
      `Lost a race for ${input.branch} of ${repository.name}: ${report.why}`,
    );
    await sleep(RACE_PAUSE_MS * Math.random() * race, undefined, {
      signal: context.signal,
    });
  }
  throw new Error(
    `Others push to ${repository.name} all the time; lost ${MAX_RACES} races`,
  );
}

async function push(
  context: StepContext,
  repository: GitRepository,
  prepared: Parameters<GitRepository['push']>[0],
) {
  try {
    return await repository.push(prepared, {
      signal: context.signal,
      beforeSend: () =>
        context.beforeEffect({ commit: prepared.oid, parent: prepared.parent }),
    });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (error.code === 'outcome-unknown') {
      context.log(error.message, 'warn');
      context.signal.throwIfAborted();
      return 'unknown' as const;
    }
    if (error.code === 'forbidden' || error.code === 'unauthorized')
      throw new StepFailedError(error.message);
    throw error;
  }
}

/** The whole new text of files that change. Stops where somebody has changed what was planned, unless a person has accepted that. */
async function editFiles(
  context: StepContext,
  repository: GitRepository,
  input: CommitStepInput,
  head: BranchHead,
): Promise<Map<string, { before: string; after: string }>> {
  const files = new Map<string, { before: string; after: string }>();
  const foreign: string[] = [];
  for (const edit of input.edits) {
    const before = await repository.readFile(head.commit, edit.file);
    for (const difference of compareWithPlan(before, edit)) {
      const change = await repository.findLastChange({
        head,
        until: input.parent,
        valueAt: async commit =>
          JSON.stringify(
            difference.valueIn(await repository.readFile(commit, edit.file)),
          ),
        signal: context.signal,
      });
      const text = describeDifference(difference, repository.name);
      if (isOfRun(change)) {
        context.log(
          `${describeChange(
            text,
            change,
          )}; that run was ahead of this one, so it goes on`,
        );
      } else {
        foreign.push(describeChange(text, change));
      }
    }
  }
  // Before anything is edited: what a person has to look at comes first, and all of it at once.
  assertAccepted(context, foreign);
  for (const edit of input.edits) {
    const known = files.get(edit.file);
    const before =
      known?.before ?? (await repository.readFile(head.commit, edit.file));
    const text = known?.after ?? before;
    if (before === undefined || text === undefined)
      throw new StepFailedError(
        `${edit.file} is no longer in ${repository.name}`,
      );
    try {
      const places = edit.places.map(({ id }) => ({ file: edit.file, id }));
      const after = setImage(text, places, edit.wanted, edit);
      if (after !== before) files.set(edit.file, { before, after });
    } catch (error) {
      if (error instanceof UneditableError)
        throw new StepFailedError(`${repository.name}: ${error.message}`);
      throw error;
    }
  }
  return files;
}

// Changed by a run that was ahead in the queue: that is what the queue is for. By anybody else: a person has to look.
function isOfRun(change: GitCommit | undefined): boolean {
  return Boolean(change && parseTrailers(change.message)[RUN_TRAILER]);
}

function describeChange(
  difference: string,
  change: GitCommit | undefined,
): string {
  if (!change) return difference;
  const run = parseTrailers(change.message)[RUN_TRAILER];
  return `${difference}, changed by ${
    run ? `run ${run}` : change.author
  } in ${change.oid.slice(0, 10)}`;
}

// A person's word covers what that person was shown, and no change that came after it.
function assertAccepted(context: StepContext, foreign: string[]): void {
  if (foreign.length === 0) return;
  const message = toPlainLine(
    `Since the plan was made somebody else has changed what it changes: ${foreign.join(
      '; ',
    )}`,
  );
  const { confirmed } = context;
  if (!confirmed || (confirmed.found ?? message) !== message)
    throw new StepParkedError(message);
  for (const text of foreign)
    context.log(`${text}; accepted by ${confirmed.by}`, 'warn');
}

// As it can be kept and compared: the queue stores neither control characters nor endless text.
function toPlainLine(text: string): string {
  return text.replace(/\p{C}/gu, '').slice(0, MAX_PARK_MESSAGE);
}

/** The commit of an earlier attempt of this run. */
async function findOwn(
  context: StepContext,
  repository: GitRepository,
  input: CommitStepInput,
  head: BranchHead,
): Promise<StepResult | undefined> {
  const commits = await repository.commitsSince({
    head,
    since: input.parent,
    notBefore: new Date(context.run.requestedAt),
    signal: context.signal,
  });
  const own = commits.filter(
    ({ message }) => parseTrailers(message)[RUN_TRAILER] === context.run.id,
  );
  if (own.length === 0) return undefined;
  if (own.length > 1)
    throw new OutcomeUnknownError(
      `${repository.name} holds ${own.length} commits with the id of this run`,
    );
  const [{ oid, parents }] = own;
  recordCommit(context, repository, input, { oid, parent: parents[0] });
  context.log(
    `Found ${oid.slice(0, 10)}, which an earlier attempt had pushed to ${
      input.branch
    } of ${repository.name}`,
  );
  return toResult({ commit: oid, created: true });
}

function recordCommit(
  context: StepContext,
  repository: GitRepository,
  input: CommitStepInput,
  commit: { oid: string; parent: string; diff?: string },
): void {
  context.recordChange({
    system: 'git',
    what: `commit to ${input.branch} of ${repository.name}`,
    ref: commit.oid,
    url: repository.commitUrl(commit.oid),
    cluster: context.step.cluster,
    before: commit.parent,
    after: commit.oid,
    ...(commit.diff && { diff: commit.diff }),
  });
}

function messageOf({ run }: StepContext, input: CommitStepInput): string {
  return formatCommitMessage({
    subject: input.subject,
    reason: run.reason,
    trailers: {
      [RUN_TRAILER]: run.id,
      [REQUESTED_BY_TRAILER]: run.requestedBy,
      [RUN_URL_TRAILER]: run.url,
    },
  });
}

function open(context: StepContext, { git }: Pick<StepTools, 'git'>) {
  const input = context.step.input as CommitStepInput;
  return { input, repository: git.repository(input.repoUrl) };
}

function toResult(output: CommitStepOutput): StepResult {
  return { output: output satisfies JsonObject };
}

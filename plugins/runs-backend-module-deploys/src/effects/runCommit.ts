import {
  StepContext,
  StepFailedError,
  StepParkedError,
} from '@switchyard/backstage-plugin-runs-node';
import { CommitStepInput } from '../hotfix/types';
import {
  BranchHead,
  CommitIdentity,
  formatCommitMessage,
  GitCommit,
  GitRepository,
  parseTrailers,
  PreparedCommit,
  REQUESTED_BY_TRAILER,
  RUN_TRAILER,
  RUN_URL_TRAILER,
} from '../git';
import { setImage, UneditableError, unifiedDiff } from '../manifests';
import { compareWithPlan, describeDifference } from './plannedPlaces';

const MAX_PARK_MESSAGE = 2_000;

/** Whole texts of files, by path. */
export type EditedFiles = Map<string, { before: string; after: string }>;

/** Makes the commit of a run on a head. Nothing is sent. */
export function prepareRunCommit(
  { run }: StepContext,
  repository: GitRepository,
  options: {
    input: CommitStepInput;
    parent: BranchHead;
    files: EditedFiles;
    identity: CommitIdentity;
  },
): Promise<PreparedCommit> {
  const { input, parent, files, identity } = options;
  return repository.prepareCommit({
    parent,
    files: new Map([...files].map(([path, { after }]) => [path, after])),
    message: formatCommitMessage({
      subject: input.subject,
      reason: run.reason,
      trailers: {
        [RUN_TRAILER]: run.id,
        [REQUESTED_BY_TRAILER]: run.requestedBy,
        [RUN_URL_TRAILER]: run.url,
      },
    }),
    identity,
    at: new Date(),
  });
}

export function diffOf(files: EditedFiles): string {
  return [...files]
    .map(([path, { before, after }]) => unifiedDiff(path, before, after))
    .join('');
}

/** The whole new text of files that change. Stops where somebody has changed what was planned, unless a person has accepted that. */
export async function editFiles(
  context: StepContext,
  repository: GitRepository,
  input: CommitStepInput,
  head: BranchHead,
): Promise<EditedFiles> {
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
  return applyEdits(repository, input, head.commit);
}

/**
 * The files of a commit in which something else stands than is planned, with the whole text that they should have.
 *
 * @throws StepFailedError when a file or a place is gone
 */
export async function applyEdits(
  repository: GitRepository,
  input: CommitStepInput,
  commit: string,
): Promise<EditedFiles> {
  const files: EditedFiles = new Map();
  for (const edit of input.edits) {
    const known = files.get(edit.file);
    const before =
      known?.before ?? (await repository.readFile(commit, edit.file));
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

/** Notes a commit of the branch as what the run has changed. */
export function recordCommit(
  context: StepContext,
  repository: GitRepository,
  input: CommitStepInput,
  commit: { oid: string; parent?: string; diff?: string },
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

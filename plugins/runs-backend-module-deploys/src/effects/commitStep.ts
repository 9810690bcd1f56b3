import { setTimeout as sleep } from 'node:timers/promises';
import { JsonObject } from '@backstage/types';
import {
  OutcomeUnknownError,
  StepContext,
  StepFailedError,
  StepHandler,
  StepResult,
} from '@switchyard/backstage-plugin-runs-node';
import { CommitStepInput, CommitStepOutput } from '../hotfix/types';
import {
  BranchHead,
  GitError,
  GitRepository,
  parseTrailers,
  RUN_TRAILER,
} from '../git';
import { CommitTools } from '../steps/types';
import { PullRequestRoute } from './PullRequestRoute';
import { diffOf, editFiles, prepareRunCommit, recordCommit } from './runCommit';

/** Lost races in a row after which the engine's backoff takes over. */
const MAX_RACES = 25;
const RACE_PAUSE_MS = 200;

type Tools = Pick<
  CommitTools,
  'git' | 'identity' | 'forges' | 'pullRequests' | 'patience'
>;

/**
 * Makes one commit with all changes of a branch. It is pushed on the head it was made on, or not at all; after somebody else's push it is made again. An
 * earlier attempt's commit is found by the run's id in its trailers. Where the branch takes no pushes the commit goes by a pull request, and the step waits
 * until that is merged.
 */
export function createCommitStep(tools: Tools): StepHandler {
  return {
    effect: 'adoptable',
    run: context => createCommit(context, tools),
    async adopt(context) {
      const { repository, input, route } = open(context, tools);
      if (route?.hasBegun()) return route.adopt();
      const head = await repository.head(input.branch, context);
      return findOwn(context, repository, input, head);
    },
  };
}

async function createCommit(
  context: StepContext,
  tools: Tools,
): Promise<StepResult> {
  const { repository, input, route } = open(context, tools);
  if (input.byPullRequest || route?.hasBegun()) {
    if (route) return route.bringAbout();
    throw new StepFailedError(
      `${repository.name} is to be changed by pull request, and no integration whose API is known is configured for it`,
    );
  }
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
    const prepared = await prepareRunCommit(context, repository, {
      input,
      parent: head,
      files,
      identity: tools.identity,
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
      tools.pullRequests.noteAccepted(input);
      recordCommit(context, repository, input, {
        oid: prepared.oid,
        parent: prepared.parent,
        diff: diffOf(files),
      });
      context.log(
        `Pushed ${prepared.oid.slice(0, 10)} to ${input.branch} of ${
          repository.name
        }`,
      );
      return toResult({ commit: prepared.oid, created: true });
    }
    if (report.state === 'refused') {
      const refused = `${repository.name} refused the push: ${report.why}`;
      if (!report.asksForPullRequest) throw new StepFailedError(refused);
      tools.pullRequests.noteRefused(input);
      if (!route)
        throw new StepFailedError(
          `${refused}. Pull requests are opened at GitHub and GitLab, where an integration is configured`,
        );
      context.log(refused, 'warn');
      return route.bringAbout();
    }
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

function open(context: StepContext, tools: Tools) {
  const input = context.step.input as CommitStepInput;
  const repository = tools.git.repository(input.repoUrl);
  const pullRequests = tools.forges.find(input.repoUrl);
  const route =
    pullRequests &&
    PullRequestRoute.create({
      context,
      tools,
      repository,
      input,
      pullRequests,
    });
  return { input, repository, route };
}

function toResult(output: CommitStepOutput): StepResult {
  return { output: output satisfies JsonObject };
}

import {
  PullRequestStore,
  ForgeFaults,
  ForgePullRequest,
  ForgeRefusal,
  MERGE_METHODS,
  MergeMethod,
} from '../forge';
import { FaultBoard, FaultRequest, FaultRequestError } from './FaultBoard';

/** Adds to the board what can go wrong with the forge, and what people do there. */
export function addForgeFaults(
  board: FaultBoard,
  options: { forge: PullRequestStore; repositories: readonly string[] },
): ForgeFaults {
  const { forge, repositories: targets } = options;
  board.add({
    id: 'forge-down',
    title: 'Forge down',
    about: "Connections to the forge's API are cut; Git itself is not.",
    kind: 'switch',
    targets: [],
  });
  board.add({
    id: 'forge-checks-fail',
    title: 'Checks of pull requests fail',
    about: 'The check of every pull request has failed.',
    kind: 'switch',
    targets,
  });
  board.add({
    id: 'forge-open-answer-dropped',
    title: 'Pull request opened, answer lost',
    about: 'The next pull request is opened; then the connection is cut.',
    kind: 'next',
    targets,
  });
  board.add({
    id: 'forge-open-answer-held',
    title: 'Pull request opened, answer held back',
    about: 'A pull request is opened, and the answer comes late.',
    kind: 'switch',
    targets,
    value: { label: 'milliseconds', default: 10_000 },
  });
  board.add({
    id: 'forge-merge',
    title: 'Somebody merges',
    about:
      'A person merges all open pull requests; by API, `details` may hold `by` and `deletesBranch`.',
    kind: 'now',
    targets,
    value: { label: MERGE_METHODS.join(', '), default: 'squash' },
    act: request =>
      act(forge, request, async pull => {
        const sha = await forge.merge(pull, {
          method: methodOf(request.value),
          by: personOf(request),
          deletesBranch: request.details?.deletesBranch === true,
        });
        return `merged as ${sha}`;
      }),
  });
  board.add({
    id: 'forge-close',
    title: 'Somebody closes pull requests',
    about: 'A person closes all open pull requests without a merge.',
    kind: 'now',
    targets,
    act: request =>
      act(forge, request, async pull => {
        await forge.close(pull, personOf(request));
        return 'closed';
      }),
  });
  return {
    isDown: () => board.isOn('forge-down'),
    checksFail: repository => board.isOn('forge-checks-fail', repository),
    takeDroppedAnswer: repository =>
      board.take('forge-open-answer-dropped', repository),
    heldAnswerMs: repository =>
      Number(board.value('forge-open-answer-held', repository) ?? 0),
  };
}

async function act(
  forge: PullRequestStore,
  { target }: FaultRequest,
  work: (pull: ForgePullRequest) => Promise<string>,
): Promise<Record<string, string>> {
  const open = forge
    .list()
    .filter(
      pull => !pull.closed && (target === '*' || target === pull.repository),
    );
  if (open.length === 0)
    throw new FaultRequestError('No pull request is open there');
  const done: Record<string, string> = {};
  for (const pull of open) {
    try {
      done[`${pull.repository}#${pull.number}`] = await work(pull);
    } catch (error) {
      if (!(error instanceof ForgeRefusal)) throw error;
      throw new FaultRequestError(
        `${pull.repository}#${pull.number}: ${error.message}`,
      );
    }
  }
  return done;
}

function methodOf(value: unknown): MergeMethod {
  const method = MERGE_METHODS.find(each => each === (value ?? 'squash'));
  if (!method)
    throw new FaultRequestError(`value is no ${MERGE_METHODS.join(', ')}`);
  return method;
}

function personOf({ details }: FaultRequest): string {
  return typeof details?.by === 'string' ? details.by : 'ravi';
}

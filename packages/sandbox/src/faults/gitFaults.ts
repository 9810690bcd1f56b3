import { setTimeout as sleep } from 'node:timers/promises';
import { BareRepository, GitFaults } from '../git';
import { FaultBoard, FaultRequest, FaultRequestError } from './FaultBoard';

/** How servers say that a branch is protected. */
const PROTECTED_WORDS: Record<string, string> = {
  github:
    'error: GH006: Protected branch update failed for refs/heads/main.\nerror: Changes must be made through a pull request.',
  gitlab:
    'GitLab: You are not allowed to push code to protected branches on this project.',
  gitea: 'Gitea: Not allowed to push to protected branch main',
  bitbucket:
    'Branch refs/heads/main can only be modified through pull requests.\nCheck your branch permissions configuration with the project administrator.',
  azure:
    'TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.',
};

/** Adds what can go wrong with Git to the board. */
export function addGitFaults(
  board: FaultBoard,
  repositories: ReadonlyMap<string, BareRepository>,
): GitFaults {
  const targets = [...repositories.keys()];
  board.add({
    id: 'git-down',
    title: 'Git server down',
    about: 'Connections to the Git server are cut.',
    kind: 'switch',
    targets: [],
  });
  board.add({
    id: 'git-slow',
    title: 'Git server slow',
    about: 'Every answer of the Git server comes late.',
    kind: 'switch',
    targets: [],
    value: { label: 'milliseconds', default: 5000 },
  });
  board.add({
    id: 'git-push-refused',
    title: 'Push refused',
    about: 'A hook of the server declines every push.',
    kind: 'switch',
    targets,
  });
  board.add({
    id: 'git-branch-protected',
    title: 'Branch protected',
    about:
      'main takes no pushes, other branches do: changes go by pull request.',
    kind: 'switch',
    targets,
    value: {
      label: `in the words of ${Object.keys(PROTECTED_WORDS).join(', ')}`,
      default: 'github',
    },
  });
  board.add({
    id: 'git-push-forbidden',
    title: 'Push forbidden',
    about: 'The user may read and not write: 403 before anything is sent.',
    kind: 'switch',
    targets,
  });
  board.add({
    id: 'git-push-answer-dropped',
    title: 'Push done, answer lost',
    about: 'The next push takes effect; then the connection is cut.',
    kind: 'next',
    targets,
  });
  board.add({
    id: 'git-push-answer-held',
    title: 'Push done, answer held back',
    about: 'A push takes effect, and its answer comes late.',
    kind: 'switch',
    targets,
    value: { label: 'milliseconds', default: 10000 },
  });
  board.add({
    id: 'git-competitor-first',
    title: 'Somebody else pushes first',
    about: 'When the next push arrives, another commit is made just before it.',
    kind: 'next',
    targets,
  });
  board.add({
    id: 'git-competitor-commit',
    title: 'Somebody else commits now',
    about:
      'A commit by another person; by API, `details` may hold author, message, path and content, or path, from and to.',
    kind: 'now',
    targets,
    act: request => competitorCommits(repositories, request),
  });
  return {
    isDown: () => board.isOn('git-down'),
    delayMs: () => Number(board.value('git-slow') ?? 0),
    refusesPush: repository => {
      if (board.isOn('git-push-refused', repository))
        return { words: 'Nothing may be pushed here today.' };
      if (!board.isOn('git-branch-protected', repository)) return undefined;
      const server = String(board.value('git-branch-protected', repository));
      return {
        words: PROTECTED_WORDS[server] ?? PROTECTED_WORDS.github,
        ref: 'refs/heads/main',
      };
    },
    forbidsPush: repository => board.isOn('git-push-forbidden', repository),
    takeDroppedAnswer: repository =>
      board.take('git-push-answer-dropped', repository),
    heldAnswerMs: repository =>
      Number(board.value('git-push-answer-held', repository) ?? 0),
    beforePush: async repository => {
      if (board.take('git-competitor-first', repository)) {
        await competitorCommits(repositories, {
          fault: 'git-competitor-commit',
          target: repository,
        });
      }
    },
  };
}

async function competitorCommits(
  repositories: ReadonlyMap<string, BareRepository>,
  request: FaultRequest,
): Promise<Record<string, string>> {
  const wanted = [...repositories.values()].filter(
    ({ name }) => request.target === '*' || request.target === name,
  );
  const heads: Record<string, string> = {};
  for (const repository of wanted) {
    heads[repository.name] = await competitorCommit(
      repository,
      request.details ?? {},
    );
  }
  return heads;
}

async function competitorCommit(
  repository: BareRepository,
  details: Record<string, unknown>,
): Promise<string> {
  const text = (name: string) =>
    typeof details[name] === 'string' ? (details[name] as string) : undefined;
  const path = text('path') ?? 'NOTES.md';
  const head = await repository.resolve('main');
  const before = head
    ? (await repository.files(head, ''))?.get(path)?.toString('utf8') ?? ''
    : '';
  const [from, to] = [text('from'), text('to')];
  if (from !== undefined && (to === undefined || !before.includes(from))) {
    throw new FaultRequestError(
      `${repository.name}/${path} does not contain '${from}', or 'to' is missing`,
    );
  }
  const content =
    from === undefined
      ? text('content') ?? `${before}Noted at ${new Date().toISOString()}.\n`
      : before.split(from).join(to ?? '');
  const author = text('author') ?? 'ravi';
  const commit = {
    author: { name: author, email: `${author}@example.com` },
    message: text('message') ?? `Change ${path}`,
    files: { [path]: content },
  };
  // fast-import refuses to lose a commit that came in between; then it is made again on top of that one.
  for (let attempt = 1; ; attempt++) {
    try {
      return await repository.commit('main', [commit]);
    } catch (error) {
      if (attempt === 3) {
        throw error;
      }
      await sleep(20);
    }
  }
}

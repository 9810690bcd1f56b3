import { GitError } from '../git';
import { createTestContext } from '../__testUtils__/createTestContext';
import { createCheckStep } from './checkStep';

function check(answers: Record<string, Error | undefined>) {
  const git = {
    repository: (url: string) => ({
      name: url,
      checkWriteAccess: async () => {
        if (answers[url]) throw answers[url];
      },
    }),
  };
  const context = createTestContext({
    input: {
      repositories: Object.keys(answers).map(repoUrl => ({
        repoUrl,
        branch: 'main',
      })),
    },
  });
  return { context, result: createCheckStep({ git: git as any }).run(context) };
}

it('is content when all repositories may be pushed to, and touches nothing', async () => {
  const { context, result } = check({ blue: undefined, green: undefined });
  await expect(result).resolves.toEqual({ output: {} });
  expect(context.effects).toEqual([]);
});

it('fails before the first push when one may not be pushed to, and names all that are wrong', async () => {
  const { result } = check({
    blue: undefined,
    green: new GitError('forbidden', 'The portal may not write to green'),
    dev: new GitError('timeout', 'No answer of dev'),
  });
  await expect(result).rejects.toMatchObject({
    name: 'StepFailedError',
    message: 'The portal may not write to green',
    details: ['The portal may not write to green', 'No answer of dev'],
  });
});

it('may be tried again when a server only does not answer', async () => {
  await expect(
    check({ blue: new GitError('timeout', 'No answer') }).result,
  ).rejects.toMatchObject({ name: 'GitError' });
});

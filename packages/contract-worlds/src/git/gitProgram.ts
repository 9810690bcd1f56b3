import { spawn } from 'node:child_process';

/** The git program ended with an error. */
export class GitProgramError extends Error {
  constructor(command: string, readonly output: string) {
    super(`git ${command} failed: ${output.trim()}`);
    this.name = 'GitProgramError';
  }
}

/**
 * Runs the git program as somebody with no configuration of their own.
 *
 * @param options.authorization - the header to send; handed over by the environment, so that no token shows in a list of processes
 */
export async function git(
  args: readonly string[],
  options: { directory?: string; authorization?: string } = {},
): Promise<string> {
  const { directory, authorization } = options;
  const child = spawn('git', args as string[], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'Ravi',
      GIT_AUTHOR_EMAIL: 'ravi@example.com',
      GIT_COMMITTER_NAME: 'Ravi',
      GIT_COMMITTER_EMAIL: 'ravi@example.com',
      ...(authorization && {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'http.extraHeader',
        GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
      }),
    },
  });
  child.stdin.end();
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', chunk => {
    output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', chunk => {
    errors += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new GitProgramError(args[0], errors || output);
  return output;
}

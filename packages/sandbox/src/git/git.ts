import { spawn, ChildProcessWithoutNullStreams } from 'node:child_process';

/** Thrown when the git program ends with an error; the message holds what it said. */
export class GitError extends Error {
  constructor(
    readonly args: readonly string[],
    readonly exitCode: number | null,
    readonly stderr: string,
  ) {
    super(`git ${args[0]} failed: ${stderr.trim() || `exit code ${exitCode}`}`);
    this.name = 'GitError';
  }
}

// The machine's and the user's own configuration must not change what the sandbox answers.
const ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
  TZ: 'UTC',
};

export interface GitOptions {
  /** The bare repository. */
  directory?: string;
  input?: string | Buffer;
  environment?: Record<string, string>;
}

/** Starts the git program, of which the sandbox uses the server side and plumbing. */
export function spawnGit(
  args: readonly string[],
  options: GitOptions = {},
): ChildProcessWithoutNullStreams {
  return spawn('git', args as string[], {
    cwd: options.directory,
    env: { ...ENVIRONMENT, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs git to its end and answers what it wrote. Throws {@link GitError}. */
export async function git(
  args: readonly string[],
  options: GitOptions = {},
): Promise<Buffer> {
  const child = spawnGit(args, options);
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', chunk => output.push(chunk));
  child.stderr.on('data', chunk => errors.push(chunk));
  // A program that ends before it has read its input makes the pipe fail; its exit code tells why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', error =>
      reject(
        (error as NodeJS.ErrnoException).code === 'ENOENT'
          ? new Error('The sandbox needs the program git, which was not found.')
          : error,
      ),
    );
    child.on('close', resolve);
  });
  if (code !== 0) {
    throw new GitError(args, code, Buffer.concat(errors).toString('utf8'));
  }
  return Buffer.concat(output);
}

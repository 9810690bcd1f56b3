import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A repository on a real Git server: git's own programs behind HTTP. */
export interface TestGitServer {
  /** `127.0.0.1:…` */
  host: string;
  /** Address of a repository. */
  url(name: string): string;
  username: string;
  password: string;
  /** Makes a commit as somebody else, right in the repository, and answers it. */
  commit(
    name: string,
    files: Record<string, string | Buffer>,
    options?: { message?: string; at?: string },
  ): string;
  /** Runs git in a repository. */
  git(name: string, ...args: string[]): string;
  requests: string[];
  /** Bytes that were sent for fetches. */
  sentBytes: number;
  /** Called for each request before it is carried out; true means that it was answered. */
  before?: (request: {
    method: string;
    url: URL;
    service: string;
    response: ServerResponse;
  }) => boolean | Promise<boolean>;
  /** Called when a push has been carried out and before its answer is sent; true cuts the connection. */
  afterPush?: () => boolean | Promise<boolean>;
  close(): Promise<void>;
}

const ENVIRONMENT = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  LC_ALL: 'C',
};

/** @param repositories - their names; each begins with an empty branch `main` */
export async function startGitServer(
  repositories: string[],
): Promise<TestGitServer> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-git-test-'));
  const folder = (name: string) => join(directory, `${name}.git`);

  function git(name: string, args: string[], input?: Buffer | string): string {
    const result = spawnSync('git', args, {
      cwd: folder(name),
      env: ENVIRONMENT,
      input,
      maxBuffer: 100_000_000,
    });
    if (result.status !== 0)
      throw new Error(`git ${args.join(' ')}: ${result.stderr}`);
    return result.stdout.toString('utf8').trim();
  }

  for (const name of repositories) {
    spawnSync(
      'git',
      ['init', '--quiet', '--bare', '--initial-branch=main', folder(name)],
      { env: ENVIRONMENT },
    );
    git(name, ['config', 'receive.fsckObjects', 'true']);
  }

  const handle: TestGitServer = {
    host: '',
    username: 'portal',
    password: 'secret',
    url: name => `http://${handle.host}/${name}.git`,
    requests: [],
    sentBytes: 0,
    git: (name, ...args) => git(name, args),
    commit(name, files, commit = {}) {
      const head = spawnSync(
        'git',
        ['rev-parse', '--verify', '--quiet', 'refs/heads/main'],
        { cwd: folder(name), env: ENVIRONMENT },
      )
        .stdout.toString()
        .trim();
      const when = `${Math.floor(
        (commit.at ? Date.parse(commit.at) : Date.now()) / 1000,
      )} +0000`;
      const parts: Array<string | Buffer> = [
        `commit refs/heads/main\nauthor Ravi <ravi@example.com> ${when}\ncommitter Ravi <ravi@example.com> ${when}\n`,
        data(commit.message ?? 'Change'),
        head ? `from ${head}\n` : '',
      ];
      for (const [path, content] of Object.entries(files))
        parts.push(`M 100644 inline ${path}\n`, data(content));
      git(
        name,
        ['fast-import', '--quiet', '--date-format=raw'],
        Buffer.concat(parts.map(part => Buffer.from(part))),
      );
      return git(name, ['rev-parse', 'main']);
    },
    close: async () => undefined,
  };

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url!, `http://${handle.host}`);
    handle.requests.push(`${request.method} ${url.pathname}${url.search}`);
    const [, name, what] =
      /^\/([\w-]+)\.git\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(
        url.pathname,
      ) ?? [];
    const service =
      what === 'info/refs' ? url.searchParams.get('service') ?? '' : what ?? '';
    if (
      await handle.before?.({ method: request.method!, url, service, response })
    )
      return;
    const wanted = `Basic ${Buffer.from(
      `${handle.username}:${handle.password}`,
    ).toString('base64')}`;
    if (request.headers.authorization !== wanted) {
      response
        .writeHead(401, { 'WWW-Authenticate': 'Basic realm="Git"' })
        .end();
      return;
    }
    if (!repositories.includes(name)) {
      response.writeHead(404).end();
      return;
    }
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const isAdvertisement = what === 'info/refs';
    const output = await run(
      [
        service.slice(4),
        '--stateless-rpc',
        ...(isAdvertisement ? ['--advertise-refs'] : []),
        folder(name),
      ],
      Buffer.concat(body),
    );
    if (what === 'git-receive-pack' && (await handle.afterPush?.())) {
      request.socket.destroy();
      return;
    }
    if (what === 'git-upload-pack') handle.sentBytes += output.length;
    const line = `# service=${service}\n`;
    const intro = isAdvertisement
      ? `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`
      : '';
    response.writeHead(200, {
      'Content-Type': `application/x-${service}-${
        isAdvertisement ? 'advertisement' : 'result'
      }`,
    });
    response.end(Buffer.concat([Buffer.from(intro), output]));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  handle.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  handle.close = async () => {
    server.closeAllConnections();
    await new Promise<void>(resolve => server.close(() => resolve()));
    rmSync(directory, { recursive: true, force: true });
  };
  return handle;
}

/** A hook that declines every push with these words on stderr. */
export function declinePushes(
  server: TestGitServer,
  name: string,
  words: string,
): void {
  const folder = server.git(name, 'rev-parse', '--absolute-git-dir');
  writeFileSync(
    join(folder, 'hooks', 'pre-receive'),
    `#!/bin/sh\necho "${words}" >&2\nexit 1\n`,
    { mode: 0o755 },
  );
}

function run(args: string[], input: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { env: ENVIRONMENT });
    const output: Buffer[] = [];
    child.stdout.on('data', chunk => output.push(chunk));
    child.stderr.resume();
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', () => resolve(Buffer.concat(output)));
    child.stdin.end(input);
  });
}

function data(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([
    Buffer.from(`data ${bytes.length}\n`),
    bytes,
    Buffer.from('\n'),
  ]);
}

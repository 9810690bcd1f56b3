import { IncomingMessage, ServerResponse } from 'node:http';
import { createGunzip } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import { basicCredentials, listen, Listener, urlOf } from '../http/listen';
import { VerbCounts } from '../http/VerbCounts';
import { BareRepository } from './BareRepository';
import { Forge } from './Forge';
import { answerForgePage, findForgeRoute } from './forgeRoutes';
import { spawnGit } from './git';

/** How a hook declines pushes. */
export interface PushRefusal {
  words: string;
  /** All of them where absent. */
  ref?: string;
}

/** What can go wrong with Git on request. Asked at each request. */
export interface GitFaults {
  isDown(): boolean;
  /** Real milliseconds before anything is answered. */
  delayMs(): number;
  /** Pushes are read and then declined by a hook: in which words, and of which ref alone. */
  refusesPush(repository: string): PushRefusal | undefined;
  /** The user may not write: 403 before anything is sent. */
  forbidsPush(repository: string): boolean;
  /** True once for each answer to be lost after a push took effect. */
  takeDroppedAnswer(repository: string): boolean;
  /** Real milliseconds for which the answer to a push that took effect is held back. */
  heldAnswerMs(repository: string): number;
  /** Called when a push has arrived and before it is carried out: the moment for somebody else to be faster. */
  beforePush(repository: string): Promise<void>;
}

export interface GitServerOptions {
  port: number;
  /** By name; those of organizations by `organization/name`. */
  repositories: ReadonlyMap<string, BareRepository>;
  forge: Forge;
  username: string;
  token: string;
  faults: GitFaults;
  unimplemented: VerbCounts;
}

const SERVICES = ['git-upload-pack', 'git-receive-pack'];

/**
 * Git over smart HTTP at `/<name>.git`, for git itself and for isomorphic-git. The work is done by git's own `upload-pack` and `receive-pack`, so that
 * what is refused, and in which words, is git's. Every request needs the user's token, reading too: the repositories of a company are private. Besides,
 * as much of Gitea's API as it takes to publish a repository in an organization, and to read a file of it.
 */
export async function startGitServer(
  options: GitServerOptions,
): Promise<Listener> {
  return listen({
    port: options.port,
    part: 'the Git server',
    isDown: () => options.faults.isDown(),
    handler: (request, response) => handle(request, response, options),
  });
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: GitServerOptions,
): Promise<void> {
  const { path, query } = urlOf(request);
  const forgeCall = { request, response, path, query, forge: options.forge };
  const forgeRoute = findForgeRoute(request.method, path);
  if (forgeRoute) {
    if (isSignedIn(request, response, options)) {
      await sleep(options.faults.delayMs());
      await forgeRoute(forgeCall);
    }
    return;
  }
  if (await answerForgePage(forgeCall)) {
    return;
  }
  const match =
    /^\/((?:[\w-]+\/)?[\w.-]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(
      path,
    );
  const service =
    match?.[2] === 'info/refs' ? query.get('service') : match?.[2];
  if (!match || !service || !SERVICES.includes(service)) {
    answerText(response, ...notServed(request, path, match, options));
    return;
  }
  if (!isSignedIn(request, response, options)) {
    return;
  }
  const repository = options.repositories.get(match[1]);
  if (!repository) {
    answerText(response, 404, 'Repository not found\n');
    return;
  }
  await sleep(options.faults.delayMs());
  if (
    service === 'git-receive-pack' &&
    options.faults.forbidsPush(repository.name)
  ) {
    answerText(
      response,
      403,
      `You are not allowed to push code to ${repository.name}.\n`,
    );
    return;
  }
  if (match[2] === 'info/refs' && request.method === 'GET') {
    advertise(request, response, service, repository);
  } else if (service === 'git-upload-pack' && request.method === 'POST') {
    upload(request, response, repository);
  } else if (service === 'git-receive-pack' && request.method === 'POST') {
    await receive(request, response, repository, options.faults);
  } else {
    answerText(response, 405, 'Method not allowed\n');
  }
}

/** Answers 401 where it is not the user with the token. */
function isSignedIn(
  request: IncomingMessage,
  response: ServerResponse,
  { username, token }: GitServerOptions,
): boolean {
  const credentials = basicCredentials(request);
  if (credentials?.username === username && credentials.password === token) {
    return true;
  }
  response.writeHead(401, {
    'Content-Type': 'text/plain',
    'WWW-Authenticate': 'Basic realm="Git"',
  });
  response.end(
    credentials ? 'Invalid username or token\n' : 'Authentication required\n',
  );
  return false;
}

function notServed(
  request: IncomingMessage,
  path: string,
  match: RegExpExecArray | null,
  options: GitServerOptions,
): [status: number, text: string] {
  if (match) {
    return [403, 'This server speaks smart HTTP only\n'];
  }
  // git asks for these when it thinks that a server speaks only the old protocol.
  if (/^\/[\w-]+?(?:\.git)?\/(?:HEAD|objects\/)/.test(path)) {
    return [404, 'This server speaks smart HTTP only\n'];
  }
  const verb = `git ${request.method} ${path}`;
  options.unimplemented.count(verb);
  return [501, `Not implemented in the sandbox: ${verb}\n`];
}

function environmentOf(request: IncomingMessage): Record<string, string> {
  const protocol = request.headers['git-protocol'];
  return typeof protocol === 'string' && /^[\w=:.-]+$/.test(protocol)
    ? { GIT_PROTOCOL: protocol }
    : {};
}

function noStore(
  service: string,
  kind: 'advertisement' | 'result',
): Record<string, string> {
  return {
    'Content-Type': `application/x-${service}-${kind}`,
    'Cache-Control': 'no-cache, max-age=0, must-revalidate',
  };
}

function advertise(
  request: IncomingMessage,
  response: ServerResponse,
  service: string,
  repository: BareRepository,
): void {
  const environment = environmentOf(request);
  response.writeHead(200, noStore(service, 'advertisement'));
  const isVersion2 =
    service === 'git-upload-pack' &&
    (environment.GIT_PROTOCOL ?? '').split(':').includes('version=2');
  if (!isVersion2) {
    const line = `# service=${service}\n`;
    response.write(
      `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`,
    );
  }
  const child = spawnGit(
    [
      service.slice(4),
      '--stateless-rpc',
      '--advertise-refs',
      repository.directory,
    ],
    { environment },
  );
  child.stdin.end();
  child.stderr.resume();
  child.stdout.pipe(response);
  child.on('error', () => request.socket.destroy());
}

function upload(
  request: IncomingMessage,
  response: ServerResponse,
  repository: BareRepository,
): void {
  const child = spawnGit(
    ['upload-pack', '--stateless-rpc', repository.directory],
    { environment: environmentOf(request) },
  );
  child.stdin.on('error', () => undefined);
  child.stderr.resume();
  bodyOf(request).pipe(child.stdin);
  response.writeHead(200, noStore('git-upload-pack', 'result'));
  child.stdout.pipe(response);
  child.on('error', () => request.socket.destroy());
  response.on('close', () => child.kill());
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  repository: BareRepository,
  faults: GitFaults,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of bodyOf(request)) {
    chunks.push(chunk as Buffer);
  }
  await faults.beforePush(repository.name);
  const before = await repository.resolve('main');
  const refusal = faults.refusesPush(repository.name);
  const child = spawnGit(
    ['receive-pack', '--stateless-rpc', repository.directory],
    {
      environment: {
        ...environmentOf(request),
        ...(refusal && { SWITCHYARD_REFUSE_PUSH: refusal.words }),
        ...(refusal?.ref && { SWITCHYARD_REFUSED_REF: refusal.ref }),
      },
    },
  );
  const output: Buffer[] = [];
  child.stdout.on('data', chunk => output.push(chunk));
  child.stderr.resume();
  child.stdin.on('error', () => undefined);
  child.stdin.end(Buffer.concat(chunks));
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
  if ((await repository.resolve('main')) !== before) {
    await sleep(faults.heldAnswerMs(repository.name));
    if (faults.takeDroppedAnswer(repository.name)) {
      request.socket.destroy();
      return;
    }
  }
  response.writeHead(200, noStore('git-receive-pack', 'result'));
  response.end(Buffer.concat(output));
}

/** Git compresses larger requests. */
function bodyOf(request: IncomingMessage): NodeJS.ReadableStream {
  return request.headers['content-encoding'] === 'gzip'
    ? request.pipe(createGunzip())
    : request;
}

function answerText(
  response: ServerResponse,
  status: number,
  text: string,
): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' });
  response.end(text);
}

import { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, readBody } from '../http/listen';
import { Forge } from './Forge';

/** What a forge of Gitea's kind is asked for by whoever publishes a repository there, and by the catalog that reads a file of it. */
export interface ForgeCall {
  request: IncomingMessage;
  response: ServerResponse;
  path: string;
  query: URLSearchParams;
  forge: Forge;
}

type Route = (
  call: ForgeCall,
  parameters: readonly string[],
) => Promise<void> | void;

const ROUTES: ReadonlyArray<
  readonly [method: string, pattern: RegExp, route: Route]
> = [
  ['GET', /^\/api\/v1\/orgs\/([\w-]+)$/, getOrganization],
  ['POST', /^\/api\/v1\/orgs\/([\w-]+)\/repos$/, createRepository],
  [
    'GET',
    /^\/api\/v1\/repos\/([\w-]+)\/([\w.-]+)\/contents\/(.+)$/,
    getContents,
  ],
];

/** The page of a branch, which anybody may look at where the repository is public. */
const PAGE = /^\/([\w-]+)\/([\w.-]+)\/src\/branch\/([\w./-]+?)\/?$/;

/** What answers a request to the forge's API; it needs the user's password. */
export function findForgeRoute(
  method: string | undefined,
  path: string,
): ((call: ForgeCall) => Promise<void>) | undefined {
  for (const [wanted, pattern, route] of ROUTES) {
    const match = method === wanted ? pattern.exec(path) : null;
    if (match) {
      return async call => route(call, match.slice(1));
    }
  }
  return undefined;
}

/** Answers the page of a branch; false for what is none. */
export async function answerForgePage(call: ForgeCall): Promise<boolean> {
  const match = call.request.method === 'GET' ? PAGE.exec(call.path) : null;
  if (!match) {
    return false;
  }
  const [, owner, name, branch] = match;
  const repository = call.forge.get(owner, name);
  const isThere = repository && (await repository.resolve(branch));
  call.response.writeHead(isThere ? 200 : 404, { 'Content-Type': 'text/html' });
  call.response.end(isThere ? `<h1>${owner}/${name}</h1>` : 'Not found');
  return true;
}

function getOrganization(
  { response, forge }: ForgeCall,
  [owner]: readonly string[],
): void {
  if (forge.organizations.includes(owner)) {
    answerJson(response, 200, { id: 1, name: owner, username: owner });
  } else {
    notFound(response);
  }
}

async function createRepository(
  { request, response, forge }: ForgeCall,
  [owner]: readonly string[],
): Promise<void> {
  const body = JSON.parse((await readBody(request)).toString('utf8')) as {
    name?: unknown;
    description?: unknown;
    private?: unknown;
  };
  if (!forge.organizations.includes(owner)) {
    notFound(response);
    return;
  }
  const { name } = body;
  if (typeof name !== 'string' || !/^[\w-][\w.-]*$/.test(name)) {
    answerJson(response, 422, {
      message: '[Name]: name should contain only alphanumeric, - _ and .',
    });
    return;
  }
  const full = `${owner}/${name}`;
  if (!(await forge.create(owner, name))) {
    answerJson(response, 409, {
      message: 'The repository with the same name already exists.',
    });
    return;
  }
  answerJson(response, 201, {
    name,
    full_name: full,
    description: String(body.description ?? ''),
    private: body.private === true,
    empty: true,
    default_branch: 'main',
  });
}

async function getContents(
  { response, query, forge }: ForgeCall,
  [owner, name, path]: readonly string[],
): Promise<void> {
  const repository = forge.get(owner, name);
  const commit = await repository?.resolve(query.get('ref') ?? 'main');
  const file = commit && (await repository!.files(commit, ''))?.get(path);
  if (!file) {
    notFound(response);
    return;
  }
  answerJson(response, 200, {
    name: path.split('/').pop(),
    path,
    type: 'file',
    last_commit_sha: commit,
    size: file.length,
    encoding: 'base64',
    content: file.toString('base64'),
  });
}

function notFound(response: ServerResponse): void {
  answerJson(response, 404, { message: 'The target could not be found.' });
}

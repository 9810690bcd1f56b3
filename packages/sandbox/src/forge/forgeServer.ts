import { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerJson, listen, Listener, readBody, urlOf } from '../http/listen';
import { VerbCounts } from '../http/VerbCounts';
import {
  PullRequestStore,
  ForgePullRequest,
  ForgeRefusal,
  MERGE_METHODS,
  MergeMethod,
} from './PullRequestStore';
import { pullRequestPage } from './pullRequestPage';

/** What can go wrong with the forge on request. */
export interface ForgeFaults {
  isDown(): boolean;
  checksFail(repository: string): boolean;
  /** True once for each answer to be lost after a pull request was opened. */
  takeDroppedAnswer(repository: string): boolean;
  /** Real milliseconds for which the answer to a pull request that was opened is held back. */
  heldAnswerMs(repository: string): number;
}

export interface ForgeServerOptions {
  port: number;
  forge: PullRequestStore;
  /** Of the portal; its login is `switchyard`. */
  token: string;
  faults: ForgeFaults;
  unimplemented: VerbCounts;
}

/** Owns all repositories here. */
const OWNER = 'acme';
const PORTAL = 'switchyard';
const CHECK = 'manifests';

/**
 * GitHub's REST API as far as pull requests go, and a page of each with what a person does there. Anything else is 501.
 */
export async function startForgeServer(
  options: ForgeServerOptions,
): Promise<Listener> {
  const listener: Listener = await listen({
    port: options.port,
    part: 'the forge',
    isDown: () => options.faults.isDown(),
    handler: async (request, response) => {
      try {
        await handle(request, response, options, listener.url);
      } catch (error) {
        if (!(error instanceof ForgeRefusal)) throw error;
        const { status, message, errors } = error;
        answerJson(response, status, { message, ...(errors && { errors }) });
      }
    },
  });
  return listener;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: ForgeServerOptions,
  address: string,
): Promise<void> {
  const { path, segments } = urlOf(request);
  if (segments[0] !== 'repos') {
    await page(request, response, options.forge);
    return;
  }
  if (request.headers.authorization?.split(' ')[1] !== options.token)
    throw new ForgeRefusal(401, 'Bad credentials');
  if (segments[1] !== OWNER) throw new ForgeRefusal(404, 'Not Found');
  const [name, ...rest] = segments.slice(2);
  options.forge.repository(name ?? '');
  const number = Number(rest[1]);
  const verb = `${request.method} ${rest
    .map((part, index) => (index === 1 ? '*' : part))
    .join('/')}`;
  const { forge, faults } = options;
  switch (verb) {
    case 'GET pulls':
      answerJson(
        response,
        200,
        listed(forge, name, urlOf(request).query).map(pull =>
          summary(pull, address),
        ),
      );
      return;
    case 'POST pulls': {
      const body = await jsonBody(request);
      const pull = await forge.create(name, {
        title: String(body.title ?? ''),
        body: String(body.body ?? ''),
        head: String(body.head ?? '').replace(`${OWNER}:`, ''),
        base: String(body.base ?? ''),
        user: PORTAL,
      });
      await sleep(faults.heldAnswerMs(name));
      if (faults.takeDroppedAnswer(name)) {
        request.socket.destroy();
        return;
      }
      answerJson(response, 201, await whole(forge, pull, address));
      return;
    }
    case 'GET pulls/*':
      answerJson(
        response,
        200,
        await whole(forge, forge.find(name, number), address),
      );
      return;
    case 'PATCH pulls/*': {
      const pull = forge.find(name, number);
      const { state } = await jsonBody(request);
      // A merged one stays as it is.
      if (state === 'closed') await forge.close(pull, PORTAL);
      else
        throw new ForgeRefusal(501, 'Not implemented in the sandbox: reopen');
      answerJson(response, 200, await whole(forge, pull, address));
      return;
    }
    case 'PUT pulls/*/merge': {
      const body = await jsonBody(request);
      const sha = await forge.merge(forge.find(name, number), {
        method: methodOf(body.merge_method),
        by: PORTAL,
      });
      answerJson(response, 200, {
        sha,
        merged: true,
        message: 'Pull Request successfully merged',
      });
      return;
    }
    case 'GET issues/*': {
      const { closed, merged, title } = forge.find(name, number);
      answerJson(response, 200, {
        number,
        title,
        state: closed ? 'closed' : 'open',
        closed_by: closed && !merged ? { login: closed.by } : null,
      });
      return;
    }
    case 'GET commits/*/check-runs': {
      const conclusion = faults.checksFail(name) ? 'failure' : 'success';
      answerJson(response, 200, {
        total_count: 1,
        check_runs: [{ name: CHECK, status: 'completed', conclusion }],
      });
      return;
    }
    case 'GET commits/*/status':
      answerJson(response, 200, { state: 'success', statuses: [] });
      return;
    default:
      options.unimplemented.count(`forge ${request.method} ${path}`);
      answerJson(response, 501, {
        message: `Not implemented in the sandbox: ${request.method} ${path}`,
      });
  }
}

function methodOf(value: unknown): MergeMethod {
  const method = MERGE_METHODS.find(each => each === (value ?? 'merge'));
  if (!method)
    throw new ForgeRefusal(
      422,
      `merge_method is no ${MERGE_METHODS.join(', ')}`,
    );
  return method;
}

/** Newest first, as they are asked for here. */
function listed(
  forge: PullRequestStore,
  repository: string,
  query: URLSearchParams,
): ForgePullRequest[] {
  const state = query.get('state') ?? 'open';
  const head = query.get('head');
  const base = query.get('base');
  return forge
    .list()
    .filter(
      pull =>
        pull.repository === repository &&
        (!head || head === `${OWNER}:${pull.head}`) &&
        (!base || base === pull.base) &&
        (state === 'all' || (state === 'closed') === Boolean(pull.closed)),
    )
    .reverse()
    .slice(0, Number(query.get('per_page') ?? 30));
}

/** As in lists: without what GitHub has to find out first. */
function summary(pull: ForgePullRequest, address: string) {
  const { repository, number, merged, closed } = pull;
  return {
    number,
    html_url: `${address}/${OWNER}/${repository}/pull/${number}`,
    state: closed ? 'closed' : 'open',
    title: pull.title,
    body: pull.body,
    draft: false,
    user: { login: pull.user },
    created_at: pull.createdAt,
    closed_at: closed?.at ?? null,
    merged_at: merged?.at ?? null,
    merge_commit_sha: merged?.sha ?? null,
    head: { ref: pull.head, sha: pull.headSha, label: `${OWNER}:${pull.head}` },
    base: { ref: pull.base },
  };
}

async function whole(
  forge: PullRequestStore,
  pull: ForgePullRequest,
  address: string,
) {
  const { merged } = pull;
  const isDirty = !pull.closed && (await forge.conflicts(pull)).length > 0;
  return {
    ...summary(pull, address),
    merged: Boolean(merged),
    merged_by: merged ? { login: merged.by } : null,
    mergeable: pull.closed ? null : !isDirty,
    mergeable_state: stateOf(pull, isDirty),
  };
}

function stateOf(pull: ForgePullRequest, isDirty: boolean): string {
  if (pull.closed) return 'unknown';
  return isDirty ? 'dirty' : 'blocked';
}

/** The page of a pull request, and what its buttons do. */
async function page(
  request: IncomingMessage,
  response: ServerResponse,
  forge: PullRequestStore,
): Promise<void> {
  const { path } = urlOf(request);
  const [, repository, number] =
    new RegExp(`^/${OWNER}/([\\w-]+)/pull/(\\d+)$`).exec(path) ?? [];
  if (!repository) throw new ForgeRefusal(404, 'Not Found');
  const pull = forge.find(repository, Number(number));
  if (request.method === 'POST') {
    const form = new URLSearchParams((await readBody(request)).toString());
    const by = form.get('by') || 'ravi';
    if (form.get('action') === 'close') await forge.close(pull, by);
    else await forge.merge(pull, { method: methodOf(form.get('action')), by });
    response.writeHead(303, { Location: path }).end();
    return;
  }
  const log = await forge.repository(repository).log({
    revision: pull.headSha,
    limit: 1,
  });
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end(
    pullRequestPage(pull, {
      message: log[0]?.message ?? '',
      conflicts: await forge.conflicts(pull),
    }),
  );
}

async function jsonBody(
  request: IncomingMessage,
): Promise<Record<string, unknown>> {
  try {
    return JSON.parse((await readBody(request)).toString('utf8'));
  } catch {
    throw new ForgeRefusal(400, 'Problems parsing JSON');
  }
}

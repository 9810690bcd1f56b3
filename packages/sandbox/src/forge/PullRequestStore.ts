import { BareRepository, CommitAuthor, NewCommit } from '../git';
import { readJson, writeWhole } from '../worldFile';

/** A pull request of the world. */
export interface ForgePullRequest {
  repository: string;
  number: number;
  title: string;
  body: string;
  /** Branches. */
  head: string;
  base: string;
  /** Head of the branch when it was last there. */
  headSha: string;
  user: string;
  createdAt: string;
  closed?: { at: string; by: string };
  merged?: { at: string; by: string; sha: string; method: MergeMethod };
}

export const MERGE_METHODS = ['merge', 'squash', 'rebase'] as const;
export type MergeMethod = (typeof MERGE_METHODS)[number];

/** What the forge does not do, with the status that it answers. */
export class ForgeRefusal extends Error {
  override readonly name = 'ForgeRefusal';

  constructor(
    readonly status: number,
    message: string,
    readonly errors?: Array<Record<string, string>>,
  ) {
    super(message);
  }
}

/**
 * Pull requests of the world's repositories, and how they come into their branches. Both sides having changed one file is a conflict here, whatever the lines.
 */
export class PullRequestStore {
  readonly #repositories: ReadonlyMap<string, BareRepository>;
  readonly #file: string;
  readonly #pulls: ForgePullRequest[];

  static async open(options: {
    repositories: ReadonlyMap<string, BareRepository>;
    /** Keeps them over a restart. */
    file: string;
  }): Promise<PullRequestStore> {
    const pulls = await readJson<ForgePullRequest[]>(options.file);
    return new PullRequestStore(options, pulls ?? []);
  }

  private constructor(
    options: Parameters<typeof PullRequestStore.open>[0],
    pulls: ForgePullRequest[],
  ) {
    this.#repositories = options.repositories;
    this.#file = options.file;
    this.#pulls = pulls;
  }

  /** Oldest first. */
  list(): readonly ForgePullRequest[] {
    return this.#pulls;
  }

  repository(name: string): BareRepository {
    const repository = this.#repositories.get(name);
    if (!repository) throw new ForgeRefusal(404, 'Not Found');
    return repository;
  }

  find(repository: string, number: number): ForgePullRequest {
    const found = this.#pulls.find(
      pull => pull.repository === repository && pull.number === number,
    );
    if (!found) throw new ForgeRefusal(404, 'Not Found');
    return found;
  }

  async create(
    repository: string,
    request: Pick<
      ForgePullRequest,
      'title' | 'body' | 'head' | 'base' | 'user'
    >,
  ): Promise<ForgePullRequest> {
    const { head, base, title } = request;
    const refuse = (errors: Array<Record<string, string>>) => {
      throw new ForgeRefusal(422, 'Validation Failed', errors);
    };
    const bare = this.repository(repository);
    const [headSha, baseSha] = await Promise.all([
      bare.resolve(head),
      bare.resolve(base),
    ]);
    if (!title)
      refuse([
        { resource: 'PullRequest', field: 'title', code: 'missing_field' },
      ]);
    if (!headSha || !baseSha)
      return refuse([
        {
          resource: 'PullRequest',
          field: headSha ? 'base' : 'head',
          code: 'invalid',
        },
      ]);
    const custom = (message: string) =>
      refuse([{ resource: 'PullRequest', code: 'custom', message }]);
    if (
      this.#pulls.some(
        pull =>
          pull.repository === repository &&
          pull.head === head &&
          pull.base === base &&
          !pull.closed,
      )
    )
      custom(`A pull request already exists for acme:${head}.`);
    if ((await bare.log({ revision: headSha, since: baseSha })).length === 0)
      custom(`No commits between ${base} and ${head}`);
    const pull: ForgePullRequest = {
      ...request,
      repository,
      number:
        this.#pulls.filter(each => each.repository === repository).length + 1,
      headSha,
      createdAt: new Date().toISOString(),
    };
    this.#pulls.push(pull);
    await this.#save();
    return pull;
  }

  async close(pull: ForgePullRequest, by: string): Promise<void> {
    if (pull.closed) return;
    pull.closed = { at: new Date().toISOString(), by };
    await this.#save();
  }

  /** Files that both sides have changed since they parted. */
  async conflicts(pull: ForgePullRequest): Promise<string[]> {
    const bare = this.repository(pull.repository);
    const [base, head] = [
      await bare.resolve(pull.base),
      await bare.resolve(pull.head),
    ];
    if (!base || !head) return [];
    const parted = await bare.mergeBase(base, head);
    const [ours, theirs] = await Promise.all([
      changes(bare, parted, base),
      changes(bare, parted, head),
    ]);
    return [...theirs.keys()].filter(
      path => ours.has(path) && !isSame(ours.get(path), theirs.get(path)),
    );
  }

  /** Brings it into its branch as a person does. */
  async merge(
    pull: ForgePullRequest,
    options: { method: MergeMethod; by: string; deletesBranch?: boolean },
  ): Promise<string> {
    const { method, by } = options;
    const bare = this.repository(pull.repository);
    const head = await bare.resolve(pull.head);
    if (pull.closed || !head || (await this.conflicts(pull)).length > 0)
      throw new ForgeRefusal(405, 'Pull Request is not mergeable');
    const base = (await bare.resolve(pull.base))!;
    const parted = await bare.mergeBase(base, head);
    const sha = await bare.commit(
      pull.base,
      await commitsOf(bare, { pull, method, head, parted, author: person(by) }),
    );
    const at = new Date().toISOString();
    pull.headSha = head;
    pull.closed = { at, by };
    pull.merged = { at, by, sha, method };
    await this.#save();
    if (options.deletesBranch) await bare.deleteBranch(pull.head);
    return sha;
  }

  #save(): Promise<void> {
    return writeWhole(this.#file, JSON.stringify(this.#pulls));
  }
}

function person(login: string): CommitAuthor {
  return { name: login, email: `${login}@example.com` };
}

/** The commits that a merge makes, in the words of the forge. */
async function commitsOf(
  bare: BareRepository,
  options: {
    pull: ForgePullRequest;
    method: MergeMethod;
    head: string;
    parted: string;
    author: CommitAuthor;
  },
): Promise<NewCommit[]> {
  const { pull, method, head, parted, author } = options;
  const own = (await bare.log({ revision: head, since: parted })).reverse();
  if (method === 'rebase') {
    let before = parted;
    const commits: NewCommit[] = [];
    for (const { sha, author: by, message } of own) {
      commits.push({
        author: by,
        message,
        ...(await edits(bare, before, sha)),
      });
      before = sha;
    }
    return commits;
  }
  const all = await edits(bare, parted, head);
  if (method === 'merge')
    return [
      {
        author,
        message: `Merge pull request #${pull.number} from acme/${pull.head}\n\n${pull.title}`,
        merges: head,
        ...all,
      },
    ];
  // One commit keeps its own words; several become a list under the title.
  const [subject, ...rest] =
    own.length === 1 ? own[0].message.split('\n') : [pull.title];
  const body =
    own.length === 1
      ? rest.join('\n')
      : `\n${own.map(({ message }) => `* ${message}`).join('\n\n')}`;
  return [{ author, message: `${subject} (#${pull.number})\n${body}`, ...all }];
}

async function edits(bare: BareRepository, from: string, to: string) {
  const changed = await changes(bare, from, to);
  return {
    files: Object.fromEntries(
      [...changed].flatMap(([path, content]) =>
        content ? [[path, content] as const] : [],
      ),
    ),
    removed: [...changed]
      .filter(([, content]) => !content)
      .map(([path]) => path),
  };
}

/** Files that differ, as they are afterwards; undefined for those that are gone. */
async function changes(
  bare: BareRepository,
  from: string,
  to: string,
): Promise<Map<string, Buffer | undefined>> {
  const [before, after] = await Promise.all([
    bare.files(from, ''),
    bare.files(to, ''),
  ]);
  const paths = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  return new Map(
    [...paths]
      .filter(path => !isSame(before?.get(path), after?.get(path)))
      .map(path => [path, after?.get(path)]),
  );
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one && other ? one.equals(other) : one === other;
}

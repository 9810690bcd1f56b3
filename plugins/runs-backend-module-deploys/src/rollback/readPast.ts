import {
  Application,
  ApplicationSource,
  RevisionHistory,
} from '@switchyard/fleet-node';
import { revisionOf } from '../argocd/operationEvidence';
import { GitClient, GitCommit, GitError } from '../git';
import { OpenedImage } from '../hotfix/planEdits';
import { ImagePlace, lookUpPlace, WantedImage } from '../manifests';
import { PastDeploy, PastImage } from './types';

/** Argo CD keeps ten; a company may keep hundreds. */
const MAX_ENTRIES = 30;
const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * What an Application has deployed so far, newest first: its history, with what Git names at each revision in the places that name the image now.
 *
 * @throws GitError
 */
export async function readPast(
  image: OpenedImage,
  { status }: Application,
  options: { git: GitClient; signal: AbortSignal },
): Promise<PastDeploy[]> {
  const { application } = image.target.deployment;
  const { sourceIndex } = image;
  const { multiSource } = application;
  const source = application.sources[sourceIndex];
  const entries = (status?.history ?? []).slice(-MAX_ENTRIES).reverse();
  const revisions = entries.map(entry => {
    const revision = revisionOf(entry, { sourceIndex, multiSource });
    const before = sourceOf(entry, sourceIndex, multiSource);
    return {
      entry,
      revision: revision ?? null,
      problem:
        revision === undefined || !COMMIT.test(revision)
          ? 'Argo CD does not say which commit that was'
          : findOtherSource(before, source, options.git),
    };
  });
  const readAt = await openCommits(
    image,
    revisions.flatMap(({ revision, problem }) =>
      revision && !problem ? [revision] : [],
    ),
    options.signal,
  );
  return Promise.all(
    revisions.map(async ({ entry, revision, problem }) => ({
      revision,
      deployedAt: entry.deployedAt,
      ...(entry.initiatedBy?.username && { by: entry.initiatedBy.username }),
      automated: entry.initiatedBy?.automated === true,
      ...(problem ? { problem } : await readAt(revision!)),
    })),
  );
}

type KnownOfCommit = Pick<PastDeploy, 'commit' | 'image' | 'problem'>;

// Answers each commit once, however often it was synced. Commits first: what is fetched for one of them may hold the next.
async function openCommits(
  { repository, head, places, target }: OpenedImage,
  revisions: readonly string[],
  signal: AbortSignal,
): Promise<(revision: string) => Promise<KnownOfCommit>> {
  const commits = new Map<string, GitCommit | undefined>();
  for (const revision of new Set(revisions))
    commits.set(
      revision,
      await repository.findCommit({
        branch: head.branch,
        commit: revision,
        signal,
      }),
    );
  const cache = {};
  const read = async (revision: string): Promise<KnownOfCommit> => {
    const commit = commits.get(revision);
    if (!commit)
      return {
        problem: `${repository.name} no longer has the commit ${revision.slice(
          0,
          10,
        )}`,
      };
    const { author, at, message } = commit;
    const texts = new Map<string, string | undefined>();
    try {
      for (const file of new Set(places.map(place => place.file)))
        texts.set(file, await repository.readFile(revision, file, { cache }));
    } catch (error) {
      if (signal.aborted || !(error instanceof GitError)) throw error;
      return { commit: { author, at, message }, problem: error.message };
    }
    return {
      commit: { author, at, message },
      ...imageAt(places, texts, target.wanted),
    };
  };
  const answers = new Map<string, Promise<KnownOfCommit>>();
  return revision => {
    const known = answers.get(revision) ?? read(revision);
    answers.set(revision, known);
    return known;
  };
}

/** What the places of an image named in what the files said then. */
function imageAt(
  places: readonly ImagePlace[],
  texts: ReadonlyMap<string, string | undefined>,
  wanted: WantedImage,
): { image: PastImage } | { problem: string } {
  const found = places.flatMap(place => {
    const text = texts.get(place.file);
    const then =
      text === undefined ? undefined : lookUpPlace(text, place, wanted);
    return then?.state === 'there' ? [then] : [];
  });
  if (found.length === 0)
    return {
      problem: 'Where Git names the image now it did not name it then',
    };
  const tags = distinct(found.map(({ tag }) => tag));
  const digests = distinct(found.map(({ digest }) => digest));
  if (tags.length > 1 || digests.length > 1)
    return {
      problem: `Git named several at once: ${[...tags, ...digests].join(', ')}`,
    };
  const [tag] = tags;
  const [digest] = digests;
  if (tag === undefined)
    return {
      problem: 'It was pinned by digest alone, so its version is not known',
    };
  return {
    image: {
      version: tag.slice(wanted.tagPrefix.length),
      tag,
      ...(digest !== undefined && { digest }),
    },
  };
}

function sourceOf(
  { source, sources }: RevisionHistory,
  index: number,
  multiSource: boolean,
): ApplicationSource | undefined {
  return multiSource ? sources?.[index] : source ?? sources?.[0];
}

// What another place said is not what would be deployed from this one.
function findOtherSource(
  then: ApplicationSource | undefined,
  now: ApplicationSource,
  git: GitClient,
): string | undefined {
  if (!then) return undefined;
  if (!isSameRepository(then, now, git))
    return `It was deployed from another repository, ${nameOf(then.repoURL)}`;
  if ((then.path ?? '') !== (now.path ?? ''))
    return `It was deployed from another folder, ${then.path || '/'}`;
  return undefined;
}

function isSameRepository(
  then: ApplicationSource,
  now: ApplicationSource,
  git: GitClient,
): boolean {
  if (then.repoURL === now.repoURL) return true;
  try {
    return git.repository(then.repoURL).url === git.repository(now.repoURL).url;
  } catch (error) {
    // Of a host that is not configured any more.
    if (error instanceof GitError) return false;
    throw error;
  }
}

// Addresses may hold a password.
function nameOf(repoURL: string): string {
  return (
    repoURL
      .replace(/\.git$/, '')
      .split('/')
      .pop() || 'unknown'
  );
}

function distinct(values: ReadonlyArray<string | undefined>): string[] {
  return [...new Set(values)].filter(value => value !== undefined);
}

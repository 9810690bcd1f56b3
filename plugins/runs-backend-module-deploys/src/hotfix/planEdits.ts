import { PlanProblem } from '@switchyard/backstage-plugin-runs-common';
import {
  normalizeImageRepository,
  parseImageReference,
} from '@switchyard/backstage-plugin-deploys-node';
import { ApplicationSource } from '@switchyard/fleet-node';
import {
  BranchHead,
  GitClient,
  GitError,
  GitRepository,
  ReadCache,
} from '../git';
import {
  AffectedObject,
  ImagePlace,
  ManifestFiles,
  searchImage,
  setTags,
  UneditableError,
  unifiedDiff,
} from '../manifests';
import { HotfixTarget } from './findTargets';

/** What changes for one Application, and where. */
export interface TargetEdits {
  target: HotfixTarget;
  repository: GitRepository;
  head: BranchHead;
  sourceIndex: number;
  /** Places of the image, also those that name the wanted tag already. */
  places: ImagePlace[];
  affected: AffectedObject[];
  files: Array<{ file: string; diff?: string }>;
}

export type EditsOutcome =
  | { found: true; edits: TargetEdits }
  | { found: false; problems: PlanProblem[] };

/**
 * Reads where the image of an Application stands in Git now, and what the change would look like.
 */
export async function planEdits(
  target: HotfixTarget,
  git: GitClient,
  signal: AbortSignal,
): Promise<EditsOutcome> {
  const { application } = target.deployment;
  const outcomes = await Promise.all(
    application.sources.map((source, index) =>
      planSource(target, source, index, git, signal),
    ),
  );
  const found = outcomes.filter(outcome => outcome.found);
  if (found.length === 1) return found[0];
  if (found.length > 1) {
    return failed(target, {
      what: 'The image is in several sources',
      why: 'More than one source of the Application names it; which one counts depends on their order',
    });
  }
  const problems = outcomes.flatMap(outcome =>
    outcome.found ? [] : outcome.problems,
  );
  return problems.length > 0
    ? { found: false, problems }
    : failed(target, {
        what: 'No source',
        why: 'The Application has no source in Git',
      });
}

async function planSource(
  target: HotfixTarget,
  source: ApplicationSource,
  sourceIndex: number,
  git: GitClient,
  signal: AbortSignal,
): Promise<EditsOutcome> {
  const flaw = findUnsupported(source, target);
  if (flaw) return failed(target, flaw);
  try {
    const repository = git.repository(source.repoURL);
    const head = await repository.findBranch(source.targetRevision, { signal });
    if (!head) {
      return failed(target, {
        what: 'Not deployed from a branch',
        why: `The Application follows '${source.targetRevision ?? 'HEAD'}' of ${
          repository.name
        }, which is no branch: a commit would not be deployed`,
      });
    }
    return await searchEdits(
      target,
      { repository, head, source, sourceIndex },
      signal,
    );
  } catch (error) {
    if (signal.aborted || !(error instanceof GitError)) throw error;
    return failed(target, { what: 'Git cannot be read', why: error.message });
  }
}

async function searchEdits(
  target: HotfixTarget,
  at: {
    repository: GitRepository;
    head: BranchHead;
    source: ApplicationSource;
    sourceIndex: number;
  },
  signal: AbortSignal,
): Promise<EditsOutcome> {
  const { repository, head, source, sourceIndex } = at;
  const cache = repository.readCache();
  const files = filesOf(repository, head.commit, { cache, signal });
  const recurse = source.directory?.recurse === true;
  const search = await searchImage(
    files,
    { path: source.path ?? '', recurse },
    target.wanted,
  );
  if (!search.found) {
    return {
      found: false,
      problems: search.problems.map(problem => ({
        ...problem,
        why: `${repository.name}: ${problem.why}`,
        ref: problem.ref && `${repository.name}/${problem.ref}`,
      })),
    };
  }
  const { places, affected } = search;
  const edited = await Promise.all(
    [...new Set(places.map(({ file }) => file))].map(async file => {
      const before =
        (await repository.readFile(head.commit, file, { cache })) ?? '';
      const after = setTags(
        before,
        places.filter(place => place.file === file),
        target.wanted,
        target.tag,
      );
      return {
        file,
        ...(after !== before && { diff: unifiedDiff(file, before, after) }),
      };
    }),
  ).catch((error: unknown) => {
    if (error instanceof UneditableError) return error;
    throw error;
  });
  if (edited instanceof UneditableError)
    return failed(target, {
      what: 'The image cannot be changed safely',
      why: `${repository.name}: ${edited.message}`,
    });
  return {
    found: true,
    edits: {
      target,
      repository,
      head,
      sourceIndex,
      places,
      affected,
      files: edited,
    },
  };
}

// What would make a commit futile, or cannot be edited yet.
function findUnsupported(
  source: ApplicationSource,
  target: HotfixTarget,
): Omit<PlanProblem, 'ref'> | undefined {
  if (source.chart)
    return {
      what: 'A Helm chart',
      why: `The Application deploys the chart ${source.chart}; images in Helm values cannot be changed yet`,
    };
  if (source.helm)
    return {
      what: 'A Helm chart',
      why: 'The Application renders a chart with Helm; images in Helm values cannot be changed yet',
    };
  const override = source.kustomize?.images?.find(image =>
    overrides(image, target.wanted.repository),
  );
  if (override === undefined) return undefined;
  return {
    what: 'The image is set in the Application',
    why: `spec.source.kustomize.images holds '${override}', which wins over Git; remove it from the Application`,
  };
}

// `name=newName:tag`, `name:tag` or `newName:tag`.
function overrides(image: string, repository: string): boolean {
  return image.split('=').some(part => {
    const name = parseImageReference(part)?.written;
    return name !== undefined && normalizeImageRepository(name) === repository;
  });
}

function filesOf(
  repository: GitRepository,
  commit: string,
  { cache, signal }: { cache: ReadCache; signal: AbortSignal },
): ManifestFiles {
  // Whoever asked for the plan may be gone before all is read.
  const unlessTooLarge = async <T>(read: () => Promise<T>) => {
    signal.throwIfAborted();
    try {
      return await read();
    } catch (error) {
      if (error instanceof GitError && error.code === 'too-large') return null;
      throw error;
    }
  };
  return {
    list: (folder, options) =>
      unlessTooLarge(() =>
        repository.listFiles(commit, folder, { ...options, cache }),
      ),
    read: (path, options) =>
      unlessTooLarge(() =>
        repository.readFile(commit, path, { ...options, cache }),
      ),
  };
}

function failed(
  target: HotfixTarget,
  problem: Omit<PlanProblem, 'ref'>,
): EditsOutcome {
  const { namespace, name } = target.deployment.application;
  return {
    found: false,
    problems: [{ ...problem, ref: `Application ${namespace}/${name}` }],
  };
}

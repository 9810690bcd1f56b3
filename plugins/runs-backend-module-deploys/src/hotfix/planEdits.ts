import { PlanProblem } from '@switchyard/backstage-plugin-runs-common';
import {
  normalizeImageRepository,
  parseImageReference,
} from '@switchyard/backstage-plugin-deploys-node';
import { ApplicationSource } from '@switchyard/fleet-node';
import { GitClient, GitError } from '../git';
import {
  AffectedObject,
  ImagePlace,
  searchHelm,
  searchImage,
  setImage,
  UneditableError,
  unifiedDiff,
} from '../manifests';
import { HotfixTarget, ImageTarget } from './findTargets';
import { readHelmSource } from './helmSource';
import { runningObjects } from './runningObjects';
import { NotABranchError, OpenedSource, SourceFiles } from './SourceFiles';

/** Where the image of one Application stands in Git now. */
export interface LocatedImage
  extends Pick<OpenedSource, 'repository' | 'head'> {
  target: ImageTarget;
  /** The source whose revision is to hold the commit. */
  sourceIndex: number;
  /** They are Helm values. */
  isHelm: boolean;
  /** Places of the image, also those that name the wanted tag already. */
  places: ImagePlace[];
  affected: AffectedObject[];
}

/** What changes for one Application, and where. */
export interface TargetEdits extends LocatedImage {
  target: HotfixTarget;
  /** Of the new tag, where a place is pinned by digest. */
  digest?: string;
  files: Array<{ file: string; diff?: string }>;
}

export type EditsOutcome =
  | { found: true; edits: TargetEdits }
  | { found: false; problems: PlanProblem[] };

/** The image with the means to read what stands around it. */
export interface OpenedImage extends LocatedImage {
  read: OpenedSource['read'];
}

export type LocateOutcome =
  | { found: true; image: OpenedImage }
  | { found: false; problems: PlanProblem[] };

interface PlanContext {
  /** Of the wanted tag; undefined where the registry does not say. */
  digest(): Promise<string | undefined>;
  signal: AbortSignal;
}

/** The whole new image, with its digest where one is pinned. */
export function imageOf({
  target,
  digest,
}: Pick<TargetEdits, 'target' | 'digest'>): string {
  return `${target.wanted.repository}:${target.tag}${
    digest === undefined ? '' : `@${digest}`
  }`;
}

/**
 * Reads where the image of an Application stands in Git now, and what the change would look like.
 */
export async function planEdits(
  target: HotfixTarget,
  git: GitClient,
  context: PlanContext,
): Promise<EditsOutcome> {
  const located = await locateImage(target, git, context);
  if (!located.found) return located;
  const { image } = located;
  const isPinned = image.places.some(place => place.digest !== undefined);
  const digest = isPinned ? await context.digest() : undefined;
  return editImage(image, { tag: target.tag, digest });
}

/** Reads where the image of an Application stands in Git now. */
export async function locateImage(
  target: ImageTarget,
  git: GitClient,
  context: Pick<PlanContext, 'signal'>,
): Promise<LocateOutcome> {
  const { application } = target.deployment;
  const files = SourceFiles.create({ application, git, ...context });
  const outcomes = await Promise.all(
    application.sources.map((source, index) =>
      // One that only lends its files to another is not deployed.
      source.ref && !source.path && !source.chart
        ? []
        : locateInSource(target, source, index, files, context),
    ),
  );
  const all = outcomes.flat();
  const found = all.filter(outcome => outcome.found);
  if (found.length === 1) return found[0];
  if (found.length > 1) {
    return failed(target, {
      what: 'The image is in several sources',
      why: 'More than one source of the Application names it; which one counts depends on their order',
    });
  }
  const problems = all.flatMap(outcome =>
    outcome.found ? [] : outcome.problems,
  );
  return problems.length > 0
    ? { found: false, problems }
    : failed(target, {
        what: 'No source',
        why: 'The Application has no source in Git',
      });
}

async function locateInSource(
  target: ImageTarget,
  source: ApplicationSource,
  sourceIndex: number,
  files: SourceFiles,
  context: Pick<PlanContext, 'signal'>,
): Promise<LocateOutcome> {
  const flaw = findOverride(source, target);
  if (flaw) return failed(target, flaw);
  try {
    if (source.chart || source.helm)
      return await locateInChart(target, sourceIndex, files);
    const opened = await files.open(sourceIndex);
    const search = await searchImage(
      opened.files,
      {
        path: source.path ?? '',
        recurse: source.directory?.recurse === true,
      },
      target.wanted,
    );
    if (search.found)
      return toLocated(target, { ...search, sourceIndex }, opened);
    if (search.chart) return await locateInChart(target, sourceIndex, files);
    return { found: false, problems: inRepository(opened, search.problems) };
  } catch (error) {
    if (error instanceof NotABranchError)
      return failed(target, {
        what: 'Not deployed from a branch',
        why: error.message,
      });
    if (context.signal.aborted || !(error instanceof GitError)) throw error;
    return failed(target, { what: 'Git cannot be read', why: error.message });
  }
}

async function locateInChart(
  target: ImageTarget,
  sourceIndex: number,
  files: SourceFiles,
): Promise<LocateOutcome> {
  const { application, version } = target.deployment;
  const source = await readHelmSource(
    application,
    sourceIndex,
    async index => (await files.open(index)).files,
  );
  if ('what' in source) return failed(target, source);
  const search = await searchHelm(source, {
    wanted: target.wanted,
    named: target.helmValue,
    running: new Set(
      version.images
        .filter(
          ({ image }) =>
            normalizeImageRepository(image) === target.wanted.repository,
        )
        .flatMap(({ tag }) => tag ?? []),
    ),
  });
  if (search.found === 'inline')
    return failed(target, {
      what: 'The image is set in the Application',
      why: `Its own Helm ${
        search.values[0].kind === 'parameter' ? 'parameters' : 'values'
      } hold the image, which win over files in Git; move it to a file of values`,
    });
  if (!search.found)
    return {
      found: false,
      problems: search.problems.map(problem => ({
        ...problem,
        ref:
          problem.ref ??
          `Application ${application.namespace}/${application.name}`,
      })),
    };
  return toLocated(
    target,
    {
      places: search.places,
      affected: runningObjects(target),
      sourceIndex: search.source,
      isHelm: true,
    },
    await files.open(search.source),
  );
}

function toLocated(
  target: ImageTarget,
  found: Pick<LocatedImage, 'places' | 'affected' | 'sourceIndex'> & {
    isHelm?: boolean;
  },
  { repository, head, read }: OpenedSource,
): LocateOutcome {
  const { places, affected, sourceIndex, isHelm = false } = found;
  return {
    found: true,
    image: {
      target,
      places,
      affected,
      sourceIndex,
      isHelm,
      repository,
      head,
      read,
    },
  };
}

/** What the files look like with another image. */
export async function editImage(
  { read, ...image }: OpenedImage,
  next: { tag: string; digest?: string },
): Promise<EditsOutcome> {
  const { repository, places } = image;
  const target: HotfixTarget = { ...image.target, tag: next.tag };
  const files: TargetEdits['files'] = [];
  try {
    for (const file of new Set(places.map(place => place.file))) {
      const before = (await read(file)) ?? '';
      const after = setImage(
        before,
        places.filter(place => place.file === file),
        target.wanted,
        next,
      );
      files.push({
        file,
        ...(after !== before && { diff: unifiedDiff(file, before, after) }),
      });
    }
  } catch (error) {
    if (!(error instanceof UneditableError)) throw error;
    return failed(target, {
      what: 'The image cannot be changed safely',
      why: `${repository.name}: ${error.message}`,
    });
  }
  return {
    found: true,
    edits: { ...image, target, digest: next.digest, files },
  };
}

function inRepository(
  { repository }: OpenedSource,
  problems: readonly PlanProblem[],
): PlanProblem[] {
  return problems.map(problem => ({
    ...problem,
    why: `${repository.name}: ${problem.why}`,
    ref: problem.ref && `${repository.name}/${problem.ref}`,
  }));
}

// What would make a commit futile.
function findOverride(
  source: ApplicationSource,
  target: ImageTarget,
): Omit<PlanProblem, 'ref'> | undefined {
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

function failed(
  target: ImageTarget,
  problem: Omit<PlanProblem, 'ref'>,
): { found: false; problems: PlanProblem[] } {
  const { namespace, name } = target.deployment.application;
  return {
    found: false,
    problems: [{ ...problem, ref: `Application ${namespace}/${name}` }],
  };
}

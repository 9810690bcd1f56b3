import { posix } from 'node:path';
import { PlanProblem } from '@switchyard/backstage-plugin-runs-common';
import { ApplicationRow, ApplicationSource } from '@switchyard/fleet-node';
import { GitClient, GitError } from '../git';
import { isInside, repositoryPath } from '../manifests';
import { namedValueFiles } from './helmSource';
import { TargetEdits } from './planEdits';

/**
 * Files of a plan that Applications outside of it deploy too: of another environment or another component. A commit would ship there as well, past
 * that one's locks, windows and permissions, so there is no plan then.
 */
export function findSharedFiles(
  edits: readonly TargetEdits[],
  applications: readonly ApplicationRow[],
  git: Pick<GitClient, 'repository'>,
): PlanProblem[] {
  const planned = new Set(
    edits.map(({ target }) => keyOf(target.deployment.application)),
  );
  const others = applications.filter(row => !planned.has(keyOf(row)));
  return edits.flatMap(edit => {
    const file = [...new Set(edit.places.map(place => place.file))].find(each =>
      others.some(row => deploys(row, each, edit, git)),
    );
    const other =
      file !== undefined && others.find(row => deploys(row, file, edit, git));
    if (!other) return [];
    const { namespace, name } = edit.target.deployment.application;
    return [
      {
        what: 'Another Application deploys the same file',
        why: `${edit.repository.name}: ${file} is deployed by Application ${other.namespace}/${other.name} too, which is not part of this; give each a file of its own, e.g. a kustomization with images:`,
        ref: `Application ${namespace}/${name}`,
      },
    ];
  });
}

function deploys(
  row: ApplicationRow,
  file: string,
  edit: TargetEdits,
  git: Pick<GitClient, 'repository'>,
): boolean {
  // Addresses are compared last: it costs the most, and hardly any other path fits.
  return row.sources.some((_, index) =>
    filesRead(row, index, file, edit).some(
      read =>
        follows(row.sources[read], edit.head.branch) &&
        isSameRepository(row.sources[read], edit, git),
    ),
  );
}

// By which of an Application's sources the file is read, for one that is deployed.
function filesRead(
  row: ApplicationRow,
  index: number,
  file: string,
  edit: TargetEdits,
): number[] {
  const source = row.sources[index];
  const byValues = namedValueFiles(row, index).flatMap(named =>
    'file' in named && named.file === file ? [named.sourceIndex] : [],
  );
  const isOwn =
    source.chart === undefined &&
    (edit.isHelm ? isOfChart(source, file) : reads(source, file, edit));
  return isOwn ? [index, ...byValues] : byValues;
}

// The chart's own values, and those of charts within it. Other files beside it are read by name only.
function isOfChart({ path = '' }: ApplicationSource, file: string): boolean {
  const folder = repositoryPath(path);
  if (folder === undefined) return false;
  return (
    file === repositoryPath(folder, 'values.yaml') ||
    isInside(file, repositoryPath(folder, 'charts')!)
  );
}

function reads(
  source: ApplicationSource,
  file: string,
  { target, sourceIndex }: TargetEdits,
): boolean {
  const path = repositoryPath(source.path ?? '');
  if (path === undefined) return false;
  const own = repositoryPath(
    target.deployment.application.sources[sourceIndex]?.path ?? '',
  );
  const folder = posix.dirname(file);
  return (
    path === own ||
    path === (folder === '.' ? '' : folder) ||
    (source.directory?.recurse === true && isInside(file, path))
  );
}

function follows({ targetRevision }: ApplicationSource, branch: string) {
  return (
    !targetRevision ||
    targetRevision === 'HEAD' ||
    targetRevision.replace(/^refs\/heads\//, '') === branch
  );
}

function isSameRepository(
  { repoURL }: ApplicationSource,
  { repository }: TargetEdits,
  git: Pick<GitClient, 'repository'>,
): boolean {
  try {
    return (
      withoutSuffix(git.repository(repoURL).url) ===
      withoutSuffix(repository.url)
    );
  } catch (error) {
    // A server that is not configured is not the one that the plan has read from.
    if (error instanceof GitError) return false;
    throw error;
  }
}

function withoutSuffix(url: string): string {
  return url.replace(/\.git$/, '');
}

function keyOf({ instance, namespace, name }: ApplicationRow): string {
  return `${instance}/${namespace}/${name}`;
}

import { BoundedFiles, TooMuchToReadError } from './BoundedFiles';
import { conclude, describeFlaw, describeWanted, failed } from './conclude';
import { isFlaw, parseYaml } from './parseYaml';
import { FoundPlace, placesInManifest } from './imagePlaces';
import {
  KUSTOMIZATION_NAMES,
  searchKustomization,
} from './searchKustomization';
import { repositoryPath } from './repositoryPath';
import {
  ImageSearch,
  ManifestFiles,
  ManifestProblem,
  ManifestSource,
  WantedImage,
} from './types';
import { isBulk, ManifestContainer } from './containers';

const MANIFEST = /\.(ya?ml|json)$/i;
/** Argo CD's own way to leave a file out. */
const SKIPPED = '+argocd:skip-file-rendering';

/**
 * Finds the places in an Application's folder that decide which image runs: plain manifests, or a kustomization with what it leads to.
 */
export async function searchImage(
  files: ManifestFiles,
  source: ManifestSource,
  wanted: WantedImage,
): Promise<ImageSearch> {
  const folder = repositoryPath(source.path);
  if (folder === undefined) {
    return failed({
      what: 'The path leads out of the repository',
      why: `The Application reads its manifests from '${source.path}'`,
    });
  }
  try {
    return await searchFolder(
      BoundedFiles.create({ files, folder }),
      folder,
      source.recurse,
      wanted,
    );
  } catch (error) {
    if (error instanceof TooMuchToReadError) return failed(error.problem);
    throw error;
  }
}

async function searchFolder(
  files: BoundedFiles,
  folder: string,
  recurse: boolean,
  wanted: WantedImage,
): Promise<ImageSearch> {
  const listed = await files.list(folder, { recursive: false });
  if (!listed) {
    return failed({
      what: 'The path is not there',
      why: `The repository has no folder '${folder}', from which the Application reads its manifests`,
      ref: folder,
    });
  }
  const names = new Set(
    listed.map(({ path }) => path.slice(folder === '' ? 0 : folder.length + 1)),
  );
  const kustomization = KUSTOMIZATION_NAMES.find(name => names.has(name));
  if (kustomization)
    return searchKustomization({
      files,
      folder,
      file: repositoryPath(folder, kustomization)!,
      wanted,
    });
  if (names.has('Chart.yaml'))
    return { found: false, problems: [], chart: true };
  return searchPlain(files, folder, recurse, wanted);
}

async function searchPlain(
  files: BoundedFiles,
  folder: string,
  recurse: boolean,
  wanted: WantedImage,
): Promise<ImageSearch> {
  const listed = (await files.list(folder, { recursive: recurse })) ?? [];
  const paths = listed
    .filter(({ path, kind }) => kind === 'file' && MANIFEST.test(path))
    .map(({ path }) => path);
  files.expectFiles(paths.length);
  const found: Array<FoundPlace & { container: ManifestContainer }> = [];
  const problems: ManifestProblem[] = [];
  for (const path of paths) {
    const text = await files.read(path);
    if (text === undefined || text.includes(SKIPPED) || isBulk(text)) continue;
    const parsed = parseYaml(text);
    if (isFlaw(parsed)) {
      if (parsed.code === 'syntax' || mentions(text, wanted))
        problems.push(describeFlaw(path, parsed));
      continue;
    }
    found.push(...placesInManifest(path, parsed, wanted));
  }
  if (problems.length > 0) return { found: false, problems };
  if (found.length === 0) {
    return failed({
      what: 'The image is in no file',
      why: `No workload in '${folder}' runs ${describeWanted(
        wanted,
      )}; check switchyard/image of the component and the Application's path`,
      ref: folder,
    });
  }
  return conclude(
    found,
    found.map(({ container }) => container),
  );
}

function mentions(text: string, wanted: WantedImage): boolean {
  return text.includes(
    wanted.repository.slice(wanted.repository.lastIndexOf('/') + 1),
  );
}

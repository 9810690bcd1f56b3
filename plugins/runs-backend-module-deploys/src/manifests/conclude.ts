import { ManifestContainer } from './containers';
import { FoundPlace } from './imagePlaces';
import { YamlFlaw } from './parseYaml';
import {
  AffectedObject,
  ImageSearch,
  ManifestProblem,
  NewImage,
  WantedImage,
} from './types';

const PROBE: NewImage = {
  tag: 'switchyard-probe',
  digest: `sha256:${'0'.repeat(64)}`,
};

/**
 * Checks what was found for what makes a change impossible. `containers` are those that get the image.
 */
export function conclude(
  found: readonly FoundPlace[],
  containers: readonly ManifestContainer[],
): ImageSearch {
  const problems: ManifestProblem[] = [];
  const twice = found.find(
    ({ place }, index) =>
      found.findIndex(
        other => other.place.id === place.id && other.place.file === place.file,
      ) !== index,
  );
  if (twice)
    problems.push({
      what: 'The image is named twice',
      why: `${twice.place.what} stands in the file twice`,
      ref: at(twice.place),
    });
  problems.push(...findOtherServices(containers, found));
  if (problems.length > 0) return { found: false, problems };
  // Whether a place can be edited at all is known only by trying.
  for (const { place, edit } of found) {
    try {
      edit(PROBE);
    } catch (error) {
      problems.push({
        what: 'The image cannot be changed safely',
        why: `${place.what}: ${
          (error as { why?: string }).why ?? (error as Error).message
        }`,
        ref: at(place),
      });
    }
  }
  if (problems.length > 0) return { found: false, problems };
  return {
    found: true,
    places: found.map(({ place }) => place),
    affected: containers.map(toAffected),
  };
}

function findOtherServices(
  containers: readonly ManifestContainer[],
  found: readonly FoundPlace[],
): ManifestProblem[] {
  const services = new Set(
    containers.flatMap(({ owner }) => owner.service ?? []),
  );
  if (services.size < 2) return [];
  const files = [...new Set(found.map(({ place }) => place.file))].join(
    ' and ',
  );
  return [
    {
      what: 'The image belongs to several services',
      why: `${[...services]
        .sort()
        .join(
          ' and ',
        )} run the same image (${files}); give their tags a prefix each (switchyard/tag-prefix), or their workloads one label backstage.io/kubernetes-id`,
      ref: found[0] && at(found[0].place),
    },
  ];
}

function toAffected({
  owner,
  container,
  image,
}: ManifestContainer): AffectedObject {
  return {
    kind: owner.kind,
    name: owner.name,
    container,
    hooks: owner.hooks,
    before: image,
  };
}

export function describeFlaw(file: string, flaw: YamlFlaw): ManifestProblem {
  return {
    what: 'A file cannot be read',
    why: `${file}${flaw.line ? `, line ${flaw.line}` : ''}: ${flaw.why}`,
    ref: flaw.line ? `${file}:${flaw.line}` : file,
  };
}

export function describeWanted(wanted: WantedImage): string {
  return wanted.tagPrefix === ''
    ? `the image ${wanted.repository}`
    : `the image ${wanted.repository} with a tag that begins with ${wanted.tagPrefix}`;
}

export function failed(
  problem: ManifestProblem,
): Extract<ImageSearch, { found: false }> {
  return { found: false, problems: [problem] };
}

function at(place: { file: string; line?: number }): string {
  return place.line ? `${place.file}:${place.line}` : place.file;
}

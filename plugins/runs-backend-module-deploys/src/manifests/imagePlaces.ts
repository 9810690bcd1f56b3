import {
  normalizeImageRepository,
  parseImageReference,
} from '@switchyard/backstage-plugin-deploys-node';
import { findContainers, ManifestContainer } from './containers';
import { ImageEntry, readImageEntries } from './imageEntries';
import { isFlaw, ParsedYaml, parseYaml } from './parseYaml';
import {
  lineOfValue,
  replaceScalar,
  UneditableError,
  YamlPath,
} from './replaceScalar';
import { ImagePlace, WantedImage } from './types';

/** A place with what is needed to change it. */
export interface FoundPlace {
  place: ImagePlace;
  digest?: string;
  edit(tag: string): string;
}

/** Whether a container's image is the one that is looked for: of the repository and, where that is shared, of this service. */
export function isWanted(image: string, wanted: WantedImage): boolean {
  if (normalizeImageRepository(image) !== wanted.repository) return false;
  const { tag } = parseImageReference(image)!;
  return wanted.tagPrefix === '' || tag?.startsWith(wanted.tagPrefix) === true;
}

/** The places of a plain manifest that name the image. */
export function placesInManifest(
  file: string,
  parsed: ParsedYaml,
  wanted: WantedImage,
): Array<FoundPlace & { container: ManifestContainer }> {
  const containers = findContainers(parsed).filter(({ image }) =>
    isWanted(image, wanted),
  );
  return containers.map(container => {
    const reference = parseImageReference(container.image)!;
    return {
      container,
      digest: reference.digest,
      place: {
        file,
        id: idOfContainer(container),
        what: describeContainer(container),
        line: lineOfValue(parsed, container.path),
        tag: reference.tag,
      },
      edit: tag =>
        replaceScalar(parsed, container.path, `${reference.written}:${tag}`),
    };
  });
}

/** The entries of `images:` in a kustomization from which the image results. */
export function placesInKustomization(
  file: string,
  parsed: ParsedYaml,
  wanted: WantedImage,
): Array<FoundPlace & { entry: ImageEntry }> {
  const entries = readImageEntries(parsed).filter(entry => {
    const isShared = wanted.tagPrefix !== '' && entry.newTag !== undefined;
    return (
      normalizeImageRepository(entry.newName ?? entry.name) ===
        wanted.repository &&
      (!isShared || entry.newTag!.startsWith(wanted.tagPrefix))
    );
  });
  return entries.map(entry => ({
    entry,
    digest: entry.digest,
    place: {
      file,
      id: `images/${entry.name}`,
      what: `images entry ${entry.name}`,
      line: lineOfValue(parsed, entry.path),
      tag: entry.newTag,
    },
    edit: tag => {
      if (entry.newTag === undefined) {
        throw new UneditableError(
          `the images entry ${entry.name} has no newTag; add one`,
          lineOfValue(parsed, entry.path),
        );
      }
      return replaceScalar(
        parsed,
        {
          ...entry.path,
          keys: [...entry.path.keys, 'newTag'],
        } satisfies YamlPath,
        tag,
      );
    },
  }));
}

function idOfContainer({ owner, list, container }: ManifestContainer): string {
  return [owner.kind, owner.namespace ?? '', owner.name, list, container].join(
    '/',
  );
}

export function describeContainer({
  owner,
  list,
  container,
}: ManifestContainer): string {
  return `${owner.kind} ${owner.name}, ${
    list === 'initContainers' ? 'init container' : 'container'
  } ${container}`;
}

/** What stands at a place that was found earlier. */
export type PlaceNow =
  | { state: 'there'; tag?: string; digest?: string }
  | { state: 'gone'; why: string };

/** Looks a place up again in what the file says now. */
export function lookUpPlace(
  text: string,
  place: Pick<ImagePlace, 'file' | 'id'>,
  wanted: WantedImage,
): PlaceNow {
  const found = findPlace(text, place, wanted);
  return 'why' in found
    ? { state: 'gone', why: found.why }
    : { state: 'there', tag: found.place.tag, digest: found.digest };
}

/**
 * The file with another tag at the given places, one after the other.
 *
 * @throws UneditableError when a place is not there any more or cannot be changed
 */
export function setTags(
  text: string,
  places: ReadonlyArray<Pick<ImagePlace, 'file' | 'id'>>,
  wanted: WantedImage,
  tag: string,
): string {
  return places.reduce((edited, place) => {
    const found = findPlace(edited, place, wanted);
    if ('why' in found) throw new UneditableError(found.why);
    return found.place.tag === tag && !found.digest ? edited : found.edit(tag);
  }, text);
}

function findPlace(
  text: string,
  place: Pick<ImagePlace, 'file' | 'id'>,
  wanted: WantedImage,
): FoundPlace | { why: string } {
  const parsed = parseYaml(text);
  if (isFlaw(parsed))
    return { why: `${place.file} cannot be read any more: ${parsed.why}` };
  const all = place.id.startsWith('images/')
    ? placesInKustomization(place.file, parsed, wanted)
    : placesInManifest(place.file, parsed, wanted);
  const found = all.filter(candidate => candidate.place.id === place.id);
  if (found.length === 1) return found[0];
  return {
    why: `${place.file} ${
      found.length === 0 ? 'no longer names' : 'names twice'
    } the image at the place that was to be changed`,
  };
}

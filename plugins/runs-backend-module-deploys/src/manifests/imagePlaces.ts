import {
  normalizeImageRepository,
  parseImageReference,
} from '@switchyard/backstage-plugin-deploys-node';
import { findContainers, ManifestContainer } from './containers';
import { ImageEntry, readImageEntries } from './imageEntries';
import { isFlaw, ParsedYaml, parseYaml } from './parseYaml';
import { lineOfValue, replaceScalar, UneditableError } from './replaceScalar';
import { digestOf, pinOf, pinText, wantedPinText, writeReference } from './pin';
import { ImagePlace, NewImage, WantedImage } from './types';
import { isValueId, placeInValues } from './valuePlaces';

/** A place with what is needed to change it. */
export interface FoundPlace {
  place: ImagePlace;
  /** The whole file with the other image. @throws UneditableError */
  edit(image: NewImage): string;
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
      place: {
        file,
        id: idOfContainer(container),
        what: describeContainer(container),
        line: lineOfValue(parsed, container.path),
        ...pinOf(reference),
      },
      edit: image =>
        replaceScalar(parsed, container.path, writeReference(reference, image)),
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
    place: {
      file,
      id: `images/${entry.name}`,
      what: `images entry ${entry.name}`,
      line: lineOfValue(parsed, entry.path),
      ...pinOf({ tag: entry.newTag, digest: entry.digest }),
    },
    edit: image => editEntry(parsed, entry, image),
  }));
}

function editEntry(
  parsed: ParsedYaml,
  entry: ImageEntry,
  image: NewImage,
): string {
  if (entry.newTag === undefined && entry.digest === undefined)
    throw new UneditableError(
      `the images entry ${entry.name} has no newTag; add one`,
      lineOfValue(parsed, entry.path),
    );
  const values = [
    ['newTag', entry.newTag, image.tag],
    ['digest', entry.digest, entry.digest && digestOf(image)],
  ] as const;
  return values.reduce((text, [key, before, after]) => {
    if (before === undefined || after === undefined || before === after)
      return text;
    const edited = parseYaml(text);
    if (isFlaw(edited)) throw new UneditableError(edited.why);
    return replaceScalar(
      edited,
      { ...entry.path, keys: [...entry.path.keys, key] },
      after,
    );
  }, parsed.text);
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
  | ({ state: 'there' } & Pick<ImagePlace, 'tag' | 'digest'>)
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
    : { state: 'there', ...pinOf(found.place) };
}

/**
 * The file with another image at the given places, one after the other.
 *
 * @throws UneditableError when a place is not there any more or cannot be changed
 */
export function setImage(
  text: string,
  places: ReadonlyArray<Pick<ImagePlace, 'file' | 'id'>>,
  wanted: WantedImage,
  image: NewImage,
): string {
  return places.reduce((edited, place) => {
    const found = findPlace(edited, place, wanted);
    if ('why' in found) throw new UneditableError(found.why);
    return pinText(found.place) === wantedPinText(found.place, image)
      ? edited
      : found.edit(image);
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
  const all = allPlaces(place, parsed, wanted);
  const found = all.filter(candidate => candidate.place.id === place.id);
  if (found.length === 1) return found[0];
  return {
    why: `${place.file} ${
      found.length === 0 ? 'no longer names' : 'names twice'
    } the image at the place that was to be changed`,
  };
}

function allPlaces(
  { file, id }: Pick<ImagePlace, 'file' | 'id'>,
  parsed: ParsedYaml,
  wanted: WantedImage,
): FoundPlace[] {
  if (isValueId(id)) return placeInValues(file, parsed, id, wanted);
  return id.startsWith('images/')
    ? placesInKustomization(file, parsed, wanted)
    : placesInManifest(file, parsed, wanted);
}

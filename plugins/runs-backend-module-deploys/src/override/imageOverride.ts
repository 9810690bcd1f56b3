import { isDeepStrictEqual } from 'node:util';
import { JsonObject, JsonValue } from '@backstage/types';
import {
  HelmParameter,
  normalizeImageRepository,
  OverrideEntry,
  OverridePlace,
  parseImageReference,
} from '@switchyard/backstage-plugin-deploys-node';
import { Application, ApplicationSource } from '@switchyard/fleet-node';

/** What the Application itself says at the place now; null where it says nothing. */
export function entryAt(
  { spec }: Application,
  { source, tool, name }: OverridePlace,
): OverrideEntry | null {
  const found = sourcesOf(spec)[source];
  if (tool === 'helm')
    return (
      (found?.helm?.parameters as HelmParameter[] | undefined)?.find(
        parameter => parameter.name === name,
      ) ?? null
    );
  return (
    found?.kustomize?.images?.find(image => nameOfImage(image) === name) ?? null
  );
}

/** A merge patch of the spec that puts an entry at the place, or takes away what is there. Lists are replaced whole by such a patch. */
export function patchOfEntry(
  application: Application,
  place: OverridePlace,
  entry: OverrideEntry | null,
): JsonObject {
  const { spec } = application;
  const sources = sourcesOf(spec);
  const source = sources[place.source] as unknown as JsonObject;
  const { tool } = place;
  const list = tool === 'helm' ? 'parameters' : 'images';
  const settings = (source?.[tool] ?? {}) as JsonObject;
  const entries = ((settings[list] ?? []) as JsonValue[]).filter(
    each => nameOf(each) !== place.name,
  );
  if (entry !== null) entries.push(entry);
  const { [list]: _, ...others } = settings;
  const isEmpty = entries.length === 0 && Object.keys(others).length === 0;
  if (!spec.sources?.length)
    return {
      source: {
        [tool]: isEmpty
          ? null
          : { [list]: entries.length === 0 ? null : entries },
      },
    };
  const { [tool]: __, ...rest } = source;
  const changed: JsonObject = {
    ...rest,
    ...(!isEmpty && {
      [tool]: { ...others, ...(entries.length > 0 && { [list]: entries }) },
    }),
  };
  return {
    sources: sources.map((each, index) =>
      index === place.source ? changed : (each as unknown as JsonObject),
    ),
  };
}

/** Whether two entries say the same, whatever the order of their fields. */
export function isSameEntry(
  a: OverrideEntry | null,
  b: OverrideEntry | null,
): boolean {
  return isDeepStrictEqual(a, b);
}

/** For people: `image.tag=v2`, `registry.example.com/orders:v2`, `nothing`. */
export function describeEntry(entry: OverrideEntry | null): string {
  if (entry === null) return 'nothing';
  return typeof entry === 'string' ? entry : `${entry.name}=${entry.value}`;
}

/** For people: 'Helm parameter image.tag'. */
export function describePlace({ tool, name }: OverridePlace): string {
  return tool === 'helm' ? `Helm parameter ${name}` : `kustomize image ${name}`;
}

/** The entry of kustomize that is about a repository, if there is one. */
export function findKustomizeImage(
  source: ApplicationSource,
  repository: string,
): string | undefined {
  return source.kustomize?.images?.find(image =>
    image.split('=').some(part => {
      const name = parseImageReference(part)?.written;
      return (
        name !== undefined && normalizeImageRepository(name) === repository
      );
    }),
  );
}

/** What kustomize matches by: `name` of `name=newName:tag` and of `name:tag`. */
export function nameOfImage(image: string): string {
  const [name, ...renamed] = image.split('=');
  return renamed.length > 0
    ? name
    : parseImageReference(image)?.written ?? name;
}

export function sourcesOf(spec: Application['spec']): ApplicationSource[] {
  if (spec.sources?.length) return spec.sources;
  return spec.source ? [spec.source] : [];
}

function nameOf(entry: JsonValue): string | undefined {
  return typeof entry === 'string'
    ? nameOfImage(entry)
    : (entry as HelmParameter | null)?.name;
}

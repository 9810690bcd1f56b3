import {
  normalizeImageRepository,
  parseImageReference,
} from '@switchyard/backstage-plugin-deploys-node';
import { isRecord } from './containers';
import { FoundPlace } from './imagePlaces';
import { ParsedYaml } from './parseYaml';
import { digestOf, pinOf, writeReference } from './pin';
import { lineOfValue, replaceScalar } from './replaceScalar';
import { WantedImage } from './types';

/** What a value of a chart says of an image: only its tag, only its digest, or the whole of it. */
export type ValueRole = 'tag' | 'digest' | 'image';

/** Keys and indices on the way to a value. */
export type ValuePath = ReadonlyArray<string | number>;

const PREFIX = 'values/';

/** Names a value however the file is laid out. */
export function valueId(role: ValueRole, path: ValuePath): string {
  return `${PREFIX}${role}${JSON.stringify(path)}`;
}

export function isValueId(id: string): boolean {
  return id.startsWith(PREFIX);
}

/** As in Helm's `--set`, for people. */
export function describePath(path: ValuePath): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      return `${index === 0 ? '' : '.'}${key.replace(/([.\\])/g, '\\$1')}`;
    })
    .join('');
}

export function valueAt(value: unknown, path: ValuePath): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner) && typeof key === 'number') return inner[key];
    return isRecord(inner) && Object.hasOwn(inner, key)
      ? inner[key]
      : undefined;
  }, value);
}

/** The text of a value; a tag that looks like a number is one to YAML unless it is quoted. */
export function textOfValue(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * The place that an id names in a file of Helm values; none where no such value stands there, or it is another image's now.
 *
 * @internal
 */
export function placeInValues(
  file: string,
  parsed: ParsedYaml,
  id: string,
  wanted: WantedImage,
): FoundPlace[] {
  const named = readId(id);
  if (!named || parsed.values.length > 1) return [];
  const { role, path } = named;
  const text = textOfValue(valueAt(parsed.values[0], path));
  if (text === undefined) return [];
  const place = {
    file,
    id,
    what: `value ${describePath(path)}`,
    line: lineOfValue(parsed, { document: 0, keys: path }),
  };
  const replace = (value: string) =>
    replaceScalar(parsed, { document: 0, keys: path }, value);
  if (role === 'digest')
    return [
      {
        place: { ...place, digest: text },
        edit: image => replace(digestOf(image)),
      },
    ];
  if (role === 'tag') {
    const [tag, digest] = text.split('@');
    return [
      {
        place: { ...place, ...pinOf({ tag, digest }) },
        // Charts that know no digest get one behind the tag.
        edit: image =>
          replace(
            digest === undefined
              ? image.tag
              : `${image.tag}@${digestOf(image)}`,
          ),
      },
    ];
  }
  const reference = parseImageReference(text);
  if (!reference || normalizeImageRepository(text) !== wanted.repository)
    return [];
  return [
    {
      place: { ...place, ...pinOf(reference) },
      edit: image => replace(writeReference(reference, image)),
    },
  ];
}

function readId(id: string): { role: ValueRole; path: ValuePath } | undefined {
  const parts = /^values\/(tag|digest|image)(\[.*\])$/.exec(id);
  if (!parts) return undefined;
  try {
    return {
      role: parts[1] as ValueRole,
      path: JSON.parse(parts[2]) as ValuePath,
    };
  } catch {
    return undefined;
  }
}

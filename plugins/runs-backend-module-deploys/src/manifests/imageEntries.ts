import { isRecord } from './containers';
import { ParsedYaml } from './parseYaml';
import { YamlPath } from './replaceScalar';

/** An entry of `images:` in a kustomization. */
export interface ImageEntry {
  path: YamlPath;
  /** As in the manifests, without tag. */
  name: string;
  newName?: string;
  newTag?: string;
  digest?: string;
}

export function readImageEntries(parsed: ParsedYaml): ImageEntry[] {
  const [value] = parsed.values;
  const images = isRecord(value) ? value.images : undefined;
  if (!Array.isArray(images)) return [];
  return images.flatMap((entry, index): ImageEntry[] => {
    if (!isRecord(entry) || typeof entry.name !== 'string') return [];
    return [
      {
        path: { document: 0, keys: ['images', index] },
        name: entry.name,
        newName: textOf(entry.newName),
        newTag: textOf(entry.newTag),
        digest: textOf(entry.digest),
      },
    ];
  });
}

// A tag that looks like a number is one to YAML, unless it is quoted; it is a tag all the same.
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

import { ContractBranch } from './types';

/** Finds the tag of an image in a manifest, or in the `images` of a kustomization. */
export function tagOf(text: string, image: string): string {
  const [, , tag] = placeOf(image).exec(text) ?? [];
  if (!tag) throw new Error('The file names no version');
  return tag;
}

/** The same text with another tag in all places. */
export function withTag(text: string, image: string, tag: string): string {
  return text.replace(placeOf(image, 'g'), `$1${tag}`);
}

function placeOf(image: string, flags = ''): RegExp {
  const name = image.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(image:\\s*"?${name}:|newTag:\\s*)([\\w.-]+)`, flags);
}

/** Commits another version to one file. */
export async function commitTag(
  branch: ContractBranch,
  options: { file: string; image: string; tag: string },
): Promise<string> {
  const { file, image, tag } = options;
  const text = await branch.read(file);
  return branch.commit({ [file]: withTag(text, image, tag) }, `Bump to ${tag}`);
}

import { createTwoFilesPatch } from 'diff';

/**
 * What changed in a text file, as a unified diff without prefixes before the path. Line ends are shown as they are in the file.
 */
export function unifiedDiff(
  path: string,
  before: string,
  after: string,
): string {
  const patch = createTwoFilesPatch(
    path,
    path,
    before,
    after,
    undefined,
    undefined,
    { context: 3 },
  );
  return patch.slice(patch.indexOf('--- '));
}

/**
 * Reads a path as `helm --set` writes it: `api.image.tag`, `containers[0].image`, with `\.` for a dot in a key.
 */
export function parseValuePath(written: string): Array<string | number> {
  return written.split(/(?<!\\)\./).flatMap((part): Array<string | number> => {
    const indices = /^(.*?)((?:\[\d+\])*)$/s.exec(part)!;
    const key = indices[1].replace(/\\(.)/g, '$1');
    return [
      ...(key === '' ? [] : [key]),
      ...[...indices[2].matchAll(/\d+/g)].map(([digits]) => Number(digits)),
    ];
  });
}

interface ParsedVersion {
  numbers: [number, number, number];
  /** What follows the numbers. */
  rest: string;
  restIsCommit: boolean;
}

const NUMBERS =
  /^[vV]?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:([-+._])?(.*))$/;
const COMMIT = /^(?:g|sha-?)?[0-9a-f]{7,40}$/;

/**
 * Orders versions as people mean them: by their numbers first. A pre-release (`-rc.1`) comes before its release. A commit behind the numbers
 * (`v5.3.24-5e15f0a`) says nothing about order: compare the times of such images. What is no version at all comes before everything.
 *
 * @returns less than 0 when `a` is older than `b`, 0 when neither is known to be older
 * @public
 */
export function compareVersions(a: string, b: string): number {
  const left = parse(a);
  const right = parse(b);
  if (!left || !right) return Number(Boolean(left)) - Number(Boolean(right));
  for (let index = 0; index < 3; index++) {
    const difference = left.numbers[index] - right.numbers[index];
    if (difference !== 0) return difference;
  }
  if (left.restIsCommit || right.restIsCommit) return 0;
  if (left.rest === '' || right.rest === '')
    return Number(left.rest === '') - Number(right.rest === '');
  return compareRests(left.rest, right.rest);
}

function parse(version: string): ParsedVersion | undefined {
  const match = NUMBERS.exec(version);
  if (!match) return undefined;
  const [, major, minor = '0', patch = '0', separator, text] = match;
  // '2024abc' is a name that begins with digits.
  if (!separator && text !== '') return undefined;
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    rest: text,
    restIsCommit: COMMIT.test(text),
  };
}

// As semver orders pre-releases: part by part, numbers by value and before words.
function compareRests(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    if (left[index] === undefined) return -1;
    if (right[index] === undefined) return 1;
    const difference = compareParts(left[index], right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareParts(a: string, b: string): number {
  const isNumber = /^\d{1,9}$/;
  if (isNumber.test(a) && isNumber.test(b)) return Number(a) - Number(b);
  if (isNumber.test(a) !== isNumber.test(b)) return isNumber.test(a) ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

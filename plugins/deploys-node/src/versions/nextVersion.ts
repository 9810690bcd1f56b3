import { Bump, VersionScheme } from './versionScheme';

/** Largest first: where a title asks for two, the larger is meant. */
const BUMPS: readonly Bump[] = ['major', 'minor', 'patch'];
const NUMBERS = /(\d{1,9})\.(\d{1,9})\.(\d{1,9})/;

/**
 * The version that follows, as the title of a pull request asks for it: `[minor]` anywhere in it, or whatever the scheme names. What stands before the
 * numbers stays, what follows them goes: a release comes after its candidates.
 *
 * @returns undefined where the present version has no three numbers
 * @public
 */
export function nextVersion(
  current: string,
  title: string,
  scheme: VersionScheme,
): string | undefined {
  const match = NUMBERS.exec(current);
  if (!match) return undefined;
  const [major, minor, patch] = match.slice(1).map(Number);
  const next = {
    major: [major + 1, 0, 0],
    minor: [major, minor + 1, 0],
    patch: [major, minor, patch + 1],
  }[findBump(title, scheme)];
  return `${current.slice(0, match.index)}${next.join('.')}`;
}

/**
 * Which number of a version a title asks to raise.
 *
 * @public
 */
export function findBump(title: string, scheme: VersionScheme): Bump {
  const text = title.toLocaleLowerCase('en-US');
  const asked = BUMPS.find(bump =>
    scheme.bumps[bump].some(word =>
      text.includes(word.toLocaleLowerCase('en-US')),
    ),
  );
  return asked ?? scheme.otherwise;
}

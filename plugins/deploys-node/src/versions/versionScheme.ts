import { Config } from '@backstage/config';
import { compareVersions } from './compareVersions';

/** Which number of a version is raised. @public */
export type Bump = 'major' | 'minor' | 'patch';

/**
 * How versions follow one another, and how they are written as tags.
 *
 * @public
 */
export interface VersionScheme {
  /** What asks for each in a title. */
  bumps: Readonly<Record<Bump, readonly string[]>>;
  /** Where a title asks for none. */
  otherwise: Bump;
  /** `{service}_{version}`, `v{version}`: undefined where tags are three numbers, with or without a `v`. */
  tag?: string;
}

const KEY = 'switchyard.versions';
const BUMPS: readonly Bump[] = ['major', 'minor', 'patch'];
const VERSION = '{version}';
const SERVICE = '{service}';

/**
 * Reads `switchyard.versions`.
 *
 * @throws Error that names the key and what would be right
 * @public
 */
export function readVersionScheme(config: Config): VersionScheme {
  const versions = config.getOptionalConfig(KEY);
  const read = (bump: Bump) => {
    const words = versions?.getOptionalStringArray(`bumps.${bump}`) ?? [
      `[${bump}]`,
    ];
    if (words.some(word => word.trim() === ''))
      throw new Error(
        `${KEY}.bumps.${bump} has an empty word, which every title has; give e.g. '[${bump}]'`,
      );
    return words;
  };
  const otherwise = versions?.getOptionalString('otherwise') ?? 'patch';
  if (!BUMPS.includes(otherwise as Bump))
    throw new Error(
      `${KEY}.otherwise is '${otherwise}'; give one of ${BUMPS.join(', ')}`,
    );
  const tag = versions?.getOptionalString('tag');
  if (tag !== undefined && tag.split(VERSION).length !== 2)
    throw new Error(
      `${KEY}.tag is '${tag}'; name the version in it once, e.g. '${SERVICE}_${VERSION}'`,
    );
  return {
    bumps: { major: read('major'), minor: read('minor'), patch: read('patch') },
    otherwise: otherwise as Bump,
    tag,
  };
}

/**
 * The highest of the tags that follow the scheme, as people say it: without the prefix that a shared repository gives a service.
 *
 * @public
 */
export function highestVersion(
  tags: readonly string[],
  options: { service: string; tagPrefix: string; scheme: VersionScheme },
): string | undefined {
  const { service, tagPrefix, scheme } = options;
  const pattern = toPattern(scheme, service);
  const isWhole = scheme.tag?.includes(SERVICE) ?? false;
  const versions = tags
    .filter(tag => tag.startsWith(tagPrefix))
    .filter(tag => pattern.test(isWhole ? tag : tag.slice(tagPrefix.length)))
    .map(tag => tag.slice(tagPrefix.length));
  return versions.reduce<string | undefined>(
    (highest, version) =>
      highest === undefined || compareVersions(version, highest) > 0
        ? version
        : highest,
    undefined,
  );
}

function toPattern({ tag }: VersionScheme, service: string): RegExp {
  const numbers = '\\d{1,9}\\.\\d{1,9}\\.\\d{1,9}';
  if (tag === undefined) return new RegExp(`^v?${numbers}$`);
  const [before, after] = tag
    .replaceAll(SERVICE, service)
    .split(VERSION)
    .map(escape);
  return new RegExp(`^${before}${numbers}${after}$`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

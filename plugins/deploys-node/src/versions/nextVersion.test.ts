import { ConfigReader } from '@backstage/config';
import { nextVersion } from './nextVersion';
import { highestVersion, readVersionScheme } from './versionScheme';

/** Of the config. */
type Versions = NonNullable<ConstructorParameters<typeof ConfigReader>[0]>;

const schemeOf = (versions?: Versions) =>
  readVersionScheme(
    new ConfigReader(versions ? { switchyard: { versions } } : {}),
  );

describe('nextVersion', () => {
  it.each([
    ['v5.3.24', 'Round totals', 'v5.3.25'],
    ['v5.3.24', '[patch] Round totals', 'v5.3.25'],
    ['v5.3.24', 'Round totals [minor]', 'v5.4.0'],
    ['v5.3.24', 'Round [Major] totals', 'v6.0.0'],
    ['v5.3.24', '[minor] and [major]', 'v6.0.0'],
    ['5.3.9', 'A minor thing', '5.3.10'],
    ['1.4.0-rc.2', '', '1.4.1'],
    ['api-0.9.9', '[minor]', 'api-0.10.0'],
  ])('after %s, %j comes %s', (current, title, next) => {
    expect(nextVersion(current, title, schemeOf())).toBe(next);
  });

  it.each(['latest', 'v5.3', ''])('is not known after %j', current => {
    expect(nextVersion(current, '[major]', schemeOf())).toBeUndefined();
  });

  it.each([
    ['feat!: rounding', 'v6.0.0'],
    ['Feat: rounding', 'v5.4.0'],
    ['[major] rounding', 'v5.4.0'],
    ['fix: rounding', 'v5.3.25'],
  ])('by a scheme of one’s own: %s', (title, next) => {
    const scheme = schemeOf({
      bumps: { major: ['!:', 'BREAKING'], minor: ['feat'], patch: ['fix:'] },
      otherwise: 'minor',
    });
    expect(nextVersion('v5.3.24', title, scheme)).toBe(next);
  });
});

describe('highestVersion', () => {
  const tags = [
    'latest',
    'v1.9.0',
    'v1.10.0',
    'v1.10.1-rc.1',
    '2.0.0',
    'api_v2.8.9',
    'api_v2.8.10',
    'match_v3.0.0',
  ];
  it.each<[string, { tag?: string; tagPrefix?: string }, string | undefined]>([
    ['three numbers, with or without a v', {}, '2.0.0'],
    ['with a v', { tag: 'v{version}' }, 'v1.10.0'],
    ['of one service in a shared repository', { tagPrefix: 'api_' }, 'v2.8.10'],
    [
      'by the service in the tag',
      { tag: '{service}_v{version}', tagPrefix: 'api_' },
      'v2.8.10',
    ],
    ['none', { tag: 'release.{version}' }, undefined],
  ])('%s', (_, { tag, tagPrefix = '' }, expected) => {
    const scheme = schemeOf(tag === undefined ? undefined : { tag });
    expect(highestVersion(tags, { service: 'api', tagPrefix, scheme })).toBe(
      expected,
    );
  });
});

describe('readVersionScheme', () => {
  it.each<[Versions, string]>([
    [{ tag: 'v1' }, "switchyard.versions.tag is 'v1'"],
    [{ tag: '{version}{version}' }, 'name the version in it once'],
    [{ otherwise: 'huge' }, 'give one of major, minor, patch'],
    [{ bumps: { minor: [' '] } }, 'switchyard.versions.bumps.minor'],
  ])('refuses %j', (versions, message) => {
    expect(() => schemeOf(versions)).toThrow(message);
  });
});

import { compareVersions } from './compareVersions';

describe('compareVersions', () => {
  it.each([
    ['v5.3.9', 'v5.3.10'],
    ['v5.3.24', 'v5.4.0-crash'],
    ['v5.4.0-rc.1', 'v5.4.0'],
    ['v5.4.0-rc.2', 'v5.4.0-rc.10'],
    ['v5.4.0-alpha', 'v5.4.0-alpha.1'],
    ['v5.4.0-1', 'v5.4.0-alpha'],
    ['1.2', '1.2.1'],
    ['v5.3.24-5e15f0a', 'v5.3.25-0a15f0a'],
    ['latest', 'v0.0.1'],
    ['2024abc', '1.0.0'],
  ])('%s is older than %s', (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
  });

  it.each([
    ['v5.3.24', '5.3.24'],
    ['v1.2', 'v1.2.0'],
    ['latest', 'main'],
    ['v5.3.24-5e15f0a', 'v5.3.24'],
    ['v5.3.24-5e15f0a', 'v5.3.24-0123456'],
  ])('%s and %s have no order', (a, b) => {
    expect(compareVersions(a, b)).toBe(0);
    expect(compareVersions(b, a)).toBe(0);
  });
});

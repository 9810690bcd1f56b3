import { Config, readDurationFromConfig } from '@backstage/config';
import { durationToMilliseconds } from '@backstage/types';
import {
  lockKinds,
  lockScopes,
} from '@switchyard/backstage-plugin-runs-common';
import { LockPolicy } from './LockPolicies';

const KEY = 'switchyard.runs.locks.expiry';

/**
 * The rows of `switchyard.runs.locks.expiry`.
 *
 * @throws Error that names the key and what would be right
 */
export function readLockPolicies(config: Config): LockPolicy[] {
  const rows = config.getOptionalConfigArray(KEY) ?? [];
  return rows.map((row, index) => {
    const key = `${KEY}[${index}]`;
    const match = row.getOptionalConfig('match');
    const policy: LockPolicy = {
      match: {
        environments: match?.getOptionalStringArray('environments'),
        scopes: readWords(match, 'scopes', lockScopes, key),
        kinds: readWords(match, 'kinds', lockKinds, key),
      },
      defaultMs: readMilliseconds(row, 'default'),
      longestMs: readMilliseconds(row, 'longest'),
    };
    const { defaultMs, longestMs } = policy;
    if (
      defaultMs !== undefined &&
      longestMs !== undefined &&
      defaultMs > longestMs
    )
      throw new Error(`${key}.default is longer than ${key}.longest`);
    return policy;
  });
}

function readMilliseconds(row: Config, key: string): number | undefined {
  if (!row.has(key)) return undefined;
  return durationToMilliseconds(readDurationFromConfig(row, { key }));
}

function readWords<T extends string>(
  match: Config | undefined,
  field: string,
  known: readonly T[],
  key: string,
): T[] | undefined {
  const words = match?.getOptionalStringArray(field);
  for (const word of words ?? []) {
    if (!known.includes(word as T))
      throw new Error(
        `${key}.match.${field}: '${word}' is none of ${known.join(', ')}`,
      );
  }
  return words as T[] | undefined;
}

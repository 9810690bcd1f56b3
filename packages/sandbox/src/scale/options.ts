import { ScaleSize } from './layout';

/** Options of a command line that ask for the large world. */
export const SCALE_OPTIONS = {
  clusters: { type: 'string' },
  apps: { type: 'string' },
  pods: { type: 'string' },
  rate: { type: 'string' },
} as const;

/** Explains {@link SCALE_OPTIONS}. */
export const SCALE_USAGE = `  --clusters    scale mode: this many clusters besides (50 when only --apps or --pods is given)
  --apps        this many Applications, of an Argo CD of their own (10000)
  --pods        this many pods (200000)
  --rate        how many of these pods change in a second (10)`;

/**
 * What the command line asks of scale mode; undefined where it does not.
 *
 * @throws Error with a sentence that names the option
 */
export function readScaleOptions(
  values: Partial<Record<keyof typeof SCALE_OPTIONS, string>>,
): { size: ScaleSize; perSecond: number } | undefined {
  const { clusters, apps, pods, rate } = values;
  if ([clusters, apps, pods].every(value => value === undefined)) {
    return undefined;
  }
  return {
    size: {
      clusters: wholeNumber('--clusters', clusters ?? '50', 1, 200),
      apps: wholeNumber('--apps', apps ?? '10000', 1, 50_000),
      pods: wholeNumber('--pods', pods ?? '200000', 0, 1_000_000),
    },
    perSecond: wholeNumber('--rate', rate ?? '10', 0, 10_000),
  };
}

function wholeNumber(
  option: string,
  text: string,
  from: number,
  to: number,
): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new Error(
      `${option} takes a whole number from ${from} to ${to}, not '${text}'`,
    );
  }
  return value;
}

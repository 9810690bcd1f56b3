import { Config } from '@backstage/config';

/** Between how many pods a workload may be scaled, both included. */
export interface ScaleBounds {
  min: number;
  max: number;
}

/** @throws Error for bounds that make no sense */
export function readScaleBounds(config: Config): ScaleBounds {
  const bounds = config.getOptionalConfig('switchyard.deploys.scale');
  const min = bounds?.getOptionalNumber('min') ?? 1;
  const max = bounds?.getOptionalNumber('max') ?? 20;
  const isRight = [min, max].every(each => Number.isInteger(each) && each >= 0);
  if (!isRight || max < min)
    throw new Error(
      'switchyard.deploys.scale needs whole numbers, and a max that is not below min',
    );
  return { min, max };
}

import { ArgoCdReader, ArgoCdWriter } from '@switchyard/fleet-node';
import { createArgoCdWriter } from '@switchyard/fleet-node/effects';
import { StepTools } from '../steps/types';

/** For steps that change something in Argo CD; `argoWriter` is replaced in tests only. */
export type ArgoWriterTools = Pick<StepTools, 'fleet'> & {
  argoWriter?(reader: ArgoCdReader): ArgoCdWriter;
};

/** What changes things in an instance of Argo CD. */
export function argoWriterOf(
  { fleet, argoWriter }: ArgoWriterTools,
  instance: string,
): ArgoCdWriter {
  const reader = fleet.argo(instance);
  return argoWriter ? argoWriter(reader) : createArgoCdWriter({ reader });
}

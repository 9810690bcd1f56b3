import { AnalysisRunRow } from '../../rows';
import { KubernetesObject } from '../kubernetesObject';
import { count, objectRow } from './common';
import { shorten } from './containers';

/** Row of an AnalysisRun of Argo Rollouts. @internal */
export function analysisRunRow(
  run: KubernetesObject,
  options: { cluster: string },
): AnalysisRunRow {
  const { status } = run;
  return {
    ...objectRow(run, options),
    phase: status?.phase || 'Pending',
    ...(status?.message && { message: shorten(status.message) }),
    ...(status?.startedAt && { startedAt: status.startedAt }),
    metrics: (status?.metricResults ?? []).map((result: any) => {
      const newest = result.measurements?.at(-1);
      return {
        name: result.name ?? '',
        phase: result.phase ?? '',
        ...(result.message && { message: shorten(result.message) }),
        successful: count(result.successful),
        failed: count(result.failed),
        inconclusive: count(result.inconclusive),
        errors: count(result.error),
        ...(newest?.value && { value: shorten(String(newest.value)) }),
        ...(newest?.finishedAt && { at: newest.finishedAt }),
      };
    }),
  };
}

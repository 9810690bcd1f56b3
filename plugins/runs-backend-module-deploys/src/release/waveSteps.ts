import { PlannedStep } from '@switchyard/backstage-plugin-runs-common';
import { ChildRunsInput } from '@switchyard/backstage-plugin-runs-node';
import { ReleaseInput } from './types';

/** One look at the runs of a wave. It waits for them between two looks, for as long as they take. */
const WAVE_TIMEOUT_MS = 60_000;

/** The steps of a release: one per wave, each after the one before. */
export function buildWaveSteps(
  waves: readonly string[][],
  onFailure: ReleaseInput['onFailure'],
): PlannedStep[] {
  const goOn = onFailure === 'go-on';
  const step = (
    id: string,
    title: string,
    needs: string[],
    input: ChildRunsInput,
  ): PlannedStep => ({
    id,
    title,
    handler: 'children',
    needs,
    effect: 'none',
    input,
    timeoutMs: WAVE_TIMEOUT_MS,
    maxAttempts: 5,
  });
  const steps = waves.map((children, index) =>
    step(
      `wave.${index + 1}`,
      waves.length === 1
        ? `Ship ${children.join(', ')}`
        : `Wave ${index + 1}: ship ${children.join(', ')}`,
      index === 0 ? [] : [`wave.${index}`],
      goOn ? { children, goOn } : { children },
    ),
  );
  // With `go on` no wave fails; whether all have come through is seen at the end.
  return goOn
    ? [
        ...steps,
        step(
          'outcome',
          'All have come through',
          steps.slice(-1).map(({ id }) => id),
          { children: waves.flat() },
        ),
      ]
    : steps;
}

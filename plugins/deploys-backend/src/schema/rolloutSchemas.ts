import { count, list, object, ref, Schema, text, time, word } from './words';

/** Types of Argo Rollouts in `deploys-common`. */
export const rolloutSchemas: Record<string, Schema> = {
  Rollout: object(
    {
      strategy: word('canary', 'blueGreen', 'unknown'),
      status: word('progressing', 'paused', 'healthy', 'degraded', 'aborted'),
      text,
      message: text,
      step: object({ number: count, of: count }),
      weight: count,
      paused: object({ since: time, until: time }, ['since', 'until']),
      stable: ref('RolloutVersion'),
      next: ref('RolloutVersion'),
      analyses: list(ref('Analysis')),
    },
    ['message', 'step', 'weight', 'paused', 'stable', 'next'],
  ),
  RolloutVersion: object({ hash: text, version: text }, ['version']),
  Analysis: object(
    {
      name: text,
      type: text,
      phase: text,
      message: text,
      startedAt: time,
      metrics: list(
        object(
          {
            name: text,
            phase: text,
            message: text,
            successful: count,
            failed: count,
            inconclusive: count,
            errors: count,
            value: text,
          },
          ['message', 'value'],
        ),
      ),
    },
    ['type', 'message', 'startedAt'],
  ),
};

import {
  EntityDeploysState,
  RolloutState,
} from '@switchyard/backstage-plugin-deploys-common';
import { Tone } from '@switchyard/backstage-plugin-runs-react';

const summaryTones: Record<EntityDeploysState['summary']['tone'], Tone> = {
  ok: 'ok',
  progressing: 'active',
  warning: 'attention',
  error: 'error',
  unknown: 'neutral',
};

const argocdTones: Record<string, Tone> = {
  // Sync
  Synced: 'ok',
  OutOfSync: 'attention',
  // Health
  Healthy: 'ok',
  Progressing: 'active',
  Degraded: 'error',
  Missing: 'error',
  Suspended: 'waiting',
  // Operation
  Running: 'active',
  Terminating: 'attention',
  Succeeded: 'ok',
  Failed: 'error',
  Error: 'error',
};

const rolloutTones: Record<RolloutState['status'], Tone> = {
  progressing: 'active',
  paused: 'waiting',
  healthy: 'ok',
  degraded: 'error',
  aborted: 'error',
};

const analysisTones: Record<string, Tone> = {
  Pending: 'active',
  Running: 'active',
  Successful: 'ok',
  Failed: 'error',
  Error: 'error',
  Inconclusive: 'attention',
};

/** The tone of the sentence on top of the Deploy card. */
export function summaryTone(tone: EntityDeploysState['summary']['tone']): Tone {
  return summaryTones[tone];
}

/** The tone of one of Argo CD's own words; a word that a later version brings says nothing. */
export function argocdTone(word: string): Tone {
  return argocdTones[word] ?? 'neutral';
}

/** The tone of what Argo Rollouts does. */
export function rolloutTone(status: RolloutState['status']): Tone {
  return rolloutTones[status];
}

/** The tone of a phase of an AnalysisRun or of one of its metrics. */
export function analysisTone(phase: string): Tone {
  return analysisTones[phase] ?? 'neutral';
}

import { EntityDeploysState } from '@switchyard/backstage-plugin-deploys-common';
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

/** The tone of the sentence on top of the Deploy card. */
export function summaryTone(tone: EntityDeploysState['summary']['tone']): Tone {
  return summaryTones[tone];
}

/** The tone of one of Argo CD's own words; a word that a later version brings says nothing. */
export function argocdTone(word: string): Tone {
  return argocdTones[word] ?? 'neutral';
}

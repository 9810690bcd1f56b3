import { MetricsService } from '@backstage/backend-plugin-api/alpha';
import { EngineObserver } from './engine/RunEngine';

/** Counts what the engine does. The names are in the README. */
export function createMetrics(metrics: MetricsService): {
  observer: Omit<EngineObserver, 'onOutbox'>;
  /** Names where the gauges are read. */
  observe(read: {
    claimLoopAgeMs: () => number;
    activeRuns: () => number;
    overdueSteps: () => number;
  }): void;
} {
  const claims = metrics.createCounter('claims.total', {
    description: 'Runs claimed by this replica',
  });
  const takeovers = metrics.createCounter('takeovers.total', {
    description: 'Claims of runs whose worker had gone silent',
  });
  const attempts = metrics.createCounter('attempts.total', {
    description: 'Attempts of steps, by outcome',
  });
  const left = metrics.createCounter('left.total', {
    description: 'Runs that this replica stopped carrying out, by result',
  });
  const waited = metrics.createHistogram('claim.delay', {
    description: 'From request to claim',
    unit: 's',
  });
  const age = metrics.createObservableGauge('claimloop.age', {
    description: 'Since the claim loop last came round',
    unit: 's',
  });
  const active = metrics.createObservableGauge('active', {
    description: 'Runs that this replica carries out',
  });
  const overdue = metrics.createObservableGauge('steps.overdue', {
    description:
      'Steps that take longer than expected, of all replicas together',
  });
  return {
    observer: {
      onClaimed: ({ waitedMs, takenOver }) => {
        claims.add(1);
        if (takenOver) takeovers.add(1);
        else waited.record(waitedMs / 1_000);
      },
      onAttempt: outcome => attempts.add(1, { outcome }),
      onLeft: result => left.add(1, { result }),
    },
    observe(read) {
      age.addCallback(result => result.observe(read.claimLoopAgeMs() / 1_000));
      overdue.addCallback(result => result.observe(read.overdueSteps()));
      active.addCallback(result => result.observe(read.activeRuns()));
    },
  };
}

import { Entity } from '@backstage/catalog-model';
import {
  AnalysisState,
  RolloutState,
  RolloutVersion,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  AnalysisRunRow,
  RolloutProgress,
  versionOf,
  WorkloadRow,
} from '@switchyard/fleet-node';

const HASH_LABEL = 'rollouts-pod-template-hash';
const MAX_ANALYSES = 5;
const MAX_METRICS = 10;
const NAMES: Record<RolloutState['strategy'], string> = {
  canary: 'Canary',
  blueGreen: 'Blue-green',
  unknown: 'Rollout',
};

/** How far Argo Rollouts is, in words; undefined for workloads that are not its own. */
export function readRollout(options: {
  row: WorkloadRow;
  entity: Entity;
  /** Those that the Rollout made. */
  replicaSets: readonly WorkloadRow[];
  analysisRuns: readonly AnalysisRunRow[];
  /** Whether the workload agrees to the entity: what systems said is for those to whom it does. */
  isAgreed: boolean;
}): RolloutState | undefined {
  const { row, entity, replicaSets, analysisRuns, isAgreed } = options;
  const { rollout } = row;
  if (!rollout) return undefined;
  const { strategy, stableHash, currentHash } = rollout;
  const message = isAgreed ? rollout.message : undefined;
  const status = statusOf(row, rollout);
  const step = stepOf(rollout, status);
  const isUnderWay = status === 'progressing' || status === 'paused';
  const weight = isUnderWay ? rollout.weight : undefined;
  const versionOfHash = (hash: string | undefined) =>
    hash === undefined ? undefined : findVersion(hash, entity, replicaSets);
  const stable = versionOfHash(stableHash);
  const next =
    currentHash === stableHash ? undefined : versionOfHash(currentHash);
  const isWrong = status === 'degraded' || status === 'aborted';
  return {
    strategy,
    status,
    text: [
      [
        NAMES[strategy],
        status === 'aborted' && next?.version && ` of ${next.version}`,
        step && ` step ${step.number} of ${step.of}`,
      ],
      [weight !== undefined && `${weight} %`],
      [describe({ row, rollout, status, stable, message })],
    ]
      .map(words => words.filter(Boolean).join(''))
      .filter(Boolean)
      .join(' · '),
    ...(isWrong && message && { message }),
    ...(step && { step }),
    ...(weight !== undefined && { weight }),
    ...(status === 'paused' &&
      rollout.paused && { paused: pauseOf(rollout.paused) }),
    ...(rollout.pausedByHand && { pausedByHand: true as const }),
    ...(stable && { stable }),
    ...(next && { next }),
    analyses: analysisRuns
      .filter(({ labels }) => labels[HASH_LABEL] === currentHash)
      .sort(newestFirst)
      .slice(0, MAX_ANALYSES)
      .map(run => toAnalysisState(run, isAgreed)),
  };
}

/** Where a Rollout waits: 'at step 2 of 5, weight 20 %'; undefined where it does not. */
export function describePausedAt(row: WorkloadRow): string | undefined {
  const { rollout } = row;
  if (!rollout || statusOf(row, rollout) !== 'paused') return undefined;
  const step = stepOf(rollout, 'paused');
  return [
    step && `at step ${step.number} of ${step.of}`,
    rollout.weight !== undefined && `weight ${rollout.weight} %`,
  ]
    .filter(Boolean)
    .join(', ');
}

function statusOf(
  row: WorkloadRow,
  { aborted, phase, paused }: RolloutProgress,
): RolloutState['status'] {
  if (!isSeen(row)) return 'progressing';
  if (aborted) return 'aborted';
  switch (phase) {
    case 'Healthy':
      return 'healthy';
    case 'Degraded':
      return 'degraded';
    case 'Paused':
      return 'paused';
    default:
      return paused ? 'paused' : 'progressing';
  }
}

/** Early releases of Argo Rollouts wrote no number there. */
function isSeen({ observedGeneration, generation }: WorkloadRow): boolean {
  return observedGeneration === 0 || observedGeneration >= generation;
}

function stepOf(
  { steps }: RolloutProgress,
  status: RolloutState['status'],
): RolloutState['step'] {
  if (!steps || steps.done >= steps.of) return undefined;
  if (status === 'healthy' || status === 'aborted') return undefined;
  return { number: steps.done + 1, of: steps.of };
}

function describe(options: {
  row: WorkloadRow;
  rollout: RolloutProgress;
  status: RolloutState['status'];
  stable: RolloutVersion | undefined;
  message: string | undefined;
}): string {
  const { row, rollout, status, stable, message } = options;
  switch (status) {
    case 'aborted':
      return `aborted, ${stable?.version ?? 'the stable version'} stays`;
    case 'healthy':
      return 'done';
    case 'paused':
      return describePause(rollout);
    case 'degraded':
      return rollout.message?.startsWith('ProgressDeadlineExceeded')
        ? 'no progress within its deadline'
        : 'degraded';
    default:
      return isSeen(row) && rollout.phase !== undefined
        ? describeProgress(rollout, message)
        : 'Argo Rollouts has not looked at it yet';
  }
}

function describePause({ paused, pausedByHand }: RolloutProgress): string {
  if (!paused || pausedByHand) return 'paused by hand';
  if (paused.reason === 'InconclusiveAnalysisRun') {
    return 'paused: the analysis is inconclusive, somebody has to decide';
  }
  return paused.seconds === undefined
    ? 'paused until somebody promotes it'
    : `paused for ${describeSeconds(paused.seconds)}`;
}

function describeProgress(
  { steps }: RolloutProgress,
  message: string | undefined,
): string {
  if (steps && steps.of > 0 && steps.done >= steps.of) {
    return 'all steps done, the last pods are being replaced';
  }
  switch (steps?.present) {
    case 'analysis':
      return 'waits for its analysis';
    case 'experiment':
      return 'waits for its experiment';
    case 'setWeight':
    case 'setCanaryScale':
      return 'pods are being made ready';
    default:
      return message ?? 'under way';
  }
}

function describeSeconds(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, unit]) => `${number} ${unit}`)
    .join(' ');
}

function pauseOf({
  since,
  seconds,
}: NonNullable<RolloutProgress['paused']>): RolloutState['paused'] {
  const from = Date.parse(since ?? '');
  return {
    ...(since && { since }),
    ...(seconds !== undefined &&
      !Number.isNaN(from) && {
        until: new Date(from + seconds * 1000).toISOString(),
      }),
  };
}

function findVersion(
  hash: string,
  entity: Entity,
  replicaSets: readonly WorkloadRow[],
): RolloutVersion {
  const set = replicaSets.find(({ labels }) => labels[HASH_LABEL] === hash);
  const version = set && versionOf(entity, set.containers).version;
  return { hash, ...(version !== undefined && { version }) };
}

function newestFirst(a: AnalysisRunRow, b: AnalysisRunRow): number {
  return (
    Date.parse(b.createdAt) - Date.parse(a.createdAt) ||
    a.name.localeCompare(b.name)
  );
}

function toAnalysisState(
  run: AnalysisRunRow,
  isAgreed: boolean,
): AnalysisState {
  const { name, labels, phase, message, startedAt, metrics } = run;
  const type = labels['rollout-type'];
  return {
    name,
    ...(type && { type }),
    phase,
    ...(isAgreed && message && { message }),
    ...(startedAt && { startedAt }),
    metrics: metrics.slice(0, MAX_METRICS).map(metric => ({
      name: metric.name,
      phase: metric.phase,
      ...(isAgreed && metric.message && { message: metric.message }),
      successful: metric.successful,
      failed: metric.failed,
      inconclusive: metric.inconclusive,
      errors: metric.errors,
      ...(isAgreed && metric.value !== undefined && { value: metric.value }),
    })),
  };
}

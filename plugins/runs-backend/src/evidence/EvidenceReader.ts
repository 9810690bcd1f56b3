import { RunEvidence } from '@switchyard/backstage-plugin-runs-common';
import { findChildren } from '../children/RunChildren';
import { RunStore } from '../database/RunStore';
import { FullRun, StepRecord } from '../database/types';
import { describeRun, outputsOf, wordsOf } from '../engine/stepSurroundings';
import { ActionKinds } from '../kinds/ActionKinds';
import { isStopped } from '../service/runVerbs';
import { lookAtStep } from './lookAtStep';

/** Other systems are asked; a person waits for it. Shorter than the time after which a step asks another system to look again. */
const TIME_LIMIT_MS = 8_000;
/** However many people look at a run, its systems are asked once in this time. */
const KEPT_MS = 10_000;
const MAX_KEPT = 200;

interface Look {
  revision: number;
  beganAtMs: number;
  evidence: Promise<RunEvidence>;
}

/** Looks at the world for runs that have stopped, on behalf of everybody who may see them. */
export class EvidenceReader {
  static create(options: {
    kinds: ActionKinds;
    runs: Pick<RunStore, 'listChildren'>;
    /** Address of the page of a run. */
    runUrl: (runId: string) => string;
    timeLimitMs?: number;
    keptMs?: number;
  }): EvidenceReader {
    return new EvidenceReader(options);
  }

  readonly #options: Parameters<typeof EvidenceReader.create>[0];
  readonly #looks = new Map<string, Look>();

  private constructor(options: Parameters<typeof EvidenceReader.create>[0]) {
    this.#options = options;
  }

  /** The world of this moment, or of some seconds ago where somebody has looked by then. Never rejects because of what another system says. */
  read(run: FullRun): Promise<RunEvidence> {
    const { keptMs = KEPT_MS } = this.#options;
    const known = this.#looks.get(run.id);
    const beganAtMs = performance.now();
    if (
      known?.revision === run.revision &&
      beganAtMs - known.beganAtMs < keptMs
    )
      return known.evidence;
    const evidence = this.#look(run);
    this.#looks.delete(run.id);
    this.#looks.set(run.id, { revision: run.revision, beganAtMs, evidence });
    const [oldest] = this.#looks.keys();
    if (this.#looks.size > MAX_KEPT) this.#looks.delete(oldest);
    return evidence;
  }

  async #look(run: FullRun): Promise<RunEvidence> {
    const { kinds, runs, runUrl, timeLimitMs = TIME_LIMIT_MS } = this.#options;
    const asOf = new Date().toISOString();
    const kind = kinds.get(run.kind);
    const isKnown = kind?.planVersions.includes(run.planVersion);
    const records = new Map(run.steps.map(step => [step.stepId, step]));
    const steps = await Promise.all(
      run.plan.steps
        .filter(planned => isOpen(records.get(planned.id)!))
        .map(planned =>
          lookAtStep({
            handler: isKnown ? kind?.steps[planned.handler] : undefined,
            planned,
            record: records.get(planned.id)!,
            run: describeRun(
              { ...run, requestedAt: run.requestedAt.toISOString() },
              runUrl(run.id),
            ),
            words: wordsOf(run.confirmed, planned.id),
            outputs: outputsOf(run.steps),
            children: () => findChildren(runs, run.id),
            timeLimitMs,
          }),
        ),
    );
    return { runId: run.id, asOf, steps };
  }
}

/** Its end is not known, or not the one that was wanted. */
function isOpen(step: StepRecord): boolean {
  if (isStopped(step)) return true;
  return (
    step.effectStarted &&
    (step.status === 'pending' || step.status === 'retrying')
  );
}

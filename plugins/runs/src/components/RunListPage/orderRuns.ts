import {
  RunStatus,
  RunSummary,
  TERMINAL_RUN_STATUSES,
} from '@switchyard/backstage-plugin-runs-common';

/** What a run asks of a person, the most urgent first. */
export type Urgency = 'person' | 'under-way' | 'over';

const NEEDS_PERSON: readonly RunStatus[] = ['needs-attention', 'dead'];
const urgencyOrder: readonly Urgency[] = ['person', 'under-way', 'over'];

/**
 * Whether a run needs a person. A failed one does while it is the last word on its target: once a later run has ended well, nobody has to look.
 */
export function urgencyOf(
  run: RunSummary,
  all: readonly RunSummary[],
): Urgency {
  if (NEEDS_PERSON.includes(run.status) || run.waiting?.reason === 'parked')
    return 'person';
  if (run.status === 'failed') return isLastWord(run, all) ? 'person' : 'over';
  return TERMINAL_RUN_STATUSES.includes(run.status) ? 'over' : 'under-way';
}

function isLastWord(run: RunSummary, all: readonly RunSummary[]): boolean {
  return !all.some(
    other =>
      other.number > run.number &&
      other.entityRef === run.entityRef &&
      other.environment === run.environment &&
      other.status !== 'cancelled',
  );
}

/** Wrong things first, then what is under way, then the rest; the newest first within each. */
export function orderRuns(runs: readonly RunSummary[]): RunSummary[] {
  const ranked = runs.map(run => ({
    run,
    rank: urgencyOrder.indexOf(urgencyOf(run, runs)),
  }));
  return ranked
    .sort((a, b) => a.rank - b.rank || b.run.number - a.run.number)
    .map(({ run }) => run);
}

/** '2 runs need a person, 1 is under way.' */
export function summarize(runs: readonly RunSummary[]): {
  tone: 'attention' | 'active' | 'ok';
  text: string;
} {
  const urgencies = runs.map(run => urgencyOf(run, runs));
  const person = urgencies.filter(urgency => urgency === 'person').length;
  const underWay = urgencies.filter(urgency => urgency === 'under-way').length;
  const going = `${underWay} ${underWay === 1 ? 'is' : 'are'} under way`;
  if (person > 0) {
    const need =
      person === 1 ? '1 run needs a person' : `${person} runs need a person`;
    return {
      tone: 'attention',
      text: underWay > 0 ? `${need}, ${going}` : need,
    };
  }
  if (underWay > 0)
    return {
      tone: 'active',
      text:
        underWay === 1
          ? '1 run is under way'
          : `${underWay} runs are under way`,
    };
  return { tone: 'ok', text: 'No run needs a person' };
}

import { Blocker, Warning } from '@switchyard/backstage-plugin-runs-common';
import {
  FactReading,
  FindingFact,
} from '@switchyard/backstage-plugin-runs-node';
import { Consequence, Consequences } from './FindingPolicies';

/** A path of the portal, or an address of the web. */
const PAGE = /^(https?:\/\/|\/(?!\/))/;

/** What checks found, as far as they could be read. */
export interface FindingsInput {
  facts: ReadonlyArray<{
    sourceId: string;
    reading: FactReading;
    /** Whether the source brings findings and nothing else. */
    onlyFindings?: boolean;
  }>;
  findings: Consequences;
  owners: string[];
}

/** Whether any finding could stop the action: then it must be known what there is. */
export function canBlock(findings: Consequences): boolean {
  return Object.values(findings).includes('block');
}

/** The findings that forbid the action. A severity that is not known here forbids: it may be worse than those that are. */
export function findingBlockers(input: FindingsInput): Blocker[] {
  return findingsWith('block', input).map(finding => ({
    type: 'finding',
    what: finding.title,
    ...describe(finding),
    since: finding.since,
    ask: input.owners,
  }));
}

/** The findings that one should know of, and checks of which nobody knows what they would find. */
export function findingWarnings(input: FindingsInput): Warning[] {
  return [
    ...findingsWith('warn', input).map(finding => ({
      what: finding.title,
      ...describe(finding),
    })),
    ...input.facts.flatMap(({ sourceId, reading, onlyFindings }) =>
      reading.state === 'not-readable' &&
      onlyFindings &&
      !canBlock(input.findings)
        ? [{ what: `${sourceId} cannot be read`, why: reading.why }]
        : [],
    ),
  ];
}

function findingsWith(
  consequence: Consequence,
  { facts, findings }: FindingsInput,
): FindingFact[] {
  return facts
    .flatMap(({ reading }) => (reading.state === 'read' ? reading.facts : []))
    .filter((fact): fact is FindingFact => fact.type === 'finding')
    .filter(
      fact =>
        ((findings[fact.severity] as Consequence | undefined) ?? 'block') ===
        consequence,
    );
}

function describe({ id, what, where, url }: FindingFact) {
  return {
    why: `${what} (${where})`,
    ref: `${id} ${where}`,
    // It becomes a link: nothing else is one.
    url: url && PAGE.test(url) ? url : undefined,
  };
}

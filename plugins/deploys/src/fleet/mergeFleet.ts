import { FleetTable } from './FleetApi';

/**
 * Takes an answer over what is known already. Replicas of the backend watch on their own, so one may answer with an older view of a cluster than another
 * did a moment ago: its lines are kept as they were. `behind` says that some were.
 */
export function mergeFleet(
  known: FleetTable,
  answer: FleetTable,
): { value: FleetTable; behind: boolean } {
  if (known === answer) return { value: answer, behind: false };
  const older = new Set(
    Object.entries(known.versions)
      .filter(([cluster, version]) =>
        isLower(answer.versions[cluster], version),
      )
      .map(([cluster]) => cluster),
  );
  if (older.size === 0) return { value: answer, behind: false };
  const isOlder = ({ cluster }: { cluster?: string }) =>
    cluster !== undefined && older.has(cluster);
  const versions = { ...answer.versions };
  for (const cluster of older) versions[cluster] = known.versions[cluster];
  // It says the same, although it has heard of less.
  if (answer.hash === known.hash) {
    return { value: { ...answer, versions }, behind: false };
  }
  return {
    behind: true,
    value: {
      ...answer,
      // Of no answer: the next signal must not be taken for old news.
      hash: '',
      versions,
      rows: [
        ...answer.rows.filter(row => !isOlder(row)),
        ...known.rows.filter(isOlder),
      ],
    },
  };
}

/** Resource versions are decimal numbers of any length; what is none, or is not told, never counts as older. */
function isLower(a: string | undefined, b: string): boolean {
  const decimal = /^\d+$/;
  if (a === undefined || !decimal.test(a) || !decimal.test(b)) return false;
  return BigInt(a) < BigInt(b);
}

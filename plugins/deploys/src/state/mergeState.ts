import {
  DeploymentState,
  EntityDeploysState,
} from '@switchyard/backstage-plugin-deploys-common';

/** A state in which no part is older than what was shown before. */
export interface MergedState {
  value: EntityDeploysState;
  /** True when parts of the answer were older than what is known, and were left out. */
  behind: boolean;
}

/**
 * Takes an answer over what is known already. Replicas of the backend watch on their own, so one may answer with an older view of a cluster
 * than another did a moment ago: those parts are kept as they were. `versions` says how far each source had come.
 */
export function mergeState(
  known: EntityDeploysState,
  answer: EntityDeploysState,
): MergedState {
  const older = findOlderParts(known, answer);
  if (older.size === 0) return { value: answer, behind: false };
  const versions = { ...answer.versions };
  for (const [key, version] of Object.entries(known.versions)) {
    if (older.has(key)) versions[key] = version;
  }
  // It says the same, although it has heard of less.
  if (answer.hash === known.hash) {
    return { value: { ...answer, versions }, behind: false };
  }

  const knownRows = new Map(known.deployments.map(row => [row.id, row]));
  const answerIds = new Set(answer.deployments.map(row => row.id));
  const deployments = [
    ...answer.deployments
      // A row that only the older view has is gone by now.
      .filter(row => knownRows.has(row.id) || !isRowOlder(row, older))
      .map(row => mergeRow(knownRows.get(row.id), row, older)),
    // One that the older view does not have yet.
    ...known.deployments.filter(
      row => !answerIds.has(row.id) && isRowOlder(row, older),
    ),
  ];
  const knownSources = new Map(known.sources.map(each => [each.id, each]));
  return {
    behind: true,
    value: {
      ...answer,
      // Of no answer: the next signal must not be taken for old news.
      hash: '',
      deployments,
      sources: answer.sources.map(source =>
        older.has(source.id) ? knownSources.get(source.id) ?? source : source,
      ),
      versions,
      summary: known.summary,
    },
  };
}

function mergeRow(
  known: DeploymentState | undefined,
  row: DeploymentState,
  older: ReadonlySet<string>,
): DeploymentState {
  if (!known) return row;
  const merged = { ...row };
  if (isClusterOlder(row, older)) {
    merged.workloads = known.workloads;
    merged.version = known.version;
    merged.drift = known.drift;
  }
  if (
    isApplicationOlder(row.application, older) ||
    isApplicationOlder(known.application, older)
  )
    merged.application = known.application;
  return merged;
}

function isRowOlder(row: DeploymentState, older: ReadonlySet<string>): boolean {
  return (
    isClusterOlder(row, older) || isApplicationOlder(row.application, older)
  );
}

function isClusterOlder(
  row: DeploymentState,
  older: ReadonlySet<string>,
): boolean {
  return row.cluster !== undefined && older.has(clusterSource(row.cluster));
}

function isApplicationOlder(
  application: DeploymentState['application'],
  older: ReadonlySet<string>,
): boolean {
  if (!application) return false;
  const source = argocdSource(application.instance);
  return (
    older.has(source) ||
    older.has(`${source}/${application.name}`) ||
    older.has(`${source}/${application.namespace}.${application.name}`)
  );
}

/**
 * What the answer knows less of than is known here: keys of `versions`, and the ids of the sources that they belong to. The Applications of
 * an Argo CD instance are watched one by one, so one of them being older says nothing of the others.
 */
function findOlderParts(
  known: EntityDeploysState,
  answer: EntityDeploysState,
): Set<string> {
  const older = new Set<string>();
  for (const [key, version] of Object.entries(known.versions)) {
    const answered = answer.versions[key];
    if (answered === undefined || !isLower(answered, version)) continue;
    older.add(key);
    if (key.startsWith(clusterSource(''))) older.add(sourceOf(key));
  }
  const looked = new Set(
    known.sources
      .filter(source => source.state !== 'connecting')
      .map(source => source.id),
  );
  for (const source of answer.sources) {
    // A backend that has just started has not looked yet; what another has seen still stands.
    if (source.state === 'connecting' && looked.has(source.id))
      older.add(source.id);
  }
  return older;
}

/** Resource versions are decimal numbers of any length; others cannot be put in order and never count as older. */
function isLower(a: string, b: string): boolean {
  const decimal = /^\d+$/;
  if (!decimal.test(a) || !decimal.test(b)) return false;
  return BigInt(a) < BigInt(b);
}

/** `cluster:prod-blue` of `cluster:prod-blue/Pod`. Names of clusters may hold slashes, kinds do not. */
function sourceOf(versionKey: string): string {
  const slash = versionKey.lastIndexOf('/');
  return slash === -1 ? versionKey : versionKey.slice(0, slash);
}

/** Id of a cluster in `sources`. */
export function clusterSource(cluster: string): string {
  return `cluster:${cluster}`;
}

/** Id of an Argo CD instance in `sources`. */
export function argocdSource(instance: string): string {
  return `argocd:${instance}`;
}

import assert from 'node:assert/strict';

/** What `GET /api/counts` of the sandbox answers: what the remotes themselves know. */
export interface Counts {
  repositories: Record<
    string,
    {
      commits: number;
      items: Array<{
        sha: string;
        message: string;
        author: { name: string };
        trailers: Record<string, string>;
      }>;
    }
  >;
  applications: Record<string, { syncs: number; operations: number }>;
  migrations: Array<{
    component: string;
    version: string;
    cluster: string;
    outcome: 'changed' | 'already' | 'failed';
  }>;
  unimplemented: Record<string, number>;
}

/** What a run did to the world. */
export interface Deeds {
  /** Commits with the run's trailer, by repository. */
  commits: Record<string, number>;
  /** Entries of `status.history`, by Application. */
  syncs: Record<string, number>;
  /** Runs of the migration of the version; `changed` counts schema changes. */
  migrations: { runs: number; changed: number; failed: number };
  /** Commits of others in between. */
  others: number;
}

export const REPOSITORIES = ['deploy-blue', 'deploy-green'];
export const APPLICATIONS = ['orders-blue', 'orders-green'];

export function deedsOf(options: {
  before: Counts;
  after: Counts;
  runId: string;
  version: string;
  repositories?: readonly string[];
  applications?: readonly string[];
}): Deeds {
  const {
    before,
    after,
    runId,
    version,
    repositories = REPOSITORIES,
    applications = APPLICATIONS,
  } = options;
  const isNew = (repository: string, sha: string) =>
    !before.repositories[repository].items.some(item => item.sha === sha);
  const fresh = Object.entries(after.repositories).flatMap(
    ([repository, { items }]) =>
      items
        .filter(({ sha }) => isNew(repository, sha))
        .map(item => ({ repository, own: ownerOf(item) === runId })),
  );
  const count = (all: Counts, outcome?: string) =>
    all.migrations.filter(
      migration =>
        migration.version === version &&
        (outcome === undefined || migration.outcome === outcome),
    ).length;
  return {
    commits: Object.fromEntries(
      repositories.map(name => [
        name,
        fresh.filter(({ repository, own }) => own && repository === name)
          .length,
      ]),
    ),
    syncs: Object.fromEntries(
      applications.map(name => [
        name,
        after.applications[name].syncs - before.applications[name].syncs,
      ]),
    ),
    migrations: {
      runs: count(after) - count(before),
      // Of the whole life of the world: a version changes the schema once.
      changed: count(after, 'changed'),
      failed: count(after, 'failed') - count(before, 'failed'),
    },
    others: fresh.filter(({ own }) => !own).length,
  };
}

function ownerOf(item: { trailers: Record<string, string> }): string {
  return item.trailers['Switchyard-Run'];
}

/** One commit for each repository, one sync for each Application, one schema change, and nothing else. */
export function assertExactlyOnce(deeds: Deeds): void {
  assert.deepEqual(
    {
      commits: deeds.commits,
      syncs: deeds.syncs,
      changed: deeds.migrations.changed,
      failed: deeds.migrations.failed,
      others: deeds.others,
    },
    {
      commits: Object.fromEntries(
        Object.keys(deeds.commits).map(name => [name, 1]),
      ),
      syncs: Object.fromEntries(
        Object.keys(deeds.syncs).map(name => [name, 1]),
      ),
      changed: 1,
      failed: 0,
      others: 0,
    },
  );
}

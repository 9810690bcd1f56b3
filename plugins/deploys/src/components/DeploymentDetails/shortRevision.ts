const COMMIT = /^[0-9a-f]{40,64}$/i;

/** Seven characters of a commit; versions of charts as they are. */
export function shortRevision(revision: string): string {
  return COMMIT.test(revision) ? revision.slice(0, 7) : revision;
}

import { ApplicationSource } from './types';

/** What names where manifests come from: one source, or several. */
export interface Sourced {
  source?: ApplicationSource;
  sources?: ApplicationSource[];
}

/** Revisions as Argo CD writes them: one word where there is one source, else a list in the order of the sources. */
export interface Revisions {
  revision?: string;
  revisions?: string[];
}

export function isMultiSource({ sources }: Sourced): boolean {
  return (sources?.length ?? 0) > 0;
}

export function sourcesOf(sourced: Sourced): readonly ApplicationSource[] {
  const { source, sources } = sourced;
  if (sources?.length) {
    return sources;
  }
  return source ? [source] : [];
}

/** The sources and nothing else of what has them. */
export function onlySources(sourced: Sourced): Sourced {
  return isMultiSource(sourced)
    ? { sources: sourced.sources }
    : { source: sourced.source };
}

export function revisionsOf({ revision, revisions }: Revisions): string[] {
  if (revisions?.length) {
    return revisions;
  }
  return revision ? [revision] : [];
}

export function writtenRevisions(
  sourced: Sourced,
  revisions: readonly string[],
): Revisions {
  return isMultiSource(sourced)
    ? { revisions: [...revisions] }
    : { revision: revisions[0] };
}

export function sameRevisions(a: Revisions, b: Revisions): boolean {
  return revisionsOf(a).join() === revisionsOf(b).join();
}

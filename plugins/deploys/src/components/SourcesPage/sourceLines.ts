import {
  FleetArgoInstanceState,
  FleetClusterState,
  FleetState,
  SourceState,
} from '@switchyard/backstage-plugin-deploys-common';
import { Tone } from '@switchyard/backstage-plugin-runs-react';
import { describeSource } from '../Freshness';

/** A source as a line of its table. */
export interface SourceLine {
  name: string;
  url?: string;
  tone: Tone;
  state: string;
  problem?: string;
  fix?: string;
  /** When it was last heard of. Left out where it never was. */
  asOf?: string;
  /** 'Pod, Deployment …' */
  reads: string;
  /** Kinds that the account may not list. */
  mayNotRead: string;
}

/** Those that need somebody first, then by name. */
export function clusterLines(
  clusters: readonly FleetClusterState[],
): SourceLine[] {
  return inOrder(
    clusters.map(cluster => {
      const kindsThat = (isWanted: (state: string) => boolean) =>
        cluster.kinds
          .filter(({ state }) => isWanted(state))
          .map(({ kind }) => kind)
          .join(', ');
      return {
        ...toLine(cluster.title ?? cluster.name, cluster),
        reads: kindsThat(state => state !== 'not-readable') || 'nothing yet',
        mayNotRead: kindsThat(state => state === 'not-readable'),
      };
    }),
  );
}

/** @see clusterLines */
export function argoLines(
  instances: readonly FleetArgoInstanceState[],
): SourceLine[] {
  return inOrder(
    instances.map(instance => ({
      ...toLine(instance.name, instance),
      ...(instance.url && { url: instance.url }),
      reads: countOf(instance.applications),
      mayNotRead: instance.state === 'not-readable' ? 'Applications' : '',
    })),
  );
}

function countOf(applications: number | undefined): string {
  if (applications === undefined) return 'Applications';
  return applications === 1 ? '1 Application' : `${applications} Applications`;
}

/** One sentence about all sources, and how bad it is. */
export function summarize(state: FleetState): { tone: Tone; text: string } {
  const all = [...state.clusters, ...state.argoInstances];
  const wrong = all.filter(each => each.state !== 'live').length;
  const partly = state.clusters.filter(
    each =>
      each.state === 'live' &&
      each.kinds.some(kind => kind.state === 'not-readable'),
  ).length;
  const unjoined = state.unjoined?.length ?? 0;
  const parts = [
    wrong > 0 && `${wrong} of ${all.length} sources cannot be seen now`,
    partly > 0 && `${partly} can be read in part`,
    unjoined > 0 && `${unjoined} destinations are no known cluster`,
  ].filter(Boolean);
  if (all.length === 0) return { tone: 'neutral', text: 'No source' };
  if (parts.length === 0) {
    return { tone: 'ok', text: `All ${all.length} sources can be seen` };
  }
  return {
    tone: wrong > 0 ? 'error' : 'attention',
    text: parts.join(', '),
  };
}

function toLine(
  name: string,
  source: Omit<SourceState, 'id'> & { fix?: string },
): Omit<SourceLine, 'reads' | 'mayNotRead'> {
  const words = describeSource({ ...source, id: name, name });
  const { asOf, fix } = source;
  return {
    name,
    tone: words?.tone ?? 'ok',
    state: words?.text ?? 'live',
    ...(words?.detail && { problem: words.detail }),
    ...(fix && { fix }),
    ...(asOf && { asOf }),
  };
}

const ORDER: readonly Tone[] = ['error', 'attention', 'waiting'];

function inOrder(lines: SourceLine[]): SourceLine[] {
  const place = ({ tone, mayNotRead }: SourceLine) => {
    const index = ORDER.indexOf(tone);
    if (index >= 0) return index;
    return mayNotRead ? ORDER.length : ORDER.length + 1;
  };
  return lines.sort(
    (a, b) => place(a) - place(b) || a.name.localeCompare(b.name),
  );
}

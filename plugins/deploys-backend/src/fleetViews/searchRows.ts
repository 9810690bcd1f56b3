import {
  FleetRow,
  FleetSearchHit,
  FleetSearchResult,
} from '@switchyard/backstage-plugin-deploys-common';
import { FleetReader, PodRow } from '@switchyard/fleet-node';
import { KeptRow, RowFacts } from './types';

const MAX_HITS = 30;
/** Of one type, before they are put in order: the exact one may come late. */
const MAX_KEPT = 500;
/** Workloads of which the pods are looked through. */
const MAX_WORKLOADS = 20;
/** Lines that are looked through before others have their turn. */
const LINES_PER_TURN = 2_000;
const REVISION = /^[0-9a-f]{7,40}$/;

/** What is most precise stands first. */
const ORDER: ReadonlyArray<FleetSearchHit['type']> = [
  'revision',
  'pod',
  'image',
  'application',
  'component',
];

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

class Hits {
  readonly #byType = new Map<string, Map<string, FleetSearchHit>>(
    ORDER.map(type => [type, new Map()]),
  );
  #isCut = false;

  add(hit: FleetSearchHit): void {
    const hits = this.#byType.get(hit.type)!;
    if (hits.size < MAX_KEPT) hits.set(JSON.stringify(hit), hit);
    else this.#isCut = true;
  }

  result(query: string): FleetSearchResult {
    const all = ORDER.flatMap(type =>
      [...this.#byType.get(type)!.values()].sort(
        (a, b) =>
          Number(b.text === query) - Number(a.text === query) ||
          a.text.length - b.text.length ||
          compare(a.text, b.text) ||
          compare(a.cluster ?? '', b.cluster ?? ''),
      ),
    );
    return {
      items: all.slice(0, MAX_HITS),
      more: this.#isCut || all.length > MAX_HITS,
    };
  }
}

/**
 * Finds components, Applications, pods, images and commits, among the lines that are given and what belongs to them. Pods are found by the name of
 * their workload, with which theirs begin: no search goes through all pods of the fleet.
 *
 * @param query - lower case, without blanks around it
 */
export async function searchRows(
  query: string,
  world: {
    rows: Iterable<KeptRow>;
    /** Refs of all components that may be found, those of which nothing runs too. */
    componentRefs: Iterable<string>;
    fleet: Pick<FleetReader, 'pods' | 'replicaSets'>;
  },
): Promise<FleetSearchResult> {
  const { rows, componentRefs, fleet } = world;
  const hits = new Hits();
  const isRevision = REVISION.test(query);
  let looked = 0;
  let workloads = 0;
  for (const { row, facts } of rows) {
    looked += 1;
    if (looked % LINES_PER_TURN === 0) await new Promise(setImmediate);
    const place = placeOf(row);
    if (row.app && row.name.includes(query)) {
      hits.add({ type: 'application', text: row.name, ...place });
    }
    for (const image of facts.images) {
      if (image.toLocaleLowerCase('en-US').includes(query)) {
        hits.add({ type: 'image', text: image, ...place });
      }
    }
    if (isRevision) {
      for (const revision of facts.revisions) {
        if (revision.startsWith(query)) {
          hits.add({ type: 'revision', text: revision, ...place });
        }
      }
    }
    for (const workload of facts.workloads) {
      if (workloads >= MAX_WORKLOADS) break;
      if (!mayHavePods(workload, query)) continue;
      workloads += 1;
      for (const pod of podsOf(workload, fleet)) {
        if (pod.name.startsWith(query)) {
          hits.add({ type: 'pod', text: pod.name, ...place });
        }
      }
    }
  }
  for (const ref of componentRefs) {
    const name = ref.slice(ref.indexOf('/') + 1);
    if (name.includes(query) || ref === query) {
      hits.add({ type: 'component', text: name, entityRef: ref });
    }
  }
  return hits.result(query);
}

function placeOf(row: FleetRow): Omit<FleetSearchHit, 'type' | 'text'> {
  const { entity, environment, cluster, namespace, app, name } = row;
  return {
    ...(entity && { entityRef: entity.ref }),
    environment,
    ...(cluster !== undefined && { cluster }),
    ...(namespace !== undefined && { namespace }),
    ...(app && { application: name }),
  };
}

function mayHavePods(
  { name, kind }: RowFacts['workloads'][number],
  query: string,
): boolean {
  return kind === 'Pod' ? name.startsWith(query) : query.startsWith(`${name}-`);
}

function podsOf(
  { cluster, kind, uid }: RowFacts['workloads'][number],
  fleet: Pick<FleetReader, 'pods' | 'replicaSets'>,
): PodRow[] {
  if (kind === 'Pod') return fleet.pods({ cluster, uid });
  const makers =
    kind === 'Deployment'
      ? fleet.replicaSets({ cluster, ownerUid: uid }).map(set => set.uid)
      : [uid];
  return makers.flatMap(ownerUid => fleet.pods({ cluster, ownerUid }));
}

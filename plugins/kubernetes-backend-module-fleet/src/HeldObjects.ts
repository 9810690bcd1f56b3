import { FetchResponse } from '@backstage/plugin-kubernetes-common';
import {
  ClusterDetails,
  ObjectToFetch,
} from '@backstage/plugin-kubernetes-node';
import {
  FleetReader,
  LabelRequirement,
  matchesLabelSelector,
  ObjectRow,
  parseLabelSelector,
} from '@switchyard/fleet-node';

/** Items of their lists do not say what they are, as all of one list are the same; those of custom resources do. */
const TYPED_GROUPS = new Set([
  '',
  'apps',
  'autoscaling',
  'batch',
  'networking.k8s.io',
  'policy',
]);

/**
 * Objects as lists of the API server would give them, out of the fleet's memory.
 *
 * @internal
 */
export class HeldObjects {
  readonly #fleet: FleetReader;
  readonly #isHeldFor: (cluster: ClusterDetails) => boolean;

  constructor(options: {
    fleet: FleetReader;
    isHeldFor: (cluster: ClusterDetails) => boolean;
  }) {
    this.#fleet = options.fleet;
    this.#isHeldFor = options.isHeldFor;
  }

  /** Why a cluster that is watched does not answer: nobody needs to wait to find that out again. */
  silence(cluster: ClusterDetails): string | undefined {
    if (!this.#isHeldFor(cluster)) return undefined;
    const status = this.#fleet
      .clusters()
      .find(({ name }) => name === cluster.name);
    if (status?.state !== 'unreachable') return undefined;
    // One kind that fails is no reason to withhold the others.
    const isAnyLive = status.kinds.some(({ state }) => state === 'live');
    return isAnyLive ? undefined : status.problem;
  }

  /** Nothing where it has to be fetched: the kind is not held, may not be read, or is not known yet. */
  find(
    cluster: ClusterDetails,
    resource: ObjectToFetch,
    options: { namespace?: string; labelSelector: string },
  ): FetchResponse | undefined {
    if (!this.#isHeldFor(cluster)) return undefined;
    const { group, apiVersion: version, plural, objectType } = resource;
    const name = { group, version, plural };
    if (this.#fleet.held(cluster.name, name) !== 'live') return undefined;
    const selector = readSelector(options.labelSelector);
    if (!selector) return undefined;
    const rows = this.#fleet
      .resources({
        resource: name,
        cluster: cluster.name,
        // An empty namespace means all, as in the plugin.
        ...(options.namespace && { namespace: options.namespace }),
        labels: pairsOf(selector),
      })
      .filter(row => matchesLabelSelector(selector, row.labels))
      .sort(byPlace);
    const resources = rows.flatMap(row => this.#objectOf(row, resource));
    return { type: objectType, resources } as FetchResponse;
  }

  #objectOf(row: ObjectRow, { group, objectType }: ObjectToFetch) {
    const object = this.#fleet.object(row);
    if (!object) return [];
    if (!TYPED_GROUPS.has(group)) return [object];
    const { apiVersion, kind, ...item } = object;
    return [objectType === 'customresources' ? { ...item, kind } : item];
  }
}

/** The API server says what is wrong with a selector that is none, and takes some that we do not. */
function readSelector(text: string): LabelRequirement[] | undefined {
  try {
    return parseLabelSelector(text);
  } catch {
    return undefined;
  }
}

/** What the index can be asked for. */
function pairsOf(
  requirements: readonly LabelRequirement[],
): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const requirement of requirements) {
    if (requirement.operator === 'in' && requirement.values.length === 1) {
      pairs[requirement.key] = requirement.values[0];
    }
  }
  return pairs;
}

/** Lists of API servers are in the order of their keys. */
function byPlace(a: ObjectRow, b: ObjectRow): number {
  return compare(a.namespace, b.namespace) || compare(a.name, b.name);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

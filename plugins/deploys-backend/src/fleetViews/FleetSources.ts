import { SourceState } from '@switchyard/backstage-plugin-deploys-common';
import {
  ClusterStatus,
  FleetChange,
  FleetReader,
} from '@switchyard/fleet-node';
import { allSources, argoSourceId, clusterSourceId } from '../state/sources';

interface KnownSource {
  state: SourceState;
  fingerprint: string;
}

/** What became of the sources since they were looked at before. */
export interface SourceChanges {
  /** Ids of those that are in another state, new or gone. */
  ids: string[];
  /** Whether some are new or gone. */
  isOtherSet: boolean;
  /** Whether a first list came to its end. */
  hasSettled: boolean;
}

/** The sources of the fleet as they were when they were looked at last. */
export class FleetSources {
  readonly #fleet: FleetReader;
  #known = new Map<string, KnownSource>();
  #states: readonly SourceState[] = [];
  #clusters: readonly ClusterStatus[] = [];

  constructor(options: { fleet: FleetReader }) {
    this.#fleet = options.fleet;
    this.look();
  }

  get states(): readonly SourceState[] {
    return this.#states;
  }

  get clusters(): readonly ClusterStatus[] {
    return this.#clusters;
  }

  /** Whether nothing is known of a source but what its first list has told so far. */
  get isSomeConnecting(): boolean {
    return this.#states.some(({ state }) => state === 'connecting');
  }

  /** Whether what a change is about belongs to a source that is being read for the first time. */
  isConnecting(change: FleetChange): boolean {
    return this.#known.get(sourceIdOf(change))?.state.state === 'connecting';
  }

  look(): SourceChanges {
    const before = this.#known;
    const after = new Map(
      allSources(this.#fleet).map(state => [
        state.id,
        // What they are called and since when belongs to it; when they were last heard of does not.
        { state, fingerprint: JSON.stringify({ ...state, asOf: undefined }) },
      ]),
    );
    const ids = [...new Set([...before.keys(), ...after.keys()])].filter(
      id => before.get(id)?.fingerprint !== after.get(id)?.fingerprint,
    );
    if (ids.length > 0) {
      this.#known = after;
      this.#states = Array.from(after.values(), ({ state }) => state);
      this.#clusters = this.#fleet.clusters();
    }
    return {
      ids,
      isOtherSet: before.size !== after.size || ids.some(id => !before.has(id)),
      hasSettled: ids.some(
        id =>
          before.get(id)?.state.state === 'connecting' &&
          after.get(id)?.state.state !== 'connecting',
      ),
    };
  }
}

function sourceIdOf(change: FleetChange): string {
  switch (change.type) {
    case 'object':
    case 'cluster':
      return clusterSourceId(change.cluster);
    case 'application':
      return argoSourceId(change.row.instance);
    case 'full-application':
      return argoSourceId(change.ref.instance);
    default:
      return argoSourceId(change.instance);
  }
}

import { createHash } from 'node:crypto';
import { LoggerService } from '@backstage/backend-plugin-api';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { SourceState } from '@switchyard/backstage-plugin-deploys-common';
import {
  ApplicationRow,
  changeKeys,
  deploymentsOf,
  firstApplicationsOf,
  firstReadsOf,
  FleetChange,
  FleetService,
  interestsOf,
  SwitchyardConfig,
  TargetDeployment,
} from '@switchyard/fleet-node';
import { buildContent } from '../state/buildContent';
import { UncheckedState } from '../service/types';
import { highestVersions, oldestWord } from '../state/highestVersions';
import { ApplicationDetailsMemory } from './ApplicationDetailsMemory';
import { Channels } from './Channels';
import { DueQueue } from './DueQueue';
import { KeyIndex } from './KeyIndex';
import { withFullApplications } from './withFullApplications';

/** Changes that come together are one: a rollout rings for pod, ReplicaSet and Deployment within a few milliseconds. */
const GATHER_MS = 25;
/** Between two looks at one entity, however much happens to it. */
const MIN_BETWEEN_MS = 150;
/** Screens ask at least once a minute; who has not asked for this long is gone. */
const FORGET_AFTER_MS = 10 * 60_000;
const SWEEP_EVERY_MS = 60_000;
const MAX_ENTITIES = 1000;
/** Full Applications are streams; an entity with hundreds of Applications shall not take them from the others. */
const MAX_LOOKED_AT = 20;
const HASH_LENGTH = 20;

/** A state as it goes to everybody who looks. */
export type RenderedState = Pick<UncheckedState, 'hash' | 'body' | 'places'>;

interface Watched {
  entity: Entity;
  fingerprint: string;
  channel: string;
  askedAt: number;
  computedAt: number;
  /** Something that touches it changed since. */
  isStale: boolean;
  sources: SourceState[];
  /** JSON text of what makes up the hash. */
  text: string;
  hash: string;
  places: RenderedState['places'];
  applications: ApplicationRow[];
}

/**
 * The states of entities that somebody looks at: computed once for all viewers, again only after a change that touches them, and told by one
 * signal when they are another than before.
 */
export class EntityStates {
  readonly #fleet: FleetService;
  readonly #config: SwitchyardConfig;
  readonly #channels: Channels;
  readonly #publish: (channel: string, hash: string) => void;
  readonly #logger: LoggerService;
  readonly #details: ApplicationDetailsMemory;
  /** The one that was asked for least recently first. */
  readonly #watched = new Map<string, Watched>();
  readonly #interests = new KeyIndex();
  readonly #due: DueQueue<string>;
  readonly #unsubscribe: () => void;
  readonly #sweeper: NodeJS.Timeout;
  #sourcesFingerprint: string;

  static create(options: {
    fleet: FleetService;
    config: SwitchyardConfig;
    channels: Channels;
    /** Must not throw. */
    publish: (channel: string, hash: string) => void;
    logger: LoggerService;
  }): EntityStates {
    return new EntityStates(options);
  }

  private constructor(options: {
    fleet: FleetService;
    config: SwitchyardConfig;
    channels: Channels;
    publish: (channel: string, hash: string) => void;
    logger: LoggerService;
  }) {
    this.#fleet = options.fleet;
    this.#config = options.config;
    this.#channels = options.channels;
    this.#publish = options.publish;
    this.#logger = options.logger;
    this.#details = new ApplicationDetailsMemory({ fleet: options.fleet });
    this.#due = new DueQueue({ work: entityRef => this.#lookAgain(entityRef) });
    this.#sourcesFingerprint = this.#fingerprintSources();
    this.#unsubscribe = this.#fleet.subscribe(change => this.#heard(change));
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_EVERY_MS);
    this.#sweeper.unref();
  }

  /** The state of an entity now, from memory. From here on its changes are told. */
  render(entity: Entity): RenderedState {
    const entityRef = stringifyEntityRef(entity);
    const watched = this.#watch(entityRef, entity);
    for (const row of watched.applications.slice(0, MAX_LOOKED_AT)) {
      const { instance, namespace, name } = row;
      this.#fleet.lookAt({ instance, namespace, name });
    }
    const { sources } = watched;
    // Asked once: the answer is made anew each time, for all clusters there are.
    const clusters = this.#fleet.clusters();
    const fleet = {
      clusters: () => clusters,
      argoInstances: () => this.#fleet.argoInstances(),
    };
    const head = JSON.stringify({
      asOf: oldestWord(sources, fleet, new Date()),
      channel: watched.channel,
      hash: watched.hash,
      versions: highestVersions({
        sources,
        applications: watched.applications.map(row => ({
          ref: row,
          resourceVersion: this.#details.of(row)?.resourceVersion,
        })),
        fleet,
      }),
    });
    return {
      hash: watched.hash,
      body: `${head.slice(0, -1)},${watched.text.slice(1)}`,
      places: watched.places,
    };
  }

  stop(): void {
    this.#unsubscribe();
    this.#due.stop();
    clearInterval(this.#sweeper);
  }

  #watch(entityRef: string, entity: Entity): Watched {
    const known = this.#watched.get(entityRef);
    const fingerprint = fingerprintEntity(entity);
    const isCurrent =
      known && !known.isStale && known.fingerprint === fingerprint;
    const watched = isCurrent
      ? known
      : this.#compute(entityRef, entity, fingerprint);
    watched.askedAt = Date.now();
    // To the end of the line of those that are forgotten.
    this.#watched.delete(entityRef);
    this.#watched.set(entityRef, watched);
    if (this.#watched.size > MAX_ENTITIES) {
      const [oldest] = this.#watched.keys();
      this.#forget(oldest);
    }
    return watched;
  }

  #compute(entityRef: string, entity: Entity, fingerprint: string): Watched {
    const before = this.#watched.get(entityRef);
    const found = withFullApplications(
      deploymentsOf(entity, this.#fleet, this.#config),
      this.#fleet,
    );
    this.#fleet.readApplicationsFirst(firstApplicationsOf(entity));
    this.#fleet.readFirst(firstReadsOf(entity, found));
    const content = buildContent({
      entity,
      found,
      fleet: this.#fleet,
      detailsOf: row => this.#details.of(row),
    });
    const text = JSON.stringify(content);
    const watched: Watched = {
      entity,
      fingerprint,
      channel: this.#channels.of(entityRef),
      askedAt: before?.askedAt ?? Date.now(),
      computedAt: Date.now(),
      isStale: false,
      sources: content.sources,
      text,
      hash: createHash('sha256')
        .update(text)
        .digest('base64url')
        .slice(0, HASH_LENGTH),
      places: placesOf(found.deployments),
      applications: found.deployments.flatMap(({ application }) =>
        application ? [application] : [],
      ),
    };
    this.#due.remove(entityRef);
    this.#watched.set(entityRef, watched);
    this.#interests.set(entityRef, interestsOf(entity, this.#fleet, found));
    // Others may still show what was before, whoever made us look.
    if (before && before.hash !== watched.hash) {
      this.#publish(watched.channel, watched.hash);
    }
    return watched;
  }

  #heard(change: FleetChange) {
    if (change.type === 'cluster' || change.type === 'argo-instance') {
      const fingerprint = this.#fingerprintSources();
      if (fingerprint === this.#sourcesFingerprint) return;
      this.#sourcesFingerprint = fingerprint;
      for (const entityRef of this.#watched.keys()) this.#touch(entityRef);
      return;
    }
    // The API server counts on, and nothing that is shown is another.
    if (change.type === 'object' && change.same) return;
    for (const entityRef of this.#interests.find(changeKeys(change))) {
      this.#touch(entityRef);
    }
  }

  #touch(entityRef: string) {
    const watched = this.#watched.get(entityRef);
    if (!watched || watched.isStale) return;
    watched.isStale = true;
    const restMs = watched.computedAt + MIN_BETWEEN_MS - Date.now();
    this.#due.add(entityRef, Math.max(GATHER_MS, restMs));
  }

  #lookAgain(entityRef: string) {
    const watched = this.#watched.get(entityRef);
    if (!watched) return;
    try {
      this.#compute(entityRef, watched.entity, watched.fingerprint);
    } catch (error) {
      // The next question computes it again, and gets the error.
      this.#logger.error('Could not compute the state of an entity', {
        entityRef,
        error: String(error),
      });
    }
  }

  #sweep() {
    const oldest = Date.now() - FORGET_AFTER_MS;
    for (const [entityRef, { askedAt }] of this.#watched) {
      if (askedAt < oldest) this.#forget(entityRef);
    }
  }

  #forget(entityRef: string) {
    this.#watched.delete(entityRef);
    this.#interests.delete(entityRef);
    this.#due.remove(entityRef);
  }

  /** What a state says of its sources: they ring more often than that changes. */
  #fingerprintSources(): string {
    return JSON.stringify([
      this.#fleet.clusters().map(({ asOf, kinds, ...cluster }) => ({
        ...cluster,
        kinds: kinds.map(({ kind, state }) => [kind, state]),
        asOf: cluster.state === 'live' ? undefined : asOf,
      })),
      this.#fleet
        .argoInstances()
        .map(({ applications, asOf, ...instance }) => ({
          ...instance,
          asOf: instance.state === 'live' ? undefined : asOf,
        })),
    ]);
  }
}

function placesOf(
  deployments: readonly TargetDeployment[],
): RenderedState['places'] {
  const places = new Map<string, RenderedState['places'][number]>();
  for (const { environment, cluster } of deployments) {
    // What Argo CD deploys to elsewhere has no pods that could be seen.
    if (cluster === undefined) continue;
    places.set(JSON.stringify([environment, cluster]), {
      environment,
      cluster,
    });
  }
  return [...places.values()];
}

/** What of an entity decides about its state. */
function fingerprintEntity({ metadata, relations }: Entity): string {
  return JSON.stringify([metadata.annotations, relations]);
}

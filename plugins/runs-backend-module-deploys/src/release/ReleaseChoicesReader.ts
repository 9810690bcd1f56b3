import { stringifyEntityRef } from '@backstage/catalog-model';
import { ReleaseChoices } from '@switchyard/backstage-plugin-deploys-common';
import {
  compareVersions,
  RegistryClient,
  RegistryError,
} from '@switchyard/backstage-plugin-deploys-node';
import {
  ChoicesRequest,
  EntityLookup,
} from '@switchyard/backstage-plugin-runs-node';
import { FleetReader, SwitchyardConfig } from '@switchyard/fleet-node';
import { inParallel } from './inParallel';
import { findService, partsOf, Service } from './services';

const READ_AT_ONCE = 4;
const MAX_VERSIONS = 50;

/** What one service has. */
interface Having {
  name: string;
  /** Undefined where they are not known. */
  versions?: string[];
  why?: string;
}

/** Reads what people can choose from for a release: the services of a system, and the versions that the registry has of them. */
export class ReleaseChoicesReader {
  static create(options: {
    fleet: FleetReader;
    registry: RegistryClient;
    config: SwitchyardConfig;
  }): ReleaseChoicesReader {
    return new ReleaseChoicesReader(options);
  }

  readonly #options: Parameters<typeof ReleaseChoicesReader.create>[0];

  private constructor(
    options: Parameters<typeof ReleaseChoicesReader.create>[0],
  ) {
    this.#options = options;
  }

  async read(
    { entity, environment, signal }: ChoicesRequest,
    lookup: EntityLookup,
  ): Promise<ReleaseChoices> {
    const { fleet, config } = this.#options;
    const parts = await lookup.find(partsOf(entity));
    const services = parts
      .flatMap(part => part ?? [])
      .map(part => ({
        entityRef: stringifyEntityRef(part),
        name: part.metadata.name,
        ...findService({ entity: part, environment }, fleet, config),
      }))
      .sort((a, b) => a.name.localeCompare(b.name));
    const having = await inParallel(services, READ_AT_ONCE, service =>
      this.#readVersions(service, signal),
    );
    return {
      services: services.map(({ entityRef, name, current, why }) => ({
        entityRef,
        name,
        current,
        ...(why !== undefined && { why }),
      })),
      versions: compareHaving(having),
      notReadable: having.flatMap(({ name, why }) =>
        why === undefined ? [] : [{ name, why }],
      ),
    };
  }

  async #readVersions(
    { name, wanted, why: flaw }: Service & { name: string },
    signal: AbortSignal,
  ): Promise<Having> {
    if (!wanted || flaw !== undefined) return { name };
    const { repository, tagPrefix } = wanted;
    try {
      const tags = await this.#options.registry.listTags(repository, {
        signal,
      });
      const versions = tags
        .filter(tag => tag.startsWith(tagPrefix) && tag !== tagPrefix)
        .map(tag => tag.slice(tagPrefix.length));
      return { name, versions };
    } catch (error) {
      if (signal.aborted || !(error instanceof RegistryError)) throw error;
      return { name, why: error.message };
    }
  }
}

/** Newest first. */
function compareHaving(having: readonly Having[]): ReleaseChoices['versions'] {
  const known = having.flatMap(({ name, versions }) =>
    versions ? [{ name, versions }] : [],
  );
  return [...new Set(known.flatMap(({ versions }) => versions))]
    .sort((a, b) => compareVersions(b, a))
    .slice(0, MAX_VERSIONS)
    .map(version => ({
      version,
      missing: known
        .filter(({ versions }) => !versions.includes(version))
        .map(({ name }) => name),
    }));
}

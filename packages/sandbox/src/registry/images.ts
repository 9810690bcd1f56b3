import { createHash } from 'node:crypto';

/** One image (or a multi-platform index of images) of the world's registry. */
export interface WorldImage {
  repository: string;
  tag: string;
  /** `sha256:…` of the manifest or index that the tag names. */
  digest: string;
  mediaType: string;
}

/** Bytes that the registry serves by digest. */
export interface RegistryContent {
  mediaType: string;
  bytes: Buffer;
}

export interface ImageCatalog {
  /** Tags by repository, oldest first. */
  repositories: ReadonlyMap<string, readonly WorldImage[]>;
  /** Manifests and indexes by `repository@digest`. */
  manifests: ReadonlyMap<string, RegistryContent>;
  /** Config and layer blobs by `repository@digest`. */
  blobs: ReadonlyMap<string, RegistryContent>;
}

/** Services whose images share one repository, as `main_service:<service>_<version>`. */
export const MAIN_SERVICE_MEMBERS = [
  'api',
  'match',
  'push-android',
  'push-ios',
  'chat',
  'gateway',
  'settlement',
] as const;

/** The version that lacks one of the seven images, and which one. */
export const INCOMPLETE_RELEASE = {
  version: 'v2.8.2',
  lacks: 'match',
} as const;

const BAD_ORDERS = [
  'v5.4.0-bad-migration',
  'v5.4.0-crash',
  'v5.4.0-never-ready',
  'v5.4.0-slow-start',
];
const BAD_RECOMMEND = [
  'v1.5.0-bad-answers',
  'v1.5.0-crash',
  'v1.5.0-hungry',
  'v1.5.0-never-ready',
  'v1.5.0-not-alive',
  'v1.5.0-out-of-memory',
  'v1.5.0-segfault',
  'v1.5.0-slow-start',
];
/** Versions of each service are a day and a few hours apart; fixed dates, so that digests are the same in every world. */
const NEWEST_AT = Date.parse('2026-11-20T14:10:00Z');
const BETWEEN_MS = 29.5 * 3_600_000;

const IMAGE_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const IMAGE_INDEX = 'application/vnd.oci.image.index.v1+json';
const IMAGE_CONFIG = 'application/vnd.oci.image.config.v1+json';
const IMAGE_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

interface Service {
  repository: string;
  versions: string[];
  tagOf(version: string): string;
  /** Built for amd64 and arm64: the tag names an index. */
  multiPlatform?: boolean;
  source: string;
  builders: string[];
}

function patches(
  major: number,
  minor: number,
  from: number,
  count: number,
): string[] {
  return Array.from(
    { length: count },
    (_, index) => `v${major}.${minor}.${from + index}`,
  );
}

function services(): Service[] {
  const own = (
    team: string,
    name: string,
    versions: string[],
    options: { multiPlatform?: boolean; builders?: string[] } = {},
  ): Service => ({
    repository: `${team}/${name}`,
    versions,
    tagOf: version => version,
    source: `https://git.example.com/${team}/${name}`,
    builders: options.builders ?? ['omar', 'dana'],
    multiPlatform: options.multiPlatform,
  });
  const release = [...patches(2, 7, 1, 18), ...patches(2, 8, 0, 12)];
  return [
    own('storefront', 'orders', [...patches(5, 3, 3, 26), ...BAD_ORDERS], {
      multiPlatform: true,
    }),
    own('storefront', 'search', [
      ...patches(3, 1, 0, 18),
      ...patches(3, 2, 0, 12),
    ]),
    own(
      'storefront',
      'payments',
      [...patches(4, 0, 1, 18), ...patches(4, 1, 0, 12)],
      { multiPlatform: true },
    ),
    own('storefront', 'webapp', [
      ...patches(8, 13, 0, 12),
      ...patches(8, 14, 0, 18),
    ]),
    own('storefront', 'campaign', patches(1, 12, 0, 30)),
    own('storefront', 'recommend', [
      ...patches(1, 3, 0, 16),
      ...patches(1, 4, 0, 6),
      ...BAD_RECOMMEND,
    ]),
    own(
      'platform',
      'legacy-web',
      [...patches(1, 8, 0, 20), ...patches(1, 9, 0, 10)],
      { builders: ['inge', 'pia'] },
    ),
    ...MAIN_SERVICE_MEMBERS.map(
      (name): Service => ({
        repository: 'main_service',
        versions: release.filter(
          version =>
            version !== INCOMPLETE_RELEASE.version ||
            name !== INCOMPLETE_RELEASE.lacks,
        ),
        tagOf: version => `${name}_${version}`,
        source: 'https://git.example.com/realtime/main-service',
        builders: ['ravi', 'inge'],
      }),
    ),
  ];
}

/** All images of the world. They depend on nothing but this file: the same tag has the same digest in every world. */
export function worldImages(): ImageCatalog {
  const repositories = new Map<string, WorldImage[]>();
  const manifests = new Map<string, RegistryContent>();
  const blobs = new Map<string, RegistryContent>();
  for (const service of services()) {
    const tags = repositories.get(service.repository) ?? [];
    repositories.set(service.repository, tags);
    service.versions.forEach((version, index) => {
      const tag = service.tagOf(version);
      const createdAt = new Date(
        NEWEST_AT - (service.versions.length - 1 - index) * BETWEEN_MS,
      );
      const platforms = service.multiPlatform ? ['amd64', 'arm64'] : ['amd64'];
      const built = platforms.map(architecture =>
        buildImage({ service, version, tag, architecture, createdAt, index }),
      );
      for (const image of built) {
        for (const blob of image.blobs) {
          blobs.set(`${service.repository}@${digestOf(blob.bytes)}`, blob);
        }
        manifests.set(
          `${service.repository}@${digestOf(image.manifest.bytes)}`,
          image.manifest,
        );
      }
      const named = service.multiPlatform
        ? indexOf(
            built.map(image => image.manifest),
            platforms,
          )
        : built[0].manifest;
      const digest = digestOf(named.bytes);
      manifests.set(`${service.repository}@${digest}`, named);
      tags.push({
        repository: service.repository,
        tag,
        digest,
        mediaType: named.mediaType,
      });
    });
  }
  return { repositories, manifests, blobs };
}

function buildImage(options: {
  service: Service;
  version: string;
  tag: string;
  architecture: string;
  createdAt: Date;
  index: number;
}): {
  manifest: RegistryContent;
  blobs: RegistryContent[];
} {
  const { service, version, tag, architecture, createdAt, index } = options;
  const layers = ['base', tag].map(name => ({
    mediaType: IMAGE_LAYER,
    bytes: Buffer.from(
      `layer ${name} of ${service.repository} for ${architecture}\n`,
    ),
  }));
  const config = json(IMAGE_CONFIG, {
    created: createdAt.toISOString(),
    author: service.builders[index % service.builders.length],
    architecture,
    os: 'linux',
    config: {
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin'],
      Entrypoint: ['/app/server'],
      Labels: {
        'org.opencontainers.image.created': createdAt.toISOString(),
        'org.opencontainers.image.revision': sha1(
          `${service.source}@${version}`,
        ),
        'org.opencontainers.image.source': service.source,
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.authors':
          service.builders[index % service.builders.length],
      },
    },
    rootfs: {
      type: 'layers',
      diff_ids: layers.map(layer => digestOf(layer.bytes)),
    },
    history: [
      { created: createdAt.toISOString(), created_by: 'COPY /app /app' },
    ],
  });
  const manifest = json(IMAGE_MANIFEST, {
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    config: descriptor(config),
    layers: layers.map(descriptor),
  });
  return { manifest, blobs: [config, ...layers] };
}

function indexOf(
  images: RegistryContent[],
  platforms: string[],
): RegistryContent {
  return json(IMAGE_INDEX, {
    schemaVersion: 2,
    mediaType: IMAGE_INDEX,
    manifests: images.map((image, index) => ({
      ...descriptor(image),
      platform: { architecture: platforms[index], os: 'linux' },
    })),
  });
}

function descriptor(content: RegistryContent) {
  return {
    mediaType: content.mediaType,
    size: content.bytes.length,
    digest: digestOf(content.bytes),
  };
}

function json(mediaType: string, value: unknown): RegistryContent {
  return { mediaType, bytes: Buffer.from(JSON.stringify(value)) };
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

import { Entity } from '@backstage/catalog-model';
import { ContainerRow } from '../rows';
import { AnnotationReader } from './annotations';
import { parseImageName } from './images';
import { TargetImage, TargetVersion } from './types';

/** A container of a template or pod. @public */
export type VersionCandidate = Pick<ContainerRow, 'name' | 'image' | 'kind'>;

/** Containers that stand beside the service in its pod: injected by meshes, agents and secret stores. */
const SIDECARS = new Set([
  'istio-proxy',
  'linkerd-proxy',
  'envoy',
  'envoy-sidecar',
  'consul-dataplane',
  'kuma-sidecar',
  'cloud-sql-proxy',
  'cloudsql-proxy',
  'vault-agent',
  'datadog-agent',
  'otel-collector',
  'otc-container',
  'fluent-bit',
  'fluentd',
  'filebeat',
  'vector',
  'aws-otel-collector',
  'xray-daemon',
  'oauth2-proxy',
  'config-reloader',
  'git-sync',
  'queue-proxy',
  'daprd',
]);
const SHORT_DIGEST = 12;

/**
 * Whether a container of that name stands beside the service in its pod, though Kubernetes knows it as one like any other.
 *
 * @public
 */
export function isKnownSidecar(name: string): boolean {
  return SIDECARS.has(name);
}

/**
 * What of an entity says which image is its version; read once, used for all its pods.
 *
 * @internal
 */
export interface VersionRule {
  name: string;
  /** Of `switchyard/image`, in its normal spelling. */
  repository?: string;
  /** Of `switchyard/tag-prefix`. */
  tagPrefix?: string;
}

/** @internal */
export function readVersionRule(
  entity: Entity,
  annotations = new AnnotationReader(entity),
): VersionRule {
  return {
    name: entity.metadata.name,
    repository: annotations.image(),
    tagPrefix: annotations.tagPrefix(),
  };
}

/**
 * What runs, from the containers of one or more templates: the image that `switchyard/image` names, else that of the only container that is
 * no known sidecar, else all of them and no version.
 *
 * @public
 */
export function versionOf(
  entity: Entity,
  containers: readonly VersionCandidate[],
): TargetVersion {
  return versionByRule(readVersionRule(entity), containers);
}

/** As {@link versionOf}. @internal */
export function versionByRule(
  rule: VersionRule,
  containers: readonly VersionCandidate[],
): TargetVersion {
  const { images, isVersion } = chooseImages(rule, containers);
  const versions = new Set(images.map(image => describeVersion(rule, image)));
  const [version] = versions;
  return {
    ...(isVersion &&
      versions.size === 1 &&
      version !== undefined && { version }),
    images,
  };
}

/**
 * What the tags of a service begin with where several services share a repository: `api_` of `api_v2.8.3`. The annotation
 * `switchyard/tag-prefix`, else the entity's name before a version; empty where the tag is the version.
 *
 * @public
 */
export function tagPrefixOf(entity: Entity, tag: string): string {
  return prefixByRule(readVersionRule(entity), tag);
}

/**
 * The version as people say it, of one image.
 *
 * @internal
 */
export function describeVersion(
  rule: VersionRule,
  image: Pick<TargetImage, 'tag' | 'digest'>,
): string | undefined {
  if (image.tag !== undefined) {
    return image.tag.slice(prefixByRule(rule, image.tag).length);
  }
  if (image.digest === undefined) return undefined;
  const [algorithm, hex] = image.digest.split(':');
  return `${algorithm}:${hex.slice(0, SHORT_DIGEST)}`;
}

function prefixByRule(rule: VersionRule, tag: string): string {
  const { name, tagPrefix } = rule;
  if (tagPrefix !== undefined) {
    return tag.startsWith(tagPrefix) && tag !== tagPrefix ? tagPrefix : '';
  }
  for (const separator of ['_', '-']) {
    const ending = `${name}${separator}`;
    const at = tag.indexOf(ending);
    if (at < 0) continue;
    const isWhole = at === 0 || /[-_.]/.test(tag[at - 1]);
    if (isWhole && /^[vV]?\d/.test(tag.slice(at + ending.length))) {
      return tag.slice(0, at + ending.length);
    }
  }
  return '';
}

/** @internal */
export function toTargetImage(container: string, image: string): TargetImage {
  const parsed = parseImageName(image);
  // An image without tag and digest is 'latest' for Kubernetes.
  const tag = parsed && !parsed.tag && !parsed.digest ? 'latest' : parsed?.tag;
  return {
    container,
    image,
    ...(tag !== undefined && { tag }),
    ...(parsed?.digest !== undefined && { digest: parsed.digest }),
  };
}

/**
 * The images of a repository in any spelling.
 *
 * @internal
 */
export function isOfRepository(image: string, repository: string): boolean {
  return parseImageName(image)?.repository === repository;
}

function chooseImages(
  rule: VersionRule,
  containers: readonly VersionCandidate[],
): { images: TargetImage[]; isVersion: boolean } {
  const { repository } = rule;
  if (repository !== undefined) {
    const named = containers.filter(
      ({ image, kind }) =>
        kind !== 'ephemeral' && isOfRepository(image, repository),
    );
    // An init container with the same image (a migration) says nothing more.
    const main = named.filter(({ kind }) => kind === 'container');
    const counting = main.length > 0 ? main : named;
    if (counting.length > 0) {
      return { images: distinct(counting), isVersion: true };
    }
  }
  const own = containers.filter(
    ({ name, kind }) => kind === 'container' && !isKnownSidecar(name),
  );
  const names = new Set(
    own.map(({ name, image }) => `${name} ${repositoryOf(image)}`),
  );
  return {
    images: distinct(own),
    // The annotation names an image that is not there: no other may pass for it.
    isVersion: repository === undefined && names.size === 1,
  };
}

function repositoryOf(image: string): string {
  return parseImageName(image)?.repository ?? image;
}

function distinct(containers: readonly VersionCandidate[]): TargetImage[] {
  const images = new Map<string, TargetImage>();
  for (const { name, image } of containers) {
    if (!images.has(image)) images.set(image, toTargetImage(name, image));
  }
  return [...images.values()];
}

import { RegistryError } from './errors';
import { ImageDetails } from './types';

/** @internal */
export type Manifest =
  | { type: 'image'; configDigest: string }
  | { type: 'index'; platformDigest: string };

/**
 * Reads an image's manifest, or picks one platform of an index: labels are the same on all, so any real one will do.
 *
 * @internal
 */
export function readManifest(body: Record<string, unknown>): Manifest {
  if (Array.isArray(body.manifests)) {
    const entries = body.manifests.filter(isRecord);
    const onLinux = (architecture?: string) =>
      entries.find(
        ({ platform }) =>
          isRecord(platform) &&
          platform.os === 'linux' &&
          (!architecture || platform.architecture === architecture),
      );
    // Attestations stand in indexes too, with the platform unknown/unknown.
    const chosen =
      onLinux('amd64') ??
      onLinux() ??
      entries.find(
        ({ platform }) => !isRecord(platform) || platform.os !== 'unknown',
      );
    return { type: 'index', platformDigest: digestOf(chosen) };
  }
  return { type: 'image', configDigest: digestOf(body.config) };
}

/**
 * What the image's configuration says of its making.
 *
 * @internal
 */
export function readConfig(
  body: Record<string, unknown>,
): Omit<ImageDetails, 'digest'> {
  const labels =
    isRecord(body.config) && isRecord(body.config.Labels)
      ? body.config.Labels
      : {};
  const label = (name: string) =>
    nonEmpty(labels[`org.opencontainers.image.${name}`]);
  return {
    createdAt: readTime(label('created')) ?? readTime(nonEmpty(body.created)),
    revision: label('revision'),
    author: label('authors') ?? nonEmpty(body.author),
  };
}

// Reproducible builds give every image the same time long ago, which is as good as none.
function readTime(text: string | undefined): string | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) || time < Date.parse('2000-01-01T00:00:00Z')
    ? undefined
    : new Date(time).toISOString();
}

function digestOf(descriptor: unknown): string {
  const digest = isRecord(descriptor) ? descriptor.digest : undefined;
  if (
    typeof digest !== 'string' ||
    !/^[a-z0-9+._-]+:[A-Fa-f0-9]{32,}$/.test(digest)
  ) {
    throw new RegistryError(
      'invalid-answer',
      'The image registry has a manifest of an unknown kind',
    );
  }
  return digest;
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

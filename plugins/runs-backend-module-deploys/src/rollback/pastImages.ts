import { parseImageReference } from '@switchyard/backstage-plugin-deploys-node';
import { FleetReader } from '@switchyard/fleet-node';
import { ImageWorkload } from '../images/findImageWorkloads';
import { readShipped } from '../images/shippedImage';
import { isWanted } from '../manifests';
import { PastImage } from './types';

/** A version that a workload ran. */
export interface PastImageOfWorkload extends PastImage {
  /** ISO time at which it was there: when its first pods were to be made, or when another took its place. */
  at: string;
}

/**
 * What a workload ran so far, newest first and each version once: by the ReplicaSets that Kubernetes keeps of it, and by what the last run has noted on it.
 */
export function pastImages(
  workload: ImageWorkload,
  fleet: FleetReader,
): PastImageOfWorkload[] {
  const { row, object } = workload;
  const { cluster, namespace, uid } = row;
  const sets = fleet
    .replicaSets({ cluster, namespace, ownerUid: uid })
    .sort((a, b) => (b.revision ?? 0) - (a.revision ?? 0))
    .map(({ containers, createdAt }) => ({
      images: containers.map(({ image }) => image),
      at: createdAt,
    }));
  const shipped = readShipped(object);
  const noted = shipped
    ? [{ images: Object.values(shipped.before), at: shipped.at }]
    : [];
  const past = new Map<string, PastImageOfWorkload>();
  for (const { images, at } of [...sets, ...noted]) {
    const image = imageAmong(images, workload);
    if (image && !past.has(image.version))
      past.set(image.version, { ...image, at });
  }
  return [...past.values()];
}

/** The one image of the component that containers named; undefined where they named several. */
function imageAmong(
  images: readonly string[],
  { wanted }: ImageWorkload,
): PastImage | undefined {
  const [image, ...others] = new Set(
    images.filter(each => isWanted(each, wanted)),
  );
  const { tag, digest } = (image && parseImageReference(image)) || {};
  if (tag === undefined || others.length > 0) return undefined;
  return {
    version: tag.slice(wanted.tagPrefix.length),
    tag,
    ...(digest !== undefined && { digest }),
  };
}

import { createHash } from 'node:crypto';

/** What a kubelet gets when it pulls an image; the message is in the container runtime's words. */
export type PullAnswer =
  | { found: true; digest: string }
  | { found: false; message: string };

/** Asked at every pull. */
export type PullImage = (image: string) => PullAnswer;

/** Images of public registries that every cluster of the world can pull. */
const PUBLIC_IMAGES = [
  'registry.k8s.io/coredns/coredns:v1.11.3',
  'registry.k8s.io/coredns/coredns:v1.12.1',
  'registry.k8s.io/kube-proxy:v1.31.9',
  'registry.k8s.io/kube-proxy:v1.34.2',
  'registry.k8s.io/metrics-server/metrics-server:v0.7.2',
  'registry.k8s.io/pause:3.10',
  'public.ecr.aws/nginx/nginx:1.27.5',
  'docker.io/library/nginx:1.27.5',
  'docker.io/library/nginx:latest',
  'docker.io/library/busybox:1.37',
  'docker.io/library/busybox:latest',
];

export interface ImageName {
  /** `127.0.0.1:5001`, `docker.io` */
  host: string;
  /** `storefront/orders` */
  repository: string;
  tag?: string;
  digest?: string;
}

/** Reads an image's name as a container runtime does: `nginx` is `docker.io/library/nginx:latest`. */
export function parseImage(image: string): ImageName {
  const [name, digest] = image.split('@', 2);
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasHost = /[.:]/.test(first) || first === 'localhost';
  const host = hasHost ? first : 'docker.io';
  let rest = hasHost ? name.slice(slash + 1) : name;
  let tag: string | undefined;
  const colon = rest.lastIndexOf(':');
  if (colon > rest.lastIndexOf('/')) {
    tag = rest.slice(colon + 1);
    rest = rest.slice(0, colon);
  }
  const repository = !hasHost && !rest.includes('/') ? `library/${rest}` : rest;
  return {
    host,
    repository,
    tag: tag ?? (digest ? undefined : 'latest'),
    digest,
  };
}

/** The name with host and tag, as the runtime reports it. */
export function fullImageName(image: string): string {
  const { host, repository, tag, digest } = parseImage(image);
  return `${host}/${repository}${tag ? `:${tag}` : ''}${
    digest ? `@${digest}` : ''
  }`;
}

/** Pulls from the public registries; what they do not have is not found. */
export function pullPublicImage(image: string): PullAnswer {
  const name = fullImageName(image);
  if (!PUBLIC_IMAGES.includes(name)) {
    return {
      found: false,
      message: `failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${name}: not found`,
    };
  }
  return {
    found: true,
    digest: `sha256:${createHash('sha256').update(name).digest('hex')}`,
  };
}

/** Pulls from the world's own registry what is there, from the public ones everything else. */
export function pullFrom(options: {
  registryHost: string;
  pull: PullImage;
}): PullImage {
  return image =>
    parseImage(image).host === options.registryHost
      ? options.pull(image)
      : pullPublicImage(image);
}

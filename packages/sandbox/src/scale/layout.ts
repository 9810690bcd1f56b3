import { createHash } from 'node:crypto';

/** How large the world of scale mode is. */
export interface ScaleSize {
  clusters: number;
  apps: number;
  pods: number;
}

/** A service runs in this many clusters, each time as an Application of its own. */
const CLUSTERS_PER_SERVICE = 4;
const NAMESPACES = 40;
/** Every so many-th cluster is for development. */
const DEVELOPMENT_EVERY = 4;

/** One Application: what it deploys is one Deployment with its pods, in one cluster. */
export interface ScaleApp {
  index: number;
  name: string;
  service: string;
  /** Of the service, counted over all. */
  serviceIndex: number;
  namespace: string;
  project: string;
  cluster: number;
  pods: number;
}

/** Where everything of a world of this size is: computed from numbers, so that nothing has to be held for it. */
export function layOut(size: ScaleSize): ScaleApp[] {
  const copies = Math.min(CLUSTERS_PER_SERVICE, size.clusters);
  const each = Math.floor(size.pods / size.apps);
  const rest = size.pods % size.apps;
  return Array.from({ length: size.apps }, (_, index) => {
    const serviceIndex = Math.floor(index / copies);
    const service = serviceName(serviceIndex);
    const cluster = index % size.clusters;
    return {
      index,
      name: `${service}-${clusterName(cluster)}`,
      service,
      serviceIndex,
      namespace: `team-${String(serviceIndex % NAMESPACES).padStart(2, '0')}`,
      project: `team-${String(serviceIndex % NAMESPACES).padStart(2, '0')}`,
      cluster,
      pods: each + (index < rest ? 1 : 0),
    };
  });
}

/** Name of a cluster; those for development say so. */
export function clusterName(index: number): string {
  const environment =
    index % DEVELOPMENT_EVERY === DEVELOPMENT_EVERY - 1 ? 'dev' : 'prod';
  return `scale-${environment}-${String(index).padStart(2, '0')}`;
}

/** Name of a service, which is that of its component. */
export function serviceName(index: number): string {
  return `service-${String(index).padStart(4, '0')}`;
}

/** Hexadecimal digits that depend on nothing but the text. */
export function hexOf(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** A uid that depends on nothing but the text. */
export function uidOf(text: string): string {
  const hex = hexOf(text, 32);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

import { ObjectRow } from '../../rows';
import { KubernetesObject } from '../kubernetesObject';
import { objectRow } from './common';

const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** Of a node no more is kept than the zone that its pods are in. @internal */
export type NodeRow = ObjectRow & { zone?: string };

/** @internal */
export function nodeRow(
  node: KubernetesObject,
  options: { cluster: string },
): NodeRow {
  const zone = node.metadata.labels?.[ZONE_LABEL];
  return { ...objectRow(node, options), labels: {}, ...(zone && { zone }) };
}

/** What pods of a node are found by. @internal */
export function nodeKey(node: string): string {
  return `node\n${node}`;
}

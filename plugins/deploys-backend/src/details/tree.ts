import {
  DeploymentTree,
  TreeNode,
} from '@switchyard/backstage-plugin-deploys-common';
import { ApplicationRow, ResourceNode } from '@switchyard/fleet-node';
import { shorten } from './shorten';

const MAX_NODES = 2_000;
/** Deeper than anything real; keeps a ring of parents from being followed for ever. */
const MAX_DEPTH = 12;
const WORST_FIRST = [
  'Degraded',
  'Missing',
  'Progressing',
  'Unknown',
  'Suspended',
];

/** Argo CD's resources as a tree: what Git has, below it what that made. */
export function buildTree(
  nodes: readonly ResourceNode[],
  row: ApplicationRow,
): DeploymentTree {
  const kept = nodes.slice(0, MAX_NODES);
  const uids = new Set(kept.map(({ uid }) => uid));
  const below = new Map<string, ResourceNode[]>();
  const roots: ResourceNode[] = [];
  for (const node of kept) {
    const parent = node.parentRefs.find(({ uid }) => uid && uids.has(uid));
    if (!parent?.uid || parent.uid === node.uid) roots.push(node);
    else below.set(parent.uid, [...(below.get(parent.uid) ?? []), node]);
  }
  const sync = new Map(
    row.resources.map(resource => [keyOf(resource), resource]),
  );
  const toNode = (node: ResourceNode, depth: number): TreeNode => {
    const resource = sync.get(keyOf(node));
    const health = node.health?.status ?? resource?.health;
    const message = node.health?.message ?? statusReason(node);
    return {
      group: node.group,
      kind: node.kind,
      namespace: node.namespace,
      name: node.name,
      uid: node.uid,
      ...(health && { health }),
      ...(message && { message: shorten(message) }),
      ...(resource?.status && { sync: resource.status }),
      ...(node.createdAt && { createdAt: node.createdAt }),
      images: node.images,
      children:
        depth >= MAX_DEPTH
          ? []
          : sorted(
              (below.get(node.uid) ?? []).map(child =>
                toNode(child, depth + 1),
              ),
            ),
    };
  };
  const live = new Set(roots.map(keyOf));
  // What Git wants and nobody has made yet is in no tree of what lives.
  const missing = row.resources
    .filter(resource => !live.has(keyOf(resource)) && !resource.hook)
    .filter(resource => !kept.some(node => keyOf(node) === keyOf(resource)))
    .map(
      (resource): TreeNode => ({
        group: resource.group,
        kind: resource.kind,
        namespace: resource.namespace,
        name: resource.name,
        uid: '',
        ...(resource.health && { health: resource.health }),
        ...(resource.status && { sync: resource.status }),
        images: [],
        children: [],
      }),
    );
  return {
    roots: sorted([...roots.map(node => toNode(node, 0)), ...missing]),
    more: nodes.length - kept.length,
  };
}

function sorted(nodes: TreeNode[]): TreeNode[] {
  return nodes.sort(
    (a, b) =>
      urgency(a) - urgency(b) ||
      compare(a.kind, b.kind) ||
      compare(a.name, b.name),
  );
}

/** The worst of a node and of what is below it; what is out of sync comes before what is fine. */
function urgency(node: TreeNode): number {
  const place = WORST_FIRST.indexOf(node.health ?? '');
  const own =
    place >= 0
      ? place
      : WORST_FIRST.length + (node.sync === 'OutOfSync' ? 0 : 1);
  return node.children.reduce(
    (worst, child) => Math.min(worst, urgency(child)),
    own,
  );
}

function statusReason({ info }: ResourceNode): string | undefined {
  const reason = info.find(({ name }) => name === 'Status Reason')?.value;
  return reason === 'Running' ? undefined : reason;
}

function keyOf(of: {
  group: string;
  kind: string;
  namespace: string;
  name: string;
}): string {
  return [of.group, of.kind, of.namespace, of.name].join('/');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

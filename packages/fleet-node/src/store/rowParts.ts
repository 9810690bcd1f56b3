import { ObjectRow } from '../rows';
import { internRecord, internString } from './intern';

/** Of a container: what all pods of a rollout have in common. */
const SHARED_BY_CONTAINERS = new Set([
  'name',
  'kind',
  'image',
  'imageId',
  'resources',
]);

type Container = { image: string } & Record<string, unknown>;

/** All rows but those of events name images. @internal */
export type StoredRow = ObjectRow & { containers?: Array<{ image: string }> };

/**
 * What the rows of very many objects have in common: all pods of a rollout have one.
 *
 * @internal
 */
export interface SharedPart
  extends Pick<
    ObjectRow,
    'apiVersion' | 'kind' | 'namespace' | 'labels' | 'owner'
  > {
  containers?: Container[];
}

/**
 * A row in two texts of JSON: what it shares with many others, and what is its own. What neither has is told beside them: the cluster,
 * and `uid`, `name` and `resourceVersion`.
 *
 * @internal
 */
export interface RowParts {
  shared: string;
  own: string;
}

/** @internal */
export function splitRow(row: StoredRow): RowParts {
  const { cluster, uid, name, resourceVersion, ...rest } = row;
  const { apiVersion, kind, namespace, labels, owner, ...own } = rest;
  const { containers, ...ownWithout } = own as {
    containers?: Container[];
  };
  const shared = { apiVersion, kind, namespace, labels, owner };
  if (!containers) {
    return { shared: JSON.stringify(shared), own: JSON.stringify(own) };
  }
  const split = containers.map(splitContainer);
  const isAllShared = split.every(each => each.isAllShared);
  return {
    shared: JSON.stringify({
      ...shared,
      containers: split.map(each => each.shared),
    }),
    own: JSON.stringify(
      isAllShared
        ? ownWithout
        : { ...ownWithout, containers: split.map(each => each.own) },
    ),
  };
}

/**
 * Makes the row again.
 *
 * @param head - what no part has
 * @param own - as `splitRow` wrote it
 * @internal
 */
export function joinRow<TRow extends StoredRow>(
  head: Pick<ObjectRow, 'cluster' | 'uid' | 'name' | 'resourceVersion'>,
  shared: SharedPart,
  own: string,
): TRow {
  const { containers: ownContainers, ...rest } = JSON.parse(own);
  const { apiVersion, kind, namespace, labels, owner, containers } = shared;
  const row = {
    cluster: head.cluster,
    apiVersion,
    kind,
    namespace,
    name: head.name,
    uid: head.uid,
    resourceVersion: head.resourceVersion,
    labels,
    ...rest,
  };
  if (owner) row.owner = owner;
  if (containers) {
    row.containers = containers.map((container, index) => ({
      ...container,
      ...ownContainers?.[index],
    }));
  }
  return row;
}

/** What equal texts share is one object, and equal labels and owners in it are. @internal */
export function readShared(text: string): SharedPart {
  const shared = JSON.parse(text) as SharedPart;
  shared.apiVersion = internString(shared.apiVersion);
  shared.kind = internString(shared.kind);
  shared.namespace = internString(shared.namespace);
  shared.labels = internRecord(shared.labels);
  if (shared.owner) {
    shared.owner = internRecord(shared.owner) as ObjectRow['owner'];
  }
  return shared;
}

function splitContainer(container: Container) {
  const shared: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  let isAllShared = true;
  for (const [key, value] of Object.entries(container)) {
    if (SHARED_BY_CONTAINERS.has(key)) shared[key] = value;
    else {
      own[key] = value;
      isAllShared = false;
    }
  }
  return { shared, own, isAllShared };
}

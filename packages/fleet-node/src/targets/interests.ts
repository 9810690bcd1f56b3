import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { ApplicationRow, ObjectRow } from '../rows';
import { FleetChange, FleetReader } from '../types';
import { ENTITY_REF_KEYS } from './annotations';
import { readApplicationClaim } from './applicationClaim';
import { indexableLabels, LabelRequirement } from './labelSelector';
import { EntityDeployments } from './types';
import {
  MAX_LABELLED_PODS,
  readWorkloadSelection,
  WorkloadSelection,
} from './workloadSelection';

/**
 * Keys of the changes that can touch what `deploymentsOf` answers for an entity. A change touches it if one of {@link changeKeys} of the
 * change is among them; they may name a few changes too many, never too few. Changes of clusters and Argo CD instances touch every entity
 * and have no keys.
 *
 * @param deployments - what `deploymentsOf` answered: the keys are good until one of them is touched
 * @public
 */
export function interestsOf(
  entity: Entity,
  fleet: FleetReader,
  { deployments }: EntityDeployments,
): Set<string> {
  const keys = new Set<string>();
  keys.add(`app-ref ${stringifyEntityRef(entity)}`);
  const claim = readApplicationClaim(entity);
  if (claim?.name !== undefined) keys.add(`app-name ${claim.name}`);
  else if (claim?.selector) addLabels(keys, 'app-label', claim.selector);
  else if (claim?.project !== undefined) {
    keys.add(`app-project ${claim.project}`);
  }
  const selection = readWorkloadSelection(entity);
  if (selection) {
    addLabels(keys, 'label', selection.requirements);
    addOwners(keys, fleet, selection);
  }

  for (const { application, cluster, workloads, endedJobs } of deployments) {
    if (application) {
      keys.add(applicationKey(application));
      addResources(keys, application, cluster);
    }
    for (const { row, pods } of [...workloads, ...endedJobs]) {
      keys.add(uidKey(row.cluster, row.uid));
      for (const pod of pods) keys.add(uidKey(row.cluster, pod.row.uid));
      if ('desired' in row) {
        for (const set of fleet.replicaSets({
          cluster: row.cluster,
          ownerUid: row.uid,
        })) {
          keys.add(uidKey(row.cluster, set.uid));
        }
      }
      if (row.kind === 'CronJob') {
        for (const job of fleet.jobs({
          cluster: row.cluster,
          ownerUid: row.uid,
        })) {
          keys.add(uidKey(row.cluster, job.uid));
        }
      }
    }
  }
  return keys;
}

/**
 * The keys under which entities may wait for a change; none for changes of clusters and Argo CD instances, which touch every entity.
 *
 * @public
 */
export function changeKeys(change: FleetChange): string[] {
  switch (change.type) {
    case 'object':
      return change.kind === 'Event'
        ? eventKeys(change)
        : [
            uidKey(change.cluster, change.row.uid),
            ...ownerKeys(change),
            resourceKey(change.cluster, change.row),
            ...labelKeys('label', change.row.labels),
          ];
    case 'application':
      return [
        applicationKey(change.row),
        `app-name ${change.row.name}`,
        `app-project ${change.row.project}`,
        ...ENTITY_REF_KEYS.flatMap(key => {
          const ref = change.row.annotations[key];
          return ref === undefined ? [] : [`app-ref ${ref}`];
        }),
        ...labelKeys('app-label', change.row.labels),
      ];
    case 'full-application':
      return [applicationKey(change.ref)];
    default:
      return [];
  }
}

/**
 * The one of {@link changeKeys} that stands for what made an object, and for the object itself where nothing did.
 *
 * @public
 */
export function makerKey(row: ObjectRow): string {
  return uidKey(row.cluster, row.owner?.uid ?? row.uid);
}

function eventKeys(change: Extract<FleetChange, { type: 'object' }>): string[] {
  const { row, cluster } = change;
  return 'about' in row && row.about.uid !== undefined
    ? [uidKey(cluster, row.about.uid)]
    : [];
}

/** By name as well: an Application names what the fleet may know by its ReplicaSets only. */
function ownerKeys(change: Extract<FleetChange, { type: 'object' }>): string[] {
  const { cluster, row } = change;
  if (!row.owner) return [];
  const { uid, kind, name } = row.owner;
  return [
    uidKey(cluster, uid),
    ...(change.kind === 'ReplicaSet'
      ? [resourceKey(cluster, { kind, name, namespace: row.namespace })]
      : []),
  ];
}

function addLabels(
  keys: Set<string>,
  word: string,
  requirements: readonly LabelRequirement[],
): void {
  for (const labels of indexableLabels(requirements)) {
    // Whoever carries all of them carries the first.
    const [[key, value]] = Object.entries(labels);
    keys.add(`${word} ${key}=${value}`);
  }
}

/** What made the pods that are selected: it may come after them, for each kind is watched by itself. */
function addOwners(
  keys: Set<string>,
  fleet: FleetReader,
  { requirements, query }: WorkloadSelection,
): void {
  for (const labels of indexableLabels(requirements)) {
    const pods = fleet.pods({ ...query, labels });
    for (const { cluster, owner } of pods.slice(0, MAX_LABELLED_PODS)) {
      if (!owner || keys.has(uidKey(cluster, owner.uid))) continue;
      keys.add(uidKey(cluster, owner.uid));
      for (const set of fleet.replicaSets({ cluster, uid: owner.uid })) {
        if (set.owner) keys.add(uidKey(cluster, set.owner.uid));
      }
    }
  }
}

function addResources(
  keys: Set<string>,
  application: ApplicationRow,
  cluster: string | undefined,
): void {
  if (cluster === undefined) return;
  for (const resource of application.resources) {
    if (['apps', 'batch', 'argoproj.io', ''].includes(resource.group)) {
      keys.add(resourceKey(cluster, resource));
    }
  }
}

function labelKeys(
  word: string,
  labels: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(labels).map(
    ([key, value]) => `${word} ${key}=${value}`,
  );
}

function uidKey(cluster: string, uid: string): string {
  return `uid ${cluster} ${uid}`;
}

function resourceKey(
  cluster: string,
  object: { kind: string; namespace: string; name: string },
): string {
  return `object ${cluster} ${object.kind} ${object.namespace} ${object.name}`;
}

function applicationKey(application: {
  instance: string;
  namespace: string;
  name: string;
}): string {
  return `app ${application.instance} ${application.namespace} ${application.name}`;
}

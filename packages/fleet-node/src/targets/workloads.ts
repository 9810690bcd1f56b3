import { Entity } from '@backstage/catalog-model';
import {
  ApplicationRow,
  JobRow,
  ObjectRow,
  PodRow,
  WorkloadRow,
} from '../rows';
import { FleetReader } from '../types';
import { ANNOTATIONS, AnnotationReader, quote } from './annotations';
import { joinCluster } from './clusters';
import { SwitchyardConfig } from '../config';
import { FoundObjects, MAX_WORKLOADS } from './FoundObjects';
import { indexableLabels, matchesLabelSelector } from './labelSelector';
import { MappingProblem } from './types';
import {
  MAX_LABELLED_PODS,
  readWorkloadSelection,
  WorkloadSelection,
} from './workloadSelection';

/** @public */
export interface EntityWorkloads {
  /** Deployments, StatefulSets, DaemonSets and CronJobs; ReplicaSets whose owner the fleet does not know. */
  workloads: WorkloadRow[];
  /** Jobs that no CronJob of the list made. */
  jobs: JobRow[];
  /** Pods without any owner. */
  pods: PodRow[];
  /** Which Applications of the entity have a workload, Job or pod among their resources, by cluster and uid. */
  managedBy: ReadonlyMap<string, ApplicationRow[]>;
  problems: MappingProblem[];
}

/**
 * The workloads of an entity: by its `backstage.io/kubernetes-*` annotations, and those among the resources of its Applications.
 *
 * @public
 */
export function workloadsOf(
  entity: Entity,
  fleet: FleetReader,
  config: Pick<SwitchyardConfig, 'clusterAliases'>,
  applications: readonly ApplicationRow[],
): EntityWorkloads {
  const annotations = new AnnotationReader(entity);
  const found = new FoundObjects(fleet);
  const selection = readWorkloadSelection(entity, annotations);
  if (selection) {
    addSelected(selection, fleet, found);
    if (found.isEmpty) explainNothing(selection, annotations, fleet);
  }
  const managedBy = addResources(applications, fleet, config, found);
  if (found.isCut) {
    annotations.add(
      selection?.key ?? ANNOTATIONS.kubernetesLabelSelector,
      `It fits more than ${MAX_WORKLOADS} workloads or ${MAX_LABELLED_PODS} pods; the rest is not shown. Narrow it`,
    );
  }
  return {
    workloads: [...found.workloads.values()],
    jobs: [...found.jobs.values()],
    pods: [...found.pods.values()],
    managedBy,
    problems: annotations.problems,
  };
}

function addSelected(
  selection: WorkloadSelection,
  fleet: FleetReader,
  found: FoundObjects,
): void {
  const { requirements, query } = selection;
  for (const labels of indexableLabels(requirements)) {
    const labelled = { ...query, labels };
    const matches = (row: ObjectRow) =>
      matchesLabelSelector(requirements, row.labels);
    for (const row of fleet.workloads(labelled).filter(matches)) {
      found.addWorkload(row);
    }
    for (const row of fleet.jobs(labelled).filter(matches)) found.addJob(row);
    // Charts often label the pods and forget the Deployment.
    const pods = fleet.pods(labelled).filter(matches);
    if (pods.length > MAX_LABELLED_PODS) found.isCut = true;
    for (const row of pods.slice(0, MAX_LABELLED_PODS)) found.addOwnerOf(row);
  }
}

function addResources(
  applications: readonly ApplicationRow[],
  fleet: FleetReader,
  config: Pick<SwitchyardConfig, 'clusterAliases'>,
  found: FoundObjects,
): Map<string, ApplicationRow[]> {
  const managedBy = new Map<string, ApplicationRow[]>();
  const clusters = fleet.clusters();
  for (const application of applications) {
    const join = joinCluster(application, clusters, config);
    if (!join.joined) continue;
    for (const resource of application.resources) {
      const query = {
        cluster: join.cluster,
        namespace: resource.namespace,
        name: resource.name,
      };
      for (const key of found.addResource(resource, query)) {
        managedBy.set(key, [...(managedBy.get(key) ?? []), application]);
      }
    }
  }
  return managedBy;
}

function explainNothing(
  selection: WorkloadSelection,
  annotations: AnnotationReader,
  fleet: FleetReader,
): void {
  if (selection.isFallback) return;
  const clusters = fleet.clusters();
  const { cluster, namespace } = selection.query;
  const asked = clusters.filter(({ name }) => name === (cluster ?? name));
  if (clusters.length === 0) return; // nothing is connected: the state of the sources says so
  if (cluster !== undefined && asked.length === 0) {
    annotations.add(
      ANNOTATIONS.kubernetesCluster,
      `The Kubernetes plugin has no cluster ${quote(cluster)}`,
      clusters[0].name,
    );
    return;
  }
  // What cannot be seen now is not missing.
  if (asked.some(({ state }) => state !== 'live')) return;
  annotations.add(
    selection.key,
    `No workload${
      namespace === undefined ? '' : ` in namespace ${quote(namespace)}`
    } of ${
      cluster === undefined ? 'any cluster' : `cluster ${quote(cluster)}`
    } carries ${
      selection.key === ANNOTATIONS.kubernetesId
        ? 'this label'
        : 'labels that fit'
    }`,
  );
}

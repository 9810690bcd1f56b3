import {
  AnalysisRunRow,
  ApplicationRow,
  EventRow,
  JobRow,
  ObjectRow,
  PodRow,
  WorkloadRow,
} from '../../rows';
import {
  ApplicationQuery,
  ArgoInstanceStatus,
  ClusterStatus,
  FleetReader,
  ObjectQuery,
} from '../../types';
import { ENTITY_REF_KEYS } from '../annotations';

export interface FakeFleetRows {
  clusters?: ClusterStatus[];
  argoInstances?: ArgoInstanceStatus[];
  workloads?: WorkloadRow[];
  replicaSets?: WorkloadRow[];
  pods?: PodRow[];
  jobs?: JobRow[];
  analysisRuns?: AnalysisRunRow[];
  events?: EventRow[];
  applications?: ApplicationRow[];
}

/** A reader over plain lists: the slow and obvious way to answer the queries. */
export function fakeFleet(rows: FakeFleetRows): FleetReader {
  return {
    clusters: () => rows.clusters ?? [cluster('prod-blue')],
    argoInstances: () => rows.argoInstances ?? [argoInstance('main')],
    workloads: query => select(rows.workloads, query),
    replicaSets: query => select(rows.replicaSets, query),
    pods: query => select(rows.pods, query),
    jobs: query => select(rows.jobs, query),
    analysisRuns: query => select(rows.analysisRuns, query),
    resources: () => [],
    held: () => undefined,
    eventsAbout: ({ cluster: name, uid }) =>
      (rows.events ?? []).filter(
        event => event.cluster === name && event.about.uid === uid,
      ),
    applications: query =>
      (rows.applications ?? []).filter(row => fitsApplication(row, query)),
    application: ref =>
      rows.applications?.find(
        row =>
          row.instance === ref.instance &&
          row.namespace === ref.namespace &&
          row.name === ref.name,
      ),
    object: () => undefined,
    origin: () => undefined,
  };
}

function select<TRow extends ObjectRow>(
  rows: TRow[] | undefined,
  query: ObjectQuery,
): TRow[] {
  return (rows ?? []).filter(
    row =>
      (query.cluster ?? row.cluster) === row.cluster &&
      (query.namespace ?? row.namespace) === row.namespace &&
      (query.name ?? row.name) === row.name &&
      (query.uid ?? row.uid) === row.uid &&
      (query.ownerUid ?? row.owner?.uid) === row.owner?.uid &&
      carries(row.labels, query.labels),
  );
}

function fitsApplication(
  row: ApplicationRow,
  query: ApplicationQuery,
): boolean {
  return (
    (query.instance ?? row.instance) === row.instance &&
    (query.namespace ?? row.namespace) === row.namespace &&
    (query.name ?? row.name) === row.name &&
    (query.project ?? row.project) === row.project &&
    carries(row.labels, query.labels) &&
    (query.entityRef === undefined ||
      ENTITY_REF_KEYS.some(key => row.annotations[key] === query.entityRef))
  );
}

function carries(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>> = {},
): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

const AT = '2026-11-20T10:00:00Z';

export function cluster(
  name: string,
  more: Partial<ClusterStatus> = {},
): ClusterStatus {
  return {
    name,
    url: `https://${name}.example.com:6443`,
    state: 'live',
    since: AT,
    kinds: [],
    ...more,
  };
}

export function argoInstance(
  name: string,
  more: Partial<ArgoInstanceStatus> = {},
): ArgoInstanceStatus {
  return { name, state: 'live', since: AT, applications: 0, ...more };
}

/** Uid made of what the object is, so that owners can be named without keeping rows. */
export function uidOf(clusterName: string, kind: string, name: string): string {
  return `${clusterName}/${kind}/${name}`;
}

function object(
  kind: string,
  name: string,
  more: Partial<ObjectRow> = {},
): ObjectRow {
  const clusterName = more.cluster ?? 'prod-blue';
  return {
    cluster: clusterName,
    apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
    kind,
    namespace: 'storefront',
    name,
    uid: uidOf(clusterName, kind, name),
    resourceVersion: '100',
    labels: {},
    createdAt: AT,
    ...more,
  };
}

export function workload(
  kind: string,
  name: string,
  image: string,
  more: Partial<WorkloadRow> = {},
): WorkloadRow {
  return {
    ...object(kind, name, more),
    generation: 1,
    observedGeneration: 1,
    selector: {},
    desired: 2,
    updated: 2,
    ready: 2,
    available: 2,
    unavailable: 0,
    containers: [{ name, image, kind: 'container' }],
    conditions: [],
    ...more,
  };
}

export function replicaSet(
  deployment: string,
  revision: number,
  image: string,
  more: Partial<WorkloadRow> = {},
): WorkloadRow {
  const clusterName = more.cluster ?? 'prod-blue';
  return workload('ReplicaSet', `${deployment}-${revision}`, image, {
    owner: {
      kind: 'Deployment',
      name: deployment,
      uid: uidOf(clusterName, 'Deployment', deployment),
    },
    revision,
    ...more,
  });
}

export function pod(
  name: string,
  image: string,
  more: Partial<PodRow> = {},
): PodRow {
  return {
    ...object('Pod', name, more),
    phase: 'Running',
    ready: true,
    node: 'node-a',
    containers: [
      {
        name: 'main',
        kind: 'container',
        image,
        ready: true,
        restarts: 0,
        state: 'running',
      },
    ],
    ...more,
  };
}

export function job(name: string, more: Partial<JobRow> = {}): JobRow {
  return {
    ...object('Job', name, more),
    active: 0,
    succeeded: 0,
    failed: 0,
    containers: [],
    ...more,
  };
}

export function ownedBy(
  kind: string,
  name: string,
  clusterName = 'prod-blue',
): PodRow['owner'] {
  return { kind, name, uid: uidOf(clusterName, kind, name) };
}

export function application(
  name: string,
  more: Partial<ApplicationRow> = {},
): ApplicationRow {
  return {
    instance: 'main',
    namespace: 'argocd',
    name,
    project: 'storefront',
    labels: {},
    annotations: {},
    destination: {
      server: 'https://prod-blue.example.com:6443',
      namespace: 'storefront',
    },
    sources: [],
    multiSource: false,
    autoSync: { enabled: true, prune: false, selfHeal: false },
    sync: { status: 'Synced', revisions: ['abc'] },
    health: { status: 'Healthy' },
    images: [],
    resources: [],
    observedAt: AT,
    ...more,
  };
}

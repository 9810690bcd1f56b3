import { conditionOf } from '../controllers/pods';
import { Json } from '../json';
import { ResourceType } from '../resources';
import { KubernetesObject } from '../types';
import { humanDuration } from './humanDuration';
import { podReason } from './podReason';

interface Column {
  name: string;
  /** Only with `-o wide`. */
  wide?: boolean;
  type?: 'integer';
  cell(object: KubernetesObject, now: Date): string | number;
}

const age = (time: string | undefined, now: Date) =>
  time ? humanDuration(now.getTime() - Date.parse(time)) : '<unknown>';
const orNone = (value: string | undefined) => value || '<none>';
const labelText = (labels: Json | undefined) =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

const nameColumn: Column = {
  name: 'Name',
  cell: object => object.metadata.name,
};
const ageColumn: Column = {
  name: 'Age',
  cell: (object, now) => age(object.metadata.creationTimestamp, now),
};
const containersOf = (object: KubernetesObject): Json[] =>
  object.spec?.template?.spec?.containers ?? [];

/** Columns by which a workload shows its template; with `-o wide` only. */
const templateColumns: Column[] = [
  {
    name: 'Containers',
    wide: true,
    cell: object =>
      containersOf(object)
        .map(each => each.name)
        .join(),
  },
  {
    name: 'Images',
    wide: true,
    cell: object =>
      containersOf(object)
        .map(each => each.image)
        .join(),
  },
  {
    name: 'Selector',
    wide: true,
    cell: object => orNone(labelText(object.spec?.selector?.matchLabels)),
  },
];

const podColumns: Column[] = [
  nameColumn,
  {
    name: 'Ready',
    cell: pod => {
      const statuses: Json[] = pod.status?.containerStatuses ?? [];
      return `${statuses.filter(each => each.ready).length}/${
        pod.spec.containers.length
      }`;
    },
  },
  { name: 'Status', cell: podReason },
  { name: 'Restarts', cell: restarts },
  ageColumn,
  { name: 'IP', wide: true, cell: pod => orNone(pod.status?.podIP) },
  { name: 'Node', wide: true, cell: pod => orNone(pod.spec.nodeName) },
  { name: 'Nominated Node', wide: true, cell: () => '<none>' },
  { name: 'Readiness Gates', wide: true, cell: () => '<none>' },
];

function restarts(pod: KubernetesObject, now: Date): string {
  const statuses: Json[] = pod.status?.containerStatuses ?? [];
  const count = statuses.reduce(
    (sum, each) => sum + (each.restartCount ?? 0),
    0,
  );
  const last = statuses
    .map(each => each.lastState?.terminated?.finishedAt)
    .filter(Boolean)
    .sort()
    .pop();
  return count > 0 && last ? `${count} (${age(last, now)} ago)` : String(count);
}

const deploymentColumns: Column[] = [
  nameColumn,
  {
    name: 'Ready',
    cell: each => `${each.status?.readyReplicas ?? 0}/${each.spec.replicas}`,
  },
  {
    name: 'Up-to-date',
    type: 'integer',
    cell: each => each.status?.updatedReplicas ?? 0,
  },
  {
    name: 'Available',
    type: 'integer',
    cell: each => each.status?.availableReplicas ?? 0,
  },
  ageColumn,
  ...templateColumns,
];

const replicaSetColumns: Column[] = [
  nameColumn,
  { name: 'Desired', type: 'integer', cell: each => each.spec.replicas },
  {
    name: 'Current',
    type: 'integer',
    cell: each => each.status?.replicas ?? 0,
  },
  {
    name: 'Ready',
    type: 'integer',
    cell: each => each.status?.readyReplicas ?? 0,
  },
  ageColumn,
  ...templateColumns,
];

const jobColumns: Column[] = [
  nameColumn,
  { name: 'Status', cell: jobStatus },
  {
    name: 'Completions',
    cell: job => `${job.status?.succeeded ?? 0}/${job.spec.completions ?? 1}`,
  },
  {
    name: 'Duration',
    cell: (job, now) => {
      const { startTime, completionTime } = job.status ?? {};
      if (!startTime) {
        return '';
      }
      const end = completionTime ? Date.parse(completionTime) : now.getTime();
      return humanDuration(end - Date.parse(startTime));
    },
  },
  ageColumn,
  ...templateColumns,
];

function jobStatus(job: KubernetesObject): string {
  for (const [type, status] of [
    ['Complete', 'Complete'],
    ['Failed', 'Failed'],
  ]) {
    if (conditionOf(job, type)?.status === 'True') {
      return status;
    }
  }
  if (job.metadata.deletionTimestamp) {
    return 'Terminating';
  }
  return conditionOf(job, 'Suspended')?.status === 'True'
    ? 'Suspended'
    : 'Running';
}

const eventColumns: Column[] = [
  {
    name: 'Last Seen',
    cell: (event, now) =>
      age(event.lastTimestamp ?? event.eventTime ?? undefined, now),
  },
  { name: 'Type', cell: event => event.type ?? '' },
  { name: 'Reason', cell: event => event.reason ?? '' },
  {
    name: 'Object',
    cell: event =>
      `${String(event.involvedObject?.kind ?? '').toLowerCase()}/${
        event.involvedObject?.name ?? ''
      }`,
  },
  {
    name: 'Subobject',
    wide: true,
    cell: event => event.involvedObject?.fieldPath ?? '',
  },
  {
    name: 'Source',
    wide: true,
    cell: event =>
      [event.source?.component || event.reportingComponent, event.source?.host]
        .filter(Boolean)
        .join(', '),
  },
  { name: 'Message', cell: event => String(event.message ?? '').trim() },
  {
    name: 'First Seen',
    wide: true,
    cell: (event, now) =>
      age(event.firstTimestamp ?? event.eventTime ?? undefined, now),
  },
  {
    name: 'Count',
    wide: true,
    type: 'integer',
    cell: event => event.count ?? 1,
  },
  { ...nameColumn, wide: true },
];

const namespaceColumns: Column[] = [
  nameColumn,
  { name: 'Status', cell: each => each.status?.phase ?? '' },
  ageColumn,
];

const nodeColumns: Column[] = [
  nameColumn,
  {
    name: 'Status',
    cell: node => {
      const ready =
        conditionOf(node, 'Ready')?.status === 'True' ? 'Ready' : 'NotReady';
      return node.spec?.unschedulable ? `${ready},SchedulingDisabled` : ready;
    },
  },
  {
    name: 'Roles',
    cell: node =>
      orNone(
        Object.keys(node.metadata.labels ?? {})
          .filter(label => label.startsWith('node-role.kubernetes.io/'))
          .map(label => label.split('/')[1])
          .join(),
      ),
  },
  ageColumn,
  {
    name: 'Version',
    cell: node => node.status?.nodeInfo?.kubeletVersion ?? '',
  },
  {
    name: 'Internal-IP',
    wide: true,
    cell: node => addressOf(node, 'InternalIP'),
  },
  {
    name: 'External-IP',
    wide: true,
    cell: node => addressOf(node, 'ExternalIP'),
  },
  {
    name: 'OS-Image',
    wide: true,
    cell: node => node.status?.nodeInfo?.osImage ?? '<unknown>',
  },
  {
    name: 'Kernel-Version',
    wide: true,
    cell: node => node.status?.nodeInfo?.kernelVersion ?? '<unknown>',
  },
  {
    name: 'Container-Runtime',
    wide: true,
    cell: node => node.status?.nodeInfo?.containerRuntimeVersion ?? '<unknown>',
  },
];

function addressOf(node: KubernetesObject, type: string): string {
  return orNone(
    node.status?.addresses?.find((address: Json) => address.type === type)
      ?.address,
  );
}

const serviceColumns: Column[] = [
  nameColumn,
  { name: 'Type', cell: each => each.spec.type },
  { name: 'Cluster-IP', cell: each => orNone(each.spec.clusterIP) },
  { name: 'External-IP', cell: each => orNone(each.spec.externalName) },
  {
    name: 'Port(s)',
    cell: each =>
      orNone(
        (each.spec.ports ?? [])
          .map((port: Json) => `${port.port}/${port.protocol}`)
          .join(),
      ),
  },
  ageColumn,
  {
    name: 'Selector',
    wide: true,
    cell: each => orNone(labelText(each.spec.selector)),
  },
];

const dataColumn: Column = {
  name: 'Data',
  type: 'integer',
  cell: each =>
    Object.keys(each.data ?? {}).length +
    Object.keys(each.binaryData ?? {}).length,
};

const columnsByKind: Readonly<Record<string, Column[]>> = {
  Pod: podColumns,
  Deployment: deploymentColumns,
  ReplicaSet: replicaSetColumns,
  Job: jobColumns,
  Event: eventColumns,
  Namespace: namespaceColumns,
  Node: nodeColumns,
  Service: serviceColumns,
  ConfigMap: [nameColumn, dataColumn, ageColumn],
  Secret: [
    nameColumn,
    { name: 'Type', cell: each => each.type },
    dataColumn,
    ageColumn,
  ],
  ServiceAccount: [
    nameColumn,
    {
      name: 'Secrets',
      type: 'integer',
      cell: each => each.secrets?.length ?? 0,
    },
    ageColumn,
  ],
};

function columnsOf(resource: ResourceType): Column[] {
  return columnsByKind[resource.kind] ?? [nameColumn, ageColumn];
}

/** The `columnDefinitions` by which `kubectl get` prints a kind. */
export function tableColumns(resource: ResourceType): Json[] {
  return columnsOf(resource).map(column => ({
    name: column.name,
    type: column.type ?? 'string',
    format: column === nameColumn ? 'name' : '',
    description: '',
    priority: column.wide ? 1 : 0,
  }));
}

/** The cells of an object, one for each column. */
export function tableRow(
  resource: ResourceType,
  object: KubernetesObject,
  now: Date,
): Array<string | number> {
  return columnsOf(resource).map(column => column.cell(object, now));
}

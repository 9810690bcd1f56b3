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

const createdColumn: Column = {
  name: 'Created At',
  cell: object => object.metadata.creationTimestamp!,
};

const subjectsColumn = (name: string, kind: string): Column => ({
  name,
  wide: true,
  cell: object =>
    ((object.subjects ?? []) as Json[])
      .filter(subject => subject.kind === kind)
      .map(({ namespace, name: subject }) =>
        kind === 'ServiceAccount' ? `${namespace}/${subject}` : subject,
      )
      .join(', '),
});
const bindingColumns: Column[] = [
  nameColumn,
  {
    name: 'Role',
    cell: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
  },
  ageColumn,
  subjectsColumn('Users', 'User'),
  subjectsColumn('Groups', 'Group'),
  subjectsColumn('ServiceAccounts', 'ServiceAccount'),
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

const statefulSetColumns: Column[] = [
  nameColumn,
  {
    name: 'Ready',
    cell: each => `${each.status?.readyReplicas ?? 0}/${each.spec.replicas}`,
  },
  ageColumn,
  ...templateColumns.filter(column => column.name !== 'Selector'),
];

const count = (
  name: string,
  of: (object: KubernetesObject) => number | undefined,
): Column => ({ name, type: 'integer', cell: object => of(object) ?? 0 });

const daemonSetColumns: Column[] = [
  nameColumn,
  count('Desired', each => each.status?.desiredNumberScheduled),
  count('Current', each => each.status?.currentNumberScheduled),
  count('Ready', each => each.status?.numberReady),
  count('Up-to-date', each => each.status?.updatedNumberScheduled),
  count('Available', each => each.status?.numberAvailable),
  {
    name: 'Node Selector',
    cell: each => orNone(labelText(each.spec.template.spec.nodeSelector)),
  },
  ageColumn,
  ...templateColumns,
];

const cronJobColumns: Column[] = [
  nameColumn,
  { name: 'Schedule', cell: each => each.spec.schedule },
  { name: 'Timezone', cell: each => orNone(each.spec.timeZone) },
  { name: 'Suspend', cell: each => (each.spec.suspend ? 'True' : 'False') },
  count('Active', each => each.status?.active?.length),
  {
    name: 'Last Schedule',
    cell: (each, now) =>
      each.status?.lastScheduleTime
        ? age(each.status.lastScheduleTime, now)
        : '<none>',
  },
  ageColumn,
];

const autoscalerColumns: Column[] = [
  nameColumn,
  {
    name: 'Reference',
    cell: ({ spec }) =>
      `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
  },
  {
    name: 'Targets',
    cell: ({ spec, status }) =>
      orNone(
        (spec.metrics ?? [])
          .filter((metric: Json) => metric.resource)
          .map(({ resource }: Json) => {
            const current = (status?.currentMetrics ?? []).find(
              (each: Json) => each.resource?.name === resource.name,
            )?.resource.current;
            const { averageUtilization, averageValue } = resource.target;
            return averageUtilization === undefined
              ? `${resource.name}: ${
                  current?.averageValue ?? '<unknown>'
                }/${averageValue}`
              : `${resource.name}: ${
                  current ? `${current.averageUtilization}%` : '<unknown>'
                }/${averageUtilization}%`;
          })
          .join(', '),
      ),
  },
  {
    name: 'MinPods',
    cell: each => String(each.spec.minReplicas ?? '<unset>'),
  },
  count('MaxPods', each => each.spec.maxReplicas),
  count('Replicas', each => each.status?.currentReplicas),
  ageColumn,
];

const budgetColumns: Column[] = [
  nameColumn,
  {
    name: 'Min Available',
    cell: each => String(each.spec.minAvailable ?? 'N/A'),
  },
  {
    name: 'Max Unavailable',
    cell: each => String(each.spec.maxUnavailable ?? 'N/A'),
  },
  count('Allowed Disruptions', each => each.status?.disruptionsAllowed),
  ageColumn,
];

const ingressColumns: Column[] = [
  nameColumn,
  { name: 'Class', cell: each => orNone(each.spec.ingressClassName) },
  {
    name: 'Hosts',
    cell: each =>
      (each.spec.rules ?? [])
        .map((rule: Json) => rule.host)
        .filter(Boolean)
        .join() || '*',
  },
  {
    name: 'Address',
    cell: each =>
      (each.status?.loadBalancer?.ingress ?? [])
        .map((point: Json) => point.hostname ?? point.ip)
        .join(),
  },
  { name: 'Ports', cell: each => (each.spec.tls ? '80, 443' : '80') },
  ageColumn,
];

const claimColumns: Column[] = [
  nameColumn,
  { name: 'Status', cell: each => each.status?.phase ?? '' },
  { name: 'Volume', cell: each => each.spec.volumeName ?? '' },
  { name: 'Capacity', cell: each => each.status?.capacity?.storage ?? '' },
  {
    name: 'Access Modes',
    cell: each =>
      (each.status?.accessModes ?? [])
        .map((mode: string) => mode.replace(/[^A-Z]/g, ''))
        .join(),
  },
  { name: 'StorageClass', cell: each => each.spec.storageClassName ?? '' },
  { name: 'VolumeAttributesClass', cell: () => '<unset>' },
  ageColumn,
];

const quotaColumns: Column[] = [
  nameColumn,
  ...(['requests', 'limits'] as const).map(
    (kind): Column => ({
      name: kind === 'requests' ? 'Request' : 'Limit',
      cell: ({ spec, status }) =>
        Object.keys(spec.hard ?? {})
          .filter(name => name.startsWith('limits.') === (kind === 'limits'))
          .map(
            name =>
              `${name}: ${status?.used?.[name] ?? '0'}/${spec.hard[name]}`,
          )
          .join(', '),
    }),
  ),
  ageColumn,
];

const columnsByKind: Readonly<Record<string, Column[]>> = {
  Pod: podColumns,
  Deployment: deploymentColumns,
  ReplicaSet: replicaSetColumns,
  Job: jobColumns,
  StatefulSet: statefulSetColumns,
  DaemonSet: daemonSetColumns,
  CronJob: cronJobColumns,
  HorizontalPodAutoscaler: autoscalerColumns,
  PodDisruptionBudget: budgetColumns,
  Ingress: ingressColumns,
  PersistentVolumeClaim: claimColumns,
  ResourceQuota: quotaColumns,
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
  ClusterRole: [nameColumn, createdColumn],
  Role: [nameColumn, createdColumn],
  ClusterRoleBinding: bindingColumns,
  RoleBinding: bindingColumns,
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

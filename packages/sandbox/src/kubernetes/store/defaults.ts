import { Json } from '../json';
import { KubernetesObject } from '../types';

/** What an autoscaler goes by that names nothing. */
const CPU_METRIC = {
  type: 'Resource',
  resource: {
    name: 'cpu',
    target: { type: 'Utilization', averageUtilization: 80 },
  },
};

/** Sets a member that is not given. */
function preset(target: Json, defaults: Json): void {
  for (const [key, value] of Object.entries(defaults)) {
    if (target[key] === undefined) {
      target[key] = value;
    }
  }
}

/**
 * Fills in what the API server fills in for what a manifest leaves out.
 *
 * @param object - a copy; it is changed
 */
export function setDefaults(object: KubernetesObject): void {
  switch (object.kind) {
    case 'Pod':
      podDefaults((object.spec ??= {}));
      break;
    case 'Deployment':
      deploymentDefaults((object.spec ??= {}));
      break;
    case 'ReplicaSet':
      preset((object.spec ??= {}), { replicas: 1 });
      templateDefaults(object.spec);
      break;
    case 'Job':
      jobDefaults((object.spec ??= {}));
      break;
    case 'StatefulSet':
      statefulSetDefaults((object.spec ??= {}));
      break;
    case 'DaemonSet':
      daemonSetDefaults((object.spec ??= {}));
      break;
    case 'CronJob':
      cronJobDefaults((object.spec ??= {}));
      break;
    case 'HorizontalPodAutoscaler':
      preset((object.spec ??= {}), { minReplicas: 1, metrics: [CPU_METRIC] });
      break;
    case 'PersistentVolumeClaim':
      claimDefaults((object.spec ??= {}));
      break;
    case 'ClusterRoleBinding':
    case 'RoleBinding':
      bindingDefaults(object);
      break;
    case 'StorageClass':
      preset(object, {
        reclaimPolicy: 'Delete',
        volumeBindingMode: 'Immediate',
      });
      break;
    case 'CustomResourceDefinition':
      definitionDefaults((object.spec ??= {}));
      break;
    case 'Service':
      serviceDefaults((object.spec ??= {}));
      break;
    case 'Secret':
      secretDefaults(object);
      break;
    case 'Namespace':
      preset((object.spec ??= {}), { finalizers: ['kubernetes'] });
      object.metadata.labels = {
        'kubernetes.io/metadata.name': object.metadata.name,
        ...object.metadata.labels,
      };
      break;
    default:
  }
}

function bindingDefaults(binding: Json): void {
  const apiGroup = 'rbac.authorization.k8s.io';
  if (binding.roleRef) {
    preset(binding.roleRef, { apiGroup });
  }
  for (const subject of binding.subjects ?? []) {
    if (subject.kind !== 'ServiceAccount') {
      preset(subject, { apiGroup });
    }
  }
}

function deploymentDefaults(spec: Json): void {
  preset(spec, {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: {},
  });
  preset(spec.strategy, { type: 'RollingUpdate' });
  if (spec.strategy.type === 'RollingUpdate') {
    preset(spec.strategy, { rollingUpdate: {} });
    preset(spec.strategy.rollingUpdate, {
      maxUnavailable: '25%',
      maxSurge: '25%',
    });
  }
  templateDefaults(spec);
}

function statefulSetDefaults(spec: Json): void {
  preset(spec, {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
    updateStrategy: {},
    persistentVolumeClaimRetentionPolicy: {},
  });
  preset(spec.persistentVolumeClaimRetentionPolicy, {
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
  });
  preset(spec.updateStrategy, { type: 'RollingUpdate' });
  if (spec.updateStrategy.type === 'RollingUpdate') {
    preset(spec.updateStrategy, { rollingUpdate: {} });
    preset(spec.updateStrategy.rollingUpdate, { partition: 0 });
  }
  for (const claim of spec.volumeClaimTemplates ?? []) {
    preset(claim, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      status: { phase: 'Pending' },
    });
    claimDefaults((claim.spec ??= {}));
  }
  templateDefaults(spec);
}

function daemonSetDefaults(spec: Json): void {
  preset(spec, { revisionHistoryLimit: 10, updateStrategy: {} });
  preset(spec.updateStrategy, { type: 'RollingUpdate' });
  if (spec.updateStrategy.type === 'RollingUpdate') {
    preset(spec.updateStrategy, { rollingUpdate: {} });
    preset(spec.updateStrategy.rollingUpdate, {
      maxUnavailable: 1,
      maxSurge: 0,
    });
  }
  templateDefaults(spec);
}

function cronJobDefaults(spec: Json): void {
  preset(spec, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  // A job's own defaults are set when the job is made.
  if (spec.jobTemplate?.spec) {
    templateDefaults(spec.jobTemplate.spec);
  }
}

function claimDefaults(spec: Json): void {
  preset(spec, { volumeMode: 'Filesystem' });
}

function definitionDefaults(spec: Json): void {
  preset(spec, { conversion: { strategy: 'None' } });
  preset((spec.names ??= {}), {
    singular: String(spec.names.kind ?? '').toLowerCase(),
    listKind: `${spec.names.kind}List`,
  });
}

function jobDefaults(spec: Json): void {
  if (spec.completions === undefined && spec.parallelism === undefined) {
    preset(spec, { completions: 1, parallelism: 1 });
  }
  preset(spec, {
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: spec.podFailurePolicy
      ? 'Failed'
      : 'TerminatingOrFailed',
  });
  templateDefaults(spec);
}

function templateDefaults(spec: Json): void {
  if (spec.template?.spec) {
    podDefaults(spec.template.spec);
  }
}

/** Defaults of a pod's spec, in pods and in templates alike. */
function podDefaults(spec: Json): void {
  preset(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  if (spec.serviceAccountName !== undefined) {
    preset(spec, { serviceAccount: spec.serviceAccountName });
  }
  for (const container of [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
  ]) {
    containerDefaults(container);
  }
  for (const volume of spec.volumes ?? []) {
    for (const source of ['configMap', 'secret', 'downwardAPI', 'projected']) {
      if (volume[source]) {
        preset(volume[source], { defaultMode: 420 });
      }
    }
    for (const item of volume.downwardAPI?.items ?? []) {
      if (item.fieldRef) {
        preset(item.fieldRef, { apiVersion: 'v1' });
      }
    }
  }
}

function containerDefaults(container: Json): void {
  const tag = /[^/]*:([^:/@]+)$/.exec(String(container.image ?? ''))?.[1];
  const isLatest =
    !String(container.image ?? '').includes('@') &&
    (tag === undefined || tag === 'latest');
  preset(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isLatest ? 'Always' : 'IfNotPresent',
  });
  if (container.resources.limits) {
    preset((container.resources.requests ??= {}), container.resources.limits);
  }
  for (const port of container.ports ?? []) {
    preset(port, { protocol: 'TCP' });
  }
  for (const variable of container.env ?? []) {
    if (variable.valueFrom?.fieldRef) {
      preset(variable.valueFrom.fieldRef, { apiVersion: 'v1' });
    }
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (container[name]) {
      probeDefaults(container[name]);
    }
  }
  for (const handler of [
    container.lifecycle?.preStop,
    container.lifecycle?.postStart,
  ]) {
    if (handler?.httpGet) {
      preset(handler.httpGet, { path: '/', scheme: 'HTTP' });
    }
  }
}

function probeDefaults(probe: Json): void {
  preset(probe, {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  if (probe.httpGet) {
    preset(probe.httpGet, { path: '/', scheme: 'HTTP' });
  }
  if (probe.grpc) {
    preset(probe.grpc, { service: '' });
  }
}

function serviceDefaults(spec: Json): void {
  preset(spec, { type: 'ClusterIP', sessionAffinity: 'None' });
  if (spec.type !== 'ExternalName') {
    preset(spec, {
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
  }
  for (const port of spec.ports ?? []) {
    preset(port, { protocol: 'TCP', targetPort: port.port });
  }
}

function secretDefaults(secret: KubernetesObject): void {
  preset(secret, { type: 'Opaque' });
  if (secret.stringData) {
    secret.data = { ...secret.data };
    for (const [key, value] of Object.entries(
      secret.stringData as Record<string, string>,
    )) {
      secret.data[key] = Buffer.from(value).toString('base64');
    }
    delete secret.stringData;
  }
}

import { hexOf, ScaleApp, uidOf } from './layout';
import { JsonTemplate } from './JsonTemplate';

/** Digits after `service-0000-` that make the name of a version's ReplicaSet. */
const HASH_LENGTH = 10;
const VARIABLES_PER_CONTAINER = [21, 4, 0];
const CONTAINERS = ['app', 'proxy', 'log-agent'];
const CREATED_AT = '2026-09-14T07:30:00Z';

/** What differs between the pods of one workload. */
export type PodPlace =
  | 'name'
  | 'uid'
  | 'version'
  | 'ip'
  | 'node'
  | 'hostIp'
  | 'createdAt'
  | 'startedAt'
  | 'readyAt'
  | 'ready'
  | 'readyText'
  | 'restarts'
  | 'id0'
  | 'id1'
  | 'id2';

/** Labels of everything that belongs to a service. */
export function labelsOf(app: ScaleApp): Record<string, string> {
  return {
    'app.kubernetes.io/instance': app.name,
    'app.kubernetes.io/name': app.service,
    'app.kubernetes.io/part-of': app.namespace,
    'backstage.io/kubernetes-id': app.service,
  };
}

/** Hash of the pod template of an app's only version. */
export function templateHash(app: ScaleApp): string {
  return hexOf(`template ${app.name}`, HASH_LENGTH);
}

/** The image that an app runs. */
export function imageOf(app: ScaleApp): string {
  return `registry.scale.invalid/${app.project}/${app.service}:v1.${
    app.serviceIndex % 40
  }.${app.cluster % 3}`;
}

/** Labels that pods have besides those of the service. */
export function podLabelsOf(app: ScaleApp): Record<string, string> {
  return { ...labelsOf(app), 'pod-template-hash': templateHash(app) };
}

function envOf(app: ScaleApp, container: number) {
  const prefix = app.service.toUpperCase().replace('-', '_');
  return Array.from({ length: VARIABLES_PER_CONTAINER[container] }, (_, i) =>
    i % 3 === 0
      ? {
          name: `${prefix}_SECRET_${i}`,
          valueFrom: {
            secretKeyRef: { name: `${app.service}-env`, key: `KEY_${i}` },
          },
        }
      : {
          name: `SETTING_${i}_OF_${app.serviceIndex % 17}`,
          value: hexOf(`${app.service} ${container} ${i}`, 12 + (i % 5) * 4),
        },
  );
}

function specOf(app: ScaleApp) {
  const token = `kube-api-access-${hexOf(`token ${app.name}`, 5)}`;
  const containers = CONTAINERS.map((name, i) => ({
    name,
    image:
      i === 0
        ? imageOf(app)
        : `registry.scale.invalid/platform/${name}:v3.${i}.1`,
    ...(i === 0 && { args: ['serve', '--workers=4', '--port=8080'] }),
    ports: [{ name: `http-${i}`, containerPort: 8080 + i, protocol: 'TCP' }],
    env: envOf(app, i),
    resources: {
      limits: { memory: `${256 * (3 - i)}Mi` },
      requests: { cpu: `${250 - 100 * i}m`, memory: `${128 * (3 - i)}Mi` },
    },
    volumeMounts: [
      {
        name: token,
        readOnly: true,
        mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
      },
    ],
    livenessProbe: {
      httpGet: { path: '/livez', port: 8080 + i, scheme: 'HTTP' },
      initialDelaySeconds: 10,
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    },
    readinessProbe: {
      httpGet: { path: '/healthz', port: 8080 + i, scheme: 'HTTP' },
      timeoutSeconds: 2,
      periodSeconds: 5,
      successThreshold: 1,
      failureThreshold: 3,
    },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  }));
  return {
    volumes: [
      {
        name: token,
        projected: {
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            {
              configMap: {
                name: 'kube-root-ca.crt',
                items: [{ key: 'ca.crt', path: 'ca.crt' }],
              },
            },
            {
              downwardAPI: {
                items: [
                  {
                    path: 'namespace',
                    fieldRef: {
                      apiVersion: 'v1',
                      fieldPath: 'metadata.namespace',
                    },
                  },
                ],
              },
            },
          ],
          defaultMode: 420,
        },
      },
    ],
    containers,
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: app.service,
    serviceAccount: app.service,
    securityContext: { runAsNonRoot: true },
    schedulerName: 'default-scheduler',
  };
}

/** Fields of a pod template as its first manager owns them. */
function ownedFields(app: ScaleApp) {
  return {
    'f:containers': Object.fromEntries(
      CONTAINERS.map((name, i) => [
        `k:{"name":"${name}"}`,
        {
          '.': {},
          'f:image': {},
          'f:imagePullPolicy': {},
          'f:name': {},
          'f:env': Object.fromEntries(
            envOf(app, i)
              .slice(0, 12)
              .map(variable => [
                `k:{"name":"${variable.name}"}`,
                { '.': {}, 'f:name': {} },
              ]),
          ),
          'f:resources': {},
          'f:readinessProbe': {},
        },
      ]),
    ),
    'f:dnsPolicy': {},
    'f:restartPolicy': {},
    'f:serviceAccount': {},
  };
}

/** The pods of an app, as the API server writes them. */
export function podTemplate(app: ScaleApp): JsonTemplate<PodPlace> {
  const spec = specOf(app);
  const hash = templateHash(app);
  return JsonTemplate.of<PodPlace>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '<<name>>',
      generateName: `${app.service}-${hash}-`,
      namespace: app.namespace,
      uid: '<<uid>>',
      resourceVersion: '<<version>>',
      creationTimestamp: '<<createdAt>>',
      labels: podLabelsOf(app),
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${app.service}-${hash}`,
          uid: uidOf(`replicaset ${app.name}`),
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: [
        {
          manager: 'kube-controller-manager',
          operation: 'Update',
          apiVersion: 'v1',
          time: '<<createdAt>>',
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:metadata': { 'f:generateName': {}, 'f:labels': { '.': {} } },
            'f:spec': ownedFields(app),
          },
        },
        {
          manager: 'kubelet',
          operation: 'Update',
          apiVersion: 'v1',
          time: '<<startedAt>>',
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:status': {
              'f:conditions': {},
              'f:containerStatuses': {},
              'f:podIP': {},
            },
          },
          subresource: 'status',
        },
      ],
    },
    spec: {
      ...spec,
      nodeName: '<<node>>',
      tolerations: ['not-ready', 'unreachable'].map(key => ({
        key: `node.kubernetes.io/${key}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
    },
    status: {
      phase: 'Running',
      conditions: [
        ['PodReadyToStartContainers', 'True', '<<startedAt>>'],
        ['Initialized', 'True', '<<createdAt>>'],
        ['Ready', '<<readyText>>', '<<readyAt>>'],
        ['ContainersReady', '<<readyText>>', '<<readyAt>>'],
        ['PodScheduled', 'True', '<<createdAt>>'],
      ].map(([type, status, lastTransitionTime]) => ({
        type,
        status,
        lastProbeTime: null,
        lastTransitionTime,
      })),
      hostIP: '<<hostIp>>',
      hostIPs: [{ ip: '<<hostIp>>' }],
      podIP: '<<ip>>',
      podIPs: [{ ip: '<<ip>>' }],
      startTime: '<<createdAt>>',
      containerStatuses: spec.containers.map(({ name, image }, i) => ({
        name,
        state: { running: { startedAt: '<<startedAt>>' } },
        lastState: {},
        ready: i === 0 ? '<<#ready>>' : true,
        restartCount: i === 0 ? '<<#restarts>>' : 0,
        image,
        imageID: `${image.split(':')[0]}@sha256:${hexOf(image, 64)}`,
        containerID: `containerd://<<id${i}>>`,
        started: true,
      })),
      qosClass: 'Burstable',
    },
  });
}

function workloadBase(app: ScaleApp, kind: string, name: string) {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: {
      name,
      namespace: app.namespace,
      uid: uidOf(`${kind.toLowerCase()} ${app.name}`),
      resourceVersion: String(1_000_000_000 + app.index),
      generation: 1,
      creationTimestamp: CREATED_AT,
      labels: labelsOf(app),
    },
  };
}

/** The Deployment of an app. */
export function deploymentOf(app: ScaleApp) {
  const base = workloadBase(app, 'Deployment', app.service);
  return {
    ...base,
    metadata: {
      ...base.metadata,
      annotations: {
        'argocd.argoproj.io/tracking-id': `${app.name}:apps/Deployment:${app.namespace}/${app.service}`,
        'backstage.io/entity-ref': `component:default/${app.service}`,
        'deployment.kubernetes.io/revision': '1',
      },
      managedFields: [
        {
          manager: 'argocd-controller',
          operation: 'Apply',
          apiVersion: 'apps/v1',
          time: CREATED_AT,
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:spec': { 'f:template': { 'f:spec': ownedFields(app) } },
          },
        },
      ],
    },
    spec: {
      replicas: app.pods,
      selector: { matchLabels: { 'app.kubernetes.io/instance': app.name } },
      template: { metadata: { labels: labelsOf(app) }, spec: specOf(app) },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' },
      },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: {
      observedGeneration: 1,
      replicas: app.pods,
      updatedReplicas: app.pods,
      readyReplicas: app.pods,
      availableReplicas: app.pods,
      conditions: [
        {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
          lastUpdateTime: CREATED_AT,
          lastTransitionTime: CREATED_AT,
        },
        {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
          message: `ReplicaSet "${app.service}-${templateHash(
            app,
          )}" has successfully progressed.`,
          lastUpdateTime: CREATED_AT,
          lastTransitionTime: CREATED_AT,
        },
      ],
    },
  };
}

/** The only ReplicaSet of an app. */
export function replicaSetOf(app: ScaleApp) {
  const hash = templateHash(app);
  const base = workloadBase(app, 'ReplicaSet', `${app.service}-${hash}`);
  return {
    ...base,
    metadata: {
      ...base.metadata,
      labels: podLabelsOf(app),
      annotations: { 'deployment.kubernetes.io/revision': '1' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: app.service,
          uid: uidOf(`deployment ${app.name}`),
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      replicas: app.pods,
      selector: { matchLabels: { 'app.kubernetes.io/instance': app.name } },
      template: { metadata: { labels: podLabelsOf(app) }, spec: specOf(app) },
    },
    status: {
      replicas: app.pods,
      fullyLabeledReplicas: app.pods,
      readyReplicas: app.pods,
      availableReplicas: app.pods,
      observedGeneration: 1,
    },
  };
}

/** A node: only what metadata-only requests show. */
export function nodeOf(cluster: string, index: number) {
  const name = nodeName(index);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: uidOf(`node ${cluster} ${name}`),
      resourceVersion: String(900_000_000 + index),
      creationTimestamp: CREATED_AT,
      labels: {
        'kubernetes.io/hostname': name,
        'topology.kubernetes.io/region': 'eu-west-1',
        'topology.kubernetes.io/zone': `eu-west-1${'abc'[index % 3]}`,
      },
    },
  };
}

/** Name of a node of any cluster. */
export function nodeName(index: number): string {
  return `ip-10-0-${Math.floor(index / 250)}-${
    index % 250
  }.eu-west-1.compute.internal`;
}

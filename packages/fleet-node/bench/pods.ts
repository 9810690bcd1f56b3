/** Deterministic, so that two runs measure the same. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

const NAMESPACES = ['storefront', 'realtime', 'platform', 'audit'];

/**
 * Pods as an API server writes them, one line of JSON each, some 10 kB with managedFields: four hundred workloads that differ in
 * environment, probes and volumes.
 */
export function* podLines(count: number): Generator<string> {
  const random = randomNumbers(7);
  const hex = (length: number) =>
    Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join(
      '',
    );
  const workloads = Array.from({ length: 400 }, (_, i) => workload(i, hex));
  for (let i = 0; i < count; i += 1) {
    yield JSON.stringify(pod(i, workloads[i % workloads.length], hex));
  }
}

type Workload = ReturnType<typeof workload>;

function workload(index: number, hex: (length: number) => string) {
  const name = `service-${index}`;
  return {
    name,
    namespace: NAMESPACES[index % NAMESPACES.length],
    hash: hex(10),
    ownerUid: hex(32),
    image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/${name}:v5.3.${
      index % 30
    }`,
    digest: hex(64),
    env: Array.from({ length: 40 }, (_, i) =>
      i % 3 === 0
        ? {
            name: `${name.toUpperCase()}_KEY_${i}`,
            valueFrom: {
              secretKeyRef: { name: `${name}-env`, key: `KEY_${i}` },
            },
          }
        : { name: `SETTING_${i}_${index % 17}`, value: hex(12) },
    ),
  };
}

function pod(index: number, of: Workload, hex: (length: number) => string) {
  const name = `${of.name}-${of.hash}-${hex(5)}`;
  const startedAt = new Date(1_790_000_000_000 + index * 1000).toISOString();
  const uid = `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`;
  const containers = ['app', 'proxy'].map((container, i) => ({
    name: container,
    image: i === 0 ? of.image : 'docker.io/envoyproxy/envoy:v1.30.1',
    env: i === 0 ? of.env : [],
    ports: [{ name: 'http', containerPort: 8080 + i, protocol: 'TCP' }],
    resources: {
      limits: { memory: '1Gi' },
      requests: { cpu: '250m', memory: '512Mi' },
    },
    readinessProbe: {
      httpGet: { path: '/healthz', port: 8080 + i, scheme: 'HTTP' },
      timeoutSeconds: 2,
      periodSeconds: 5,
      successThreshold: 1,
      failureThreshold: 3,
    },
    volumeMounts: [
      {
        name: `kube-api-access-${of.hash.slice(0, 5)}`,
        readOnly: true,
        mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
      },
    ],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: `${of.name}-${of.hash}-`,
      namespace: of.namespace,
      uid,
      resourceVersion: String(1_000_000 + index),
      creationTimestamp: startedAt,
      labels: {
        'app.kubernetes.io/name': of.name,
        'app.kubernetes.io/part-of': of.namespace,
        'backstage.io/kubernetes-id': of.name,
        'pod-template-hash': of.hash,
      },
      annotations: { 'kubectl.kubernetes.io/restartedAt': startedAt },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${of.name}-${of.hash}`,
          uid: of.ownerUid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: managedFields(of, startedAt),
    },
    spec: {
      containers,
      volumes: [
        {
          name: `kube-api-access-${of.hash.slice(0, 5)}`,
          projected: {
            sources: [
              {
                serviceAccountToken: {
                  expirationSeconds: 3607,
                  path: 'token',
                },
              },
              {
                configMap: {
                  name: 'kube-root-ca.crt',
                  items: [{ key: 'ca.crt', path: 'ca.crt' }],
                },
              },
            ],
            defaultMode: 420,
          },
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: of.name,
      nodeName: `ip-10-0-${index % 200}-${
        index % 250
      }.eu-west-1.compute.internal`,
      schedulerName: 'default-scheduler',
      tolerations: ['not-ready', 'unreachable'].map(key => ({
        key: `node.kubernetes.io/${key}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
    },
    status: {
      phase: 'Running',
      conditions: [
        'PodReadyToStartContainers',
        'Initialized',
        'Ready',
        'ContainersReady',
        'PodScheduled',
      ].map(type => ({
        type,
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: startedAt,
      })),
      hostIP: `10.0.${index % 200}.${index % 250}`,
      podIP: `10.1.${index % 250}.${(index * 7) % 250}`,
      startTime: startedAt,
      containerStatuses: containers.map(({ name: container, image }) => ({
        name: container,
        state: { running: { startedAt } },
        lastState: {},
        ready: true,
        restartCount: 0,
        image,
        imageID: `${image.split(':')[0]}@sha256:${of.digest}`,
        containerID: `containerd://${hex(64)}`,
        started: true,
      })),
      qosClass: 'Burstable',
    },
  };
}

function managedFields(of: Workload, time: string) {
  const env = Object.fromEntries(
    of.env.map(({ name }) => [
      `k:{"name":"${name}"}`,
      { '.': {}, 'f:name': {} },
    ]),
  );
  return [
    {
      manager: 'kube-controller-manager',
      operation: 'Update',
      apiVersion: 'v1',
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:generateName': {}, 'f:labels': { '.': {} } },
        'f:spec': {
          'f:containers': {
            'k:{"name":"app"}': { '.': {}, 'f:env': env, 'f:image': {} },
          },
        },
      },
    },
    {
      manager: 'kubelet',
      operation: 'Update',
      apiVersion: 'v1',
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:status': { 'f:conditions': {}, 'f:podIP': {} } },
      subresource: 'status',
    },
  ];
}

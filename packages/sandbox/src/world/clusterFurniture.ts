import { KubernetesObject } from '../kubernetes';

/** Namespaces of the world, named like the systems of the catalog. */
const SYSTEMS = ['storefront', 'realtime', 'platform'];
const OWN_NAMESPACES = [
  'default',
  'kube-node-lease',
  'kube-public',
  'kube-system',
];

/** What stands in a cluster before anybody deploys to it. */
export function clusterFurniture(options: {
  minorVersion: number;
}): KubernetesObject[] {
  const isNew = options.minorVersion >= 34;
  return [
    ...OWN_NAMESPACES.map(name => namespace(name, {})),
    ...SYSTEMS.map(name =>
      namespace(name, { 'app.kubernetes.io/part-of': name }),
    ),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { component: 'apiserver', provider: 'kubernetes' },
      },
      spec: {
        clusterIP: '10.96.0.1',
        clusterIPs: ['10.96.0.1'],
        ports: [
          { name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 },
        ],
      },
    },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: {
        name: 'gp3',
        annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      },
      provisioner: 'ebs.csi.aws.com',
      parameters: { type: 'gp3' },
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
    },
    kubeProxy(isNew ? 'v1.34.2' : 'v1.31.9'),
    system({
      name: 'coredns',
      image: `registry.k8s.io/coredns/coredns:${isNew ? 'v1.12.1' : 'v1.11.3'}`,
      replicas: 2,
      args: ['-conf', '/etc/coredns/Corefile'],
      port: 53,
      cpu: '100m',
      memory: '70Mi',
    }),
    system({
      name: 'metrics-server',
      image: 'registry.k8s.io/metrics-server/metrics-server:v0.7.2',
      replicas: 1,
      args: [
        '--cert-dir=/tmp',
        '--secure-port=10250',
        '--kubelet-use-node-status-port',
        '--metric-resolution=15s',
      ],
      port: 10250,
      cpu: '100m',
      memory: '200Mi',
    }),
  ];
}

function kubeProxy(version: string): KubernetesObject {
  const labels = { 'k8s-app': 'kube-proxy' };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'kube-proxy', namespace: 'kube-system', labels },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { rollingUpdate: { maxUnavailable: '10%' } },
      template: {
        metadata: { labels },
        spec: {
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          priority: 2000001000,
          tolerations: [{ operator: 'Exists' }],
          containers: [
            {
              name: 'kube-proxy',
              image: `registry.k8s.io/kube-proxy:${version}`,
              command: ['kube-proxy', '--v=2'],
              resources: { requests: { cpu: '100m' } },
            },
          ],
        },
      },
    },
  };
}

function namespace(
  name: string,
  labels: Record<string, string>,
): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function system(options: {
  name: string;
  image: string;
  replicas: number;
  args: string[];
  port: number;
  cpu: string;
  memory: string;
}): KubernetesObject {
  const labels = { 'k8s-app': options.name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: options.name, namespace: 'kube-system', labels },
    spec: {
      replicas: options.replicas,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels },
        spec: {
          priorityClassName: 'system-cluster-critical',
          priority: 2000000000,
          containers: [
            {
              name: options.name,
              image: options.image,
              args: options.args,
              ports: [
                { containerPort: options.port, name: 'main', protocol: 'TCP' },
              ],
              resources: {
                requests: { cpu: options.cpu, memory: options.memory },
                limits: { memory: options.memory },
              },
              readinessProbe: {
                httpGet: { path: '/ready', port: 8181 },
                periodSeconds: 10,
              },
            },
          ],
        },
      },
    },
  };
}

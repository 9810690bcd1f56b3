import { KubernetesObject } from '../kubernetes';

const ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
const INSTANCE = {
  type: 'm6i.4xlarge',
  cpu: 16,
  memoryKi: 64_000_000,
  pods: 110,
};

export interface NodesOptions {
  cluster: string;
  /** `1.34.2` */
  version: string;
  /** In each zone. */
  perZone: number;
  /** Second number of the nodes' addresses: `10.<network>.0.0/16`. */
  network: number;
  now: Date;
}

/** The machines of a cluster, the same number in each of three zones. */
export function nodesOf(options: NodesOptions): KubernetesObject[] {
  const nodes: KubernetesObject[] = [];
  for (const [zoneIndex, zone] of ZONES.entries()) {
    for (let index = 0; index < options.perZone; index += 1) {
      nodes.push(node(options, { zone, zoneIndex, index }));
    }
  }
  return nodes;
}

function node(
  options: NodesOptions,
  place: { zone: string; zoneIndex: number; index: number },
): KubernetesObject {
  const { zone, zoneIndex, index } = place;
  const host = 11 + index * 37;
  const address = `10.${options.network}.${zoneIndex * 64}.${host}`;
  const name = `ip-${address.replace(/\./g, '-')}.eu-west-1.compute.internal`;
  const since = `${options.now.toISOString().slice(0, 19)}Z`;
  const condition = (
    type: string,
    status: string,
    reason: string,
    message: string,
  ) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: since,
    lastTransitionTime: since,
  });
  const resources = {
    cpu: String(INSTANCE.cpu),
    'ephemeral-storage': '104845292Ki',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: `${INSTANCE.memoryKi}Ki`,
    pods: String(INSTANCE.pods),
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': INSTANCE.type,
        'topology.kubernetes.io/region': 'eu-west-1',
        'topology.kubernetes.io/zone': zone,
      },
      annotations: {
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: {
      podCIDR: `10.244.${zoneIndex * 8 + index}.0/24`,
      podCIDRs: [`10.244.${zoneIndex * 8 + index}.0/24`],
      providerID: `aws:///${zone}/i-0${Buffer.from(`${options.cluster}${host}`)
        .toString('hex')
        .slice(0, 16)}`,
    },
    status: {
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      capacity: resources,
      allocatable: {
        ...resources,
        cpu: `${INSTANCE.cpu * 1000 - 110}m`,
        memory: `${INSTANCE.memoryKi - 1_500_000}Ki`,
      },
      conditions: [
        condition(
          'MemoryPressure',
          'False',
          'KubeletHasSufficientMemory',
          'kubelet has sufficient memory available',
        ),
        condition(
          'DiskPressure',
          'False',
          'KubeletHasNoDiskPressure',
          'kubelet has no disk pressure',
        ),
        condition(
          'PIDPressure',
          'False',
          'KubeletHasSufficientPID',
          'kubelet has sufficient PID available',
        ),
        condition(
          'Ready',
          'True',
          'KubeletReady',
          'kubelet is posting ready status',
        ),
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        architecture: 'amd64',
        bootID: '4f2c1f8e-6c0b-4b6e-9d2b-0f3d6a0c7a11',
        containerRuntimeVersion: 'containerd://1.7.27',
        kernelVersion: '6.1.141-155.222.amzn2023.x86_64',
        kubeProxyVersion: `v${options.version}`,
        kubeletVersion: `v${options.version}`,
        machineID: 'ec2f1a6b0d5c4c0a9b8e7d6c5b4a3f2e',
        operatingSystem: 'linux',
        osImage: 'Amazon Linux 2023.8.20250721',
        systemUUID: 'ec2f1a6b-0d5c-4c0a-9b8e-7d6c5b4a3f2e',
      },
    },
  };
}

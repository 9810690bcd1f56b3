import { randomBytes } from 'node:crypto';
import { mockServices } from '@backstage/backend-test-utils';
import { CoreV1Api } from '@kubernetes/client-node';
import {
  ContractCluster,
  KwokContainer,
  openSandboxWorld,
  realCluster,
  realContainers,
} from '@switchyard/contract-worlds';
import { DefaultFleet } from '../service/DefaultFleet';
import { eventually } from './eventually';

const IN_TIME = { timeoutMs: 60_000 };
const CONTAINER = 'main';
const POD = 'shell';

/** A pod in which processes run, and the fleet that sees it. */
export interface ShellPod {
  fleet: DefaultFleet;
  cluster: ContractCluster;
  /** Where it is, for requests. */
  place: { cluster: string; namespace: string; pod: string; container: string };
  /** What runs it. Where that is nothing, the API server finds no kubelet behind the pod's node, or one without containers. */
  runBy: 'sandbox' | 'real' | 'kwok' | 'none';
  /** Has the container write a line soon, whichever. */
  speak(): Promise<void>;
  close(): Promise<void>;
}

interface Ground {
  cluster: ContractCluster;
  image: string;
  runBy: ShellPod['runBy'];
  close(): Promise<void>;
}

async function openSandbox(): Promise<Ground> {
  const { clusters, image, versions, close } = await openSandboxWorld();
  return {
    cluster: clusters[0],
    image: `${image}:${versions[0]}`,
    runBy: 'sandbox',
    close,
  };
}

/**
 * Rows for `describe.each`: the sandbox, and the real cluster where one is given.
 *
 * @param what - what is held to them, as a sentence begins
 */
export function shellPods(
  what: string,
): Array<[string, () => Promise<ShellPod>]> {
  const rows: Array<[string, () => Promise<ShellPod>]> = [
    ['the sandbox', async () => openPod(await openSandbox())],
  ];
  const real = realCluster();
  if (!real) {
    console.log(
      `No SWITCHYARD_CONTRACT_KUBECONFIG: ${what} held to the sandbox only.`,
    );
    return rows;
  }
  rows.push([
    'a real API server',
    () =>
      openPod({
        cluster: real,
        image: 'registry.k8s.io/e2e-test-images/busybox:1.29-4',
        runBy: realContainers(),
        close: async () => undefined,
      }),
  ]);
  return rows;
}

async function openPod(ground: Ground): Promise<ShellPod> {
  const { cluster, image, runBy } = ground;
  const namespace = `switchyard-contract-${randomBytes(4).toString('hex')}`;
  const core = cluster.kubeConfig.makeApiClient(CoreV1Api);
  const env = { COLOUR: 'red' };
  const logger = mockServices.logger.mock();
  const fleet = DefaultFleet.create({
    argo: [],
    logger: mockServices.logger.mock({ child: () => logger }),
  });
  fleet.setClusterSource(async () => [cluster]);
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  const kwok =
    runBy === 'kwok'
      ? await KwokContainer.create({ cluster, namespace, pod: POD, env })
      : undefined;
  await core.createNamespacedPod({
    namespace,
    body: {
      metadata: { name: POD },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: CONTAINER,
            image,
            // Images of the sandbox speak, unless they are told to do something else.
            ...(runBy !== 'sandbox' && {
              command: ['sh', '-c', 'while true; do echo tick; sleep 1; done'],
            }),
            env: Object.entries(env).map(([name, value]) => ({ name, value })),
          },
        ],
      },
    },
  });
  const isRunning = () =>
    fleet
      .pods({ cluster: cluster.name, namespace, name: POD })
      .some(({ phase }) => phase === 'Running');
  await eventually(isRunning, IN_TIME);
  let said = 0;
  return {
    fleet,
    cluster,
    place: {
      cluster: cluster.name,
      namespace,
      pod: POD,
      container: CONTAINER,
    },
    runBy,
    // The others speak by themselves.
    speak: async () => {
      said += 1;
      await kwok?.say(`tick ${said}`);
    },
    close: async () => {
      fleet.stop();
      await core.deleteNamespace({ name: namespace });
      await kwok?.close();
      await ground.close();
    },
  };
}

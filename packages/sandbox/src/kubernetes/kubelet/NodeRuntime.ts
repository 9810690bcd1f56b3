import { Behaviours, ContainerBehaviour } from '../../world/behaviours';
import { WorldClock } from '../../world/clock';
import { fullImageName, parseImage, PullImage } from '../../world/images';
import { Ledger } from '../../world/Ledger';
import { fractionOf } from '../../world/Random';
import { ControlPlane } from '../controllers/ControlPlane';
import { isReady } from '../controllers/pods';
import { identityOf } from '../identity';
import { Json } from '../json';
import { KubernetesObject, ObjectIdentity } from '../types';
import { ContainerRun } from './ContainerRun';
import { containerLog } from './containerLog';
import { missingReference, missingVolume } from './references';

const FIRST_PULL_BACKOFF_MS = 10_000;
const LONGEST_PULL_BACKOFF_MS = 300_000;
/** Between a pull that failed and the kubelet's next look, at which it says that it waits. */
const PULL_RELIST_MS = 12_000;

export interface NodeOptions {
  plane: ControlPlane;
  cluster: string;
  database: string;
  ledger: Ledger;
  pullImage: PullImage;
  behaviours: Behaviours;
}

/** What a kubelet does for its pods on one node: images, addresses, events, status. */
export class NodeRuntime {
  readonly nodeName: string;
  readonly #options: NodeOptions;
  /** Image ids by name: what this node has pulled. */
  readonly #images = new Map<string, string>();
  readonly #usedIps: () => ReadonlySet<string>;

  static create(
    options: NodeOptions & { nodeName: string; usedIps(): ReadonlySet<string> },
  ): NodeRuntime {
    return new NodeRuntime(options);
  }

  private constructor(
    options: NodeOptions & { nodeName: string; usedIps(): ReadonlySet<string> },
  ) {
    this.nodeName = options.nodeName;
    this.#options = options;
    this.#usedIps = options.usedIps;
  }

  get clock(): WorldClock {
    return this.#options.plane.clock;
  }

  get minorVersion(): number {
    return this.#options.plane.minorVersion;
  }

  get hostIp(): string {
    const addresses: Json[] = this.#node()?.status?.addresses ?? [];
    return (
      addresses.find(address => address.type === 'InternalIP')?.address ?? ''
    );
  }

  newPodIp(): string {
    const cidr: string = this.#node()?.spec?.podCIDR ?? '10.244.0.0/24';
    const prefix = cidr.split('.').slice(0, 3).join('.');
    const used = this.#usedIps();
    for (let host = 4; host < 255; host += 1) {
      if (!used.has(`${prefix}.${host}`)) {
        return `${prefix}.${host}`;
      }
    }
    return `${prefix}.255`;
  }

  newContainerId(): string {
    const { random } = this.#options.plane;
    return `${random.uuid()}${random.uuid()}`.replace(/-/g, '');
  }

  createdMessage(container: string): string {
    return this.minorVersion >= 32
      ? `Created container: ${container}`
      : `Created container ${container}`;
  }

  behaviour(
    pod: KubernetesObject,
    spec: Json,
    isInit: boolean,
  ): ContainerBehaviour {
    return this.#options.behaviours({
      cluster: this.#options.cluster,
      namespace: pod.metadata.namespace!,
      pod: pod.metadata.name,
      container: spec.name,
      isInit,
      image: spec.image,
      command: spec.command ?? [],
      args: spec.args ?? [],
      labels: pod.metadata.labels ?? {},
    });
  }

  missingReference(pod: KubernetesObject, spec: Json): string | undefined {
    return missingReference(this.#options.plane.registry, pod, spec);
  }

  missingVolume(pod: KubernetesObject): string | undefined {
    return missingVolume(this.#options.plane.registry, pod);
  }

  note(
    pod: KubernetesObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options: { fieldPath?: string } = {},
  ): void {
    this.#options.plane.events.record({
      about: pod,
      type,
      reason,
      message,
      component: 'kubelet',
      host: this.nodeName,
      ...options,
    });
  }

  /** The kubelet knows what a node's images are called from its own memory; after a restart of the world it asks again. */
  pull(
    pod: KubernetesObject,
    run: ContainerRun,
    pulled: (imageId: string) => void,
  ): void {
    const { image, imagePullPolicy } = run.spec;
    const { fieldPath } = run;
    const note = (
      type: 'Normal' | 'Warning',
      reason: string,
      message: string,
    ) => this.note(pod, type, reason, message, { fieldPath });
    const present = this.#images.get(image);
    if (present && imagePullPolicy !== 'Always') {
      note(
        'Normal',
        'Pulled',
        `Container image "${image}" already present on machine`,
      );
      pulled(present);
      return;
    }
    note('Normal', 'Pulling', `Pulling image "${image}"`);
    const milliseconds = present
      ? 300
      : 1_500 + Math.floor(fractionOf(`${this.nodeName} ${image}`) * 3_000);
    run.later(milliseconds, () => {
      const answer = this.#options.pullImage(image);
      if (!answer.found) {
        this.#pullFailed(pod, run, answer.message, note, pulled);
        return;
      }
      const { host, repository } = parseImage(image);
      const imageId = `${host}/${repository}@${answer.digest}`;
      this.#images.set(image, imageId);
      const took = `${(milliseconds / 1000).toFixed(3).replace(/0+$/, '')}s`;
      const size =
        30_000_000 + Math.floor(fractionOf(fullImageName(image)) * 120_000_000);
      note(
        'Normal',
        'Pulled',
        `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${size} bytes.`,
      );
      pulled(imageId);
    });
  }

  #pullFailed(
    pod: KubernetesObject,
    run: ContainerRun,
    problem: string,
    note: (type: 'Normal' | 'Warning', reason: string, message: string) => void,
    pulled: (imageId: string) => void,
  ): void {
    const { image } = run.spec;
    const code = /: not found$/.test(problem) ? 'NotFound' : 'Unknown';
    const message = `rpc error: code = ${code} desc = ${problem}`;
    note('Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
    note('Warning', 'Failed', 'Error: ErrImagePull');
    run.wait('ErrImagePull', message);
    const backOff = Math.min(
      LONGEST_PULL_BACKOFF_MS,
      FIRST_PULL_BACKOFF_MS * 2 ** run.pullFailures,
    );
    run.pullFailures += 1;
    run.later(Math.min(PULL_RELIST_MS, backOff), () => {
      note('Normal', 'BackOff', `Back-off pulling image "${image}"`);
      note('Warning', 'Failed', 'Error: ImagePullBackOff');
      const cause = this.minorVersion >= 32 ? `: ErrImagePull: ${message}` : '';
      run.wait('ImagePullBackOff', `Back-off pulling image "${image}"${cause}`);
    });
    run.later(Math.max(PULL_RELIST_MS, backOff) + 100, () =>
      this.pull(pod, run, pulled),
    );
  }

  writeStatus(
    pod: KubernetesObject,
    statusOf: (pod: KubernetesObject) => Json,
  ): KubernetesObject | undefined {
    const { registry, readySince, clock } = this.#options.plane;
    const before = registry.get(identityOf(pod));
    if (!before || before.metadata.uid !== pod.metadata.uid) {
      return undefined;
    }
    const after = { ...before, status: statusOf(before) };
    if (isReady(after) && !isReady(before)) {
      readySince.set(pod.metadata.uid!, clock.elapsed());
    } else if (!isReady(after)) {
      readySince.delete(pod.metadata.uid!);
    }
    return registry.replace(before, after, {
      manager: 'kubelet',
      subresource: 'status',
    });
  }

  finish(identity: ObjectIdentity, uid: string): void {
    const { registry, readySince } = this.#options.plane;
    readySince.delete(uid);
    if (registry.get(identity)?.metadata.uid === uid) {
      registry.finish(identity);
    }
  }

  /** Changes the schema of the component's database, or finds it changed. */
  migrate(pod: KubernetesObject, run: ContainerRun, fails: boolean): void {
    const { migration } = run.behaviour();
    if (!migration) {
      return;
    }
    const { ledger, cluster, database } = this.#options;
    const entry = {
      database,
      component: migration.component,
      version: migration.version,
      cluster,
      podUid: pod.metadata.uid!,
      container: run.name,
      at: this.clock.now().toISOString(),
    };
    if (fails) {
      ledger.fail(entry);
    } else {
      ledger.migrate(entry);
    }
  }

  /** The end of a container's log, for its status. */
  lastWords(pod: KubernetesObject, run: ContainerRun): string {
    if (run.state.is !== 'terminated') {
      return '';
    }
    const lines = containerLog({
      pod,
      spec: run.spec,
      run: {
        startedAt: run.state.startedAt,
        finishedAt: run.state.finishedAt,
        exitCode: run.state.exitCode,
      },
      behaviour: run.behaviour(),
      outcome: this.#options.ledger.runOf(pod.metadata.uid!, run.name)?.outcome,
      now: this.clock.now().getTime(),
      restarts: run.restarts,
      speed: this.clock.speed,
    });
    return lines
      .slice(-20)
      .map(line => line.text)
      .join('\n')
      .slice(-2048);
  }

  #node(): KubernetesObject | undefined {
    return this.#options.plane.registry.get({
      apiVersion: 'v1',
      kind: 'Node',
      name: this.nodeName,
    });
  }
}

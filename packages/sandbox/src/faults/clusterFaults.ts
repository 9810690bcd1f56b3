import type { SandboxCluster } from '../kubernetes';
import { FaultBoard, FaultRequest, FaultRequestError } from './FaultBoard';

type FaultChange = Parameters<SandboxCluster['faults']['set']>[0];

/** Adds what can go wrong with the clusters to the board. */
export function addClusterFaults(
  board: FaultBoard,
  clusters: readonly SandboxCluster[],
): void {
  const targets = clusters.map(cluster => cluster.name);
  const chosen = (target: string) =>
    clusters.filter(cluster => target === '*' || cluster.name === target);
  const set = (target: string, change: FaultChange) => {
    for (const cluster of chosen(target)) {
      cluster.faults.set(change);
    }
  };
  board.add({
    id: 'cluster-down',
    title: 'Cluster down',
    about:
      'The API server does not answer, and open watches are cut; pods go on.',
    kind: 'switch',
    targets,
    changed: ({ target, on }) => set(target, { down: on }),
  });
  board.add({
    id: 'cluster-hangs',
    title: 'Cluster hangs',
    about: 'Connections are taken and never answered; watches fall silent.',
    kind: 'switch',
    targets,
    changed: ({ target, on }) => set(target, { hang: on }),
  });
  board.add({
    id: 'cluster-slow',
    title: 'Cluster slow',
    about: 'Every answer of the API server comes late.',
    kind: 'switch',
    targets,
    value: { label: 'milliseconds', default: 3000 },
    changed: ({ target, on, value }) =>
      set(target, { latencyMs: on ? Number(value) : 0 }),
  });
  board.add({
    id: 'cluster-forbids',
    title: 'Kind forbidden',
    about:
      'Reading and writing of kinds is refused with 403; several kinds are separated by commas.',
    kind: 'switch',
    targets,
    value: { label: 'kinds, as pods or deployments.apps', default: 'pods' },
    changed: ({ target, on, value }) =>
      set(target, {
        forbiddenKinds: on
          ? String(value)
              .split(',')
              .map(kind => kind.trim())
          : [],
      }),
  });
  board.add({
    id: 'cluster-token-expired',
    title: 'Cluster: token expired',
    about: 'The token is refused with 401.',
    kind: 'switch',
    targets,
    changed: ({ target, on }) => set(target, { expiredToken: on }),
  });
  board.add({
    id: 'cluster-without-metrics',
    title: 'No metrics API',
    about:
      'Discovery does not name metrics.k8s.io, as without a metrics server.',
    kind: 'switch',
    targets,
    changed: ({ target, on }) => set(target, { metricsGone: on }),
  });
  board.add({
    id: 'cluster-410',
    title: 'Watch too old',
    about:
      'The next watches (three, or as many as `value` says) are told 410 Gone, so that they have to list again.',
    kind: 'now',
    targets,
    value: { label: 'how many', default: 3 },
    act: async ({ target = '*', value }) =>
      set(target, { goneWatches: Number(value ?? 3) }),
  });
  board.add({
    id: 'cluster-429',
    title: 'Too many requests',
    about:
      'The next requests (five, or as many as `value` says) are answered with 429.',
    kind: 'now',
    targets,
    value: { label: 'how many', default: 5 },
    act: async ({ target = '*', value }) =>
      set(target, { tooManyRequests: Number(value ?? 5) }),
  });
  board.add({
    id: 'cluster-patch-answer-dropped',
    title: 'Patch accepted, answer lost',
    about:
      'The next patch (one, or as many as `value` says) is carried out; its connection is cut.',
    kind: 'now',
    targets,
    value: { label: 'how many', default: 1 },
    act: async ({ target = '*', value }) =>
      set(target, { droppedPatches: Number(value ?? 1) }),
  });
  board.add({
    id: 'cluster-patch-answer-held',
    title: 'Patch accepted, answer held back',
    about: 'A patch is carried out; its answer comes late.',
    kind: 'switch',
    targets,
    value: { label: 'milliseconds', default: 10000 },
    changed: ({ target, on, value }) =>
      set(target, { heldPatchMs: on ? Number(value) : 0 }),
  });
  board.add({
    id: 'migrations-fail',
    title: 'Migrations fail',
    about:
      'Schema migrations that begin now fail, whatever their version, as where a table is locked; once it is off they can be run again.',
    kind: 'switch',
    targets,
    changed: ({ target, on }) => set(target, { migrationsFail: on }),
  });
  board.add({
    id: 'pod-lost',
    title: 'Pod lost',
    about:
      'A pod is gone without a word. The value names it as namespace/name; without one a pod of orders is taken.',
    kind: 'now',
    targets,
    value: { label: 'namespace/name', default: '' },
    act: async request => losePods(chosen(request.target ?? '*'), request),
  });
  board.add({
    id: 'node-lost',
    title: 'Node lost',
    about:
      'A node stops answering and its pods are evicted after a while. The value names it; without one the node of a pod of orders is taken.',
    kind: 'now',
    targets,
    value: { label: 'node', default: '' },
    act: async request =>
      loseNodes(chosen(request.target ?? '*'), request, 'loseNode'),
  });
  board.add({
    id: 'node-restored',
    title: 'Node back',
    about: 'A lost node answers again.',
    kind: 'now',
    targets,
    value: { label: 'node', default: '' },
    act: async request =>
      loseNodes(chosen(request.target ?? '*'), request, 'restoreNode'),
  });
}

function ordersPod(cluster: SandboxCluster) {
  return cluster.store
    .list({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'storefront',
      labels: { 'app.kubernetes.io/name': 'orders' },
    })
    .find(pod => pod.status?.phase === 'Running');
}

function losePods(
  clusters: readonly SandboxCluster[],
  { value }: FaultRequest,
): string[] {
  const lost: string[] = [];
  for (const cluster of clusters) {
    const pod = ordersPod(cluster);
    const named = value
      ? String(value)
      : pod && `${pod.metadata.namespace}/${pod.metadata.name}`;
    const [namespace, name] = (named ?? '').split('/');
    if (name && cluster.faults.losePod(namespace, name)) {
      lost.push(`${cluster.name}: ${named}`);
    }
  }
  return needed(lost, `There is no pod ${value ?? 'of orders'}`);
}

function loseNodes(
  clusters: readonly SandboxCluster[],
  { value }: FaultRequest,
  accident: 'loseNode' | 'restoreNode',
): string[] {
  const lost: string[] = [];
  for (const cluster of clusters) {
    const name = value ? String(value) : ordersPod(cluster)?.spec?.nodeName;
    if (name && cluster.faults[accident](name)) {
      lost.push(`${cluster.name}: ${name}`);
    }
  }
  return needed(lost, `There is no node ${value ?? 'with a pod of orders'}`);
}

function needed(found: string[], problem: string): string[] {
  if (found.length === 0) {
    throw new FaultRequestError(problem);
  }
  return found;
}

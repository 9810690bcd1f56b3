import { KubernetesObject } from '../../kubernetes/types';
import {
  keyOf,
  keyText,
  Operation,
  ResourceKey,
  ResourceResult,
  SyncPhase,
  versionOf,
} from '../types';

const PHASES: readonly SyncPhase[] = [
  'PreSync',
  'Sync',
  'PostSync',
  'SyncFail',
];

/** Kinds in the order in which Argo CD applies them; what is not named comes last. */
const KINDS = [
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
];

export type HookDeletePolicy =
  | 'HookSucceeded'
  | 'HookFailed'
  | 'BeforeHookCreation';

/** One thing that a sync does: apply an object, run a hook, or remove what Git no longer has. */
export interface SyncTask {
  key: ResourceKey;
  version: string;
  phase: SyncPhase;
  wave: number;
  isHook: boolean;
  /** Absent when the live object is to be removed. */
  target?: KubernetesObject;
  live?: KubernetesObject;
  deletePolicies: readonly HookDeletePolicy[];
  /** What became of it so far in this operation. */
  result?: ResourceResult;
}

const HOOK = 'argocd.argoproj.io/hook';

/** Hook types of an object; empty for an ordinary one. */
export function hookTypes(object: KubernetesObject): string[] {
  return (object.metadata.annotations?.[HOOK] ?? '')
    .split(',')
    .map(type => type.trim())
    .filter(Boolean);
}

export function isHook(object: KubernetesObject): boolean {
  return hookTypes(object).length > 0;
}

export function waveOf(object: KubernetesObject): number {
  const wave = Number(
    object.metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0,
  );
  return Number.isInteger(wave) ? wave : 0;
}

function deletePoliciesOf(object: KubernetesObject): HookDeletePolicy[] {
  const known: HookDeletePolicy[] = [
    'HookSucceeded',
    'HookFailed',
    'BeforeHookCreation',
  ];
  const given = (
    object.metadata.annotations?.['argocd.argoproj.io/hook-delete-policy'] ?? ''
  )
    .split(',')
    .map(policy => policy.trim());
  const policies = known.filter(policy => given.includes(policy));
  return policies.length > 0 ? policies : ['BeforeHookCreation'];
}

/** All tasks of an operation in the order of phase, wave, kind and name. Hooks run in full syncs by hooks only. */
export function buildTasks(options: {
  operation: Operation;
  targets: readonly KubernetesObject[];
  /** Live objects that carry the Application's mark and that Git no longer has. */
  leftOver: readonly KubernetesObject[];
  live(
    key: ResourceKey,
    object: KubernetesObject,
  ): KubernetesObject | undefined;
  results: readonly ResourceResult[];
  /** Where the Application deploys to. */
  namespace?: string;
}): SyncTask[] {
  const { sync } = options.operation;
  const isSelected = (key: ResourceKey) =>
    !sync.resources?.length ||
    sync.resources.some(
      item =>
        (item.group ?? '') === key.group &&
        item.kind === key.kind &&
        item.name === key.name &&
        (!item.namespace || item.namespace === key.namespace),
    );
  const runsHooks = !sync.resources?.length && !sync.syncStrategy?.apply;
  const tasks: SyncTask[] = [];
  for (const target of options.targets) {
    const key = keyOf(target);
    const common = {
      key,
      version: versionOf(target),
      wave: waveOf(target),
      target,
      live: options.live(key, target),
    };
    const hooks = hookTypes(target);
    if (hooks.length === 0) {
      if (isSelected(key)) {
        tasks.push({
          ...common,
          phase: 'Sync',
          isHook: false,
          deletePolicies: [],
        });
      }
    } else if (runsHooks) {
      for (const phase of PHASES.filter(candidate =>
        hooks.includes(candidate),
      )) {
        tasks.push({
          ...common,
          phase,
          isHook: true,
          deletePolicies: deletePoliciesOf(target),
        });
      }
    }
  }
  for (const live of options.leftOver) {
    const key = keyOf(live);
    if (isSelected(key)) {
      tasks.push({
        key,
        version: versionOf(live),
        phase: 'Sync',
        wave: waveOf(live),
        isHook: false,
        live,
        deletePolicies: [],
      });
    }
  }
  const namespace = namespaceToMake(options);
  if (namespace) {
    tasks.push({
      key: keyOf(namespace),
      version: versionOf(namespace),
      phase: 'PreSync',
      wave: 0,
      isHook: false,
      target: namespace,
      live: options.live(keyOf(namespace), namespace),
      deletePolicies: [],
    });
  }
  for (const task of tasks) {
    task.result = options.results.find(
      result =>
        keyText(result) === keyText(task.key) &&
        result.syncPhase === task.phase,
    );
  }
  return tasks.sort(compareTasks);
}

/** The namespace, where the sync options want it made and it is not there, or was made by this very operation. */
function namespaceToMake(
  options: Parameters<typeof buildTasks>[0],
): KubernetesObject | undefined {
  const { namespace, operation, results, targets } = options;
  if (
    !namespace ||
    !operation.sync.syncOptions?.includes('CreateNamespace=true')
  ) {
    return undefined;
  }
  const isNamed = ({ kind, name }: { kind: string; name: string }) =>
    kind === 'Namespace' && name === namespace;
  if (targets.map(keyOf).some(isNamed)) {
    return undefined;
  }
  const made: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  };
  return !options.live(keyOf(made), made) || results.some(isNamed)
    ? made
    : undefined;
}

export function compareTasks(a: SyncTask, b: SyncTask): number {
  const rank = (task: SyncTask) => {
    const kind = KINDS.indexOf(task.key.kind);
    return kind < 0 ? KINDS.length : kind;
  };
  return (
    PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase) ||
    a.wave - b.wave ||
    rank(a) - rank(b) ||
    a.key.name.localeCompare(b.key.name)
  );
}

export function isPending(task: SyncTask): boolean {
  return (
    task.result?.hookPhase === undefined && task.result?.status === undefined
  );
}

export function isRunning(task: SyncTask): boolean {
  return task.result?.hookPhase === 'Running';
}

export function isUnsuccessful(task: SyncTask): boolean {
  return (
    task.result?.hookPhase === 'Failed' ||
    task.result?.hookPhase === 'Error' ||
    task.result?.status === 'SyncFailed'
  );
}

import { KubernetesObject } from '../kubernetes/types';
import { groupOf } from './types';

export interface ResourceAction {
  name: string;
  disabled?: boolean;
  displayName?: string;
  iconClass?: string;
  params?: Array<{ name: string }>;
}

interface Action extends Omit<ResourceAction, 'name'> {
  /** Changes the object. What it answers is created beside it. */
  run(
    draft: KubernetesObject,
    given: { now: Date; params: ReadonlyMap<string, string> },
  ): KubernetesObject | undefined | void;
}

const restart: Action = {
  iconClass: 'fa fa-fw fa-redo',
  run: (draft, { now }) => {
    const { template } = draft.spec;
    template.metadata = {
      ...template.metadata,
      annotations: {
        ...template.metadata?.annotations,
        'kubectl.kubernetes.io/restartedAt': seconds(now),
      },
    };
  },
};

const scale: Action = {
  iconClass: 'fa fa-fw fa-plus-circle',
  params: [{ name: 'replicas' }],
  run: (draft, { params }) => {
    const given = params.get('replicas') ?? '';
    const replicas = Number(given);
    if (given.trim() === '' || Number.isNaN(replicas)) {
      throw new Error(`invalid number: ${given}`);
    }
    draft.spec.replicas = replicas;
  },
};

const ACTIONS: Readonly<
  Record<string, (object: KubernetesObject) => Record<string, Action>>
> = {
  'apps/Deployment': ({ spec }) => ({
    restart,
    scale,
    pause: {
      disabled: Boolean(spec.paused),
      iconClass: 'fa fa-fw fa-pause-circle',
      run: draft => {
        draft.spec.paused = true;
      },
    },
    resume: {
      disabled: !spec.paused,
      iconClass: 'fa fa-fw fa-play-circle',
      run: draft => {
        delete draft.spec.paused;
      },
    },
  }),
  'apps/StatefulSet': () => ({ restart, scale }),
  'apps/DaemonSet': () => ({ restart }),
  'batch/CronJob': ({ spec }) => ({
    'create-job': {
      iconClass: 'fa fa-fw fa-plus',
      displayName: 'Create Job',
      run: (draft, { now }) => jobOf(draft, now),
    },
    ...(spec.suspend
      ? {
          resume: {
            iconClass: 'fa fa-fw fa-play',
            run: (draft: KubernetesObject) => {
              draft.spec.suspend = false;
            },
          },
        }
      : {
          suspend: {
            iconClass: 'fa fa-fw fa-pause',
            run: (draft: KubernetesObject) => {
              draft.spec.suspend = true;
            },
          },
        }),
  }),
  'argoproj.io/Rollout': rolloutActions,
  'argoproj.io/AnalysisRun': () => ({
    terminate: {
      run: draft => {
        draft.spec.terminate = true;
      },
    },
  }),
  'argoproj.io/Application': ({ spec }) => {
    const automated = spec.syncPolicy?.automated;
    const isOn = Boolean(automated) && automated.enabled !== false;
    return {
      'toggle-auto-sync': {
        displayName: isOn ? 'Disable Auto-Sync' : 'Enable Auto-Sync',
        disabled: false,
        run: draft => {
          draft.spec.syncPolicy = {
            ...draft.spec.syncPolicy,
            automated: { ...automated, enabled: !isOn },
          };
        },
      },
    };
  },
  'external-secrets.io/ExternalSecret': () => ({
    refresh: {
      run: (draft, { now }) => {
        draft.metadata.annotations = {
          ...draft.metadata.annotations,
          'force-sync': seconds(now),
        };
      },
    },
  }),
};

/** The actions that Argo CD brings along for an object, as they are at the moment: which there are, and which would do nothing. */
export function actionsOf(object: KubernetesObject): Map<string, Action> {
  const rules = ACTIONS[`${groupOf(object)}/${object.kind}`];
  return new Map(Object.entries(rules?.(object) ?? {}));
}

/** As the API lists them, by name. */
export function listActions(object: KubernetesObject): ResourceAction[] {
  return [...actionsOf(object)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { run: _, ...action }]) => ({ name, ...action }));
}

function rolloutActions({
  spec,
  status = {},
}: KubernetesObject): Record<string, Action> {
  const isPaused = status.pauseConditions
    ? status.pauseConditions.length > 0
    : Boolean(spec.paused);
  const isPromoted = status.currentPodHash === status.stableRS;
  const steps = spec.strategy?.canary?.steps;
  return {
    restart: {
      disabled: false,
      displayName: 'Restart Pods',
      run: (draft, { now }) => {
        draft.spec.restartAt = seconds(now);
      },
    },
    resume: {
      disabled: !isPaused,
      run: draft => {
        delete draft.status?.pauseConditions;
        if (draft.spec.paused) {
          draft.spec.paused = false;
        }
      },
    },
    abort: {
      disabled: isPromoted || Boolean(status.abort),
      run: draft => {
        draft.status = { ...draft.status, abort: true };
      },
    },
    retry: {
      disabled: isPromoted || !status.abort,
      run: draft => {
        delete draft.status?.abort;
      },
    },
    pause: {
      disabled: isPromoted || Boolean(status.abort) || Boolean(spec.paused),
      run: draft => {
        draft.spec.paused = true;
      },
    },
    'promote-full': {
      disabled: isPromoted,
      run: draft => {
        draft.status = { ...draft.status, promoteFull: true };
      },
    },
    'skip-current-step': {
      disabled: !steps || status.currentStepIndex === steps.length,
      run: draft => {
        if (steps && draft.status.currentStepIndex < steps.length) {
          delete draft.status.pauseConditions;
          draft.status.currentStepIndex += 1;
        }
      },
    },
  };
}

/** What `kubectl create job --from=cronjob/…` would make. */
function jobOf(cronJob: KubernetesObject, now: Date): KubernetesObject {
  const { name, namespace, uid } = cronJob.metadata;
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const minute = now.toISOString().replace(/\D/g, '').slice(2, 12);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...structuredClone(metadata),
      name: `${name}-${minute}`,
      namespace,
      annotations: {
        ...metadata?.annotations,
        'cronjob.kubernetes.io/instantiate': 'manual',
      },
      ownerReferences: [
        {
          apiVersion: cronJob.apiVersion,
          kind: cronJob.kind,
          name,
          uid: uid!,
          controller: true,
          blockOwnerDeletion: true,
        } as { apiVersion: string; kind: string; name: string; uid: string },
      ],
    },
    spec: structuredClone(spec),
  };
}

function seconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

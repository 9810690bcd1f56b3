import { Json } from '../json';
import { KubernetesObject } from '../types';

export interface AdmissionContext {
  /** Whose names and addresses these are. */
  suffix(): string;
  serviceAddress(): string;
}

const TOKEN_MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * What admission adds to a new object: a pod's service account with its token, the tolerations by which it outlives a short loss of its node; a
 * service's address; the labels and the selector by which a job finds its pods.
 *
 * @param object - a copy with defaults and a uid; it is changed
 */
export function admit(
  object: KubernetesObject,
  context: AdmissionContext,
): void {
  if (object.kind === 'Pod') {
    admitPod(object.spec, context);
  } else if (object.kind === 'Service') {
    admitService(object.spec, context);
  } else if (object.kind === 'Job') {
    admitJob(object);
  }
}

function admitPod(spec: Json, context: AdmissionContext): void {
  spec.serviceAccountName ??= 'default';
  spec.serviceAccount ??= spec.serviceAccountName;
  spec.enableServiceLinks ??= true;
  spec.preemptionPolicy ??= 'PreemptLowerPriority';
  spec.priority ??= 0;
  spec.tolerations ??= [];
  for (const key of [
    'node.kubernetes.io/not-ready',
    'node.kubernetes.io/unreachable',
  ]) {
    if (!spec.tolerations.some((toleration: Json) => toleration.key === key)) {
      spec.tolerations.push({
        effect: 'NoExecute',
        key,
        operator: 'Exists',
        tolerationSeconds: 300,
      });
    }
  }
  if (spec.automountServiceAccountToken === false) {
    return;
  }
  const name = `kube-api-access-${context.suffix()}`;
  spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
  for (const container of [
    ...(spec.initContainers ?? []),
    ...spec.containers,
  ]) {
    container.volumeMounts = [
      ...(container.volumeMounts ?? []),
      { mountPath: TOKEN_MOUNT, name, readOnly: true },
    ];
  }
}

function tokenVolume(name: string): Json {
  return {
    name,
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        {
          configMap: {
            items: [{ key: 'ca.crt', path: 'ca.crt' }],
            name: 'kube-root-ca.crt',
          },
        },
        {
          downwardAPI: {
            items: [
              {
                fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
                path: 'namespace',
              },
            ],
          },
        },
      ],
    },
  };
}

function admitService(spec: Json, context: AdmissionContext): void {
  if (spec.type !== 'ExternalName') {
    spec.clusterIP ??= context.serviceAddress();
    spec.clusterIPs ??= [spec.clusterIP];
  }
}

function admitJob(job: KubernetesObject): void {
  const { spec, metadata } = job;
  if (spec.manualSelector) {
    return;
  }
  spec.selector = {
    matchLabels: { 'batch.kubernetes.io/controller-uid': metadata.uid },
  };
  spec.template.metadata ??= {};
  spec.template.metadata.labels = {
    ...spec.template.metadata.labels,
    'batch.kubernetes.io/controller-uid': metadata.uid!,
    'batch.kubernetes.io/job-name': metadata.name,
    'controller-uid': metadata.uid!,
    'job-name': metadata.name,
  };
  metadata.labels ??= { ...spec.template.metadata.labels };
}

/** The quality of service class that a pod's requests and limits amount to. */
export function qosClassOf(spec: Json): string {
  const containers: Json[] = [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
  ];
  const isSet = (resources: Json | undefined) =>
    Object.keys(resources ?? {}).length > 0;
  if (
    !containers.some(
      ({ resources }) => isSet(resources?.requests) || isSet(resources?.limits),
    )
  ) {
    return 'BestEffort';
  }
  const isGuaranteed = containers.every(({ resources }) =>
    ['cpu', 'memory'].every(
      name =>
        resources?.limits?.[name] !== undefined &&
        (resources.requests?.[name] ?? resources.limits[name]) ===
          resources.limits[name],
    ),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

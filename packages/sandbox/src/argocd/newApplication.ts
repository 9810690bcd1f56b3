import { createHash } from 'node:crypto';
import { KubernetesObject } from '../kubernetes/types';
import { timestamp } from './OperationRunner';
import { onlySources } from './sources';
import { Application, ARGOCD_NAMESPACE, keyOfApplication } from './types';

/** An Application of a manifest, as it is before anybody has compared it. */
export function newApplication(
  manifest: Pick<KubernetesObject, 'metadata' | 'spec'>,
  now: Date,
): Application {
  const { metadata } = manifest;
  const spec = structuredClone(manifest.spec) as Application['spec'];
  const application: Application = {
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace ?? ARGOCD_NAMESPACE,
      uid: '',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: timestamp(now),
      labels: { ...metadata.labels },
      annotations: { ...metadata.annotations },
      ...(metadata.finalizers
        ? { finalizers: metadata.finalizers as string[] }
        : {}),
      ...(metadata.ownerReferences
        ? { ownerReferences: metadata.ownerReferences }
        : {}),
    },
    spec,
    status: {
      sync: {
        status: 'Unknown',
        comparedTo: { ...onlySources(spec), destination: spec.destination },
      },
      health: { status: 'Unknown' },
      summary: {},
      controllerNamespace: ARGOCD_NAMESPACE,
      resourceHealthSource: 'appTree',
    },
  };
  application.metadata.uid = uidOf(
    `application ${keyOfApplication(application)}`,
  );
  return application;
}

/** The same text gives the same uid, so that two worlds of one seed are the same. */
export function uidOf(text: string): string {
  const hex = createHash('sha1').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(
    13,
    16,
  )}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

import { InputError } from '@backstage/errors';
import { TransportError } from '../http/TransportError';
import { KubernetesWriteError } from '../effects/KubernetesWriteError';
import {
  KubernetesObjectName,
  KubernetesWriter,
  PatchedObject,
} from '../effects/types';
import { CredentialError } from './CredentialError';
import { pathOfGroup } from './kinds';
import { KubernetesApiError } from './KubernetesApiError';
import { KubernetesClient } from './KubernetesClient';
import { assertLabelName, assertObjectName } from './names';

/** By it managedFields tell who changed a field. */
const FIELD_MANAGER = 'switchyard';

/**
 * @throws KubernetesWriteError, InputError, and the signal's reason
 * @internal
 */
export async function patchObject(
  client: KubernetesClient,
  name: KubernetesObjectName,
  patch: Parameters<KubernetesWriter['patch']>[1],
  options: { signal: AbortSignal },
): Promise<PatchedObject> {
  assertLabelName(name.namespace, 'The namespace');
  assertObjectName(name.name, 'The object');
  const { resourceVersion, change, subresource } = patch;
  // Without it the API server would merge the patch into whatever is there by now.
  if (!resourceVersion) {
    throw new InputError('A patch needs the version that it rests on');
  }
  const { metadata, ...rest } = change as { metadata?: object };
  try {
    const answer = await client.patchJson(
      [
        pathOfGroup(name.resource),
        'namespaces',
        encodeURIComponent(name.namespace),
        encodeURIComponent(name.resource.plural),
        encodeURIComponent(name.name),
        ...(subresource ? [subresource] : []),
      ].join('/'),
      {
        query: { fieldManager: FIELD_MANAGER },
        body: { ...rest, metadata: { ...metadata, resourceVersion } },
        signal: options.signal,
      },
    );
    return toPatched(answer, name);
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason;
    throw toWriteError(error, name);
  }
}

function toPatched(
  answer: string,
  { cluster, name }: KubernetesObjectName,
): PatchedObject {
  try {
    const { uid, resourceVersion, generation } = JSON.parse(answer).metadata;
    return { uid, resourceVersion, generation: generation ?? 0 };
  } catch {
    throw new KubernetesWriteError({
      kind: 'unreachable',
      cluster,
      message: `What cluster ${cluster} answered to the change of ${name} makes no sense`,
      outcome: 'unknown',
    });
  }
}

function toWriteError(error: unknown, name: KubernetesObjectName): unknown {
  const { cluster, resource } = name;
  const of = (
    kind: KubernetesWriteError['kind'],
    message: string,
    outcome?: 'unknown',
  ) => new KubernetesWriteError({ kind, cluster, message, outcome });
  if (error instanceof TransportError)
    return of(
      'unreachable',
      `Cluster ${cluster} ${error.message}`,
      error.mayHaveBeenReceived ? 'unknown' : undefined,
    );
  if (error instanceof CredentialError)
    return of(
      'unreachable',
      `No credential for cluster ${cluster} could be obtained`,
    );
  if (!(error instanceof KubernetesApiError)) return error;
  const { status, message } = error;
  const called = `${resource.plural} ${name.namespace}/${name.name}`;
  if (status === 409)
    return of('conflict', `${called} in cluster ${cluster} has changed`);
  if (status === 404)
    return of('not-found', `Cluster ${cluster} does not have ${called}`);
  if (status === 401 || isMissingRight(error))
    return of(
      'forbidden',
      `The portal's account may not change ${resource.plural} in cluster ${cluster}`,
    );
  if (status === 429)
    return of('unreachable', `Cluster ${cluster} asks to be left alone`);
  if (status >= 500)
    return of(
      'unreachable',
      `Cluster ${cluster} answers with errors (HTTP status ${status})`,
      // A webhook or the storage may have failed after the change as well as before it.
      'unknown',
    );
  return of('refused', `Cluster ${cluster} refused it: ${message}`);
}

/** Webhooks and quotas answer 403 too, in words that a person can use. */
function isMissingRight({ status, message }: KubernetesApiError): boolean {
  return status === 403 && /cannot patch resource|HTTP status/.test(message);
}

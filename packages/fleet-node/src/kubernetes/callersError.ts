import {
  ConflictError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { TransportError } from '../http/TransportError';
import { CredentialError } from './CredentialError';
import { KubernetesApiError } from './KubernetesApiError';

/**
 * What a caller may be told of a request about a pod that failed: the cluster by its name, no host, no token.
 *
 * @param what - what the portal's account may not do: `read logs`
 * @internal
 */
export function toCallersError(
  error: unknown,
  { cluster, what }: { cluster: string; what: string },
): unknown {
  if (error instanceof TransportError || error instanceof CredentialError) {
    return new ServiceUnavailableError(
      error instanceof TransportError
        ? `Cluster ${cluster} ${error.message}`
        : `No credential for cluster ${cluster} could be obtained`,
    );
  }
  if (!(error instanceof KubernetesApiError)) return error;
  switch (error.status) {
    case 404:
      return new NotFoundError(`Cluster ${cluster} does not have this pod`);
    case 400:
      // 'container "app" in pod "…" is waiting to start', 'previous terminated container "app" … not found'.
      return new ConflictError(error.message);
    case 401:
    case 403:
      return new ServiceUnavailableError(
        `The portal's account may not ${what} in cluster ${cluster}`,
      );
    default:
      return new ServiceUnavailableError(
        `Cluster ${cluster} answers with errors (HTTP status ${error.status})`,
      );
  }
}

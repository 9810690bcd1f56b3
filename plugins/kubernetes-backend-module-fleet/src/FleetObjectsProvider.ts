import {
  BackstageCredentials,
  LoggerService,
} from '@backstage/backend-plugin-api';
import {
  ClusterObjects,
  FetchResponse,
  KUBERNETES_ANNOTATION,
  KUBERNETES_LABEL_SELECTOR_QUERY_ANNOTATION,
  KubernetesFetchError,
  KubernetesRequestAuth,
  ObjectsByEntityResponse,
} from '@backstage/plugin-kubernetes-common';
import {
  AuthenticationStrategy,
  ClusterDetails,
  CustomResource,
  FetchResponseWrapper,
  KubernetesCredential,
  KubernetesFetcher,
  KubernetesObjectsByEntity,
  KubernetesObjectsProvider,
  KubernetesServiceLocator,
  ObjectToFetch,
} from '@backstage/plugin-kubernetes-node';
import { FleetReader } from '@switchyard/fleet-node';
import { HeldObjects } from './HeldObjects';
import { podsOf, toPodMetrics } from './podMetrics';

const NAMESPACE_ANNOTATION = 'backstage.io/kubernetes-namespace';

/** What is asked of one cluster for one entity. */
interface Request {
  serviceId: string;
  labelSelector: string;
  namespace?: string;
  objectTypesToFetch: readonly ObjectToFetch[];
  customResources: readonly CustomResource[];
}

/**
 * Answers the standard Kubernetes tab with the objects that the plugin's own provider would give: from memory where the fleet holds the
 * kind whole, through the plugin's fetcher otherwise. Entities, clusters, selectors and errors follow the rules of that provider.
 *
 * @internal
 */
export class FleetObjectsProvider implements KubernetesObjectsProvider {
  readonly #held: HeldObjects;
  readonly #fetcher: KubernetesFetcher;
  readonly #serviceLocator: KubernetesServiceLocator;
  readonly #authStrategy: AuthenticationStrategy;
  readonly #customResources: readonly CustomResource[];
  readonly #objectTypesToFetch: readonly ObjectToFetch[];
  readonly #logger: LoggerService;

  constructor(options: {
    fleet: FleetReader;
    /** Whether what the fleet holds of the cluster is what anybody who looks may see. */
    isHeldFor: (cluster: ClusterDetails) => boolean;
    fetcher: KubernetesFetcher;
    serviceLocator: KubernetesServiceLocator;
    authStrategy: AuthenticationStrategy;
    customResources: readonly CustomResource[];
    objectTypesToFetch: readonly ObjectToFetch[];
    logger: LoggerService;
  }) {
    this.#held = new HeldObjects(options);
    this.#fetcher = options.fetcher;
    this.#serviceLocator = options.serviceLocator;
    this.#authStrategy = options.authStrategy;
    this.#customResources = options.customResources;
    this.#objectTypesToFetch = options.objectTypesToFetch;
    this.#logger = options.logger;
  }

  getKubernetesObjectsByEntity: KubernetesObjectsProvider['getKubernetesObjectsByEntity'] =
    ({ entity, auth }, { credentials }) =>
      this.#answer(entity, {
        auth,
        credentials,
        objectTypesToFetch: this.#objectTypesToFetch,
      });

  getCustomResourcesByEntity: KubernetesObjectsProvider['getCustomResourcesByEntity'] =
    ({ entity, auth, customResources }, { credentials }) =>
      this.#answer(entity, {
        auth,
        credentials,
        objectTypesToFetch: [],
        customResources: customResources.map(toCustomResource),
      });

  async #answer(
    entity: KubernetesObjectsByEntity['entity'],
    options: {
      auth: KubernetesRequestAuth;
      credentials: BackstageCredentials;
      objectTypesToFetch: readonly ObjectToFetch[];
      /** Instead of those of the configuration. */
      customResources?: readonly CustomResource[];
    },
  ): Promise<ObjectsByEntityResponse> {
    const { auth, credentials, objectTypesToFetch, customResources } = options;
    const { annotations = {}, name } = entity.metadata;
    const serviceId = annotations[KUBERNETES_ANNOTATION] || name;
    const { clusters } = await this.#serviceLocator.getClustersByEntity(
      entity,
      {
        objectTypesToFetch: new Set(objectTypesToFetch),
        customResources: [...(customResources ?? [])],
        credentials,
      },
    );
    this.#logger.debug('Objects of an entity were asked for', {
      entity: serviceId,
      clusters: clusters.map(cluster => cluster.name).join(', '),
    });
    const items = await Promise.all(
      clusters.map(cluster =>
        this.#answerOf(cluster, auth, {
          serviceId,
          labelSelector:
            annotations[KUBERNETES_LABEL_SELECTOR_QUERY_ANNOTATION] ||
            `${KUBERNETES_ANNOTATION}=${serviceId}`,
          namespace: annotations[NAMESPACE_ANNOTATION],
          objectTypesToFetch,
          customResources:
            customResources ??
            cluster.customResources?.map(toCustomResource) ??
            this.#customResources,
        }),
      ),
    );
    return {
      items: items.filter(
        ({ errors, resources }) =>
          errors.length > 0 ||
          resources.some(response => response.resources.length > 0),
      ),
    };
  }

  async #answerOf(
    cluster: ClusterDetails,
    auth: KubernetesRequestAuth,
    request: Request,
  ): Promise<ClusterObjects> {
    const silence = this.#held.silence(cluster);
    if (silence !== undefined) {
      return toClusterObjects(cluster, {
        errors: [{ errorType: 'FETCH_ERROR', message: silence }],
        responses: [],
        podMetrics: [],
      });
    }
    let credential: Promise<KubernetesCredential> | undefined;
    // Only where something must be fetched.
    const getCredential = () => {
      credential ??= this.#authStrategy.getCredential(cluster, auth);
      return credential;
    };
    try {
      const { errors, responses } = await this.#objects(
        cluster,
        getCredential,
        request,
      );
      const namespaces = podsOf(responses);
      if (cluster.skipMetricsLookup || namespaces.size === 0) {
        return toClusterObjects(cluster, { errors, responses, podMetrics: [] });
      }
      const metrics = await this.#fetcher.fetchPodMetricsByNamespaces(
        cluster,
        await getCredential(),
        namespaces,
        request.labelSelector,
      );
      return toClusterObjects(cluster, {
        errors: [...errors, ...metrics.errors],
        responses,
        podMetrics: toPodMetrics(metrics.responses),
      });
    } catch (error) {
      // A cluster that cannot be reached leaves the others theirs; anything else fails the whole, as in the plugin's own provider.
      if ((error as Error).name !== 'FetchError') throw error;
      return toClusterObjects(cluster, {
        errors: [
          { errorType: 'FETCH_ERROR', message: (error as Error).message },
        ],
        responses: [],
        podMetrics: [],
      });
    }
  }

  /** In the order in which they are asked for, wherever each comes from. */
  async #objects(
    cluster: ClusterDetails,
    getCredential: () => Promise<KubernetesCredential>,
    request: Request,
  ): Promise<FetchResponseWrapper> {
    const { serviceId, labelSelector, namespace } = request;
    const asked = [...request.objectTypesToFetch, ...request.customResources];
    const answers = await Promise.all(
      asked.map(async (resource): Promise<FetchResponseWrapper> => {
        const held = this.#held.find(cluster, resource, {
          namespace,
          labelSelector,
        });
        if (held) return { errors: [], responses: [held] };
        const isCustom = isCustomResource(resource);
        return this.#fetcher.fetchObjectsForService({
          serviceId,
          clusterDetails: cluster,
          credential: await getCredential(),
          objectTypesToFetch: new Set(isCustom ? [] : [resource]),
          customResources: isCustom ? [resource] : [],
          labelSelector,
          namespace,
        });
      }),
    );
    return {
      errors: answers.flatMap(({ errors }) => errors),
      responses: answers.flatMap(({ responses }) => responses),
    };
  }
}

function toCustomResource(resource: {
  group: string;
  apiVersion: string;
  plural: string;
}): CustomResource {
  return { ...resource, objectType: 'customresources' };
}

function isCustomResource(resource: ObjectToFetch): resource is CustomResource {
  return resource.objectType === 'customresources';
}

function toClusterObjects(
  cluster: ClusterDetails,
  parts: {
    errors: KubernetesFetchError[];
    responses: FetchResponse[];
    podMetrics: ClusterObjects['podMetrics'];
  },
): ClusterObjects {
  const { name, title, dashboardUrl, dashboardApp, dashboardParameters } =
    cluster;
  return {
    cluster: {
      name,
      ...(title && { title }),
      ...(dashboardUrl && { dashboardUrl }),
      ...(dashboardApp && { dashboardApp }),
      ...(dashboardParameters && { dashboardParameters }),
    },
    podMetrics: parts.podMetrics,
    resources: parts.responses,
    errors: parts.errors,
  };
}

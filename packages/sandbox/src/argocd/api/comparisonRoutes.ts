import { ClusterStore, KubernetesObject } from '../../kubernetes/types';
import { UnknownRevisionError } from '../ManifestSource';
import { RenderError } from '../render/manifests';
import { hideSecretData } from '../secretData';
import { revisionsOf, sourcesOf } from '../sources';
import { isHook } from '../sync/tasks';
import {
  Application,
  keyOf,
  keyOfApplication,
  keyText,
  ResourceKey,
} from '../types';
import { treeOf } from './applicationRoutes';
import { ApiError } from './ApiError';
import {
  ApiContext,
  ApiRequest,
  applicationOf,
  surroundingsOf,
} from './context';

interface Pair {
  key: ResourceKey;
  target?: KubernetesObject;
  live?: KubernetesObject;
}

/**
 * `GET …/managed-resources`: for each object what Git wants, what lives, what lives without the parts that do not count, and what would live after a
 * sync, as texts of JSON. Hooks are left out, values of Secrets hidden.
 */
export async function getManagedResources(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const application = applicationOf(context, call);
  const { query } = call;
  const isAsked = (key: ResourceKey) =>
    (['group', 'kind', 'namespace', 'name'] as const).every(
      part => !query.get(part) || query.get(part) === key[part],
    );
  const { store } = surroundingsOf(context, application);
  const items = (await pairsOf(context, application))
    .filter(({ key }) => isAsked(key))
    .map(pair => comparisonOf(store, pair));
  return items.length > 0 ? { items } : {};
}

/** `GET …/server-side-diff`: the same comparison, as the cluster itself would merge. The product asks without objects of its own. */
export async function getServerSideDiff(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const application = applicationOf(context, call);
  const { store } = surroundingsOf(context, application);
  const items = (await pairsOf(context, application)).map(pair => {
    const { group, kind, namespace, name, modified, ...states } = comparisonOf(
      store,
      pair,
    );
    return {
      ...(group ? { group } : {}),
      kind,
      ...(namespace ? { namespace } : {}),
      name,
      targetState: states.predictedLiveState,
      liveState: states.normalizedLiveState,
      ...(modified ? { modified } : {}),
    };
  });
  return {
    ...(items.length > 0 ? { items } : {}),
    modified: items.some(item => item.modified),
  };
}

/** `GET …/manifests`: what the sources give, as texts of JSON. */
export async function getManifests(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const application = applicationOf(context, call);
  const { spec } = application;
  try {
    const revisions = await context.manifests.resolveAll(spec, [
      call.query.get('revision') ?? undefined,
    ]);
    const rendered = await context.manifests.render(application, revisions);
    const isSingle = sourcesOf(spec).length === 1;
    return {
      manifests: hideSecretData(...rendered.objects).map(object =>
        JSON.stringify(object),
      ),
      ...(call.query.get('revision') && isSingle
        ? { revision: rendered.revisions[0] }
        : {}),
    };
  } catch (error) {
    if (error instanceof RenderError || error instanceof UnknownRevisionError) {
      throw new ApiError(
        'unknown',
        `error generating manifests: ${error.message}`,
      );
    }
    throw error;
  }
}

/** `GET …/events`: of the Application itself, or of one object of its tree. */
export function getEvents(context: ApiContext, call: ApiRequest): unknown {
  const { query } = call;
  const application = applicationOf(context, call);
  const name = query.get('resourceName') ?? '';
  const uid = query.get('resourceUID') ?? '';
  const namespace = query.get('resourceNamespace') ?? '';
  if (!name && !uid) {
    const { metadata } = application;
    return eventsOf(context.home, metadata);
  }
  const isThere = treeOf(context, application).nodes.some(
    node =>
      node.uid === uid &&
      node.name === name &&
      (node.namespace ?? '') === namespace,
  );
  if (!isThere) {
    throw new ApiError(
      'invalidArgument',
      `${name} not found as part of application ${application.metadata.name}`,
    );
  }
  return eventsOf(surroundingsOf(context, application).store, {
    name,
    uid,
    namespace,
  });
}

function eventsOf(
  store: ClusterStore,
  of: { name: string; uid: string; namespace: string },
): unknown {
  const items = store
    .list({ apiVersion: 'v1', kind: 'Event', namespace: of.namespace })
    .filter(
      ({ involvedObject }) =>
        involvedObject.name === of.name && involvedObject.uid === of.uid,
    );
  return { metadata: {}, items: items.length > 0 ? items : null };
}

/** Each object that Git wants or that is marked as the Application's. */
async function pairsOf(
  context: ApiContext,
  application: Application,
): Promise<Pair[]> {
  const { store, managed } = surroundingsOf(context, application);
  const pairs = new Map<string, Pair>();
  try {
    const revisions = revisionsOf(application.status.sync);
    const { objects } = await context.manifests.render(application, revisions);
    for (const target of objects) {
      const key = keyOf(target);
      const { apiVersion, kind, metadata } = target;
      const { name, namespace } = metadata;
      pairs.set(keyText(key), {
        key,
        target,
        live: store.get({ apiVersion, kind, name, namespace }),
      });
    }
  } catch (error) {
    // What cannot be made is compared with nothing: the condition says why.
    if (!(error instanceof RenderError)) {
      throw error;
    }
  }
  for (const live of managed.of(keyOfApplication(application))) {
    const key = keyOf(live);
    if (!pairs.has(keyText(key))) {
      pairs.set(keyText(key), { key, live });
    }
  }
  return [...pairs.values()].filter(
    ({ target, live }) => !isHook((target ?? live)!),
  );
}

function comparisonOf(store: ClusterStore, { key, target, live }: Pair) {
  const predicted = target && predictedFor(store, target);
  const normalized = live && normalizedObject(live);
  const [hiddenTarget, hiddenLive, hiddenNormalized, hiddenPredicted] =
    hideSecretData(target, live, normalized, predicted);
  const modified = JSON.stringify(normalized) !== JSON.stringify(predicted);
  return {
    ...(key.group ? { group: key.group } : {}),
    kind: key.kind,
    ...(key.namespace ? { namespace: key.namespace } : {}),
    name: key.name,
    targetState: JSON.stringify(hiddenTarget ?? null),
    liveState: JSON.stringify(withoutManagedFields(hiddenLive) ?? null),
    normalizedLiveState: JSON.stringify(hiddenNormalized ?? null),
    predictedLiveState: JSON.stringify(hiddenPredicted ?? null),
    ...(live?.metadata.resourceVersion
      ? { resourceVersion: live.metadata.resourceVersion }
      : {}),
    ...(modified ? { modified } : {}),
  };
}

/** What the cluster would refuse is predicted to become what Git says; the sync then says why not. */
function predictedFor(
  store: ClusterStore,
  target: KubernetesObject,
): KubernetesObject {
  try {
    return normalizedObject(store.preview(target));
  } catch {
    return target;
  }
}

/** Without who wrote which field, and without the status of kinds whose status nobody puts into Git. */
function normalizedObject(object: KubernetesObject): KubernetesObject {
  const { status: _, ...rest } = withoutManagedFields(object)!;
  const { generation: __, resourceVersion: ___, ...metadata } = rest.metadata;
  return sorted({ ...rest, metadata }) as KubernetesObject;
}

function withoutManagedFields(
  object: KubernetesObject | undefined,
): KubernetesObject | undefined {
  if (!object) {
    return undefined;
  }
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Go writes the members of a map in order; two objects that say the same are then the same text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

import { jsonMergePatch } from '../../kubernetes/patch/jsonMergePatch';
import { jsonPatch } from '../../kubernetes/patch/jsonPatch';
import { ApiError as ClusterError } from '../../kubernetes/ApiError';
import { KubernetesObject, ObjectIdentity } from '../../kubernetes/types';
import { actionsOf, listActions } from '../resourceActions';
import { ResourceNode } from '../resourceTree';
import { hideSecretData } from '../secretData';
import { Application, keyOfApplication } from '../types';
import { treeOf } from './applicationRoutes';
import { ApiError, permissionDenied } from './ApiError';
import {
  ApiContext,
  ApiRequest,
  applicationOf,
  checkBody,
  findApplication,
  surroundingsOf,
} from './context';

/** By this name Argo CD's server writes into clusters. */
const MANAGER = 'argocd-server';

interface ResourceName {
  group: string;
  kind: string;
  namespace: string;
  name: string;
  version: string;
}

function namedIn(query: URLSearchParams): ResourceName {
  return {
    group: query.get('group') ?? '',
    kind: query.get('kind') ?? '',
    namespace: query.get('namespace') ?? '',
    name: query.get('resourceName') ?? '',
    version: query.get('version') ?? '',
  };
}

/** `GET …/resource`: one live object as a JSON text; values of Secrets are hidden. */
export function getResource(context: ApiContext, call: ApiRequest): unknown {
  const application = applicationOf(context, call);
  const live = liveObject(context, application, namedIn(call.query));
  return { manifest: JSON.stringify(hideSecretData(live.object)[0]) };
}

/** `GET …/resource/links`: links are configured in Argo CD; here there are none. */
export function getResourceLinks(
  context: ApiContext,
  call: ApiRequest,
): unknown {
  liveObject(context, applicationOf(context, call), namedIn(call.query));
  return { items: [] };
}

/** `POST …/resource`: patches a live object. An Application that heals itself takes that back. */
export async function patchResource(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const named = namedIn(call.query);
  const application = mayOnResource(context, call, 'update', named);
  const patch = JSON.parse(await call.textBody()) as unknown;
  const live = liveObject(context, application, named);
  const changed = inCluster(named, () =>
    live.store.edit(
      live.identity,
      draft => {
        const patched =
          call.query.get('patchType') === 'application/json-patch+json'
            ? jsonPatch(draft, patch)
            : jsonMergePatch(draft, patch);
        for (const key of Object.keys(draft)) {
          delete draft[key];
        }
        Object.assign(draft, patched);
      },
      { manager: MANAGER },
    ),
  );
  return { manifest: JSON.stringify(hideSecretData(changed)[0]) };
}

/** `DELETE …/resource` */
export function deleteResource(context: ApiContext, call: ApiRequest): unknown {
  const named = namedIn(call.query);
  const application = mayOnResource(context, call, 'delete', named);
  const live = liveObject(context, application, named);
  inCluster(named, () => live.store.delete(live.identity));
  return {};
}

/** `GET …/resource/actions` */
export function getResourceActions(
  context: ApiContext,
  call: ApiRequest,
): unknown {
  const application = applicationOf(context, call);
  const { object } = liveOrItself(context, application, namedIn(call.query));
  return { actions: listActions(object) };
}

/** `POST …/resource/actions`, as servers before 3.1 have it: everything in the query, the action's name as a JSON text. */
export async function runResourceAction(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const action = JSON.parse(await call.textBody()) as unknown;
  if (typeof action !== 'string') {
    throw new ApiError(
      'invalidArgument',
      'json: cannot unmarshal object into Go value of type string',
    );
  }
  return run(context, call, {
    named: namedIn(call.query),
    action,
    params: new Map(),
    project: call.query.get('project') ?? undefined,
    appNamespace: call.query.get('appNamespace') ?? undefined,
  });
}

/** `POST …/resource/actions/v2`: everything in the body. */
export async function runResourceActionV2(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const body = await call.body();
  checkBody(body, 'ResourceActionRunRequestV2', {
    namespace: 'string',
    resourceName: 'string',
    version: 'string',
    group: 'string',
    kind: 'string',
    action: 'string',
    resourceActionParameters: 'array',
    appNamespace: 'string',
    project: 'string',
  });
  const text = (name: string) => (body[name] as string | undefined) ?? '';
  for (const required of ['resourceName', 'version', 'kind', 'action']) {
    if (body[required] === undefined) {
      throw new ApiError(
        'invalidArgument',
        `proto: required field "${required}" not set`,
      );
    }
  }
  const given = (body.resourceActionParameters ?? []) as Array<{
    name: string;
    value: string;
  }>;
  return run(context, call, {
    named: {
      group: text('group'),
      kind: text('kind'),
      namespace: text('namespace'),
      name: text('resourceName'),
      version: text('version'),
    },
    action: text('action'),
    params: new Map(given.map(({ name, value }) => [name, value])),
    project: text('project') || undefined,
    appNamespace: text('appNamespace') || undefined,
  });
}

function run(
  context: ApiContext,
  call: ApiRequest,
  request: {
    named: ResourceName;
    action: string;
    params: ReadonlyMap<string, string>;
    project?: string;
    appNamespace?: string;
  },
): unknown {
  const { named, action } = request;
  const application = findApplication(context, call.caller(), {
    name: call.parameters[0],
    action: `action/${named.group}/${named.kind}/${action}`,
    project: request.project,
    namespace: request.appNamespace,
  });
  const live = liveOrItself(context, application, named);
  const rule = actionsOf(live.object).get(action);
  if (!rule) {
    throw new ApiError(
      'invalidArgument',
      `error getting Lua resource action: built-in action "${action}" does not exist`,
    );
  }
  inCluster(named, () => {
    const created: KubernetesObject[] = [];
    live.edit(draft => {
      const made = rule.run(draft, {
        now: context.clock.now(),
        params: request.params,
      });
      if (made) {
        created.push(made);
      }
    });
    for (const object of created) {
      live.store.apply(object, { manager: MANAGER });
    }
  });
  return {};
}

/** Rights on a part of an Application are given on the whole of it, or on that part alone. */
function mayOnResource(
  context: ApiContext,
  call: ApiRequest,
  action: 'update' | 'delete',
  { group, kind, namespace, name }: ResourceName,
): Application {
  try {
    return applicationOf(context, call, action);
  } catch (error) {
    if (
      !(error instanceof ApiError) ||
      error.code !== permissionDenied().code
    ) {
      throw error;
    }
    return applicationOf(
      context,
      call,
      `${action}/${group}/${kind}/${namespace}/${name}`,
    );
  }
}

/** An object of the Application's tree. */
function liveObject(
  context: ApiContext,
  application: Application,
  named: ResourceName,
) {
  const { nodes } = treeOf(context, application);
  const node = nodes.find(
    ({ group = '', kind, namespace = '', name }) =>
      group === named.group &&
      kind === named.kind &&
      namespace === named.namespace &&
      name === named.name,
  );
  const { store } = surroundingsOf(context, application);
  const identity = node && identityOf(node);
  const object = identity && store.get(identity);
  if (!object) {
    throw new ApiError(
      'invalidArgument',
      `${named.kind} ${named.group} ${named.name} not found as part of application ${application.metadata.name}`,
    );
  }
  return {
    store,
    identity,
    object,
    edit: (change: (draft: KubernetesObject) => void) => {
      store.edit(identity, change, { manager: MANAGER });
    },
  };
}

/** Actions of an Application are those of the one that is named, as if it were part of itself. */
function liveOrItself(
  context: ApiContext,
  application: Application,
  named: ResourceName,
): {
  store: ReturnType<typeof surroundingsOf>['store'];
  object: KubernetesObject;
  edit(change: (draft: KubernetesObject) => void): void;
} {
  if (
    named.kind !== 'Application' ||
    named.group !== 'argoproj.io' ||
    named.name !== application.metadata.name
  ) {
    return liveObject(context, application, named);
  }
  const { store } = surroundingsOf(context, application);
  return {
    store,
    object: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      ...application,
    },
    edit: change => {
      context.applications.update(keyOfApplication(application), draft =>
        change(draft as unknown as KubernetesObject),
      );
    },
  };
}

function identityOf(node: ResourceNode): ObjectIdentity {
  return {
    apiVersion: node.group ? `${node.group}/${node.version}` : node.version,
    kind: node.kind,
    name: node.name,
    ...(node.namespace ? { namespace: node.namespace } : {}),
  };
}

/** What the cluster refuses comes in its own words, but for Secrets. */
function inCluster<T>(named: ResourceName, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (named.kind === 'Secret' && named.group === '') {
      throw new ApiError(
        'unknown',
        `failed to patch Secret ${named.namespace}/${named.name}`,
      );
    }
    if (error instanceof ApiError) {
      throw error;
    }
    const message = error instanceof Error ? error.message : String(error);
    throw new ApiError(
      error instanceof ClusterError && error.code === 422
        ? 'invalidArgument'
        : 'unknown',
      `error patching resource: ${message}`,
    );
  }
}

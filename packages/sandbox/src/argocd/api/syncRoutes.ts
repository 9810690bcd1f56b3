import { setTimeout as sleep } from 'node:timers/promises';
import { isAutoSync } from '../automatedSync';
import { UnknownRevisionError } from '../ManifestSource';
import { RenderError } from '../render/manifests';
import { Application, Operation, SyncOperation } from '../types';
import { Caller } from './AccessControl';
import { ApiError } from './ApiError';
import {
  ApiContext,
  ApiRequest,
  findApplication,
  projectOf,
  rbacName,
} from './context';

/** What of the body of a sync request is known; Argo CD ignores the rest without a word. */
interface SyncRequestBody {
  revision?: string;
  dryRun?: boolean;
  prune?: boolean;
  strategy?: SyncOperation['syncStrategy'];
  resources?: SyncOperation['resources'];
  infos?: Operation['info'];
  retryStrategy?: Operation['retry'];
  syncOptions?: { items?: string[] };
  project?: string;
  appNamespace?: string;
}

const BODY_TYPES: ReadonlyArray<
  readonly [keyof SyncRequestBody, 'string' | 'boolean' | 'array' | 'object']
> = [
  ['revision', 'string'],
  ['dryRun', 'boolean'],
  ['prune', 'boolean'],
  ['strategy', 'object'],
  ['resources', 'array'],
  ['infos', 'array'],
  ['retryStrategy', 'object'],
  ['syncOptions', 'object'],
  ['project', 'string'],
  ['appNamespace', 'string'],
];

/** `POST /applications/{name}/sync`. The answer is the Application with the order in it and without the state of the operation before. */
export async function syncApplication(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const [name] = call.parameters;
  const who = call.caller();
  const body = checkedBody(await call.body());
  if ('manifests' in body) {
    throw new ApiError(
      'unimplemented',
      'Not implemented in the sandbox: sync of local manifests',
    );
  }
  const application = findApplication(context, who, {
    name,
    action: 'get',
    project: body.project,
    namespace: body.appNamespace,
  });
  needSyncRight(context, who, application);
  if (
    !context.projects.canSync(application, {
      manual: true,
      now: context.clock.now(),
    })
  ) {
    throw new ApiError(
      'permissionDenied',
      'cannot sync: blocked by sync window',
    );
  }
  const revision = await resolveRevision(context, application, body);
  const operation: Operation = {
    sync: {
      revision,
      ...(body.prune ? { prune: true } : {}),
      ...(body.dryRun ? { dryRun: true } : {}),
      ...(body.strategy ? { syncStrategy: body.strategy } : {}),
      ...(body.resources?.length ? { resources: body.resources } : {}),
      ...syncOptionsOf(application, body),
      source: application.spec.source,
    },
    initiatedBy: { username: who.account.name },
    ...(body.infos?.length ? { info: body.infos } : {}),
    retry: body.retryStrategy ?? {},
  };
  const answer = begin(context, name, operation);
  await sleep(context.faults.heldAnswerMs(name));
  if (context.faults.takeDroppedAnswer(name)) {
    call.request.socket.destroy();
    return undefined;
  }
  return answer;
}

/** `DELETE /applications/{name}/operation`: asks the controller to stop; it does so in its own time. */
export function terminateOperation(
  context: ApiContext,
  { parameters, query, caller }: ApiRequest,
): unknown {
  const application = findApplication(context, caller(), {
    name: parameters[0],
    action: 'sync',
    project: projectOf(query),
  });
  if (!application.operation || !application.status.operationState) {
    throw new ApiError(
      'invalidArgument',
      'Unable to terminate operation. No operation is in progress',
    );
  }
  context.applications.update(application.metadata.name, draft => {
    draft.status.operationState!.phase = 'Terminating';
  });
  return {};
}

function begin(
  context: ApiContext,
  name: string,
  operation: Operation,
): Application {
  // Asked here, right before the change: another request may have come in while the revision was resolved.
  if (context.applications.get(name)?.operation) {
    throw new ApiError(
      'failedPrecondition',
      'another operation is already in progress',
    );
  }
  return context.applications.update(name, draft => {
    draft.operation = operation;
    delete draft.status.operationState;
  });
}

function needSyncRight(
  context: ApiContext,
  who: Caller,
  application: Application,
): void {
  if (context.access.may(who, 'applications', 'sync', rbacName(application))) {
    return;
  }
  const issuedAt = `${who.issuedAt.toISOString().slice(0, 19)}Z`;
  throw new ApiError(
    'permissionDenied',
    `permission denied: applications, sync, ${rbacName(application)}, sub: ${
      who.account.name
    }, iat: ${issuedAt}`,
  );
}

async function resolveRevision(
  context: ApiContext,
  application: Application,
  body: SyncRequestBody,
): Promise<string> {
  const target = application.spec.source.targetRevision || 'HEAD';
  if (
    isAutoSync(application) &&
    !body.dryRun &&
    body.revision &&
    body.revision !== target
  ) {
    throw new ApiError(
      'failedPrecondition',
      `Cannot sync to ${body.revision}: auto-sync currently set to ${target}`,
    );
  }
  try {
    return await context.manifests.resolve(
      application.spec.source,
      body.revision,
    );
  } catch (error) {
    if (error instanceof UnknownRevisionError || error instanceof RenderError) {
      throw new ApiError(
        'failedPrecondition',
        `error resolving repo revision: rpc error: code = Unknown desc = ${error.message}`,
      );
    }
    throw error;
  }
}

function syncOptionsOf(
  application: Application,
  body: SyncRequestBody,
): { syncOptions?: string[] } {
  const options = [...(application.spec.syncPolicy?.syncOptions ?? [])];
  for (const item of body.syncOptions?.items ?? []) {
    if (!options.includes(item)) {
      options.push(item);
    }
  }
  return options.length > 0 ? { syncOptions: options } : {};
}

function checkedBody(body: Record<string, unknown>): SyncRequestBody {
  for (const [field, wanted] of BODY_TYPES) {
    const value = body[field];
    const given = Array.isArray(value) ? 'array' : typeof value;
    if (value !== undefined && value !== null && given !== wanted) {
      throw new ApiError(
        'invalidArgument',
        `json: cannot unmarshal ${given} into Go struct field ApplicationSyncRequest.${field} of type ${wanted}`,
      );
    }
  }
  return body as SyncRequestBody;
}

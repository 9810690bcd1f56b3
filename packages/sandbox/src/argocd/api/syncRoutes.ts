import { setTimeout as sleep } from 'node:timers/promises';
import { isAutoSync } from '../automatedSync';
import { UnknownRevisionError } from '../ManifestSource';
import { RenderError } from '../render/manifests';
import {
  isMultiSource,
  onlySources,
  revisionsOf,
  sourcesOf,
  writtenRevisions,
} from '../sources';
import {
  Application,
  keyOfApplication,
  Operation,
  SyncOperation,
} from '../types';
import { ApiError } from './ApiError';
import {
  ApiContext,
  ApiRequest,
  applicationOf,
  checkBody,
  findApplication,
  needRight,
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
  revisions?: string[];
  sourcePositions?: number[];
  project?: string;
  appNamespace?: string;
}

const BODY_TYPES = {
  revision: 'string',
  dryRun: 'boolean',
  prune: 'boolean',
  strategy: 'object',
  resources: 'array',
  infos: 'array',
  retryStrategy: 'object',
  syncOptions: 'object',
  revisions: 'array',
  sourcePositions: 'array',
  project: 'string',
  appNamespace: 'string',
} as const;

/** `POST /applications/{name}/sync`. The answer is the Application with the order in it and without the state of the operation before. */
export async function syncApplication(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const [name] = call.parameters;
  const who = call.caller();
  const body: SyncRequestBody = await call.body();
  checkBody({ ...body }, 'ApplicationSyncRequest', BODY_TYPES);
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
  needRight(context, who, {
    resource: 'applications',
    action: 'sync',
    application,
  });
  needNotDeleting(application);
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
  const revisions = await resolveRevisions(context, application, body);
  const operation: Operation = {
    sync: {
      ...writtenRevisions(application.spec, revisions),
      ...(body.prune ? { prune: true } : {}),
      ...(body.dryRun ? { dryRun: true } : {}),
      ...(body.strategy ? { syncStrategy: body.strategy } : {}),
      ...(body.resources?.length ? { resources: body.resources } : {}),
      ...syncOptionsOf(application, body),
      ...onlySources(application.spec),
    },
    initiatedBy: { username: who.account.name },
    ...(body.infos?.length ? { info: body.infos } : {}),
    retry: body.retryStrategy ?? {},
  };
  const answer = begin(context, application, operation);
  await sleep(context.faults.heldAnswerMs(name));
  if (context.faults.takeDroppedAnswer(name)) {
    call.request.socket.destroy();
    return undefined;
  }
  return answer;
}

interface RollbackBody {
  id?: number;
  prune?: boolean;
  dryRun?: boolean;
  project?: string;
  appNamespace?: string;
}

/** `POST /applications/{name}/rollback`: a sync of what an entry of the history had, without hooks. Windows are not asked here; the controller asks them. */
export async function rollbackApplication(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const who = call.caller();
  const body: RollbackBody = await call.body();
  checkBody({ ...body }, 'ApplicationRollbackRequest', {
    id: 'number',
    prune: 'boolean',
    dryRun: 'boolean',
    project: 'string',
    appNamespace: 'string',
  });
  const application = findApplication(context, who, {
    name: call.parameters[0],
    action: 'sync',
    project: body.project,
    namespace: body.appNamespace,
  });
  needNotDeleting(application);
  if (isAutoSync(application)) {
    throw new ApiError(
      'failedPrecondition',
      'rollback cannot be initiated when auto-sync is enabled',
    );
  }
  const { name, namespace } = application.metadata;
  const deployment = application.status.history?.find(
    entry => entry.id === (body.id ?? 0),
  );
  if (!deployment) {
    throw new ApiError(
      'invalidArgument',
      `application ${namespace}/${name} does not have deployment with id ${
        body.id ?? 0
      }`,
    );
  }
  const { syncOptions } = application.spec.syncPolicy ?? {};
  return begin(context, application, {
    sync: {
      ...writtenRevisions(deployment, revisionsOf(deployment)),
      ...(body.prune ? { prune: true } : {}),
      ...(body.dryRun ? { dryRun: true } : {}),
      syncStrategy: { apply: {} },
      ...(syncOptions?.length ? { syncOptions } : {}),
      ...onlySources(deployment),
    },
    initiatedBy: { username: who.account.name },
    retry: {},
  });
}

/** `DELETE /applications/{name}/operation`: asks the controller to stop; it does so in its own time. */
export function terminateOperation(
  context: ApiContext,
  call: ApiRequest,
): unknown {
  const application = applicationOf(context, call, 'sync');
  if (!application.operation || !application.status.operationState) {
    throw new ApiError(
      'invalidArgument',
      'Unable to terminate operation. No operation is in progress',
    );
  }
  context.applications.update(keyOfApplication(application), draft => {
    draft.status.operationState!.phase = 'Terminating';
  });
  return {};
}

function needNotDeleting({ metadata }: Application): void {
  if (metadata.deletionTimestamp) {
    throw new ApiError('failedPrecondition', 'application is deleting');
  }
}

function begin(
  context: ApiContext,
  application: Application,
  operation: Operation,
): Application {
  const key = keyOfApplication(application);
  // Asked here, right before the change: another request may have come in while the revision was resolved.
  if (context.applications.get(key)?.operation) {
    throw new ApiError(
      'failedPrecondition',
      'another operation is already in progress',
    );
  }
  return context.applications.update(key, draft => {
    draft.operation = operation;
    delete draft.status.operationState;
  });
}

/** What the sources are to be synced to. Single ones of several are named by their positions, which begin at 1. */
async function resolveRevisions(
  context: ApiContext,
  application: Application,
  body: SyncRequestBody,
): Promise<string[]> {
  const sources = sourcesOf(application.spec);
  const { revisions = [], sourcePositions = [] } = body;
  if (revisions.length !== sourcePositions.length) {
    throw new ApiError(
      'invalidArgument',
      'source positions and revisions should be provided in pairs',
    );
  }
  const wanted: Array<string | undefined> = isMultiSource(application.spec)
    ? []
    : [body.revision];
  for (const [index, position] of sourcePositions.entries()) {
    if (!(position >= 1 && position <= sources.length)) {
      throw new ApiError('invalidArgument', 'source position is out of range');
    }
    wanted[position - 1] = revisions[index];
  }
  for (const [index, source] of sources.entries()) {
    const target = source.targetRevision || 'HEAD';
    const revision = wanted[index];
    if (
      isAutoSync(application) &&
      !body.dryRun &&
      revision &&
      revision !== target
    ) {
      throw new ApiError(
        'failedPrecondition',
        `Cannot sync to ${revision}: auto-sync currently set to ${target}`,
      );
    }
  }
  try {
    return await context.manifests.resolveAll(application.spec, wanted);
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

import { entityParameters, errorResponses, parameter } from './parts';
import { count, flag, list, object, ref, text, time, word } from './words';

const identity = { group: text, kind: text, namespace: text, name: text };

/** Types of what opens below a line of the Deploy card. */
export const detailsSchemas = {
  DeploymentDetails: object(
    {
      operation: ref('OperationDetails'),
      syncPolicy: text,
      sources: list(
        object(
          {
            repository: text,
            path: text,
            chart: text,
            ref: text,
            targetRevision: text,
            revision: text,
          },
          ['path', 'chart', 'ref', 'targetRevision', 'revision'],
        ),
      ),
      conditions: list(
        object(
          {
            type: text,
            message: text,
            at: time,
            severity: word('error', 'warning'),
          },
          ['message', 'at'],
        ),
      ),
      parent: ref('RelatedApplication'),
      children: list(ref('RelatedApplication')),
      withheld: text,
      reconciledAt: time,
    },
    ['operation', 'parent', 'withheld', 'reconciledAt'],
  ),
  OperationDetails: object(
    {
      phase: text,
      text,
      message: text,
      startedAt: time,
      finishedAt: time,
      retryCount: count,
      kind: word('sync', 'partial-sync', 'dry-run', 'rollback'),
      revisions: list(text),
      by: object(
        {
          name: text,
          automated: flag,
          run: object({ id: text, requestedBy: text }, ['requestedBy']),
        },
        ['name', 'run'],
      ),
      infos: list(object({ name: text, value: text })),
      resources: list(
        object({ ...identity, status: text, message: text, hook: text }, [
          'message',
          'hook',
        ]),
      ),
      moreResources: count,
    },
    ['message', 'startedAt', 'finishedAt', 'retryCount'],
  ),
  RelatedApplication: object(
    {
      kind: word('Application', 'ApplicationSet'),
      name: text,
      namespace: text,
      sync: text,
      health: text,
      url: text,
    },
    ['namespace', 'sync', 'health', 'url'],
  ),
  DeploymentHistory: object({
    entries: list(
      object(
        {
          id: count,
          deployedAt: time,
          seconds: count,
          by: text,
          automated: flag,
          commits: list(
            object(
              {
                revision: text,
                author: text,
                at: time,
                message: text,
                problem: text,
              },
              ['author', 'at', 'message', 'problem'],
            ),
          ),
        },
        ['seconds', 'by'],
      ),
    ),
  }),
  DeploymentWindows: object(
    {
      canSync: flag,
      text,
      windows: list(
        object(
          {
            kind: word('allow', 'deny'),
            description: text,
            schedule: text,
            duration: text,
            timeZone: text,
            manualSync: flag,
            active: flag,
            until: time,
            next: time,
          },
          ['description', 'until', 'next'],
        ),
      ),
      problem: text,
    },
    ['problem'],
  ),
  DeploymentTree: object({ roots: list(ref('TreeNode')), more: count }),
  TreeNode: object(
    {
      ...identity,
      uid: text,
      health: text,
      message: text,
      sync: text,
      createdAt: time,
      images: list(text),
      children: list(ref('TreeNode')),
    },
    ['health', 'message', 'sync', 'createdAt'],
  ),
  DeploymentDiff: object({
    resources: list(
      object({
        ...identity,
        change: word('changed', 'created', 'deleted'),
        live: text,
        desired: text,
        masked: count,
        tooLarge: flag,
      }),
    ),
    unchanged: count,
    more: count,
  }),
};

const PARTS = [
  {
    part: 'details',
    schema: 'DeploymentDetails',
    summary: 'Last operation, sync policy, sources, conditions, relatives',
    needs:
      'Permission `deploys.state.read`. Messages and relatives need the consent of the Application; `withheld` says what is missing.',
  },
  {
    part: 'history',
    schema: 'DeploymentHistory',
    summary: 'Deploys that Argo CD remembers, with their commits',
    needs:
      'Permission `deploys.state.read`. Authors and messages of commits need the consent of the Application.',
  },
  {
    part: 'windows',
    schema: 'DeploymentWindows',
    summary: 'Sync windows now and next',
    needs: 'Permission `deploys.state.read`.',
  },
  {
    part: 'tree',
    schema: 'DeploymentTree',
    summary: 'Resources with their health',
    needs:
      'Permission `deploys.state.read` and the consent of the Application.',
  },
  {
    part: 'diff',
    schema: 'DeploymentDiff',
    summary: 'What a sync would change',
    needs:
      'Permissions `deploys.state.read` and `deploys.manifests.read`, and the consent of the Application. Secret values are masked. Audited as `manifests-read`.',
  },
];

/** Paths of what opens below a line of the Deploy card. */
export const detailsPaths = Object.fromEntries(
  PARTS.map(({ part, schema, summary, needs }) => [
    `/v1/entities/{kind}/{namespace}/{name}/deployments/{deployment}/${part}`,
    {
      get: {
        operationId: `get${schema}`,
        summary,
        description: `${needs} Not for deployments without an Application (404).`,
        parameters: [
          ...entityParameters,
          {
            ...parameter('deployment', 'path', true, { type: 'string' }),
            description:
              '`id` of a deployment in the state, encoded as one part of a path',
          },
        ],
        responses: {
          200: {
            description: summary,
            content: {
              'application/json': { schema: ref(schema) },
            },
          },
          ...errorResponses(400, 401, 403, 404, 503),
        },
      },
    },
  ]),
);

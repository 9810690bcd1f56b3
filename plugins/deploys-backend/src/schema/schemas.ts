import { detailsSchemas } from './details';
import { fleetViewSchemas } from './fleetViewSchemas';
import { rolloutSchemas } from './rolloutSchemas';
import { terminalSchemas } from './terminal';
import {
  count,
  flag,
  list,
  object,
  ref,
  Schema,
  sourceState,
  text,
  time,
  word,
} from './words';

/** Types of `deploys-common`, for callers in other languages. */
export const schemas: Record<string, Schema> = {
  ...detailsSchemas,
  ...rolloutSchemas,
  ...terminalSchemas,
  EntityDeploysState: object(
    {
      entityRef: text,
      asOf: time,
      channel: text,
      hash: text,
      summary: object({
        tone: word('ok', 'progressing', 'warning', 'error', 'unknown'),
        text,
      }),
      deployments: list(ref('Deployment')),
      sources: list(ref('Source')),
      versions: { type: 'object', additionalProperties: text },
      problems: list(
        object({ what: text, why: text, example: text }, ['example']),
      ),
      logs: list(ref('LogsGrant')),
      terminals: list(ref('LogsGrant')),
      commands: list(ref('LogsGrant')),
    },
    ['terminals', 'commands'],
  ),
  LogsGrant: object(
    {
      environment: text,
      cluster: text,
      visible: flag,
      allowed: flag,
      why: text,
      ask: list(text),
    },
    ['why', 'ask'],
  ),
  Deployment: object(
    {
      id: text,
      environment: text,
      cluster: text,
      unjoinedDestination: text,
      namespace: text,
      version: ref('Version'),
      drift: object({ kind: word('peers', 'rolling'), message: text }),
      migration: object(
        {
          verdict: word(
            'ran',
            'running',
            'failed',
            'skipped',
            'not-there',
            'unknown',
          ),
          text,
          log: object(
            { cluster: text, namespace: text, pod: text, container: text },
            ['container'],
          ),
          job: ref('Workload'),
          logIsGone: flag,
        },
        ['log', 'job', 'logIsGone'],
      ),
      application: ref('Application'),
      consent: ref('Consent'),
      workloads: list(ref('Workload')),
    },
    [
      'cluster',
      'unjoinedDestination',
      'namespace',
      'drift',
      'migration',
      'application',
    ],
  ),
  Version: object(
    {
      version: text,
      images: list(
        object({ container: text, image: text, tag: text, digest: text }, [
          'tag',
          'digest',
        ]),
      ),
    },
    ['version'],
  ),
  Application: object(
    {
      instance: text,
      namespace: text,
      name: text,
      project: text,
      url: text,
      sync: text,
      health: text,
      autoSync: flag,
      revision: text,
      operation: object(
        { phase: text, message: text, startedAt: time, finishedAt: time },
        ['message', 'startedAt', 'finishedAt'],
      ),
      healthIsStale: flag,
      reconciledAt: time,
      lastDeploy: object({ at: time, by: text, revision: text }, [
        'by',
        'revision',
      ]),
      override: object({ version: text, at: time, run: text, number: count }),
    },
    ['url', 'revision', 'operation', 'reconciledAt', 'lastDeploy', 'override'],
  ),
  Consent: object(
    { given: flag, by: word('annotation', 'binding'), why: text },
    ['by'],
  ),
  Workload: object(
    {
      kind: text,
      name: text,
      namespace: text,
      uid: text,
      desired: count,
      ready: count,
      updated: count,
      available: count,
      images: list(text),
      problem: text,
      rollout: ref('Rollout'),
      consent: ref('Consent'),
      pods: list(ref('Pod')),
    },
    ['problem', 'rollout', 'consent'],
  ),
  Pod: object(
    {
      name: text,
      uid: text,
      phase: text,
      ready: flag,
      containersReady: count,
      containers: list(
        object(
          {
            name: text,
            kind: word('container', 'init', 'sidecar', 'ephemeral'),
            image: text,
            ready: flag,
            restarts: count,
            state: text,
            reason: text,
          },
          ['reason'],
        ),
      ),
      reason: text,
      message: text,
      starting: flag,
      restarts: count,
      lastRestart: object(
        { reason: text, exitCode: { type: 'integer' }, at: time },
        ['reason', 'exitCode', 'at'],
      ),
      node: text,
      zone: text,
      createdAt: time,
      terminating: flag,
      goneBy: time,
      version: text,
      outdated: flag,
    },
    [
      'reason',
      'message',
      'starting',
      'lastRestart',
      'node',
      'zone',
      'terminating',
      'goneBy',
      'version',
      'outdated',
    ],
  ),
  PodEvents: object({
    items: list(
      object(
        {
          type: text,
          reason: text,
          message: text,
          count,
          firstAt: time,
          lastAt: time,
          about: object({ kind: text, name: text }),
          container: text,
        },
        ['container'],
      ),
    ),
    readable: flag,
  }),
  PodsMetrics: object({
    places: list(
      object(
        {
          cluster: text,
          namespace: text,
          state: word('read', 'none', 'not-readable', 'unavailable'),
          why: text,
          asOf: time,
        },
        ['why', 'asOf'],
      ),
    ),
    pods: {
      type: 'object',
      description: 'By uid of the pod; CPU in cores, memory in bytes',
      additionalProperties: list(ref('ContainerUsage')),
    },
  }),
  ContainerUsage: object(
    {
      name: text,
      cpu: { type: 'number' },
      memory: { type: 'number' },
      cpuRequest: { type: 'number' },
      cpuLimit: { type: 'number' },
      memoryRequest: { type: 'number' },
      memoryLimit: { type: 'number' },
    },
    ['cpu', 'memory', 'cpuRequest', 'cpuLimit', 'memoryRequest', 'memoryLimit'],
  ),
  Source: object(
    {
      id: text,
      name: text,
      state: sourceState,
      since: time,
      asOf: time,
      problem: text,
    },
    ['asOf', 'problem'],
  ),
  ImageVersions: object({
    items: list(
      object(
        {
          version: text,
          tag: text,
          digest: text,
          createdAt: time,
          commit: text,
          builtBy: text,
          missingIn: list(text),
        },
        ['digest', 'createdAt', 'commit', 'builtBy'],
      ),
    ),
    repositories: list(
      object(
        { repository: text, state: word('read', 'not-readable'), why: text },
        ['why'],
      ),
    ),
  }),
  FleetState: object(
    {
      clusters: list(
        object(
          {
            name: text,
            title: text,
            state: sourceState,
            since: time,
            asOf: time,
            problem: text,
            fix: text,
            kinds: list(object({ kind: text, state: sourceState })),
          },
          ['title', 'asOf', 'problem', 'fix'],
        ),
      ),
      argoInstances: list(
        object(
          {
            name: text,
            url: text,
            state: sourceState,
            since: time,
            asOf: time,
            problem: text,
            fix: text,
            applications: count,
          },
          ['url', 'asOf', 'problem', 'fix', 'applications'],
        ),
      ),
      unjoined: list(
        object({
          instance: text,
          destination: text,
          why: text,
          examples: list(text),
          applications: count,
        }),
      ),
    },
    ['unjoined'],
  ),
  ...fleetViewSchemas,
  Error: object({
    error: object({ name: text, message: text }),
    response: object({ statusCode: { type: 'integer' } }),
  }),
};

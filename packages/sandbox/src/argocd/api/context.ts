import { IncomingMessage, ServerResponse } from 'node:http';
import { ClusterStore } from '../../kubernetes/types';
import { WorldClock } from '../../world/clock';
import { ApplicationController } from '../ApplicationController';
import { ApplicationStore } from '../ApplicationStore';
import { ManifestSource } from '../ManifestSource';
import { canSync, windowsFor } from '../syncWindows';
import {
  Application,
  applicationKey,
  AppProject,
  ARGOCD_NAMESPACE,
  SyncWindow,
} from '../types';
import { AccessControl, Caller } from './AccessControl';
import { ApiError, permissionDenied } from './ApiError';
import { OpenStreams } from './OpenStreams';

/** A cluster as Argo CD knows it. */
export interface ArgocdCluster {
  server: string;
  name: string;
  version: string;
  /** Lines of a container's log, each after its time, as the cluster's own API gives them. Rejects with that API's words. */
  readLog(
    pod: { namespace: string; name: string; query: URLSearchParams },
    signal: AbortSignal,
  ): AsyncIterable<string>;
}

export interface ApiFaults {
  /** True once for each answer to be lost after a sync was accepted. */
  takeDroppedAnswer(application: string): boolean;
  /** The answer to a creation that took place is lost. */
  takeDroppedCreation(): boolean;
  /** Real milliseconds for which the answer to an accepted sync is held back. */
  heldAnswerMs(application: string): number;
  /** Streams stay open and say nothing. */
  streamsAreSilent(): boolean;
  /** Every Application comes twice when a stream begins. */
  streamsRepeat(): boolean;
  /** Real milliseconds that a list takes for each Application in it, and for all of it. */
  listDelayMs(applications: number): number;
}

/** What the routes of the API work with. */
export interface ApiContext {
  applications: ApplicationStore;
  controller: ApplicationController;
  manifests: ManifestSource;
  projects: Projects;
  clusters: readonly ArgocdCluster[];
  access: AccessControl;
  clock: WorldClock;
  faults: ApiFaults;
  streams: OpenStreams;
  /** Namespaces beside Argo CD's own in which Applications may lie. */
  applicationNamespaces: readonly string[];
  /** The cluster that Applications themselves lie in: their events. */
  home: ClusterStore;
}

/** One request, with what its path and query hold. */
export interface ApiRequest {
  request: IncomingMessage;
  response: ServerResponse;
  parameters: readonly string[];
  query: URLSearchParams;
  /** Reads the JSON body. Throws 400 for what is none. */
  body(): Promise<Record<string, unknown>>;
  /** Reads the body as a text of JSON, which some old requests are. Throws 400 for what is none. */
  textBody(): Promise<string>;
  /** Who asks. Throws 401. */
  caller(): Caller;
}

/** AppProjects and their windows. */
export class Projects {
  readonly #projects: Map<string, AppProject>;
  readonly #closed: (project: string) => boolean;
  readonly #clusters: readonly ArgocdCluster[];

  static create(options: {
    projects: readonly AppProject[];
    clusters: readonly ArgocdCluster[];
    /** Fault: a deny window lies over the project now. */
    isClosed(project: string): boolean;
  }): Projects {
    return new Projects(options);
  }

  private constructor(options: {
    projects: readonly AppProject[];
    clusters: readonly ArgocdCluster[];
    isClosed(project: string): boolean;
  }) {
    this.#projects = new Map(
      options.projects.map(project => [project.metadata.name, project]),
    );
    this.#clusters = options.clusters;
    this.#closed = options.isClosed;
  }

  get(name: string): AppProject | undefined {
    const project = this.#projects.get(name);
    if (!project || !this.#closed(name)) {
      return project;
    }
    const shut: SyncWindow = {
      kind: 'deny',
      schedule: '* * * * *',
      duration: '1h',
      applications: ['*'],
      description: 'Closed on the fault page',
    };
    return {
      ...project,
      spec: {
        ...project.spec,
        syncWindows: [...(project.spec.syncWindows ?? []), shut],
      },
    };
  }

  list(): AppProject[] {
    return [...this.#projects.keys()].sort().map(name => this.get(name)!);
  }

  windowsFor(application: Application): SyncWindow[] {
    const { destination, project } = application.spec;
    const names = this.#clusters
      .filter(
        cluster =>
          cluster.server === destination.server ||
          cluster.name === destination.name,
      )
      .flatMap(cluster => [cluster.server, cluster.name]);
    return windowsFor(
      this.get(project)?.spec.syncWindows ?? [],
      application,
      names,
    );
  }

  canSync(
    application: Application,
    options: { manual: boolean; now: Date },
  ): boolean {
    return canSync(this.windowsFor(application), options);
  }
}

/** `<project>/<application>`, or `<project>/<namespace>/<application>`: the name that rights on an Application are given by. */
export function rbacName({ metadata, spec }: Application): string {
  return rbacNameOf(spec.project, metadata.namespace, metadata.name);
}

function rbacNameOf(
  project: string,
  namespace: string | undefined,
  name: string,
): string {
  return namespace && namespace !== ARGOCD_NAMESPACE
    ? `${project}/${namespace}/${name}`
    : `${project}/${name}`;
}

/**
 * The Application that a request names. Without a project a missing one and a forbidden one are the same: 403, for admin too.
 */
export function findApplication(
  context: ApiContext,
  caller: Caller,
  options: {
    name: string;
    action: string;
    project?: string;
    namespace?: string;
  },
): Application {
  const { name, action, project, namespace } = options;
  if (
    namespace &&
    namespace !== ARGOCD_NAMESPACE &&
    !context.applicationNamespaces.includes(namespace)
  ) {
    throw new ApiError(
      'permissionDenied',
      `namespace '${namespace}' is not permitted`,
    );
  }
  const application = context.applications.get(applicationKey(name, namespace));
  const { access } = context;
  if (project) {
    const object = rbacNameOf(project, namespace, name);
    if (!access.may(caller, 'applications', action, object)) {
      throw permissionDenied();
    }
    if (!application || application.spec.project !== project) {
      throw new ApiError(
        'notFound',
        `applications.argoproj.io "${name}" not found`,
      );
    }
    return application;
  }
  if (
    !application ||
    !access.may(caller, 'applications', action, rbacName(application))
  ) {
    throw permissionDenied();
  }
  return application;
}

/** The Application of a GET or DELETE, whose details stand in the path and the query. */
export function applicationOf(
  context: ApiContext,
  { parameters, query, caller }: ApiRequest,
  action = 'get',
): Application {
  return findApplication(context, caller(), {
    name: parameters[0],
    action,
    project: projectOf(query),
    namespace: query.get('appNamespace') ?? undefined,
  });
}

/** Throws 403 with what was asked for by whom, as Argo CD does once it has shown the Application. */
export function needRight(
  context: ApiContext,
  caller: Caller,
  right: { resource: string; action: string; application: Application },
): void {
  const { resource, action, application } = right;
  const object = rbacName(application);
  if (!context.access.may(caller, resource, action, object)) {
    const issuedAt = `${caller.issuedAt.toISOString().slice(0, 19)}Z`;
    throw new ApiError(
      'permissionDenied',
      `permission denied: ${resource}, ${action}, ${object}, sub: ${caller.account.name}, iat: ${issuedAt}`,
    );
  }
}

/** Where an Application's objects live. */
export function surroundingsOf(context: ApiContext, application: Application) {
  const surroundings = context.controller.managedOf(application);
  if (!surroundings) {
    throw new ApiError(
      'unknown',
      `error getting cached app resource tree: cluster of ${application.metadata.name} is not known`,
    );
  }
  return surroundings;
}

/** Texts and flags of a JSON body, in Argo CD's words where one has another type. */
export function checkBody(
  body: Record<string, unknown>,
  request: string,
  types: Readonly<
    Record<string, 'string' | 'boolean' | 'number' | 'array' | 'object'>
  >,
): void {
  for (const [field, wanted] of Object.entries(types)) {
    const value = body[field];
    const given = Array.isArray(value) ? 'array' : typeof value;
    if (value !== undefined && value !== null && given !== wanted) {
      throw new ApiError(
        'invalidArgument',
        `json: cannot unmarshal ${given} into Go struct field ${request}.${field} of type ${wanted}`,
      );
    }
  }
}

/** The project of a request's query; Argo CD knows the parameter in two spellings and takes one value where it names one Application. */
export function projectOf(query: URLSearchParams): string | undefined {
  const projects = [
    ...query.getAll('project'),
    ...query.getAll('projects'),
  ].filter(Boolean);
  if (projects.length > 1) {
    throw new ApiError(
      'invalidArgument',
      'multiple projects specified - the get endpoint accepts either zero or one project',
    );
  }
  return projects[0];
}

import { IncomingMessage, ServerResponse } from 'node:http';
import { WorldClock } from '../../world/clock';
import { ApplicationController } from '../ApplicationController';
import { ApplicationStore } from '../ApplicationStore';
import { ManifestSource } from '../ManifestSource';
import { canSync, windowsFor } from '../syncWindows';
import { Application, AppProject, SyncWindow } from '../types';
import { AccessControl, Caller } from './AccessControl';
import { ApiError, permissionDenied } from './ApiError';

/** A cluster as Argo CD knows it. */
export interface ArgocdCluster {
  server: string;
  name: string;
  version: string;
}

export interface ApiFaults {
  /** True once for each answer to be lost after a sync was accepted. */
  takeDroppedAnswer(application: string): boolean;
  /** Real milliseconds for which the answer to an accepted sync is held back. */
  heldAnswerMs(application: string): number;
  /** Streams stay open and say nothing. */
  streamsAreSilent(): boolean;
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
}

/** One request, with what its path and query hold. */
export interface ApiRequest {
  request: IncomingMessage;
  response: ServerResponse;
  parameters: readonly string[];
  query: URLSearchParams;
  /** Reads the JSON body. Throws 400 for what is none. */
  body(): Promise<Record<string, unknown>>;
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

/** `<project>/<application>`, the name that rights on an Application are given by. */
export function rbacName(application: Application): string {
  return `${application.spec.project}/${application.metadata.name}`;
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
  if (namespace && namespace !== 'argocd') {
    throw new ApiError(
      'permissionDenied',
      `namespace '${namespace}' is not permitted`,
    );
  }
  const application = context.applications.get(name);
  if (project) {
    if (
      !context.access.may(caller, 'applications', action, `${project}/${name}`)
    ) {
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
    !context.access.may(caller, 'applications', action, rbacName(application))
  ) {
    throw permissionDenied();
  }
  return application;
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

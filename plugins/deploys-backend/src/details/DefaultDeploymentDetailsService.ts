import { LoggerService } from '@backstage/backend-plugin-api';
import { NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import { CatalogService } from '@backstage/plugin-catalog-node';
import {
  DeploymentDetails,
  DeploymentDiff,
  DeploymentHistory,
  DeploymentTree,
  DeploymentWindows,
} from '@switchyard/backstage-plugin-deploys-common';
import { SharedAnswers } from '@switchyard/backstage-plugin-deploys-node';
import {
  Application,
  ApplicationSyncWindows,
  ArgoCdError,
  ArgoProject,
  deploymentsOf,
  FleetService,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { loadEntity } from '../service/loadEntity';
import { CallOptions } from '../service/types';
import { describeApplication } from './application';
import { buildDiff } from './diff';
import { readHistory } from './history';
import { buildTree } from './tree';
import {
  DeploymentRequest,
  FoundDeployment,
  UncheckedDeploymentDetailsService,
} from './types';
import { describeWindows } from './windows';

/** Nobody waits longer for a tab. */
const LONGEST_WAIT_MS = 20_000;
/** So that Argo CD is asked as often for fifty who look as for one. The key holds the Application's version: a change is seen at once. */
const KEPT_MS = 5_000;
const WINDOWS_KEPT_MS = 15_000;
/** Few change, and many Applications share one. */
const PROJECT_KEPT_MS = 60_000;
/** One that did not come will likely come when it is asked for again; one that may not be read will not. */
const PROJECT_FAILURE_KEPT_MS = 5_000;
const MAX_KEPT = 200;
/** Manifests and trees are large. */
const MAX_KEPT_LARGE = 20;

type Where = Pick<FoundDeployment['application'], 'instance'>;

/** {@link UncheckedDeploymentDetailsService} from the full Applications in memory; the rest from Argo CD, once for all who look. */
export class DefaultDeploymentDetailsService
  implements UncheckedDeploymentDetailsService
{
  readonly #catalog: CatalogService;
  readonly #fleet: FleetService;
  readonly #config: SwitchyardConfig;
  readonly #logger: LoggerService;
  readonly #longestWaitMs: number;
  readonly #windows = SharedAnswers.create<ApplicationSyncWindows>({
    max: MAX_KEPT,
    freshMs: WINDOWS_KEPT_MS,
  });
  readonly #projects = SharedAnswers.create<{
    project?: ArgoProject;
    isPassing?: boolean;
  }>({
    max: MAX_KEPT,
    freshMs: ({ isPassing }) =>
      isPassing ? PROJECT_FAILURE_KEPT_MS : PROJECT_KEPT_MS,
  });
  readonly #trees = SharedAnswers.create<DeploymentTree>({
    max: MAX_KEPT_LARGE,
    freshMs: KEPT_MS,
  });
  readonly #diffs = SharedAnswers.create<DeploymentDiff>({
    max: MAX_KEPT_LARGE,
    freshMs: KEPT_MS,
  });

  static create(options: {
    catalog: CatalogService;
    fleet: FleetService;
    config: SwitchyardConfig;
    logger: LoggerService;
    /** Replaced by tests. */
    longestWaitMs?: number;
  }): DefaultDeploymentDetailsService {
    return new DefaultDeploymentDetailsService(options);
  }

  private constructor(options: {
    catalog: CatalogService;
    fleet: FleetService;
    config: SwitchyardConfig;
    logger: LoggerService;
    longestWaitMs?: number;
  }) {
    this.#catalog = options.catalog;
    this.#fleet = options.fleet;
    this.#config = options.config;
    this.#logger = options.logger;
    this.#longestWaitMs = options.longestWaitMs ?? LONGEST_WAIT_MS;
  }

  async find(
    request: DeploymentRequest,
    options: CallOptions,
  ): Promise<FoundDeployment> {
    const entity = await loadEntity(request.entityRef, {
      catalog: this.#catalog,
      logger: this.#logger,
      credentials: options.credentials,
    });
    const { deployments } = deploymentsOf(entity, this.#fleet, this.#config);
    const target = deployments.find(({ id }) => id === request.deployment);
    if (!target) {
      throw new NotFoundError(
        'This entity has no such deployment; it may have moved since the page was opened',
      );
    }
    const { application } = target;
    if (!application) {
      throw new NotFoundError(
        'No Application of Argo CD deploys this, so there is no sync, no history and nothing to compare it with',
      );
    }
    return { entity, target, application };
  }

  async readDetails(
    found: FoundDeployment,
    signal: AbortSignal,
  ): Promise<DeploymentDetails> {
    return this.#bounded(found.application, signal, async within =>
      describeApplication(
        await this.#load(found, within),
        found.application,
        this.#fleet,
        // An entity that only claims it learns nothing of what it makes, nor what servers and programs answered Argo CD.
        found.target.consent.given
          ? {}
          : { withheld: found.target.consent.why },
      ),
    );
  }

  async readHistory(
    found: FoundDeployment,
    signal: AbortSignal,
  ): Promise<DeploymentHistory> {
    return this.#bounded(found.application, signal, async within =>
      readHistory({
        application: await this.#load(found, within),
        name: nameOf(found),
        reader: this.#reader(found),
        // Argo CD reads them from a repository that may be none of the entity's business.
        ...(!found.target.consent.given && {
          withoutCommits: found.target.consent.why,
        }),
        signal: within,
      }),
    );
  }

  async readWindows(
    found: FoundDeployment,
    signal: AbortSignal,
  ): Promise<DeploymentWindows> {
    const { instance, project: projectName } = found.application;
    return this.#bounded(found.application, signal, async within => {
      const reader = this.#reader(found);
      const [windows, { project }] = await Promise.all([
        this.#windows.get(keyOf(found), within, shared =>
          reader.syncWindows(nameOf(found), { signal: shared }),
        ),
        this.#projects.get(`${instance} ${projectName}`, within, shared =>
          reader.project(projectName, { signal: shared }).then(
            defined => ({ project: defined }),
            // Without it windows are known, only less well.
            error => ({ isPassing: !isRefusal(error) }),
          ),
        ),
      ]);
      return describeWindows(windows, project, new Date());
    });
  }

  async readTree(
    found: FoundDeployment,
    signal: AbortSignal,
  ): Promise<DeploymentTree> {
    return this.#bounded(found.application, signal, within =>
      this.#trees.get(this.#versionKeyOf(found), within, async shared => {
        const nodes = await this.#reader(found).resourceTree(nameOf(found), {
          signal: shared,
        });
        return buildTree(nodes, found.application);
      }),
    );
  }

  async readDiff(
    found: FoundDeployment,
    signal: AbortSignal,
  ): Promise<DeploymentDiff> {
    return this.#bounded(found.application, signal, within =>
      this.#diffs.get(this.#versionKeyOf(found), within, async shared => {
        const reader = this.#reader(found);
        const resources = await reader.managedResources(nameOf(found), {
          signal: shared,
        });
        return buildDiff(resources);
      }),
    );
  }

  /** From memory where somebody looks at it already; else its stream is opened, and stays open for those who look next. */
  async #load(
    { application }: FoundDeployment,
    signal: AbortSignal,
  ): Promise<Application> {
    const { instance, namespace, name } = application;
    const ref = { instance, namespace, name };
    const known = this.#fleet.lookAt(ref);
    if (known) return known;
    const opened = await this.#fleet.openApplication(ref, { signal });
    try {
      return opened.current();
    } finally {
      opened.close();
    }
  }

  async #bounded<T>(
    { instance }: Where,
    signal: AbortSignal,
    read: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limit = AbortSignal.timeout(this.#longestWaitMs);
    try {
      return await read(AbortSignal.any([signal, limit]));
    } catch (error) {
      if (limit.aborted && !signal.aborted) {
        throw new ServiceUnavailableError(
          `Argo CD ${instance} does not answer in time`,
        );
      }
      throw error;
    }
  }

  #reader({ application }: FoundDeployment) {
    return this.#fleet.argo(application.instance);
  }

  #versionKeyOf(found: FoundDeployment): string {
    const { instance, namespace, name } = found.application;
    const full = this.#fleet.lookAt({ instance, namespace, name });
    return `${keyOf(found)} ${full?.metadata.resourceVersion ?? ''}`;
  }
}

function isRefusal(error: unknown): boolean {
  const { kind } = error as Partial<ArgoCdError>;
  return kind === 'forbidden' || kind === 'not-found';
}

function keyOf({ application }: FoundDeployment): string {
  const { instance, namespace, name } = application;
  return [instance, namespace, name].join(' ');
}

function nameOf({ application }: FoundDeployment) {
  const { namespace, name, project } = application;
  return { namespace, name, project };
}

import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import {
  PlannedStep,
  PlanProblem,
  RunPlan,
} from '@switchyard/backstage-plugin-runs-common';
import {
  getOwnerRefs,
  PlanRequest,
} from '@switchyard/backstage-plugin-runs-node';
import {
  ArgoCdError,
  environmentOf,
  FleetReader,
  FleetService,
  joinCluster,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import {
  applicationKey,
  describePlaces,
  titleOf,
  uniqueNames,
} from '../operations/applicationTargets';
import { warnOfCluster } from '../operations/warnings';
import { fillIn, NewApplicationCluster, NewApplicationRule } from './rules';
import { ApplicationCreateInput, CreateApplicationStepInput } from './types';
import { readRepository, toWanted, Wanted } from './wanted';

/** Newest version of the plan's format. */
export const APPLICATION_CREATE_PLAN_VERSION = 1;

const MINUTE_MS = 60_000;
const CREATE_TIMEOUT_MS = 5 * MINUTE_MS;
/** Pods of a new service pull their image for the first time. */
const DEPLOY_TIMEOUT_MS = 20 * MINUTE_MS;
const PATIENT_ATTEMPTS = 10;
/** What Kubernetes takes as a name. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * Makes the plan of creating Applications. What may be created lies in the configuration: of the request only the repository counts, and that has to lie
 * where the owners' repositories lie.
 */
export class ApplicationCreatePlanner {
  readonly #fleet: FleetReader & Pick<FleetService, 'argo'>;
  readonly #config: SwitchyardConfig;
  readonly #rules: readonly NewApplicationRule[];

  static create(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    config: SwitchyardConfig;
    rules: readonly NewApplicationRule[];
  }): ApplicationCreatePlanner {
    return new ApplicationCreatePlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    config: SwitchyardConfig;
    rules: readonly NewApplicationRule[];
  }) {
    this.#fleet = options.fleet;
    this.#config = options.config;
    this.#rules = options.rules;
  }

  /** Those in which an Application that the component may have is not there. */
  environments(entity: Entity): string[] {
    const found = new Set(
      this.#rulesFor(entity).flatMap(rule =>
        rule.clusters
          .filter(cluster => !this.#isThere(entity, rule, cluster))
          .map(cluster => this.#environmentOf(rule, cluster)),
      ),
    );
    const known = this.#config.environments
      .map(({ name }) => name)
      .filter(name => found.delete(name));
    return [...known, ...found];
  }

  async plan(request: PlanRequest<ApplicationCreateInput>): Promise<RunPlan> {
    const { entity, environment, signal } = request;
    const { wanted, problems } = this.#findWanted(request);
    const looks = await Promise.all(
      wanted.map(each => this.#findTaken(each, signal)),
    );
    problems.push(...looks.flatMap(problem => problem ?? []));
    const places = describePlaces(wanted.map(({ cluster }) => cluster));
    const name = entity.metadata.name;
    return {
      kind: 'application-create',
      version: APPLICATION_CREATE_PLAN_VERSION,
      entityRef: stringifyEntityRef(entity),
      environment,
      title:
        wanted.length === 0
          ? `Deploy ${name} to nothing`
          : `Deploy ${name} to ${places} for the first time`,
      intent: {
        action: 'application-create',
        targets: wanted.map(({ instance, cluster, manifest }) => ({
          application: {
            instance,
            namespace: manifest.metadata.namespace,
            name: manifest.metadata.name,
          },
          cluster,
          manifest: manifest as unknown as JsonObject,
        })),
      },
      keys: wanted.map(keyOf).sort(),
      steps: problems.length > 0 ? [] : buildSteps(wanted),
      changes: wanted.map(({ cluster, manifest: { metadata, spec } }) => ({
        system: 'argocd',
        what: `Application ${metadata.name}`,
        ref: metadata.name,
        cluster,
        before: 'not there',
        after: `${spec.source.repoURL}, ${spec.source.path} of ${spec.source.targetRevision}, into namespace ${spec.destination.namespace}`,
      })),
      warnings: [
        ...wanted.flatMap(({ cluster }) => warnOfCluster(cluster, this.#fleet)),
        ...(wanted.some(({ autoSync }) => !autoSync)
          ? [
              {
                what: 'Auto-sync is off',
                why: 'The Applications are created and deploy nothing until somebody syncs them',
              },
            ]
          : []),
      ],
      problems,
      undo: 'Delete the Applications in Argo CD, with what they deploy',
    };
  }

  #findWanted({
    entity,
    environment,
    input,
  }: PlanRequest<ApplicationCreateInput>): {
    wanted: Wanted[];
    problems: PlanProblem[];
  } {
    const repository = readRepository(input.repository);
    if (!repository)
      return {
        wanted: [],
        problems: [
          {
            what: 'No repository',
            why: `'${input.repository}' is no address of a repository such as https://git.example.com/team/name.git`,
            field: 'repository',
          },
        ],
      };
    const own = this.#rulesFor(entity);
    const rules = own.filter(rule =>
      rule.repositories.some(prefix => repository.startsWith(prefix)),
    );
    if (rules.length === 0)
      return {
        wanted: [],
        problems: [
          {
            what: 'The repository is not allowed',
            why: `Components of ${getOwnerRefs(entity).join(
              ', ',
            )} are deployed from repositories that begin with ${
              [...new Set(own.flatMap(rule => rule.repositories))].join(
                ' or ',
              ) || 'nothing: the configuration does not say with what'
            }`,
            field: 'repository',
          },
        ],
      };
    const here = rules.flatMap(rule =>
      rule.clusters
        .filter(cluster => this.#environmentOf(rule, cluster) === environment)
        .map(cluster => ({ rule, cluster })),
    );
    const problems: PlanProblem[] = [];
    for (const name of input.clusters ?? [])
      if (!here.some(({ cluster }) => cluster.cluster === name))
        problems.push({
          what: 'The cluster is not allowed',
          why: `In ${environment} these components may run in ${
            here.map(({ cluster }) => cluster.cluster).join(', ') || 'none'
          }, and not in ${name}`,
          field: 'clusters',
        });
    const chosen = here.filter(
      ({ cluster }) =>
        !input.clusters || input.clusters.includes(cluster.cluster),
    );
    const wanted = chosen.map(({ rule, cluster }) =>
      toWanted(entity, repository, rule, cluster),
    );
    for (const [index, { rule, cluster }] of chosen.entries())
      problems.push(
        ...this.#findFlaws(rule, cluster, wanted[index].manifest.metadata.name),
      );
    return { wanted, problems };
  }

  /** What is wrong with the configuration, or with the component's name. */
  #findFlaws(
    { instance }: NewApplicationRule,
    { cluster, destination }: NewApplicationCluster,
    name: string,
  ): PlanProblem[] {
    if (!OBJECT_NAME.test(name))
      return [
        {
          what: 'The name cannot be used',
          why: `'${name}' is no name of a Kubernetes object: lower case letters, digits, dots and dashes only`,
        },
      ];
    const known = this.#fleet.argoInstances().map(each => each.name);
    if (!known.includes(instance))
      return [
        {
          what: 'Argo CD is not configured',
          why: `switchyard.deploys.newApplications names the instance ${instance}; there is ${
            known.join(', ') || 'none'
          }`,
        },
      ];
    const join = joinCluster(
      { instance, destination },
      this.#fleet.clusters(),
      this.#config,
    );
    const called = Object.values(destination)[0];
    if (join.joined && join.cluster === cluster) return [];
    return [
      {
        what: 'Cluster not known',
        why: join.joined
          ? `The destination ${called} is ${join.cluster}, and not ${cluster} as switchyard.deploys.newApplications says`
          : `${called}: ${join.why}`,
        ref: cluster,
      },
    ];
  }

  /** Whether the name is in use, of Argo CD itself: another's Application is never touched. */
  async #findTaken(
    { instance, cluster, manifest }: Wanted,
    signal: AbortSignal,
  ): Promise<PlanProblem | undefined> {
    const { name, namespace } = manifest.metadata;
    const ref = titleOf({ namespace, name });
    const taken = {
      what: 'There is one already',
      why: `Argo CD ${instance} has an Application ${name} already; nothing is created in its place`,
      ref,
    };
    if (this.#fleet.application({ instance, namespace, name })) return taken;
    if (!this.#fleet.argoInstances().some(each => each.name === instance))
      return undefined;
    try {
      await this.#fleet
        .argo(instance)
        .getApplication(
          { namespace, name, project: manifest.spec.project },
          { signal },
        );
      return taken;
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof ArgoCdError && error.kind === 'not-found')
        return undefined;
      return {
        what: 'Argo CD cannot be asked',
        why: `Whether there is a ${name} for ${cluster} already is not known: ${
          (error as Error).message
        }`,
        ref,
      };
    }
  }

  #rulesFor(entity: Entity): NewApplicationRule[] {
    const owners = getOwnerRefs(entity);
    return this.#rules.filter(rule =>
      rule.owners.some(owner => owners.includes(owner)),
    );
  }

  #isThere(
    entity: Entity,
    { instance, argocdNamespace: namespace }: NewApplicationRule,
    { application }: NewApplicationCluster,
  ): boolean {
    const name = fillIn(application, { component: entity.metadata.name });
    return this.#fleet.application({ instance, namespace, name }) !== undefined;
  }

  #environmentOf(
    { project, namespace }: NewApplicationRule,
    { cluster }: NewApplicationCluster,
  ): string {
    return environmentOf({ cluster, project, namespace }, this.#config);
  }
}

function keyOf({ instance, manifest: { metadata } }: Wanted): string {
  const { namespace, name } = metadata;
  return applicationKey({ instance, namespace, name });
}

function buildSteps(wanted: readonly Wanted[]): PlannedStep[] {
  const names = uniqueNames(wanted.map(each => each.manifest.metadata.name));
  return wanted.flatMap(
    ({ instance, cluster, autoSync, manifest }, index): PlannedStep[] => {
      const { name, namespace } = manifest.metadata;
      const input: CreateApplicationStepInput = {
        instance,
        cluster,
        manifest: manifest as CreateApplicationStepInput['manifest'],
      };
      const create: PlannedStep = {
        id: `create.${names[index]}`,
        title: `Create Application ${name}`,
        handler: 'create-application',
        needs: [],
        effect: 'adoptable',
        input,
        timeoutMs: CREATE_TIMEOUT_MS,
        maxAttempts: PATIENT_ATTEMPTS,
        cluster,
      };
      if (!autoSync) return [create];
      return [
        create,
        {
          id: `deployed.${names[index]}`,
          title: `${name} is deployed and well`,
          handler: 'deployed',
          needs: [create.id],
          effect: 'none',
          input: {
            application: {
              instance,
              namespace,
              name,
              project: manifest.spec.project,
            },
          },
          timeoutMs: DEPLOY_TIMEOUT_MS,
          maxAttempts: PATIENT_ATTEMPTS,
          skippable: true,
          cluster,
        },
      ];
    },
  );
}

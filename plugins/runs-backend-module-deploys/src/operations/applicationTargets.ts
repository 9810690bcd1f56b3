import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { PlanProblem } from '@switchyard/backstage-plugin-runs-common';
import {
  ApplicationRow,
  deploymentsOf,
  FleetReader,
  SwitchyardConfig,
  TargetDeployment,
} from '@switchyard/fleet-node';

/** Names an Application in a plan, and which of its sources is meant: the first, where an operation is of the whole. */
export type ApplicationId = {
  /** Argo CD instance. */
  instance: string;
  namespace: string;
  name: string;
  project: string;
  multiSource: boolean;
  sourceIndex: number;
};

/** An Application of the target that an operation may touch. */
export interface ApplicationTarget {
  deployment: TargetDeployment & { application: ApplicationRow };
  id: ApplicationId;
  /** Where it deploys to, for people. */
  place: string;
}

/**
 * The Applications of an entity in an environment, from memory; those of the given names only, where names are given. One that does not agree is a problem,
 * and left out.
 */
export function findApplicationTargets(
  options: { entity: Entity; environment: string; names?: readonly string[] },
  fleet: FleetReader,
  config: SwitchyardConfig,
): { targets: ApplicationTarget[]; problems: PlanProblem[] } {
  const { entity, environment, names } = options;
  const all = new Map<string, ApplicationTarget['deployment']>();
  const { deployments, problems: flaws } = deploymentsOf(entity, fleet, config);
  for (const deployment of deployments) {
    const { application } = deployment;
    if (deployment.environment !== environment || !application) continue;
    const key = refOf(application);
    // One that deploys to several namespaces comes once for each.
    if (!all.has(key)) all.set(key, { ...deployment, application });
  }
  const problems: PlanProblem[] = [];
  const wanted = [...all.values()].filter(
    ({ application }) => !names || names.includes(application.name),
  );
  for (const name of names ?? []) {
    if (wanted.some(({ application }) => application.name === name)) continue;
    problems.push({
      what: 'No such Application',
      why: `${stringifyEntityRef(
        entity,
      )} has no Application ${name} in ${environment}; there is ${
        [...all.values()].map(each => each.application.name).join(', ') ||
        'none'
      }`,
      field: 'applications',
    });
  }
  if (all.size === 0 && !names) {
    problems.push({
      what: `Not deployed by Argo CD in ${environment}`,
      why: `No Application of ${stringifyEntityRef(
        entity,
      )} is known in ${environment}${
        flaws[0] ? `. ${flaws[0].what}: ${flaws[0].why}` : ''
      }`,
    });
  }
  const targets: ApplicationTarget[] = [];
  for (const deployment of wanted) {
    const { application, consent } = deployment;
    if (!consent.given) {
      problems.push({
        what: 'The target does not agree',
        why: consent.why,
        ref: titleOf(application),
      });
      continue;
    }
    targets.push(toApplicationTarget(deployment));
  }
  return { targets, problems };
}

/** A deployment as what an operation may touch: whether it agrees is not asked here. */
export function toApplicationTarget(
  deployment: ApplicationTarget['deployment'],
): ApplicationTarget {
  return {
    deployment,
    id: toId(deployment.application),
    place: placeOf(deployment),
  };
}

/** `Application argocd/orders-blue`: as facts and warnings call it. */
export function titleOf({
  namespace,
  name,
}: Pick<ApplicationRow, 'namespace' | 'name'>): string {
  return `Application ${namespace}/${name}`;
}

/** The key that excludes other runs from an Application. */
export function applicationKey(
  application: Pick<ApplicationRow, 'instance' | 'namespace' | 'name'>,
): string {
  return `application:${refOf(application)}`;
}

/** The key that excludes others from stopping what Argo CD does to an Application. A run that waits for that holds the Application itself. */
export function operationKey(application: ApplicationId): string {
  return `operation:${refOf(application)}`;
}

/** What of a target goes into the intent of a plan: the fact sources read it there. */
export function intentOf({ id, deployment, place }: ApplicationTarget) {
  return {
    application: {
      instance: id.instance,
      namespace: id.namespace,
      name: id.name,
    },
    cluster: deployment.cluster ?? place,
  };
}

/** '2 clusters', or the only one by its name. */
export function describePlaces(places: readonly string[]): string {
  const distinct = [...new Set(places)];
  return distinct.length === 1 ? distinct[0] : `${distinct.length} clusters`;
}

/** Step ids: Applications of two instances may have one name. */
export function uniqueNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map(name => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}.${count}`;
  });
}

function placeOf({ cluster, unjoined, application }: TargetDeployment): string {
  return cluster ?? unjoined?.destination ?? application!.name;
}

function refOf({
  instance,
  namespace,
  name,
}: Pick<ApplicationRow, 'instance' | 'namespace' | 'name'>): string {
  return `${instance}/${namespace}/${name}`;
}

function toId(application: ApplicationRow): ApplicationId {
  const { instance, namespace, name, project, multiSource } = application;
  return { instance, namespace, name, project, multiSource, sourceIndex: 0 };
}

import { Entity } from '@backstage/catalog-model';
import { JsonValue } from '@backstage/types';
import {
  ConsentFact,
  FactReading,
  FactRequest,
  FactSource,
} from '@switchyard/backstage-plugin-runs-node';
import {
  ApplicationRef,
  ApplicationRow,
  consentOf,
  FleetReader,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { applicationsByEnvironment } from '../operations/applicationsByEnvironment';

/**
 * Whether every Application that an action would touch agrees to be acted on by the entity. From memory.
 */
export function createConsentSource(options: {
  fleet: FleetReader;
  config: SwitchyardConfig;
  actions: readonly string[];
}): FactSource {
  const { fleet, config, actions } = options;
  return {
    id: 'consent',
    actions,
    async read(request: FactRequest): Promise<FactReading> {
      const unknown = findUnknownInstance(fleet);
      if (unknown) return { state: 'not-readable', why: unknown };
      const { applications, missing } = findApplications(
        request,
        fleet,
        config,
      );
      return {
        state: 'read',
        asOf: oldest(applications.map(({ observedAt }) => observedAt)),
        facts: [
          ...applications.map(application =>
            toFact(request.entity, application, config),
          ),
          ...missing,
        ],
      };
    },
  };
}

/**
 * Applications of an entity in an environment, and those that a plan names besides. A plan's Application that is gone cannot agree.
 */
export function findApplications(
  request: Pick<FactRequest, 'entity' | 'environment' | 'plan'>,
  fleet: FleetReader,
  config: SwitchyardConfig,
): { applications: ApplicationRow[]; missing: ConsentFact[] } {
  const { entity, environment } = request;
  const here =
    applicationsByEnvironment(entity, fleet, config).get(environment) ?? [];
  const applications = new Map(here.map(row => [keyOf(row), row]));
  const missing: ConsentFact[] = [];
  for (const ref of plannedApplications(request)) {
    const row = fleet.application(ref);
    if (row) applications.set(keyOf(row), row);
    else
      missing.push({
        type: 'consent',
        ref: `Application ${ref.namespace}/${ref.name}`,
        given: false,
        why: `Argo CD ${ref.instance} no longer has the Application ${ref.name}, or does not let the portal see it`,
      });
  }
  return { applications: [...applications.values()], missing };
}

/** Only those that the plan names, as far as they are there. */
export function findPlannedApplications(
  request: Pick<FactRequest, 'plan'>,
  fleet: FleetReader,
): ApplicationRow[] {
  return plannedApplications(request).flatMap(
    ref => fleet.application(ref) ?? [],
  );
}

/** Clusters of those that the plan names and that are not there, as of Applications that are still to be created. */
export function findNewClusters(
  { plan }: Pick<FactRequest, 'plan'>,
  fleet: FleetReader,
): string[] {
  return plannedApplications({ plan }).flatMap(({ cluster, ...ref }) =>
    cluster !== undefined && !fleet.application(ref) ? [cluster] : [],
  );
}

/** Tells Applications apart. */
export function keyOf({ instance, namespace, name }: ApplicationRef): string {
  return `${instance}/${namespace}/${name}`;
}

function plannedApplications({
  plan,
}: Pick<FactRequest, 'plan'>): Array<ApplicationRef & { cluster?: string }> {
  const targets = plan?.intent.targets;
  if (!Array.isArray(targets)) return [];
  return targets.flatMap((target: JsonValue) => {
    const { application, cluster } = (target ?? {}) as {
      application?: {
        instance?: unknown;
        namespace?: unknown;
        name?: unknown;
      };
      cluster?: unknown;
    };
    if (!application) return [];
    return [
      {
        instance: String(application.instance),
        namespace: String(application.namespace),
        name: String(application.name),
        ...(typeof cluster === 'string' && { cluster }),
      },
    ];
  });
}

function toFact(
  entity: Entity,
  application: ApplicationRow,
  config: SwitchyardConfig,
): ConsentFact {
  const { given, why } = consentOf(
    entity,
    { type: 'application', application },
    config,
  );
  return {
    type: 'consent',
    ref: `Application ${application.namespace}/${application.name}`,
    given,
    why,
  };
}

// What was never heard of is not nothing: its Applications might refuse.
function findUnknownInstance(fleet: FleetReader): string | undefined {
  const instance = fleet
    .argoInstances()
    .find(({ state, asOf }) => asOf === undefined && state !== 'live');
  return (
    instance &&
    `Argo CD ${instance.name} has not been heard of yet${
      instance.problem ? `: ${instance.problem}` : ''
    }`
  );
}

function oldest(times: readonly string[]): string {
  return times.reduce((a, b) => (a < b ? a : b), new Date().toISOString());
}

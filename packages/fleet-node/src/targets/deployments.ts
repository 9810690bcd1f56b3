import { Entity } from '@backstage/catalog-model';
import { ApplicationRow, JobRow, PodRow, WorkloadRow } from '../rows';
import { FleetReader } from '../types';
import { ANNOTATIONS, AnnotationReader } from './annotations';
import { applicationsOf } from './applications';
import { joinCluster } from './clusters';
import { SwitchyardConfig } from '../config';
import { consentOf } from './consent';
import { environmentOf, environmentOrder } from './environments';
import { objectKey } from './FoundObjects';
import { podsOf } from './pods';
import {
  ClusterJoin,
  EntityDeployments,
  MappingProblem,
  TargetConsent,
  TargetDeployment,
  TargetVersion,
  TargetWorkload,
} from './types';
import {
  isOfRepository,
  readVersionRule,
  versionByRule,
  VersionRule,
} from './version';
import { describeWorkloadProblem } from './workloadProblem';
import { EntityWorkloads, workloadsOf } from './workloads';

const LASTING_KINDS = [
  'Deployment',
  'Rollout',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
];

/** Of more than these nobody asks what became of them. */
const MAX_ENDED_JOBS = 20;

type AnyRow = WorkloadRow | JobRow | PodRow;

/** A place of the table before its parts are worked out. */
interface Place {
  environment: string;
  join: ClusterJoin;
  namespace?: string;
  application?: ApplicationRow;
  rows: AnyRow[];
}

/**
 * Where an entity runs: one line per environment, cluster, namespace and Application, with workloads and pods. From memory; some
 * milliseconds for hundreds of pods, so keep the answer until something of it changes.
 *
 * @param options.wantsPods - of which workloads pods are looked at; default: of all
 * @public
 */
export function deploymentsOf(
  entity: Entity,
  fleet: FleetReader,
  config: SwitchyardConfig,
  options: { wantsPods?: (row: TargetWorkload['row']) => boolean } = {},
): EntityDeployments {
  const annotations = new AnnotationReader(entity);
  const rule = readVersionRule(entity, annotations);
  const { applications, problems } = applicationsOf(entity, fleet);
  const found = workloadsOf(entity, fleet, config, applications);
  const places = [
    ...placesOfApplications(applications, found, fleet, config),
    ...placesWithoutApplication(found, config),
  ];
  const deployments = places.map(place =>
    toDeployment({ place, entity, rule, found, fleet, config, ...options }),
  );
  deployments.sort(
    (a, b) =>
      environmentOrder(a.environment, config) -
        environmentOrder(b.environment, config) ||
      compare(a.cluster ?? '\uffff', b.cluster ?? '\uffff') ||
      compare(a.namespace ?? '', b.namespace ?? '') ||
      compare(
        a.application?.name ?? '\uffff',
        b.application?.name ?? '\uffff',
      ) ||
      compare(a.id, b.id),
  );
  return {
    deployments,
    problems: [
      ...problems,
      ...found.problems,
      ...annotations.problems,
      ...(deployments.length === 0 ? explainUnmapped(annotations) : []),
    ],
  };
}

/**
 * The environments in which an entity runs, in the order of the config.
 *
 * @public
 */
export function environmentsOf(
  entity: Entity,
  fleet: FleetReader,
  config: SwitchyardConfig,
): string[] {
  const { applications } = applicationsOf(entity, fleet);
  const found = workloadsOf(entity, fleet, config, applications);
  const places = [
    ...placesOfApplications(applications, found, fleet, config),
    ...placesWithoutApplication(found, config),
  ];
  const environments = new Set(places.map(({ environment }) => environment));
  return [...environments].sort(
    (a, b) => environmentOrder(a, config) - environmentOrder(b, config),
  );
}

/** Says what is missing where nothing of an entity says what it is. */
function explainUnmapped(annotations: AnnotationReader): MappingProblem[] {
  const {
    appName,
    appSelector,
    projectName,
    kubernetesId,
    kubernetesLabelSelector,
  } = ANNOTATIONS;
  const mapping = [
    appName,
    appSelector,
    projectName,
    kubernetesId,
    kubernetesLabelSelector,
  ];
  if (mapping.some(key => annotations.has(key))) return [];
  const { name } = annotations;
  return [
    {
      what: appSelector,
      why: 'The annotation is missing: it says which Applications of Argo CD are this entity (argocd/app-name does for a single one)',
      example: `${appSelector}: backstage-name=${name}`,
    },
    {
      what: kubernetesId,
      why: `The annotation is missing: it says which workloads are this entity, and none carries the label ${kubernetesId} with the entity's name`,
      example: `${kubernetesId}: ${name}`,
    },
  ];
}

function placesOfApplications(
  applications: readonly ApplicationRow[],
  found: EntityWorkloads,
  fleet: FleetReader,
  config: SwitchyardConfig,
): Place[] {
  const clusters = fleet.clusters();
  return applications.map(application => {
    const join = joinCluster(application, clusters, config);
    const { namespace } = application.destination;
    return {
      environment: environmentOf(
        {
          cluster: join.joined ? join.cluster : undefined,
          project: application.project,
          namespace,
          labels: application.labels,
        },
        config,
      ),
      join,
      namespace,
      application,
      // What two Applications claim stands with the first.
      rows: allRows(found).filter(
        row => found.managedBy.get(objectKey(row))?.[0] === application,
      ),
    };
  });
}

function placesWithoutApplication(
  found: EntityWorkloads,
  config: SwitchyardConfig,
): Place[] {
  const places = new Map<string, Place>();
  for (const row of allRows(found)) {
    if (found.managedBy.has(objectKey(row))) continue;
    const { cluster, namespace, labels } = row;
    const environment = environmentOf({ cluster, namespace, labels }, config);
    const key = JSON.stringify([environment, cluster, namespace]);
    const place = places.get(key) ?? {
      environment,
      join: { joined: true, cluster, by: 'name' as const },
      namespace,
      rows: [],
    };
    place.rows.push(row);
    places.set(key, place);
  }
  return [...places.values()];
}

function toDeployment(options: {
  place: Place;
  entity: Entity;
  rule: VersionRule;
  found: EntityWorkloads;
  fleet: FleetReader;
  config: SwitchyardConfig;
  wantsPods?: (row: TargetWorkload['row']) => boolean;
}): TargetDeployment {
  const { place, entity, rule, found, fleet, config } = options;
  const { wantsPods = () => true } = options;
  const { application, join, environment, namespace } = place;
  const toWorkload = (
    row: AnyRow,
    how: { hasEnded: boolean },
  ): TargetWorkload => {
    const problem = describeWorkloadProblem(
      row,
      fleet.eventsAbout({ cluster: row.cluster, uid: row.uid }),
    );
    return {
      row,
      consent: consentOf(
        entity,
        {
          type: 'workload',
          workload: row,
          applications: found.managedBy.get(objectKey(row)),
        },
        config,
      ),
      ...(problem !== undefined && { problem }),
      pods: wantsPods(row) ? podsOf(row, fleet, rule, how) : [],
    };
  };
  const workloads = place.rows
    .filter(isWorthShowing)
    .map(row => toWorkload(row, { hasEnded: false }))
    .sort(
      (a, b) =>
        kindOrder(a.row) - kindOrder(b.row) || compare(a.row.name, b.row.name),
    );
  return {
    id: idOf(place),
    environment,
    ...(join.joined ? { cluster: join.cluster } : { unjoined: join }),
    ...(namespace !== undefined && { namespace }),
    ...(application && { application }),
    consent: application
      ? consentOf(entity, { type: 'application', application }, config)
      : consentOfAll(workloads),
    version: wantedVersion(rule, workloads, application),
    workloads,
    endedJobs: place.rows
      .filter(row => isJob(row) && !isWorthShowing(row))
      .sort((a, b) => compare(b.createdAt, a.createdAt))
      .slice(0, MAX_ENDED_JOBS)
      .map(row => toWorkload(row, { hasEnded: true })),
  };
}

function isJob(row: AnyRow): row is JobRow {
  return !('phase' in row) && !('desired' in row);
}

function wantedVersion(
  rule: VersionRule,
  workloads: readonly TargetWorkload[],
  application: ApplicationRow | undefined,
): TargetVersion {
  for (const kinds of [LASTING_KINDS, ['CronJob'], ['Pod']]) {
    const containers = workloads
      .filter(({ row }) => kinds.includes(row.kind))
      .flatMap(({ row }) => row.containers);
    if (containers.length > 0) return versionByRule(rule, containers);
  }
  // The fleet does not see the cluster: Argo CD's list, which holds images of hooks and of old pods too.
  const images = (application?.images ?? []).filter(
    image =>
      rule.repository === undefined || isOfRepository(image, rule.repository),
  );
  return versionByRule(
    rule,
    images.map(image => ({ name: '', image, kind: 'container' as const })),
  );
}

function kindOrder(row: AnyRow): number {
  const index = [...LASTING_KINDS, 'CronJob', 'Job'].indexOf(row.kind);
  return index < 0 ? LASTING_KINDS.length + 2 : index;
}

/** Jobs and pods that ended well have nothing to say. */
function isWorthShowing(row: AnyRow): boolean {
  if ('phase' in row) return row.phase !== 'Succeeded';
  if ('desired' in row) return true;
  return row.condition?.type !== 'Complete' && row.finishedAt === undefined
    ? true
    : row.condition?.type === 'Failed';
}

function consentOfAll(workloads: readonly TargetWorkload[]): TargetConsent {
  const refusing = workloads.find(({ consent }) => !consent.given);
  if (refusing) return refusing.consent;
  return workloads[0]?.consent ?? { given: false, why: 'Nothing runs here' };
}

function allRows(found: EntityWorkloads): AnyRow[] {
  return [...found.workloads, ...found.jobs, ...found.pods];
}

function idOf(place: Place): string {
  const { environment, join, namespace, application } = place;
  const parts = [
    environment,
    join.joined ? join.cluster : `?${join.destination}`,
    namespace ?? '',
    ...(application
      ? [application.instance, application.namespace, application.name]
      : []),
  ];
  return parts.map(encodeURIComponent).join('/');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

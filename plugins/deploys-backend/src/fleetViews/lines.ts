import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import {
  FleetRow,
  FleetRowEntity,
  SourceState,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  ApplicationRow,
  ClusterStatus,
  deploymentsOf,
  EntityDeployments,
  environmentOf,
  FleetReader,
  joinCluster,
  SwitchyardConfig,
  TargetDeployment,
  TargetWorkload,
  versionOf,
} from '@switchyard/fleet-node';
import { describeRollout, findPeerDrift } from '../state/drift';
import { podProblemWords, workloadProblemWords } from '../state/problemWords';
import { judge, JudgedDeployment } from '../state/severity';
import { Line } from './types';

const MAX_PROBLEM = 160;

/** What lines are worked out from. */
export interface LineWorld {
  fleet: FleetReader;
  config: SwitchyardConfig;
  /** All of the fleet's. */
  sources: readonly SourceState[];
}

/** The lines of a component: those of its Deploy card. Pods are looked at only where some are not as they should be. */
export function linesOfComponent(
  entity: Entity,
  world: LineWorld,
): { lines: Line[]; found: EntityDeployments; isShort: boolean } {
  const { fleet, config, sources } = world;
  const found = deploymentsOf(entity, fleet, config, {
    wantsPods: isShortOfPods,
  });
  const peerDrift = findPeerDrift(found.deployments);
  const described = describeEntity(entity);
  return {
    found,
    isShort: found.deployments.some(({ workloads }) =>
      workloads.some(({ row }) => isShortOfPods(row)),
    ),
    lines: found.deployments.map(target =>
      toLine(
        judge(
          target,
          describeRollout(target) ?? peerDrift.get(target),
          sources,
        ),
        described,
      ),
    ),
  };
}

/** The line of an Application that no entity names: what Argo CD says of it. */
export function lineOfApplication(
  application: ApplicationRow,
  world: LineWorld & { clusters: readonly ClusterStatus[] },
): Line {
  const { config, clusters, sources } = world;
  const { instance, namespace, name, project, labels, destination } =
    application;
  const join = joinCluster(application, clusters, config);
  const cluster = join.joined ? join.cluster : undefined;
  const target: TargetDeployment = {
    id: [instance, namespace, name].map(encodeURIComponent).join('/'),
    environment: environmentOf(
      { cluster, project, namespace: destination.namespace, labels },
      config,
    ),
    ...(join.joined ? { cluster } : { unjoined: join }),
    ...(destination.namespace && { namespace: destination.namespace }),
    application,
    consent: { given: false, why: '' },
    version: versionOf(
      { apiVersion: '', kind: '', metadata: { name } },
      application.images.map(image => ({ name: '', image, kind: 'container' })),
    ),
    workloads: [],
    endedJobs: [],
  };
  return toLine(judge(target, undefined, sources), undefined);
}

/** Whether a workload has fewer pods that are as they should be than it wants. Only then its pods have something to say. */
export function isShortOfPods(row: TargetWorkload['row']): boolean {
  if ('phase' in row) return !row.ready;
  if (!('desired' in row)) return row.finishedAt === undefined;
  return (
    row.kind !== 'CronJob' &&
    (row.ready < row.desired ||
      row.updated < row.desired ||
      row.observedGeneration < row.generation)
  );
}

function describeEntity(entity: Entity): FleetRowEntity {
  const { metadata, relations = [] } = entity;
  const related = (type: string) =>
    relations.find(relation => relation.type === type)?.targetRef;
  const owner = related('ownedBy');
  const system = related('partOf');
  return {
    ref: stringifyEntityRef(entity),
    ...(metadata.title && { title: metadata.title }),
    ...(owner && { owner }),
    ...(system && { system }),
  };
}

function toLine(
  judged: JudgedDeployment,
  entity: FleetRowEntity | undefined,
): Line {
  const { target, drift, severity } = judged;
  const { application, cluster, unjoined, namespace, environment } = target;
  const pods = countPods(target);
  const problem = describeProblem(judged);
  const changedAt = changeTimeOf(target);
  const row: FleetRow = {
    id: entity ? `${target.id} ${entity.ref}` : target.id,
    name: application?.name ?? entity?.ref.split('/')[1] ?? '',
    severity,
    ...(entity && { entity }),
    environment,
    ...(cluster !== undefined && { cluster }),
    ...(unjoined && { destination: unjoined.destination }),
    ...(namespace !== undefined && { namespace }),
    ...(application && { app: toApp(application) }),
    ...(target.version.version !== undefined && {
      version: target.version.version,
    }),
    ...(drift && { drift }),
    ...(pods && { pods }),
    ...(problem && { problem: shorten(problem) }),
    ...(changedAt && { changedAt }),
  };
  return {
    row,
    ...(application && { application }),
    facts: {
      images: [
        ...new Set([
          ...target.workloads.flatMap(workload =>
            workload.row.containers.map(({ image }) => image),
          ),
          ...(application?.images ?? []),
        ]),
      ],
      revisions: [
        ...new Set([
          ...(application?.sync.revisions ?? []),
          ...(application?.operation?.revisions ?? []),
        ]),
      ],
      workloads: target.workloads.map(({ row: workload }) => ({
        cluster: workload.cluster,
        namespace: workload.namespace,
        kind: workload.kind,
        name: workload.name,
        uid: workload.uid,
      })),
    },
  };
}

function toApp(row: ApplicationRow): NonNullable<FleetRow['app']> {
  const { instance, namespace, project, operation } = row;
  return {
    instance,
    namespace,
    project,
    sync: row.sync.status,
    health: row.health.status,
    ...(operation && {
      operation: {
        // Asked for, and the controller has not begun.
        phase: operation.phase ?? 'Pending',
        // Of one that ended the line says when. Running with an end means that it waits to try again.
        ...(operation.startedAt &&
          (!operation.finishedAt || operation.phase === 'Running') && {
            startedAt: operation.startedAt,
          }),
      },
    }),
  };
}

function countPods({ workloads }: TargetDeployment): FleetRow['pods'] {
  let ready = 0;
  let wanted = 0;
  let isKnown = false;
  for (const { row } of workloads) {
    if (!('desired' in row) || row.kind === 'CronJob') continue;
    isKnown = true;
    ready += row.ready;
    wanted += row.desired;
  }
  return isKnown ? [ready, wanted] : undefined;
}

function describeProblem({
  target,
  failing,
}: JudgedDeployment): string | undefined {
  for (const workload of target.workloads) {
    const pod = workload.pods.find(each => failing.includes(each));
    if (pod) return podProblemWords(pod, workload);
  }
  const broken = target.workloads.find(({ problem }) => problem !== undefined);
  return broken && workloadProblemWords(broken);
}

/** Without an operation of Argo CD: the last step of the newest rollout, which the Deployment notes; else when it was made. */
function changeTimeOf({
  application,
  workloads,
}: TargetDeployment): string | undefined {
  const { finishedAt, startedAt } = application?.operation ?? {};
  if (finishedAt ?? startedAt) return finishedAt ?? startedAt;
  const times = workloads.map(({ row }) => {
    const progress =
      'conditions' in row &&
      row.conditions.find(({ type }) => type === 'Progressing')?.at;
    return progress || row.createdAt;
  });
  return times.sort().at(-1);
}

function shorten(text: string): string {
  return text.length > MAX_PROBLEM
    ? `${text.slice(0, MAX_PROBLEM - 1)}…`
    : text;
}

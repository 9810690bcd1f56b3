import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { SEVERITIES } from '@switchyard/backstage-plugin-deploys-common';
import {
  ApplicationRow,
  EntityDeployments,
  FleetReader,
} from '@switchyard/fleet-node';
import { toDeploymentState } from './deploymentState';
import { describeRollout, findPeerDrift } from './drift';
import { judge, JudgedDeployment } from './severity';
import { sourcesOf } from './sources';
import { summarize } from './summary';
import { ApplicationDetails, StateContent } from './types';

/** Makes what is shown of an entity. The same fleet gives the same content, to the letter: its hash tells whether anything changed. */
export function buildContent(options: {
  entity: Entity;
  found: EntityDeployments;
  fleet: FleetReader;
  detailsOf: (application: ApplicationRow) => ApplicationDetails | undefined;
}): StateContent {
  const { entity, found, fleet, detailsOf } = options;
  const sources = sourcesOf(found.deployments, fleet);
  const peerDrift = findPeerDrift(found.deployments);
  const judged = found.deployments.map(target =>
    judge(target, describeRollout(target) ?? peerDrift.get(target), sources),
  );
  const withJobs = new Set(
    fleet
      .clusters()
      .filter(({ kinds }) =>
        kinds.some(({ kind, state }) => kind === 'Job' && state === 'live'),
      )
      .map(({ name }) => name),
  );
  // Stable: within one severity the order of environments and clusters stays.
  const ordered = [...judged].sort((a, b) => place(a) - place(b));
  return {
    entityRef: stringifyEntityRef(entity),
    summary: summarize(ordered, sources, found.problems),
    deployments: ordered.map(({ target, drift, cluster, argo }) =>
      toDeploymentState(target, {
        entity,
        fleet,
        drift,
        details: target.application && detailsOf(target.application),
        isSeen:
          cluster?.state === 'live' &&
          withJobs.has(target.cluster!) &&
          target.consent.given,
        healthIsStale:
          cluster?.state === 'unreachable' || argo?.state === 'unreachable',
      }),
    ),
    sources,
    problems: found.problems,
  };
}

function place({ severity }: JudgedDeployment): number {
  return SEVERITIES.indexOf(severity);
}

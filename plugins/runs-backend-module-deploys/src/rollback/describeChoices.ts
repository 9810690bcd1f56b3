import { RollbackChoices } from '@switchyard/backstage-plugin-deploys-common';
import { PlanProblem } from '@switchyard/backstage-plugin-runs-common';
import { LookedBack, PastDeploy } from './types';

type Choice = RollbackChoices['versions'][number];
type Deploy = Choice['deploys'][number];

const MAX_MESSAGE = 500;

/** The versions that ran, the last one first, each with its newest deploy by each Application. */
export function describeChoices(
  looked: readonly LookedBack[],
  problems: readonly PlanProblem[],
): Omit<RollbackChoices, 'applications'> {
  const versions = new Map<string, Choice>();
  const unknown: RollbackChoices['unknown'] = [];
  for (const look of looked) {
    for (const deploy of look.past) {
      const described = describeDeploy(look, deploy);
      if (!deploy.image) {
        unknown.push({ ...described, why: deploy.problem ?? 'not known' });
        continue;
      }
      const { version } = deploy.image;
      const choice = versions.get(version) ?? {
        version,
        isNow: looked.every(each => names(each, version)),
        missingIn: looked
          .filter(({ past }) =>
            past.every(({ image }) => image?.version !== version),
          )
          .map(({ target }) => target.deployment.application.name),
        deploys: [],
        revisions: [],
      };
      versions.set(version, choice);
      if (deploy.revision && !choice.revisions.includes(deploy.revision))
        choice.revisions.push(deploy.revision);
      if (
        !choice.deploys.some(
          ({ application }) => application === described.application,
        )
      )
        choice.deploys.push(described);
    }
  }
  return {
    versions: [...versions.values()].sort((a, b) =>
      lastOf(b.deploys).localeCompare(lastOf(a.deploys)),
    ),
    unknown,
    problems: problems.map(({ what, why, ref }) => ({ what, why, ref })),
  };
}

function describeDeploy({ target }: LookedBack, deploy: PastDeploy): Deploy {
  const { application, cluster, unjoined } = target.deployment;
  const { revision, deployedAt, by, automated, commit } = deploy;
  return {
    application: application.name,
    cluster: cluster ?? unjoined?.destination ?? application.name,
    deployedAt,
    automated,
    ...(by !== undefined && { by }),
    ...(revision !== null && { revision }),
    ...(commit && {
      commit: { ...commit, message: commit.message.slice(0, MAX_MESSAGE) },
    }),
  };
}

/** Whether Git names the version everywhere in an Application now. */
function names({ image, target }: LookedBack, version: string): boolean {
  return image.places.every(
    ({ tag }) => tag === `${target.wanted.tagPrefix}${version}`,
  );
}

function lastOf(deploys: readonly Deploy[]): string {
  return deploys.reduce(
    (last, { deployedAt }) => (deployedAt > last ? deployedAt : last),
    '',
  );
}

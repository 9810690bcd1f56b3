import { Warning } from '@switchyard/backstage-plugin-runs-common';
import {
  FleetReader,
  migrationHooksOf,
  TargetDeployment,
} from '@switchyard/fleet-node';
import { warnOfAutoSync, warnOfUntouched } from '../hotfix/warnings';
import { titleOf } from '../operations/applicationTargets';
import { distinct, warnOfApplications } from '../operations/warnings';
import { LookedBack, PastDeploy, PastImage } from './types';

/** An Application with the deploy that it is set back to. */
export interface Chosen {
  look: LookedBack;
  deploy: PastDeploy & { image: PastImage };
}

/** What a person should know before an older version runs again. */
export function findRollbackWarnings(
  options: {
    chosen: readonly Chosen[];
    withoutApplication: readonly TargetDeployment[];
  },
  fleet: FleetReader,
): Warning[] {
  const { chosen, withoutApplication } = options;
  const targets = chosen.map(({ look }) => look.target);
  return distinct([
    ...chosen.flatMap(warnOfMigrations),
    ...targets.flatMap(({ deployment }) => warnOfAutoSync(deployment)),
    ...warnOfApplications(targets, fleet),
    ...warnOfUntouched(withoutApplication),
  ]);
}

// What changed in the database between the two cannot be told from here: that something may have, can.
function warnOfMigrations({ look, deploy }: Chosen): Warning[] {
  const { target, full, image, past } = look;
  const { application } = target.deployment;
  const name =
    image.affected.find(({ hooks }) => hooks.length > 0)?.name ??
    migrationHooksOf(full.status?.operationState ?? {})[0]?.name;
  if (name === undefined) return [];
  const { version } = deploy.image;
  const since = past
    .slice(
      0,
      past.findIndex(each => each.image?.version === version),
    )
    .map(each => each.image?.version)
    .filter(each => each !== version);
  if (since.length === 0) return [];
  const versions = [
    ...new Set(since.map(each => each ?? 'one that is not known')),
  ];
  return [
    {
      what: 'The old code meets the new schema',
      why: `${
        application.name
      } has run the migration ${name} since, with ${versions.join(
        ', ',
      )}: what it changed in the database stays. ${version} has to work with that, and its own migration runs again in the sync`,
      ref: titleOf(application),
    },
  ];
}

/** That a tag is another image by now than the one that ran. */
export function warnOfMovedTag(
  { look, deploy }: Chosen,
  digest: string | undefined,
): Warning[] {
  const { tag, digest: then } = deploy.image;
  if (then === undefined || digest === undefined || then === digest) return [];
  return [
    {
      what: 'The tag has moved',
      why: `${tag} named ${then.slice(
        0,
        19,
      )}… when it ran, and names ${digest.slice(
        0,
        19,
      )}… in the registry now; Git pins no digest any more, so the latter will run`,
      ref: titleOf(look.target.deployment.application),
    },
  ];
}

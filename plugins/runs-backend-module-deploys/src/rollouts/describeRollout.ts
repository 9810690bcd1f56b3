import { Entity } from '@backstage/catalog-model';
import { Warning } from '@switchyard/backstage-plugin-runs-common';
import { FleetReader, versionOf, WorkloadRow } from '@switchyard/fleet-node';
import { describeStep, isUnderWay, RolloutStand } from './readRollout';
import { RolloutVerb } from './types';
import { HASH_LABEL } from './viewComing';

/** A Rollout in words, for a preview. */
export interface RolloutWords {
  /** 'v1.5.0 beside v1.4.2, 50 %, step 5 of 5: pause …' */
  now: string;
  after(verb: RolloutVerb): string;
  warnings(verb: RolloutVerb): Array<Pick<Warning, 'what' | 'why'>>;
}

/** Says where a Rollout stands, and where it goes when something is asked of it. */
export function describeRollout(options: {
  entity: Entity;
  row: WorkloadRow;
  stand: RolloutStand;
  fleet: FleetReader;
}): RolloutWords {
  const { row, stand } = options;
  const next = nameVersion(stand.hash, options);
  const stable = nameVersion(stand.stableHash, options);
  const { weight } = row.rollout ?? {};
  const place = placeOf(stand, stand.step);
  const now = isUnderWay(stand)
    ? [
        stand.isAborted
          ? `${next} aborted, ${stable} stays`
          : `${next} beside ${stable}`,
        !stand.isAborted && weight !== undefined && `${weight} %`,
        stand.isPausedByHand && 'paused by hand',
        !stand.isAborted && place,
      ]
        .filter(Boolean)
        .join(', ')
    : `${next}, rolled out`;
  return {
    now,
    after: verb => describeAfter(verb, { stand, next, stable }),
    warnings: verb => findWarnings(verb, { stand, next, stable, row }),
  };
}

function describeAfter(
  verb: RolloutVerb,
  known: { stand: RolloutStand; next: string; stable: string },
): string {
  const { stand, next, stable } = known;
  switch (verb) {
    case 'promote':
      return stand.strategy === 'blueGreen'
        ? `all traffic to ${next}`
        : placeOf(stand, stand.step + 1) ?? `${next} everywhere`;
    case 'promote-full':
      return `${next} everywhere, at once`;
    case 'abort':
      return `${stable} takes all traffic again`;
    case 'retry':
      return stand.strategy === 'blueGreen'
        ? `${next} beside ${stable} again`
        : placeOf(stand, 0) ?? `${next} beside ${stable} again`;
    case 'pause':
      return 'paused by hand: no step is taken';
    default:
      return 'goes on from where it stands';
  }
}

function findWarnings(
  verb: RolloutVerb,
  known: {
    stand: RolloutStand;
    next: string;
    stable: string;
    row: WorkloadRow;
  },
): Array<Pick<Warning, 'what' | 'why'>> {
  const { stand, next, stable, row } = known;
  const { name, cluster } = row;
  switch (verb) {
    case 'promote': {
      const present = stand.steps[stand.step];
      if (stand.pause?.reason.startsWith('Inconclusive'))
        return [
          {
            what: 'The analysis could not decide',
            why: `What it measured of ${next} in ${cluster} is neither good nor bad: whoever promotes it decides`,
          },
        ];
      return stand.pause || !present
        ? []
        : [
            {
              what: 'Skips what is under way',
              why: `The ${
                Object.keys(present)[0]
              } of ${name} in ${cluster} has not ended; its result would not count`,
            },
          ];
    }
    case 'promote-full':
      return [
        {
          what: 'Skips what is left',
          why: `${
            stand.steps.length > stand.step
              ? `${stand.steps.length - stand.step} of ${
                  stand.steps.length
                } steps`
              : 'Pauses and analyses'
          } of ${name} in ${cluster} are left out, and Argo Rollouts does not abort it after that`,
        },
      ];
    case 'abort':
      return [
        {
          what: 'Git still wants it',
          why: `${name} in ${cluster} is Degraded until somebody ships ${stable} or another version, or retries ${next}`,
        },
      ];
    default:
      return [];
  }
}

function placeOf(stand: RolloutStand, index: number): string | undefined {
  if (stand.strategy !== 'blueGreen') return describeStep(stand, index);
  return stand.pause ? 'waits before the switch' : undefined;
}

function nameVersion(
  hash: string | undefined,
  options: { entity: Entity; row: WorkloadRow; fleet: FleetReader },
): string {
  const { entity, row, fleet } = options;
  if (hash === undefined) return 'the version';
  const { cluster, namespace, uid } = row;
  const set = fleet
    .replicaSets({ cluster, namespace, ownerUid: uid })
    .find(({ labels }) => labels[HASH_LABEL] === hash);
  return (set && versionOf(entity, set.containers).version) ?? hash;
}

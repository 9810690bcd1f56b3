import {
  EntityDeploysState,
  SourceState,
} from '@switchyard/backstage-plugin-deploys-common';
import { TargetPod } from '@switchyard/fleet-node';
import { describePausedAt } from './rolloutState';
import {
  isPodStarting,
  isRolling,
  isStarting,
  isSyncing,
  isUnseen,
  JudgedDeployment,
} from './severity';

type Summary = EntityDeploysState['summary'];
/** Clauses with their tone, the more urgent first. */
type Clause = Summary;

/** A sentence of more than two clauses is not read. */
const MAX_CLAUSES = 2;

/** One sentence for the top of the cards: what is wrong first, never 'fine' where something cannot be seen. */
export function summarize(
  deployments: readonly JudgedDeployment[],
  sources: readonly SourceState[],
  problems: EntityDeploysState['problems'],
): Summary {
  if (deployments.length === 0) return summarizeNothing(sources, problems);
  const clauses = [
    ...failures(deployments),
    ...unseen(deployments),
    ...rollouts(deployments),
    ...drifts(deployments),
    ...elsewhere(deployments, sources),
  ];
  if (clauses.length === 0) return summarizeFine(deployments);
  return {
    tone: clauses[0].tone,
    text: clauses
      .slice(0, MAX_CLAUSES)
      .map(({ text }) => text)
      .join('; '),
  };
}

function summarizeNothing(
  sources: readonly SourceState[],
  problems: EntityDeploysState['problems'],
): Summary {
  const unseenSources = sources.filter(isUnseen);
  if (unseenSources.length > 0) {
    return {
      tone: 'unknown',
      text: `Nothing is known: ${unseenSources.map(describeUnseen).join(', ')}`,
    };
  }
  const connecting = sources.filter(({ state }) => state === 'connecting');
  if (connecting.length > 0) {
    return {
      tone: 'unknown',
      text: `Not looked at yet: ${listNames(connecting)}`,
    };
  }
  if (problems.length > 0) {
    return {
      tone: 'warning',
      text: 'Nothing is found by the annotations of this entity',
    };
  }
  return { tone: 'unknown', text: 'Nothing runs' };
}

function failures(deployments: readonly JudgedDeployment[]): Clause[] {
  const failed = deployments.filter(({ severity }) => severity === 'failed');
  if (failed.length === 0) return [];
  const failing = failed.flatMap(each => each.failing);
  const jobs = failed.map(findFailedJob);
  if (jobs.every(job => job !== undefined)) {
    const names = [...new Set(jobs)].map(name => `Job ${name}`);
    return [
      { tone: 'error', text: `${join(names)} failed ${placesOf(failed)}` },
    ];
  }
  if (failing.length > 0) {
    const all = podsOf(failed);
    const words = failing.flatMap(({ problem }) => leadingWord(problem?.text));
    return [
      {
        tone: 'error',
        text: `${failing.length} of ${plural(all.length, 'pod')} ${placesOf(
          failed,
        )} ${failing.length === 1 ? 'needs' : 'need'} attention: ${[
          ...new Set(words),
        ].join(', ')}`,
      },
    ];
  }
  return [
    {
      tone: 'error',
      text: `${describeFailure(failed[0])} ${placesOf(failed)}`,
    },
  ];
}

/** A migration, for example, to which all pods belong that need attention: what runs is well. */
function findFailedJob({
  target,
  failing,
}: JudgedDeployment): string | undefined {
  if (failing.length === 0) return undefined;
  return target.workloads.find(
    ({ row, problem, pods }) =>
      row.kind === 'Job' && problem && failing.every(pod => pods.includes(pod)),
  )?.row.name;
}

function describeFailure({ target }: JudgedDeployment): string {
  const { application, workloads } = target;
  const problem = workloads.find(workload => workload.problem)?.problem;
  const [word] = leadingWord(problem);
  if (word) return word;
  const phase = application?.operation?.phase;
  return phase === 'Failed' || phase === 'Error'
    ? `The last operation of Argo CD ended as ${phase}`
    : application?.health.status ?? 'Degraded';
}

function unseen(deployments: readonly JudgedDeployment[]): Clause[] {
  const clauses: Clause[] = [];
  const hidden = new Map<string, SourceState>();
  for (const { cluster, argo } of deployments) {
    for (const source of [cluster, argo]) {
      if (source && isUnseen(source)) hidden.set(source.id, source);
    }
  }
  const unreachable = [...hidden.values()].filter(
    ({ state }) => state === 'unreachable',
  );
  if (unreachable.length > 0) {
    clauses.push({
      tone: 'warning',
      text: `${listNames(
        unreachable,
      )} cannot be reached, the last state is shown`,
    });
  }
  const unreadable = [...hidden.values()].filter(
    ({ state }) => state === 'not-readable',
  );
  if (unreadable.length > 0) {
    clauses.push({
      tone: 'warning',
      text: `${listNames(unreadable)} may not be read by the portal`,
    });
  }
  const unwatched = [...hidden.values()].filter(
    ({ state }) => state === 'not-watched',
  );
  if (unwatched.length > 0) {
    clauses.push({
      tone: 'unknown',
      text: `${listNames(unwatched)} is not watched: only Argo CD tells of it`,
    });
  }
  const unjoined = deployments.filter(({ target }) => target.unjoined).length;
  if (unjoined > 0) {
    clauses.push({
      tone: 'warning',
      text: `${plural(unjoined, 'destination')} of Argo CD ${
        unjoined === 1 ? 'is' : 'are'
      } no known cluster`,
    });
  }
  return clauses;
}

function rollouts(deployments: readonly JudgedDeployment[]): Clause[] {
  const sound = deployments.filter(({ severity }) => severity !== 'failed');
  const clauses: Clause[] = [];
  const paused = sound.filter(each => pausesOf(each).length > 0);
  if (paused.length > 0) {
    const version = commonVersion(paused);
    const pauses = paused.flatMap(pausesOf);
    const at = pauses.length === 1 && pauses[0] ? ` ${pauses[0]},` : '';
    clauses.push({
      tone: 'progressing',
      text: `The rollout${
        version ? ` of ${version}` : ''
      } is paused${at} ${placesOf(paused)}`,
    });
  }
  const rolling = sound.filter(
    each => isRolling(each) && !paused.includes(each),
  );
  if (rolling.length > 0) {
    const version = commonVersion(rolling);
    clauses.push({
      tone: 'progressing',
      text: `${
        version ? `Rolling out ${version}` : 'A rollout is under way'
      } ${placesOf(rolling)}`,
    });
  }
  const syncing = sound.filter(each => isSyncing(each) && !isRolling(each));
  if (syncing.length > 0) {
    clauses.push({
      tone: 'progressing',
      text: `A sync is under way ${placesOf(syncing)}`,
    });
  }
  if (clauses.length > 0) return clauses;
  const starting = sound.filter(isStarting);
  if (starting.length === 0) return [];
  const pods = podsOf(starting);
  const count = pods.filter(isPodStarting).length;
  return [
    {
      tone: 'progressing',
      text:
        count === 0
          ? `Progressing ${placesOf(starting)}`
          : `${count} of ${plural(pods.length, 'pod')} ${
              count === 1 ? 'is' : 'are'
            } starting ${placesOf(starting)}`,
    },
  ];
}

/** Where each of its Rollouts waits that does. */
function pausesOf({ target }: JudgedDeployment): string[] {
  return target.workloads.flatMap(({ row }) =>
    'desired' in row ? describePausedAt(row) ?? [] : [],
  );
}

function commonVersion(
  deployments: readonly JudgedDeployment[],
): string | undefined {
  const versions = new Set(
    deployments.map(({ target }) => target.version.version),
  );
  return versions.size === 1 ? [...versions][0] : undefined;
}

function drifts(deployments: readonly JudgedDeployment[]): Clause[] {
  const clauses: Clause[] = [];
  const behind = deployments.filter(({ drift }) => drift?.kind === 'peers');
  if (behind.length > 0) {
    const environments = new Set(
      behind.map(({ target }) => target.environment),
    );
    const peers = deployments.filter(({ target }) =>
      environments.has(target.environment),
    );
    const isOlder = behind.every(({ drift }) =>
      drift?.message.includes(' is older than '),
    );
    clauses.push({
      tone: 'warning',
      text: `${behind.length} of ${plural(clustersOf(peers), 'cluster')} ${
        behind.length === 1 ? 'runs' : 'run'
      } ${isOlder ? 'an older' : 'another'} version`,
    });
  }
  const outOfSync = deployments.filter(
    ({ target }) => target.application?.sync.status === 'OutOfSync',
  );
  if (outOfSync.length > 0) {
    clauses.push({
      tone: 'warning',
      text: `OutOfSync ${placesOf(outOfSync)}`,
    });
  }
  const unknown = deployments.filter(
    ({ target: { application } }) =>
      application?.sync.status === 'Unknown' ||
      application?.health.status === 'Unknown',
  );
  if (unknown.length > 0) {
    clauses.push({
      tone: 'unknown',
      text: `Argo CD does not know the state ${placesOf(unknown)}`,
    });
  }
  return clauses;
}

/** Sources that no line rests on, because they could not be looked at. */
function elsewhere(
  deployments: readonly JudgedDeployment[],
  sources: readonly SourceState[],
): Clause[] {
  const used = new Set(
    deployments.flatMap(({ cluster, argo }) => [cluster?.id, argo?.id]),
  );
  const connecting = sources.filter(({ state }) => state === 'connecting');
  const others = sources.filter(
    source =>
      isUnseen(source) &&
      // Somebody decided that: it is no news on every page of the portal.
      source.state !== 'not-watched' &&
      !used.has(source.id),
  );
  return [
    ...(connecting.length > 0
      ? [
          {
            tone: 'unknown' as const,
            text: `Not looked at yet: ${listNames(connecting)}`,
          },
        ]
      : []),
    ...(others.length > 0
      ? [
          {
            tone: 'unknown' as const,
            text: `What runs elsewhere is not known: ${others
              .map(describeUnseen)
              .join(', ')}`,
          },
        ]
      : []),
  ];
}

function summarizeFine(deployments: readonly JudgedDeployment[]): Summary {
  const workloads = deployments.flatMap(({ target }) => target.workloads);
  const where = `on ${plural(clustersOf(deployments), 'cluster')}`;
  if (workloads.length === 0) {
    return { tone: 'unknown', text: `No workloads are found ${where}` };
  }
  const pods = workloads
    .flatMap(workload => workload.pods)
    .filter(({ row }) => !row.deletedAt);
  if (pods.length === 0) {
    return { tone: 'ok', text: `No pods are wanted now ${where}` };
  }
  const ready = pods.filter(({ row }) => row.ready).length;
  return {
    tone: 'ok',
    text:
      ready === pods.length
        ? `${
            pods.length === 1 ? 'The pod is' : `All ${pods.length} pods are`
          } ready ${where}`
        : `${ready} of ${pods.length} pods are ready ${where}`,
  };
}

function describeUnseen({ name, state }: SourceState): string {
  if (state === 'unreachable') return `${name} cannot be reached`;
  return state === 'not-watched'
    ? `${name} is not watched`
    : `${name} may not be read`;
}

function podsOf(deployments: readonly JudgedDeployment[]): TargetPod[] {
  return deployments.flatMap(({ target }) =>
    target.workloads.flatMap(({ pods }) => pods),
  );
}

function clustersOf(deployments: readonly JudgedDeployment[]): number {
  return new Set(deployments.map(({ target }) => target.cluster ?? target.id))
    .size;
}

function placesOf(deployments: readonly JudgedDeployment[]): string {
  const places = new Set(
    deployments.map(
      ({ target }) => target.cluster ?? target.unjoined?.destination ?? '',
    ),
  );
  return `on ${join([...places])}`;
}

function leadingWord(text: string | undefined): string[] {
  const word = text?.split(':')[0];
  return word ? [word] : [];
}

function listNames(sources: readonly SourceState[]): string {
  return join(sources.map(({ name }) => name));
}

function join(names: readonly string[]): string {
  return names.length < 2
    ? names.join('')
    : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

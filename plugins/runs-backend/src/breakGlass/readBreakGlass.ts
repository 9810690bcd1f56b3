import { Config, readDurationFromConfig } from '@backstage/config';
import { durationToMilliseconds, HumanDuration } from '@backstage/types';
import { PassLift } from '@switchyard/backstage-plugin-runs-common';
import { UNASSIGNED_ENVIRONMENT } from '../environments';

/** `switchyard.runs.breakGlass`, with its defaults. */
export interface BreakGlassConfig {
  /** How long a pass is valid. */
  validForMs: number;
  /** How long a second person may take. */
  confirmWithinMs: number;
  /** Environments in which somebody else has to confirm; `unassigned` is always one of them. */
  secondPerson: string[];
  /** What a pass lifts besides locks and freezes. */
  lifts: PassLift[];
  /** Users and groups that are told of every pass, and may confirm one as far as the table of rights says. */
  confirmers: string[];
}

const KEY = 'switchyard.runs.breakGlass';
const DEFAULT_TIME: HumanDuration = { minutes: 30 };
const SHORTEST_MS = 60_000;
const LONGEST_MS = 24 * 3_600_000;
const LIFTS: readonly PassLift[] = ['approvals', 'findings'];
const PERSON_OR_GROUP = /^(user|group):[\w.-]+\/[\w.-]+$/;
/** The word of `switchyard.access`. */
const WORD = 'break-glass';

/**
 * Reads `switchyard.runs.breakGlass`.
 *
 * @throws Error that names the key and what would be right
 */
export function readBreakGlass(config: Config): BreakGlassConfig {
  const glass = config.getOptionalConfig(KEY);
  const lifts = (glass?.getOptionalStringArray('lifts') ?? []).map(word => {
    if (!LIFTS.includes(word as PassLift))
      throw new Error(
        `${KEY}.lifts: '${word}' is none of ${LIFTS.join(
          ', ',
        )}; locks and freezes are always passed`,
      );
    return word as PassLift;
  });
  return {
    validForMs: readTime(glass, 'validFor'),
    confirmWithinMs: readTime(glass, 'confirmWithin'),
    secondPerson: [
      ...(glass?.getOptionalStringArray('secondPerson') ?? ['production']),
      UNASSIGNED_ENVIRONMENT,
    ],
    lifts,
    confirmers: readRefs(glass) ?? readHolders(config),
  };
}

function readTime(glass: Config | undefined, key: string): number {
  const ms = durationToMilliseconds(
    glass?.has(key) ? readDurationFromConfig(glass, { key }) : DEFAULT_TIME,
  );
  if (ms < SHORTEST_MS || ms > LONGEST_MS)
    throw new Error(
      `${KEY}.${key} is ${ms} ms; give from a minute to a day, for example { minutes: 30 }`,
    );
  return ms;
}

function readRefs(glass: Config | undefined): string[] | undefined {
  return glass?.getOptionalStringArray('confirmers')?.map(text => {
    const ref = text.toLocaleLowerCase('en-US');
    if (!PERSON_OR_GROUP.test(ref))
      throw new Error(
        `${KEY}.confirmers: '${text}' is no user or group ref such as group:default/platform`,
      );
    return ref;
  });
}

/** Those to whom the table of rights gives it. */
function readHolders(config: Config): string[] {
  const rows = config.getOptionalConfigArray('switchyard.access') ?? [];
  const members = rows
    .filter(row => row.getOptionalStringArray('allow')?.includes(WORD))
    .flatMap(row => row.getOptionalStringArray('members') ?? []);
  return [...new Set(members.map(ref => ref.toLocaleLowerCase('en-US')))];
}

import { Config, readDurationFromConfig } from '@backstage/config';
import { durationToMilliseconds, HumanDuration } from '@backstage/types';
import { ApprovalPolicy } from './ApprovalPolicies';

const KEY = 'switchyard.runs.approvals';
const DEFAULT_EXPIRY: HumanDuration = { days: 1 };
const MAX_NEEDED = 20;
const PERSON_OR_GROUP = /^(user|group):[\w.-]+\/[\w.-]+$/;

/**
 * Reads `switchyard.runs.approvals`.
 *
 * @throws Error that names the key and what would be right
 */
export function readApprovals(config: Config): ApprovalPolicy[] {
  const rows = config.getOptionalConfigArray(KEY) ?? [];
  const names = new Set<string>();
  return rows.map((row, index) => {
    const key = `${KEY}[${index}]`;
    const name = row.getString('name');
    if (names.has(name))
      throw new Error(`${key}.name: '${name}' is there twice; give another`);
    names.add(name);
    const needed = row.getOptionalNumber('approvals') ?? 1;
    if (!Number.isInteger(needed) || needed < 1 || needed > MAX_NEEDED)
      throw new Error(
        `${key}.approvals is ${needed}; give a whole number from 1 to ${MAX_NEEDED}`,
      );
    const refs = [
      ...readRefs(row, `${key}.from`, 'from.users'),
      ...readRefs(row, `${key}.from`, 'from.groups'),
      ...(row.getOptionalStringArray('from.roles') ?? []).flatMap(role =>
        readRole(config, role, `${key}.from.roles`),
      ),
    ];
    return {
      name,
      match: {
        environments: row.getOptionalStringArray('match.environments'),
        actions: row.getOptionalStringArray('match.actions'),
        tiers: row.getOptionalStringArray('match.tiers'),
        owners: row
          .getOptionalStringArray('match.owners')
          ?.map(ref => ref.toLocaleLowerCase('en-US')),
      },
      needed,
      from: {
        refs: [...new Set(refs)],
        // Nobody named: those to whom it belongs.
        owners: row.getOptionalBoolean('from.owners') ?? refs.length === 0,
      },
      required: readRefs(row, key, 'required'),
      selfApproval:
        row.getOptionalBoolean('dangerouslyAllowSelfApproval') ?? false,
      delegation: row.getOptionalBoolean('delegation') ?? true,
      expiresMs: readMs(row, key, 'expires') ?? toMs(DEFAULT_EXPIRY),
      reuseMs: readMs(row, key, 'reuse'),
    };
  });
}

function readMs(row: Config, key: string, name: string): number | undefined {
  if (!row.has(name)) return undefined;
  const ms = toMs(readDurationFromConfig(row, { key: name }));
  if (ms < 1)
    throw new Error(`${key}.${name} is no time at all; give e.g. { hours: 4 }`);
  return ms;
}

function toMs(duration: HumanDuration): number {
  return durationToMilliseconds(duration);
}

function readRefs(row: Config, key: string, name: string): string[] {
  return (row.getOptionalStringArray(name) ?? []).map(text => {
    const ref = text.toLocaleLowerCase('en-US');
    if (!PERSON_OR_GROUP.test(ref))
      throw new Error(
        `${key}: '${text}' is no user or group ref such as group:default/platform`,
      );
    return ref;
  });
}

/** A role is a row of the table of rights, by its name. */
function readRole(config: Config, role: string, key: string): string[] {
  const row = (config.getOptionalConfigArray('switchyard.access') ?? []).find(
    each => each.getOptionalString('name') === role,
  );
  const members = row?.getOptionalStringArray('members');
  if (!members)
    throw new Error(
      `${key}: '${role}' is no row of switchyard.access that has a name and members`,
    );
  return members.map(ref => ref.toLocaleLowerCase('en-US'));
}

import { Config, readDurationFromConfig } from '@backstage/config';
import { durationToMilliseconds, HumanDuration } from '@backstage/types';
import { ApprovalPolicy } from './approvals/ApprovalPolicies';
import { readApprovals } from './approvals/readApprovals';
import { BreakGlassConfig, readBreakGlass } from './breakGlass/readBreakGlass';
import { FindingPolicy } from './interlock/FindingPolicies';
import { readFindingPolicies } from './interlock/readFindingPolicies';
import { LockPolicy } from './locks/LockPolicies';
import { readLockPolicies } from './locks/readLockPolicies';
import { readRecord, RecordConfig } from './record/readRecord';
import { NoticesConfig, readNotices } from './notices/readNotices';

/** Settings of the runs backend, with their defaults filled in. */
export interface RunsConfig {
  /** False for a replica that only serves HTTP. */
  worker: boolean;
  /** How long a worker may be silent before another takes its runs over. */
  leaseMs: number;
  /** How often each worker looks for runs whose lease ended. */
  sweepIntervalMs: number;
  /** Runs that one replica carries out at the same time. */
  maxActiveRuns: number;
  /** Schema of graphile-worker's tables; by default derived from the plugin's own. */
  wakeupSchema: string | undefined;
  embeddedPostgres: boolean;
  embeddedPostgresDirectory: string | undefined;
  /** Where the portal is, for links to a run. */
  appBaseUrl: string;
  /** Names of `switchyard.environments`, in order; empty when none are configured. */
  environments: string[];
  /** Users and groups that `switchyard.access` names; undefined when rights come from a policy of the company's own. */
  accessMembers: ReadonlySet<string> | undefined;
  /** What takes the word of others before it begins. */
  approvals: ApprovalPolicy[];
  /** On which terms emergency passes are given. */
  breakGlass: BreakGlassConfig;
  /** What follows from what checks found. */
  findings: FindingPolicy[];
  /** How long locks hold. */
  lockPolicies: LockPolicy[];
  /** Who is told of what. */
  notices: NoticesConfig;
  /** How runs are counted, and how long what is over is kept. */
  record: RecordConfig;
}

/** Makes the address of a run's page from its id. */
export function createRunUrl(
  config: Pick<RunsConfig, 'appBaseUrl'>,
): (runId: string) => string {
  return runId => `${config.appBaseUrl}/runs/${runId}`;
}

const DEFAULT_LEASE: HumanDuration = { seconds: 10 };
const DEFAULT_SWEEP_INTERVAL: HumanDuration = { seconds: 2 };
const MIN_LEASE_MS = 1_000;
const DEFAULT_MAX_ACTIVE_RUNS = 500;

/**
 * The only reader of this plugin's config keys.
 *
 * @throws Error that names the key and what would be right
 */
export function readRunsConfig(config: Config): RunsConfig {
  const runs = config.getOptionalConfig('switchyard.runs');
  const leaseMs = readMilliseconds(runs, 'lease', DEFAULT_LEASE);
  if (leaseMs < MIN_LEASE_MS) {
    throw new Error(
      `switchyard.runs.lease is ${leaseMs} ms; give at least ${MIN_LEASE_MS} ms`,
    );
  }
  const maxActiveRuns =
    runs?.getOptionalNumber('maxActiveRuns') ?? DEFAULT_MAX_ACTIVE_RUNS;
  if (!Number.isInteger(maxActiveRuns) || maxActiveRuns < 1) {
    throw new Error(
      `switchyard.runs.maxActiveRuns is ${maxActiveRuns}; give a whole number from 1`,
    );
  }
  return {
    worker: runs?.getOptionalBoolean('worker') ?? true,
    leaseMs,
    sweepIntervalMs: readMilliseconds(
      runs,
      'sweepInterval',
      DEFAULT_SWEEP_INTERVAL,
    ),
    maxActiveRuns,
    wakeupSchema: runs?.getOptionalString('wakeupSchema'),
    embeddedPostgres: runs?.getOptionalBoolean('embeddedPostgres') ?? false,
    embeddedPostgresDirectory: runs?.getOptionalString(
      'embeddedPostgresDirectory',
    ),
    appBaseUrl: (
      config.getOptionalString('app.baseUrl') ?? 'http://localhost:3000'
    ).replace(/\/+$/, ''),
    environments: (
      config.getOptionalConfigArray('switchyard.environments') ?? []
    ).map(each => each.getString('name')),
    accessMembers: readAccessMembers(config),
    approvals: readApprovals(config),
    breakGlass: readBreakGlass(config),
    findings: readFindingPolicies(config),
    lockPolicies: readLockPolicies(config),
    notices: readNotices(config),
    record: readRecord(config),
  };
}

function readMilliseconds(
  config: Config | undefined,
  key: string,
  fallback: HumanDuration,
): number {
  const duration = config?.has(key)
    ? readDurationFromConfig(config, { key })
    : fallback;
  return durationToMilliseconds(duration);
}

function readAccessMembers(config: Config): ReadonlySet<string> | undefined {
  const rows = config.getOptionalConfigArray('switchyard.access');
  if (!rows) return undefined;
  const members = rows.flatMap(
    row => row.getOptionalStringArray('members') ?? [],
  );
  return new Set(members.map(ref => ref.toLocaleLowerCase('en-US')));
}

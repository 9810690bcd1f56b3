import { Config, readDurationFromConfig } from '@backstage/config';
import { durationToMilliseconds } from '@backstage/types';

/** `switchyard.record`, with its defaults. */
export interface RecordConfig {
  /** What an action takes by hand. */
  manual: { defaultMs: number; actionsMs: Record<string, number> };
  /** Actions that take something back. */
  rollbacks: string[];
  /** How long what is over is kept; undefined: for ever. */
  retention: { runsMs?: number; recordMs?: number; auditMs?: number };
}

const DEFAULT_MANUAL_MS = 20 * 60_000;
const DEFAULT_ROLLBACKS = ['rollback'];
const MIN_RETENTION_MS = 24 * 60 * 60_000;

/**
 * Reads `switchyard.record`.
 *
 * @throws Error that names the key and what would be right
 */
export function readRecord(config: Config): RecordConfig {
  const record = config.getOptionalConfig('switchyard.record');
  const manual = record?.getOptionalConfig('manualTime');
  const actions = manual?.getOptionalConfig('actions');
  const retention = record?.getOptionalConfig('retention');
  return {
    manual: {
      defaultMs: readMs(manual, 'default') ?? DEFAULT_MANUAL_MS,
      actionsMs: Object.fromEntries(
        (actions?.keys() ?? []).map(action => [
          action,
          readMs(actions, action)!,
        ]),
      ),
    },
    rollbacks: record?.getOptionalStringArray('rollbacks') ?? DEFAULT_ROLLBACKS,
    retention: {
      runsMs: readRetention(retention, 'runs'),
      recordMs: readRetention(retention, 'record'),
      auditMs: readRetention(retention, 'audit'),
    },
  };
}

function readRetention(
  config: Config | undefined,
  key: string,
): number | undefined {
  const ms = readMs(config, key);
  if (ms !== undefined && ms < MIN_RETENTION_MS)
    throw new Error(
      `switchyard.record.retention.${key} is shorter than a day, which is the shortest`,
    );
  return ms;
}

function readMs(config: Config | undefined, key: string): number | undefined {
  return config?.has(key)
    ? durationToMilliseconds(readDurationFromConfig(config, { key }))
    : undefined;
}

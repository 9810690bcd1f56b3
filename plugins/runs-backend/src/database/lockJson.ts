/**
 * A row of the table of locks as a JSON value, to be read by `toLockRecord`. It says when it was read: the database's clock decides what binds, so
 * that replicas with skewed clocks agree.
 */
export function lockJson(row: string): string {
  return `json_build_object(
    'id', ${row}.id, 'key', ${row}.entity_ref, 'scope', ${row}.scope, 'cluster', ${row}.cluster, 'environment', ${row}.environment,
    'kind', ${row}.kind, 'reason', ${row}.reason, 'createdBy', ${row}.created_by, 'holder', coalesce(${row}.held_by, ${row}.created_by),
    'holderMayDeploy', ${row}.holder_may_deploy, 'incident', ${row}.incident, 'createdAt', ${row}.created_at,
    'schedule', ${row}.schedule, 'startsAt', ${row}.starts_at, 'expiresAt', ${row}.expires_at, 'readAt', clock_timestamp())`;
}

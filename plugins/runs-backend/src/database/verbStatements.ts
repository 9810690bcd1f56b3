import { escapeIdentifier } from 'pg';

/** The statements of what people do to runs. Those that touch the line run under advisory locks on the keys (see `statements.ts`). */
export function createVerbStatements(schemas: {
  schema: string;
  wakeupSchema: string;
}) {
  const inSchema = (name: string) =>
    `${escapeIdentifier(schemas.schema)}.${escapeIdentifier(name)}`;
  const run = inSchema('run');
  const runKey = inSchema('run_key');
  const runStep = inSchema('run_step');
  const keySequence = `'${inSchema('run_key_seq').replace(/'/g, "''")}'`;
  const addJob = `${escapeIdentifier(schemas.wakeupSchema)}.add_job`;
  const ring = (alias: string) =>
    `${addJob}('run:' || ${alias}.kind || ':' || ${alias}.plan_version, json_build_object('run', ${alias}.id), max_attempts := 3)`;

  /** $1 run id, $2 confirmed, $3 actor, $4 groups, $5 keys: back in line, at the end unless it holds its keys. */
  const backInLine = (condition: string, steps: string) => `
    WITH target AS (
      UPDATE ${run} r SET status = 'queued', queued_at = clock_timestamp(), parked = NULL, cause = NULL, finished_at = NULL,
        cancel_requested_by = NULL, confirmed = $2::json, actor = $3, actor_groups = $4, revision = r.revision + 1
      WHERE r.id = $1 AND ${condition}
      RETURNING r.id, r.kind, r.plan_version
    ), place AS MATERIALIZED (
      SELECT nextval(${keySequence}) AS seq
    ), keys AS (
      INSERT INTO ${runKey} (run_id, key, seq)
      SELECT target.id, key, place.seq FROM target, place, unnest($5::text[]) AS key
      ON CONFLICT (run_id, key) DO NOTHING
    ) ${steps}
    SELECT ${ring('target')} AS rung FROM target`;

  return {
    /** $1 run id, $2 by, $3 cause */
    cancel: {
      name: 'runs_cancel',
      text: `
        WITH target AS (
          SELECT id, status FROM ${run} WHERE id = $1 FOR UPDATE
        ), ended AS (
          UPDATE ${run} r SET status = 'cancelled', cause = $3, cancel_requested_by = $2, parked = NULL, worker = NULL,
            lease_until = NULL, finished_at = clock_timestamp(), revision = r.revision + 1
          FROM target WHERE r.id = target.id AND target.status IN ('queued', 'waiting', 'needs-attention', 'dead')
          RETURNING r.id
        ), asked AS (
          UPDATE ${run} r SET cancel_requested_by = $2, revision = r.revision + 1
          FROM target WHERE r.id = target.id AND target.status = 'running'
          RETURNING r.id
        ), steps AS (
          UPDATE ${runStep} s SET status = 'cancelled' FROM ended
          WHERE s.run_id = ended.id AND s.status IN ('pending', 'running', 'retrying')
        ), released AS (
          DELETE FROM ${runKey} k USING ended WHERE k.run_id = ended.id RETURNING k.key
        ), next AS (
          SELECT DISTINCT ON (k.key) k.run_id FROM released JOIN ${runKey} k ON k.key = released.key AND k.run_id <> $1
          ORDER BY k.key, k.seq
        )
        SELECT (SELECT count(*) FROM ended) AS ended, (SELECT count(*) FROM asked) AS asked,
          (SELECT count(${ring(
            'r',
          )}) FROM ${run} r WHERE r.id IN (SELECT run_id FROM next)) AS rung`,
    },
    confirm: {
      name: 'runs_confirm',
      text: backInLine(`r.status = 'waiting'`, ''),
    },
    /** $6 step id. The count of attempts stays, so that a step is asked first what the earlier ones did. */
    retryStep: {
      name: 'runs_retry_step',
      text: backInLine(
        `r.status IN ('failed', 'dead', 'needs-attention') AND EXISTS (
          SELECT FROM ${runStep} s WHERE s.run_id = r.id AND s.step_id = $6 AND s.status IN ('failed', 'dead', 'needs-attention'))`,
        `, steps AS (
          UPDATE ${runStep} s SET status = 'pending', failures = 0, interruptions = 0, retry_at = NULL
          FROM target WHERE s.run_id = target.id AND s.step_id = $6
        )`,
      ),
    },
    setReady: {
      name: 'runs_set_ready',
      text: `
        UPDATE ${run} SET parked = (parked::jsonb || jsonb_build_object('ready', $2::boolean))::json, revision = revision + 1
        WHERE id = $1 AND status = 'waiting'`,
    },
  };
}

export type VerbStatements = ReturnType<typeof createVerbStatements>;

import { randomUUID } from 'node:crypto';
import { NewPass } from '../breakGlass/types';
import { createInSchema } from './schemaNames';

/** More passes than that are not told of one run. */
const MAX_SHOWN = 20;

/** A text of SQL: the emergency passes of a run, newest first, each as the database's clock has it. */
export function passesJson(
  inSchema: (name: string) => string,
  runId: string,
): string {
  return `(
    SELECT json_agg(p.pass) FROM (
      SELECT json_build_object(
        'id', p.id, 'planHash', p.plan_hash, 'askedBy', p.asked_by, 'askedAt', p.asked_at, 'reason', p.reason, 'incident', p.incident,
        'passes', p.passes, 'lockIds', p.lock_ids, 'lifts', p.lifts, 'needsSecond', p.needs_second, 'confirmUntil', p.confirm_until,
        'status', CASE
          WHEN p.status = 'asked' AND p.confirm_until <= clock_timestamp() THEN 'expired'
          WHEN p.status = 'given' AND p.valid_until <= clock_timestamp() THEN 'expired'
          ELSE p.status END,
        'answeredBy', p.answered_by, 'answeredAt', p.answered_at, 'comment', p.comment, 'validUntil', p.valid_until,
        'withdrawnBy', p.withdrawn_by, 'withdrawnAt', p.withdrawn_at, 'usedAt', p.used_at) AS pass
      FROM ${inSchema('break_glass')} p WHERE p.run_id = ${runId}
      ORDER BY p.asked_at DESC LIMIT ${MAX_SHOWN}) p)`;
}

/**
 * A text of SQL: inserts the passes of a JSON array (none or one) for the run in `from`. One that needs no second person is given at once; of two
 * that are live at the same time the second is not inserted.
 */
export function insertPasses(
  inSchema: (name: string) => string,
  from: string,
  passes: string,
): string {
  return `
    INSERT INTO ${inSchema(
      'break_glass',
    )} (id, run_id, plan_hash, requested_by, asked_by, asked_groups, reason, incident, passes, lock_ids,
      lifts, needs_second, valid_for_ms, confirm_until, status, valid_until)
    SELECT n.id, r.id, r.plan_hash, r.requested_by, n.asked_by, n.asked_groups, n.reason, n.incident, n.passes, n.lock_ids,
      n.lifts, n.needs_second, n.valid_for_ms, clock_timestamp() + n.confirm_within_ms * interval '1 millisecond',
      CASE WHEN n.needs_second THEN 'asked' ELSE 'given' END,
      CASE WHEN NOT n.needs_second THEN clock_timestamp() + n.valid_for_ms * interval '1 millisecond' END
    FROM ${from} r, json_to_recordset(${passes}::json) AS n(id uuid, asked_by text, asked_groups text[], reason text, incident text,
      passes json, lock_ids uuid[], lifts text[], needs_second boolean, valid_for_ms bigint, confirm_within_ms bigint)
    ON CONFLICT (run_id) WHERE status IN ('asked', 'given') DO NOTHING`;
}

/** The statements of emergency passes. Those that write run in a transaction that holds the row of the run. */
export function createPassStatements(schemas: { schema: string }) {
  const inSchema = createInSchema(schemas.schema);
  const pass = inSchema('break_glass');
  const run = inSchema('run');
  return {
    runOfPass: {
      name: 'runs_run_of_pass',
      text: `SELECT run_id FROM ${pass} WHERE id = $1`,
    },
    /** $1 run id: what is over by the clock gives way to one that is asked for anew. */
    endOverdue: {
      name: 'runs_pass_end_overdue',
      text: `UPDATE ${pass} SET status = 'expired' WHERE run_id = $1
        AND ((status = 'asked' AND confirm_until <= clock_timestamp()) OR (status = 'given' AND valid_until <= clock_timestamp()))`,
    },
    /** $1 run id, $2 the pass, $3 plan hash that was shown. No row when the run has a live one, or another plan. */
    askForPass: {
      name: 'runs_pass_ask',
      text: insertPasses(
        inSchema,
        `(SELECT * FROM ${run} WHERE id = $1 AND plan_hash = $3)`,
        '$2',
      ),
    },
    /** $1 pass id: whether it waits for a second person, and what the answer may change. */
    lockPass: {
      name: 'runs_pass_lock',
      text: `
        SELECT p.run_id, p.plan_hash, p.asked_by, p.asked_groups,
          p.status = 'asked' AND p.confirm_until > clock_timestamp() AS waits
        FROM ${pass} p JOIN ${run} r ON r.id = p.run_id WHERE p.id = $1 FOR UPDATE OF r, p`,
    },
    /** $1 pass id, $2 status, $3 by, $4 comment */
    answerPass: {
      name: 'runs_pass_answer',
      text: `UPDATE ${pass} SET status = $2, answered_by = $3, answered_at = clock_timestamp(), comment = $4,
          valid_until = CASE WHEN $2 = 'given' THEN clock_timestamp() + valid_for_ms * interval '1 millisecond' END
        WHERE id = $1 AND status = 'asked'`,
    },
    /** $1 run id: shown anew. */
    touchRun: {
      name: 'runs_pass_touch',
      text: `UPDATE ${run} SET revision = revision + 1 WHERE id = $1`,
    },
    /** $1 pass id, $2 by */
    withdrawPass: {
      name: 'runs_pass_withdraw',
      text: `UPDATE ${pass} SET status = 'withdrawn', withdrawn_by = $2, withdrawn_at = clock_timestamp()
        WHERE id = $1 AND ((status = 'asked' AND confirm_until > clock_timestamp())
          OR (status = 'given' AND valid_until > clock_timestamp()))
        RETURNING run_id`,
    },
    /** $1 pass id, $2 run id, $3 epoch, $4 lease in ms: proves the lease, and that the pass is valid still. */
    usePass: {
      name: 'runs_pass_use',
      text: `
        WITH fenced AS (
          UPDATE ${run} r SET lease_until = clock_timestamp() + $4 * interval '1 millisecond', revision = r.revision + 1
          WHERE r.id = $2 AND r.epoch = $3 AND r.status = 'running' AND r.lease_until > clock_timestamp()
          RETURNING r.id
        ), used AS (
          UPDATE ${pass} p SET used_at = coalesce(p.used_at, clock_timestamp()) FROM fenced
          WHERE p.id = $1 AND p.run_id = fenced.id AND p.status = 'given' AND p.valid_until > clock_timestamp()
          RETURNING p.id
        )
        SELECT (SELECT count(*) FROM fenced) AS fenced, (SELECT count(*) FROM used) AS used`,
    },
  };
}

export type PassStatements = ReturnType<typeof createPassStatements>;

/** A new pass, or none, as `insertPasses` takes it. */
export function toPassParameter(pass: NewPass | undefined): string {
  return JSON.stringify(
    pass
      ? [
          {
            id: randomUUID(),
            asked_by: pass.askedBy,
            asked_groups: pass.askedGroups,
            reason: pass.reason,
            incident: pass.incident,
            passes: pass.passes,
            lock_ids: pass.passes.flatMap(({ lock }) => lock ?? []),
            lifts: pass.lifts,
            needs_second: pass.needsSecond,
            valid_for_ms: pass.validForMs,
            confirm_within_ms: pass.confirmWithinMs,
          },
        ]
      : [],
  );
}

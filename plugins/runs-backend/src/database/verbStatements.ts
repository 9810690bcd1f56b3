import { createLine } from './line';
import { createInSchema } from './schemaNames';

/** Of runs, and of the steps at which they stopped. */
const STOPPED = `('failed', 'dead', 'needs-attention')`;
/**
 * Written with the word of who skipped it. A worker of the build before knows no step that was skipped: to it the step is done, with no output, and
 * the run goes on as that person wanted.
 */
const SKIPPED = `'succeeded'`;
/** Not done, and not being done. */
const OPEN_STEP = `('pending', 'retrying', 'failed', 'dead', 'needs-attention')`;

/** The statements of what people do to runs. Those that touch the line run under advisory locks on the keys (see `statements.ts`). */
export function createVerbStatements(schemas: {
  schema: string;
  wakeupSchema: string;
}) {
  const inSchema = createInSchema(schemas.schema);
  const run = inSchema('run');
  const runKey = inSchema('run_key');
  const runStep = inSchema('run_step');
  const { ring, backAtEnd, nextInLine, givesWay, rungForNext } =
    createLine(schemas);

  /** $1 run id, $2 confirmed, $3 actor, $4 groups, $5 keys: back in line, at the end unless it holds its keys. */
  const backInLine = (condition: string, steps: string, more = '') => `
    WITH target AS (
      UPDATE ${run} r SET ${more} status = 'queued', queued_at = clock_timestamp(), parked = NULL, cause = NULL, finished_at = NULL,
        cancel_requested_by = NULL, pause_requested_by = NULL, confirmed = $2::json, actor = $3, actor_groups = $4, revision = r.revision + 1
      WHERE r.id = $1 AND ${condition}
      RETURNING r.id, r.kind, r.plan_version
    ), ${backAtEnd('$5')} ${steps}
    SELECT ${ring('target')} AS rung FROM target`;

  /** Of the run that is put `backInLine`. The count of attempts stays, so that a step is asked first what the earlier ones did. */
  const triedAgain = (which: string) => `, steps AS (
          UPDATE ${runStep} s SET status = 'pending', failures = 0, interruptions = 0, retry_at = NULL
          FROM target WHERE s.run_id = target.id AND ${which}
        )`;
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
        ), ${givesWay}
        SELECT (SELECT count(*) FROM ended) AS ended, (SELECT count(*) FROM asked) AS asked, ${rungForNext}`,
    },
    confirm: {
      name: 'runs_confirm',
      text: backInLine(
        `r.status = 'waiting' AND r.parked IS NOT NULL AND r.parked ->> 'pausedBy' IS NULL`,
        '',
      ),
    },
    continue: {
      name: 'runs_continue',
      text: backInLine(
        `r.status = 'waiting' AND r.parked ->> 'pausedBy' IS NOT NULL`,
        '',
      ),
    },
    /** $6 step id */
    retryStep: {
      name: 'runs_retry_step',
      text: backInLine(
        `r.status IN ${STOPPED} AND EXISTS (
          SELECT FROM ${runStep} s WHERE s.run_id = r.id AND s.step_id = $6 AND s.status IN ${STOPPED})`,
        triedAgain(`s.step_id = $6`),
      ),
    },
    /** All steps that it stopped at. */
    redrive: {
      name: 'runs_redrive',
      text: backInLine(
        `r.status IN ${STOPPED}`,
        triedAgain(`s.status IN ${STOPPED}`),
      ),
    },
    /** $6 its parent, $7 epoch of the parent, $8 wish: as `redrive`, where the same wish has not done so before. */
    redriveChild: {
      name: 'runs_redrive_child',
      text: backInLine(
        `r.status IN ('failed', 'dead') AND r.parent_run = $6 AND r.child_wish IS DISTINCT FROM $8 AND EXISTS (
          SELECT FROM ${run} p WHERE p.id = r.parent_run AND p.epoch = $7 AND p.status = 'running')`,
        triedAgain(`s.status IN ${STOPPED}`),
        'child_wish = $8,',
      ),
    },
    /** $6 step id, $7 who, when and why */
    skipOfStopped: {
      name: 'runs_skip_of_stopped',
      text: backInLine(
        `r.status IN ${STOPPED} AND EXISTS (
          SELECT FROM ${runStep} s WHERE s.run_id = r.id AND s.step_id = $6 AND s.status IN ${OPEN_STEP})`,
        `, steps AS (
          UPDATE ${runStep} s SET status = ${SKIPPED}, skipped = $7::json, retry_at = NULL
          FROM target WHERE s.run_id = target.id AND s.step_id = $6
        )`,
      ),
    },
    /** $1 run id, $2 step id, $3 who, when and why. The row of the run is written first: whoever claims it waits, and sees the step as it is then. */
    skipOfWaiting: {
      name: 'runs_skip_of_waiting',
      text: `
        WITH target AS (
          UPDATE ${run} r SET revision = r.revision + 1
          WHERE r.id = $1 AND r.status = 'waiting' AND EXISTS (
            SELECT FROM ${runStep} s WHERE s.run_id = r.id AND s.step_id = $2 AND s.status IN ${OPEN_STEP})
          RETURNING r.id
        )
        UPDATE ${runStep} s SET status = ${SKIPPED}, skipped = $3::json, retry_at = NULL
        FROM target WHERE s.run_id = target.id AND s.step_id = $2`,
    },
    /** $1 run id, $2 by, $3 parked. What has done nothing yet leaves the line; between effects the keys stay. */
    pause: {
      name: 'runs_pause',
      text: `
        WITH target AS (
          SELECT id, status FROM ${run} WHERE id = $1 FOR UPDATE
        ), held AS (
          UPDATE ${run} r SET status = 'waiting', parked = $3::json, revision = r.revision + 1
          FROM target WHERE r.id = target.id AND target.status = 'queued'
          RETURNING r.id
        ), asked AS (
          UPDATE ${run} r SET pause_requested_by = $2, revision = r.revision + 1
          FROM target WHERE r.id = target.id AND target.status = 'running'
            AND r.pause_requested_by IS NULL AND r.cancel_requested_by IS NULL
          RETURNING r.id
        ), released AS (
          DELETE FROM ${runKey} k USING held WHERE k.run_id = held.id AND NOT k.active RETURNING k.key
        ), ${nextInLine}
        SELECT (SELECT count(*) FROM held) AS held, (SELECT count(*) FROM asked) AS asked, ${rungForNext}`,
    },
    /** $1 run id: whoever writes it is waited for, and what follows sees what they wrote. */
    lockRun: {
      name: 'runs_lock_run',
      text: `SELECT FROM ${run} WHERE id = $1 FOR UPDATE`,
    },
    /** $1 run id, $2 the newer run, $3 cause. Only what nobody carries out, and what has come to no effect, ends. */
    replace: {
      name: 'runs_replace',
      text: `
        WITH ended AS (
          UPDATE ${run} r SET status = 'cancelled', replaced_by = $2, cause = $3, parked = NULL, finished_at = clock_timestamp(),
            revision = r.revision + 1
          WHERE r.id = $1 AND r.status IN ('queued', 'waiting')
            AND NOT EXISTS (SELECT FROM ${runStep} s WHERE s.run_id = r.id AND s.effect_started)
          RETURNING r.id
        ), ${givesWay}
        SELECT (SELECT count(*) FROM ended) AS ended, ${rungForNext}`,
    },
    withdrawPause: {
      name: 'runs_withdraw_pause',
      text: `
        UPDATE ${run} SET pause_requested_by = NULL, revision = revision + 1
        WHERE id = $1 AND status = 'running' AND pause_requested_by IS NOT NULL`,
    },
    /** $1 run id, $2 who, when and why */
    discard: {
      name: 'runs_discard',
      text: `
        WITH ended AS (
          UPDATE ${run} r SET status = 'cancelled', discarded = $2::json, finished_at = clock_timestamp(), revision = r.revision + 1
          WHERE r.id = $1 AND r.status IN ('dead', 'needs-attention')
          RETURNING r.id
        ), ${givesWay}
        SELECT (SELECT count(*) FROM ended) AS ended, ${rungForNext}`,
    },
    setReady: {
      name: 'runs_set_ready',
      text: `
        UPDATE ${run} SET parked = (parked::jsonb || jsonb_build_object('ready', $2::boolean))::json, revision = revision + 1
        WHERE id = $1 AND status = 'waiting' AND parked IS NOT NULL`,
    },
  };
}

export type VerbStatements = ReturnType<typeof createVerbStatements>;

import { gatesJson } from './gateStatements';
import { passesJson } from './passStatements';
import { createInSchema } from './schemaNames';

/** Lists tell what a run waits for, the page of a run all that it waited for. */
export const AT_GATE = `r.status = 'waiting' AND r.parked IS NULL AND NOT r.waits_for_children`;

/** Until when the present attempt of a step should have ended; null for steps from a time when that was not said. */
export function expectedBy(step: string): string {
  return `${step}.started_at + ${step}.expected_ms * interval '1 millisecond'`;
}

/** A step that was skipped is stored as one that succeeded, with the word of who skipped it; builds before stored it as 'skipped'. */
export function shownStatus(step: string): string {
  return `CASE WHEN ${step}.skipped IS NOT NULL AND ${step}.status = 'succeeded' THEN 'skipped' ELSE ${step}.status END`;
}

/** What statements share that read runs as lists show them. */
export function createSummary(schemas: { schema: string }) {
  const inSchema = createInSchema(schemas.schema);
  const run = inSchema('run');
  const runKey = inSchema('run_key');
  const runStep = inSchema('run_step');

  const columns = `r.id, r.number, r.kind, r.plan_version, r.entity_ref, r.environment, r.title, r.status, r.parked, r.requested_by,
    r.reason, r.requested_at, r.queued_at, r.started_at, r.finished_at, r.cause, r.cancel_requested_by, r.pause_requested_by,
    r.discarded, r.revision, r.waits_for_children, r.parent_run`;

  /** Adds who is ahead, how far it has come, and the gates where `gatesOf` holds. */
  const summary = (from: string, more = '', gatesOf = AT_GATE) => `
    SELECT r.*, ahead.behind, done.steps_done, done.steps_total, done.has_effects, step.current_step, (
        SELECT json_build_object('id', p.id, 'number', p.number, 'title', p.title, 'entityRef', p.entity_ref)
        FROM ${run} p WHERE p.id = r.parent_run) AS parent,
      CASE WHEN ${gatesOf} THEN ${gatesJson(
    inSchema,
    'r.id',
  )} END AS gates, ${passesJson(inSchema, 'r.id')} AS passes ${more}
    FROM ${from} r
    LEFT JOIN LATERAL (
      SELECT json_build_object('id', a.id, 'number', a.number, 'title', a.title, 'entityRef', a.entity_ref) AS behind
      FROM ${runKey} mine
      JOIN ${runKey} other ON other.key = mine.key AND other.run_id <> mine.run_id
      JOIN ${run} a ON a.id = other.run_id
      WHERE r.status = 'queued' AND mine.run_id = r.id AND NOT mine.active AND (other.active OR other.seq < mine.seq)
      ORDER BY other.seq DESC LIMIT 1
    ) ahead ON true
    LEFT JOIN LATERAL (
      SELECT count(*) AS steps_total, count(*) FILTER (WHERE s.status IN ('succeeded', 'skipped')) AS steps_done,
        bool_or(s.effect_started) AS has_effects
      FROM ${runStep} s WHERE s.run_id = r.id
    ) done ON true
    LEFT JOIN LATERAL (
      SELECT json_build_object('id', s.step_id, 'title', s.title, 'progress', s.progress,
        'expectedBy', CASE WHEN r.status = 'running' AND s.status = 'running' THEN ${expectedBy(
          's',
        )} END) AS current_step
      FROM ${runStep} s
      WHERE s.run_id = r.id AND s.status NOT IN ('pending', 'succeeded', 'skipped', 'cancelled')
      ORDER BY s.status IN ('running', 'retrying') DESC, s.position LIMIT 1
    ) step ON true`;

  return { columns, summary };
}

import { createInSchema } from './schemaNames';
import { AT_GATE, createSummary, expectedBy, shownStatus } from './summary';

const OPEN = `('queued', 'waiting', 'running', 'needs-attention', 'dead')`;
const ENDED = `('succeeded', 'failed', 'cancelled')`;
/** Ended runs that an entity's page shows. */
const RECENT = 10;
/** No log is shown whole beyond this. */
const MAX_LOG_LINES = 5_000;

/** The statements that read runs for people. */
export function createReadStatements(schemas: { schema: string }) {
  const inSchema = createInSchema(schemas.schema);
  const run = inSchema('run');
  const runKey = inSchema('run_key');
  const runStep = inSchema('run_step');
  const runLog = inSchema('run_log');
  const lock = inSchema('lock');

  const { columns, summary } = createSummary(schemas);

  const steps = `, (
      SELECT json_agg(json_build_object(
        'stepId', s.step_id, 'status', ${shownStatus(
          's',
        )}, 'attempt', s.attempt, 'failures', s.failures,
        'interruptions', s.interruptions, 'effectStarted', s.effect_started, 'reference', s.reference, 'output', s.output,
        'changes', s.changes, 'progress', s.progress, 'error', s.error, 'startedAt', s.started_at,
        'finishedAt', s.finished_at, 'expectedBy', ${expectedBy(
          's',
        )}, 'retryAt', s.retry_at, 'skipped', s.skipped) ORDER BY s.position)
      FROM ${runStep} s WHERE s.run_id = r.id) AS steps`;

  const mention = (column: string) => `(
      SELECT json_build_object('id', m.id, 'number', m.number, 'title', m.title) FROM ${run} m WHERE m.id = r.${column}
    ) AS ${column}_run`;

  const bound = `l.released_at IS NULL AND (l.expires_at IS NULL OR l.expires_at > clock_timestamp())`;

  return {
    byIdempotencyKey: {
      name: 'runs_by_idempotency_key',
      text: `SELECT id, request_hash FROM ${run} WHERE requested_by = $1 AND idempotency_key = $2`,
    },
    summaryById: {
      name: 'runs_summary',
      text: summary(`(SELECT ${columns} FROM ${run} r WHERE r.id = $1)`),
    },
    fullById: {
      name: 'runs_full',
      text: summary(
        `(SELECT ${columns}, r.plan, r.plan_hash, r.actor, r.confirmed, r.input, r.forked_from, r.replaces, r.replaced_by FROM ${run} r WHERE r.id = $1)`,
        `${steps}, ${mention('forked_from')}, ${mention('replaces')}, ${mention(
          'replaced_by',
        )}`,
        'true',
      ),
    },
    ofEntity: {
      name: 'runs_of_entity',
      text: `${summary(`(
        (SELECT 0 AS part, ${columns} FROM ${run} r WHERE r.entity_ref = $1 AND r.status IN ${OPEN} ORDER BY r.number LIMIT 100)
        UNION ALL
        (SELECT 1 AS part, ${columns} FROM ${run} r WHERE r.entity_ref = $1 AND r.status IN ${ENDED}
         ORDER BY r.number DESC LIMIT ${RECENT}))`)}
        ORDER BY r.part, CASE WHEN r.part = 0 THEN r.number ELSE -r.number END`,
    },
    inLine: {
      name: 'runs_in_line',
      text: `${summary(`(
        SELECT ${columns}, line.seq FROM ${run} r
        JOIN (SELECT run_id, min(seq) AS seq FROM ${runKey} WHERE key = ANY ($1::text[]) GROUP BY run_id) line ON line.run_id = r.id)`)}
        ORDER BY r.seq LIMIT 50`,
    },
    /** $1 run id: of each child the newest. */
    childrenOf: {
      name: 'runs_children_of',
      text: summary(
        `(SELECT DISTINCT ON (r.child_id) ${columns}, r.child_id, r.child_wish FROM ${run} r
          WHERE r.parent_run = $1 ORDER BY r.child_id, r.number DESC)`,
      ),
    },
    logTails: {
      name: 'runs_log_tails',
      text: `SELECT l.* FROM ${runStep} s, LATERAL (
          SELECT step_id, seq, at, level, message FROM ${runLog} WHERE run_id = s.run_id AND step_id = s.step_id
          ORDER BY seq DESC LIMIT $2) l
        WHERE s.run_id = $1 ORDER BY l.step_id, l.seq`,
    },
    log: {
      name: 'runs_log',
      text: `SELECT * FROM (
          SELECT seq, at, level, message FROM ${runLog} WHERE run_id = $1 AND step_id = $2
          ORDER BY seq DESC LIMIT ${MAX_LOG_LINES}) last
        ORDER BY seq`,
    },
    /** The same runs and locks, in the same order, as the state of an entity shows. */
    marks: {
      name: 'runs_marks',
      text: `
        SELECT e.ref AS entity_ref,
          (SELECT json_agg(json_build_array(id, revision) ORDER BY part, place) FROM (
            (SELECT 0 AS part, number AS place, id, revision FROM ${run} WHERE entity_ref = e.ref AND status IN ${OPEN}
             ORDER BY number LIMIT 100)
            UNION ALL
            (SELECT 1 AS part, -number AS place, id, revision FROM ${run} WHERE entity_ref = e.ref AND status IN ${ENDED}
             ORDER BY number DESC LIMIT ${RECENT})) shown) AS runs,
          (SELECT json_agg(l.id ORDER BY l.created_at, l.id) FROM ${lock} l WHERE l.entity_ref = e.ref AND ${bound}) AS locks
        FROM unnest($1::text[]) AS e(ref)`,
    },
    /** $1 limit */
    atGates: {
      name: 'runs_at_gates',
      text: `${summary(
        `(SELECT ${columns}, r.plan_hash FROM ${run} r WHERE ${AT_GATE} ORDER BY r.number LIMIT $1)`,
      )} ORDER BY r.number`,
    },
    /** $1 limit */
    withAskedPass: {
      name: 'runs_with_asked_pass',
      text: `${summary(
        `(SELECT ${columns} FROM ${run} r WHERE EXISTS (
          SELECT FROM ${inSchema(
            'break_glass',
          )} p WHERE p.run_id = r.id AND p.status = 'asked' AND p.confirm_until > clock_timestamp())
          AND r.status NOT IN ${ENDED} ORDER BY r.number LIMIT $1)`,
      )} ORDER BY r.number`,
    },
    /** Only of those that run: few, and found by their state. */
    countOverdue: {
      name: 'runs_count_overdue',
      text: `SELECT count(*) AS overdue FROM ${run} r JOIN ${runStep} s ON s.run_id = r.id
        WHERE r.status = 'running' AND s.status = 'running' AND ${expectedBy(
          's',
        )} < clock_timestamp()`,
    },
    parked: {
      name: 'runs_parked',
      text: summary(
        `(SELECT ${columns}, r.plan, r.plan_hash, r.actor FROM ${run} r WHERE r.status = 'waiting' AND r.parked IS NOT NULL ORDER BY r.number LIMIT $1)`,
        steps,
        'true',
      ),
    },
  };
}

export type ReadStatements = ReturnType<typeof createReadStatements>;

import { createLine } from './line';
import { createInSchema } from './schemaNames';

/** A text of SQL: all gates of a run, in order, with what was said at them. */
export function gatesJson(
  inSchema: (name: string) => string,
  runId: string,
): string {
  return `(
    SELECT json_agg(json_build_object(
      'id', g.id, 'name', g.name, 'kind', g.kind, 'title', g.title, 'status', g.status, 'beforeStep', g.before_step, 'rule', g.rule,
      'planHash', g.plan_hash, 'createdAt', g.created_at, 'expiresAt', g.expires_at, 'decidedAt', g.decided_at,
      'decisions', (
        SELECT coalesce(json_agg(json_build_object(
          'person', d.person, 'decision', d.decision, 'onBehalfOf', d.on_behalf_of, 'groups', d.groups, 'planHash', d.plan_hash,
          'comment', d.comment, 'at', d.at, 'reusedFrom', d.reused_from) ORDER BY d.at, d.person), '[]')
        FROM ${inSchema('gate_decision')} d WHERE d.gate_id = g.id),
      'delegations', (
        SELECT coalesce(json_agg(json_build_object(
          'from', t.from_person, 'to', t.to_person, 'groups', t.groups, 'comment', t.comment, 'at', t.at) ORDER BY t.at), '[]')
        FROM ${inSchema('gate_delegation')} t WHERE t.gate_id = g.id)
      ) ORDER BY g.before_step IS NOT NULL, g.position)
    FROM ${inSchema('gate')} g WHERE g.run_id = ${runId})`;
}

/** The statements of what people say at gates. Those that write run in a transaction that holds the row of the run. */
export function createGateStatements(schemas: {
  schema: string;
  wakeupSchema: string;
}) {
  const inSchema = createInSchema(schemas.schema);
  const run = inSchema('run');
  const gate = inSchema('gate');
  const decision = inSchema('gate_decision');
  const delegation = inSchema('gate_delegation');
  const { ring, backAtEnd, givesWay, rungForNext } = createLine(schemas);

  return {
    gatesOfRun: {
      name: 'runs_gates_of_run',
      text: `SELECT ${gatesJson(inSchema, '$1::uuid')} AS gates`,
    },
    runOfGate: {
      name: 'runs_run_of_gate',
      text: `SELECT run_id FROM ${gate} WHERE id = $1`,
    },
    /** $1 run id, $2 gate id. By the database's clock. */
    lockAtGate: {
      name: 'runs_lock_at_gate',
      text: `
        SELECT r.plan_hash, r.requested_by, g.rule, g.kind, g.before_step,
          r.status = 'waiting' AND r.parked IS NULL AND g.status = 'closed'
            AND (g.expires_at IS NULL OR g.expires_at > clock_timestamp()) AS waits
        FROM ${run} r JOIN ${gate} g ON g.run_id = r.id
        WHERE r.id = $1 AND g.id = $2 FOR UPDATE OF r`,
    },
    /** $1 gate id, $2 person, $3 decision, $4 on behalf of, $5 groups, $6 plan hash, $7 comment */
    decide: {
      name: 'runs_gate_decide',
      text: `INSERT INTO ${decision} (gate_id, person, decision, on_behalf_of, groups, plan_hash, comment)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    },
    /** $1 gate id, $2 from, $3 to, $4 groups, $5 comment */
    delegate: {
      name: 'runs_gate_delegate',
      text: `INSERT INTO ${delegation} (gate_id, from_person, to_person, groups, comment) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (gate_id, from_person) DO UPDATE SET to_person = excluded.to_person, groups = excluded.groups,
          comment = excluded.comment, at = now()`,
    },
    /** $1 gate id, $2 status */
    setStatus: {
      name: 'runs_gate_set_status',
      text: `UPDATE ${gate} SET status = $2, decided_at = clock_timestamp() WHERE id = $1 AND status = 'closed'`,
    },
    /** $1 run id: shown anew. */
    touch: {
      name: 'runs_gate_touch',
      text: `UPDATE ${run} SET revision = revision + 1 WHERE id = $1`,
    },
    /** $1 run id, $2 keys: takes its place in line, or goes on where it stands, unless another gate before its first effect is closed. */
    pass: {
      name: 'runs_gate_pass',
      text: `
        WITH target AS (
          UPDATE ${run} r SET status = 'queued', queued_at = clock_timestamp(), revision = r.revision + 1
          WHERE r.id = $1 AND r.status = 'waiting' AND r.parked IS NULL AND NOT EXISTS (
            SELECT FROM ${gate} g WHERE g.run_id = r.id AND g.before_step IS NULL AND g.status <> 'open')
          RETURNING r.id, r.kind, r.plan_version
        ), ${backAtEnd('$2')}
        SELECT ${ring('target')} AS rung FROM target`,
    },
    /** $1 run id, $2 cause: ends a run that waits at a gate. Rings for whoever stood behind it. */
    endAtGate: {
      name: 'runs_gate_end',
      text: `
        WITH ended AS (
          UPDATE ${run} r SET status = 'cancelled', cause = $2, finished_at = clock_timestamp(), revision = r.revision + 1
          WHERE r.id = $1 AND r.status = 'waiting' AND r.parked IS NULL
          RETURNING r.id
        ), ${givesWay}
        SELECT ${rungForNext}`,
    },
    /** $1 limit: gates whose time is up although their run still waits. */
    overdue: {
      name: 'runs_gates_overdue',
      text: `
        SELECT g.id, g.run_id FROM ${gate} g JOIN ${run} r ON r.id = g.run_id
        WHERE g.status = 'closed' AND g.expires_at <= clock_timestamp() AND r.status = 'waiting' AND r.parked IS NULL
        ORDER BY g.expires_at LIMIT $1`,
    },
    /**
     * $1 plan hash, $2 entity ref, $3 environment, $4 name of the policy, $5 milliseconds. The newest word of each person, of runs with the same plan
     * whose gate opened; one that was reused itself keeps the time at which it was given.
     */
    reusable: {
      name: 'runs_gates_reusable',
      text: `
        SELECT DISTINCT ON (d.person) d.person, d.on_behalf_of, d.groups, d.plan_hash, d.comment, d.at,
          coalesce(d.reused_from, r.number) AS reused_from
        FROM ${gate} g JOIN ${run} r ON r.id = g.run_id JOIN ${decision} d ON d.gate_id = g.id
        WHERE g.plan_hash = $1 AND g.status = 'open' AND g.name = $4 AND g.before_step IS NULL
          AND r.entity_ref = $2 AND r.environment = $3 AND d.decision = 'approve' AND d.plan_hash = g.plan_hash
          AND d.at > clock_timestamp() - $5 * interval '1 millisecond'
        ORDER BY d.person, d.at DESC`,
    },
  };
}

export type GateStatements = ReturnType<typeof createGateStatements>;

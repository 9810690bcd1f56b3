import { gatesJson } from './gateStatements';
import { createLine } from './line';
import { PLATFORM_KEY } from '../locks/lockKeys';
import { lockJson } from './lockJson';
import { insertPasses, passesJson } from './passStatements';
import { createInSchema } from './schemaNames';
import { shownStatus } from './summary';

/**
 * The statements of the hot path. Each is prepared once per connection under its name.
 *
 * Two rules carry the queue. A place in line is taken, and keys are given back, under advisory locks on the keys, taken in order: so the order
 * of `seq` is the order of commits. Whoever gives a key back takes the locks by a statement of its own before, and so sees everybody who waits.
 * And every write of a worker goes through the row of its run, with the epoch of its claim.
 */
export function createStatements(schemas: {
  schema: string;
  wakeupSchema: string;
}) {
  const inSchema = createInSchema(schemas.schema);
  const run = inSchema('run');
  const runKey = inSchema('run_key');
  const runStep = inSchema('run_step');
  const runLog = inSchema('run_log');
  const outbox = inSchema('outbox');
  const lock = inSchema('lock');
  const gate = inSchema('gate');
  const gateDecision = inSchema('gate_decision');
  const { nextNumber, ring, nextInLine, rungForNext } = createLine(schemas);
  const lockSpace = `'${schemas.schema.replace(/'/g, "''")} '`;

  const locksOn = (keys: string, environment: string) => `(
    SELECT coalesce(json_agg(${lockJson('l')} ORDER BY l.created_at), '[]')
    FROM ${lock} l
    WHERE l.entity_ref = ANY (${keys}) AND l.released_at IS NULL
      AND (l.environment IS NULL OR l.environment = ${environment})
      AND (l.expires_at IS NULL OR l.expires_at > clock_timestamp()))`;

  /** Writes steps, log lines and outbox rows of the run in `fenced`, once. */
  const writeDelta = (steps: string, logs: string, out: string) => `
    steps AS (
      UPDATE ${runStep} s SET
        status = d.status, attempt = d.attempt, failures = d.failures, interruptions = d.interruptions,
        effect_started = d.effect_started, reference = d.reference, output = d.output,
        changes = coalesce(d.changes, '[]'), progress = d.progress, error = d.error,
        started_at = CASE WHEN d.starts THEN clock_timestamp() ELSE s.started_at END,
        finished_at = CASE WHEN d.ends THEN clock_timestamp() WHEN d.starts THEN NULL ELSE s.finished_at END,
        retry_at = clock_timestamp() + d.retry_in_ms * interval '1 millisecond'
      FROM fenced, json_to_recordset(${steps}::json) AS d(
        step_id text, status text, attempt integer, failures integer, interruptions integer, effect_started boolean,
        reference json, output json, changes json, progress text, error text, starts boolean, ends boolean, retry_in_ms integer)
      WHERE s.run_id = fenced.id AND s.step_id = d.step_id
    ), logs AS (
      INSERT INTO ${runLog} (run_id, step_id, seq, at, level, message)
      SELECT fenced.id, l.step_id, l.seq, l.at, l.level, l.message
      FROM fenced, json_to_recordset(${logs}::json) AS l(step_id text, seq bigint, at timestamptz, level text, message text)
      ON CONFLICT DO NOTHING
    ), told AS (
      INSERT INTO ${outbox} (id, topic, payload)
      SELECT o.id, o.topic, o.payload
      FROM fenced, json_to_recordset(${out}::json) AS o(id uuid, topic text, payload json)
      ON CONFLICT DO NOTHING
    )`;

  const stepsJson = (runId: string) => `(
    SELECT json_agg(json_build_object(
      'stepId', s.step_id, 'status', ${shownStatus(
        's',
      )}, 'attempt', s.attempt, 'failures', s.failures,
      'interruptions', s.interruptions, 'effectStarted', s.effect_started, 'reference', s.reference, 'output', s.output,
      'changes', s.changes, 'progress', s.progress, 'error', s.error, 'startedAt', s.started_at,
      'finishedAt', s.finished_at, 'retryAt', s.retry_at,
      'retryInMs', extract(epoch FROM s.retry_at - clock_timestamp()) * 1000) ORDER BY s.position)
    FROM ${runStep} s WHERE s.run_id = ${runId})`;

  return {
    /** $1 keys */
    lockKeys: {
      name: 'runs_lock_keys',
      text: `SELECT pg_advisory_xact_lock(hash) FROM (
        SELECT DISTINCT hashtextextended(${lockSpace} || key, 0) AS hash FROM unnest($1::text[]) AS key ORDER BY 1) AS hashes`,
    },

    /** $1 run id: locks the keys that it stands in line for. */
    lockKeysOfRun: {
      name: 'runs_lock_keys_of_run',
      text: `SELECT pg_advisory_xact_lock(hash) FROM (
        SELECT DISTINCT hashtextextended(${lockSpace} || key, 0) AS hash FROM ${runKey} WHERE run_id = $1 ORDER BY 1) AS hashes`,
    },

    /**
     * Inserts a run with its steps, and with its place in line, for which it rings. With a closed gate before its first effect ($21) it gets no
     * place, and waits. No row when the requester has used the idempotency key before. The locks are
     * held until the commit, and come first because all else depends on them.
     */
    insertRun: {
      name: 'runs_insert',
      text: `
        WITH locked AS MATERIALIZED (
          SELECT count(pg_advisory_xact_lock(hash)::text) AS keys FROM (
            SELECT DISTINCT hashtextextended(${lockSpace} || key, 0) AS hash FROM unnest($14::text[]) AS key ORDER BY 1) AS hashes
        ), inserted AS (
          INSERT INTO ${run} (id, kind, plan_version, entity_ref, environment, title, plan, plan_hash, reason, requested_by,
            idempotency_key, request_hash, actor, actor_groups, status, input, forked_from, replaces, parent_run, child_id, child_wish)
          SELECT $1::uuid, $2, $3::integer, $4, $5, $6, $7::json, $8, $9, $10, $11, $12, $23, $13::text[], CASE WHEN $21 THEN 'waiting' ELSE 'queued' END,
            $16::json, $17::uuid, $18::uuid, $24::uuid, $25, $26 FROM locked
          ON CONFLICT (requested_by, idempotency_key) DO NOTHING
          RETURNING id, kind, plan_version, plan_hash, requested_by
        ), place AS MATERIALIZED (
          SELECT ${nextNumber} AS seq FROM locked
        ), keys AS (
          INSERT INTO ${runKey} (run_id, key, seq)
          SELECT inserted.id, key, place.seq FROM inserted, place, unnest($14::text[]) AS key WHERE NOT $21
        ), gates AS (
          INSERT INTO ${gate} (id, run_id, position, name, kind, before_step, title, rule, plan_hash, status, expires_at, decided_at)
          SELECT g.id, inserted.id, g.position, g.name, g.kind, g.before_step, g.title, g.rule, $8, g.status,
            clock_timestamp() + g.expires_in_ms * interval '1 millisecond', CASE WHEN g.status = 'open' THEN clock_timestamp() END
          FROM inserted, json_to_recordset($19::json) AS g(id uuid, position integer, name text, kind text, before_step text, title text,
            rule json, status text, expires_in_ms bigint)
        ), reused AS (
          INSERT INTO ${gateDecision} (gate_id, person, decision, on_behalf_of, groups, plan_hash, comment, at, reused_from)
          SELECT d.gate_id, d.person, 'approve', d.on_behalf_of, d.groups, $8, d.comment, d.at, d.reused_from
          FROM inserted, json_to_recordset($20::json) AS d(gate_id uuid, person text, on_behalf_of text, groups text[], comment text,
            at timestamptz, reused_from bigint)
        ), passes AS (${insertPasses(inSchema, 'inserted', '$27')}
        ), told AS (
          INSERT INTO ${outbox} (id, topic, payload)
          SELECT o.id, o.topic, o.payload FROM inserted, json_to_recordset($22::json) AS o(id uuid, topic text, payload json)
        ), steps AS (
          INSERT INTO ${runStep} (run_id, step_id, position, title, input_hash, expected_ms)
          SELECT inserted.id, s.id, s.position, s.title, s.input_hash, s.expected_ms
          FROM inserted, json_to_recordset($15::json) AS s(id text, position integer, title text, input_hash text, expected_ms bigint)
        )
        SELECT inserted.id, CASE WHEN NOT $21 THEN ${ring(
          'inserted',
        )} END AS rung FROM inserted`,
    },

    /**
     * $1 run id, $2 kinds ('kind:version') that this worker can carry out, $3 worker, $4 lease in ms.
     * Takes a run that is first in line for all its keys, or whose worker's lease has ended. A child that has not begun is cancelled with its parent.
     */
    claim: {
      name: 'runs_claim',
      text: `
        WITH eligible AS (
          SELECT r.id, r.status, CASE WHEN r.started_at IS NULL THEN (
            SELECT p.cancel_requested_by FROM ${run} p WHERE p.id = r.parent_run) END AS cancelled_with_parent
          FROM ${run} r
          WHERE r.id = $1 AND r.kind || ':' || r.plan_version = ANY ($2::text[])
            AND (r.status = 'queued'
              OR (r.status = 'running' AND (r.lease_until IS NULL OR r.lease_until < clock_timestamp())))
            AND NOT EXISTS (
              SELECT FROM ${runKey} mine JOIN ${runKey} other ON other.key = mine.key AND other.run_id <> mine.run_id
              WHERE mine.run_id = r.id AND NOT mine.active AND (other.active OR other.seq < mine.seq))
          FOR UPDATE OF r
        ), keys AS (
          UPDATE ${runKey} k SET active = true FROM eligible WHERE k.run_id = eligible.id AND NOT k.active
        )
        UPDATE ${run} r SET
          status = 'running', epoch = r.epoch + 1, worker = $3, parked = NULL, cause = NULL, finished_at = NULL,
          child_ended = false, cancel_requested_by = coalesce(r.cancel_requested_by, eligible.cancelled_with_parent),
          lease_until = clock_timestamp() + $4 * interval '1 millisecond',
          started_at = coalesce(r.started_at, clock_timestamp()), revision = r.revision + 1
        FROM eligible WHERE r.id = eligible.id
        RETURNING r.id, r.number, r.epoch, r.plan, r.plan_hash, r.requested_by, r.requested_at, r.reason, r.actor, r.actor_groups,
          r.confirmed, r.cancel_requested_by, r.pause_requested_by, r.revision, eligible.status = 'running' AS taken_over, ${stepsJson(
            'r.id',
          )} AS steps,
          ${locksOn(
            `ARRAY[r.entity_ref, '${PLATFORM_KEY}']`,
            'r.environment',
          )} AS locks,
          ${gatesJson(inSchema, 'r.id')} AS gates,
          ${passesJson(inSchema, 'r.id')} AS passes`,
    },

    /**
     * $1 run id, $2 epoch, $3 lease in ms, $4 steps, $5 log, $6 outbox, $7 whether the lease must still be running, and the locks are wanted,
     * $8 keys under which more locks may lie.
     */
    save: {
      name: 'runs_save',
      text: `
        WITH fenced AS (
          UPDATE ${run} r SET revision = r.revision + 1, lease_until = clock_timestamp() + $3 * interval '1 millisecond'
          WHERE r.id = $1 AND r.epoch = $2 AND r.status = 'running' AND (NOT $7 OR r.lease_until > clock_timestamp())
          RETURNING r.id, r.cancel_requested_by, r.pause_requested_by, r.revision, r.entity_ref, r.environment
        ), ${writeDelta('$4', '$5', '$6')}
        SELECT cancel_requested_by, pause_requested_by, revision,
          CASE WHEN $7 THEN ${locksOn(
            'fenced.entity_ref || $8::text[]',
            'fenced.environment',
          )} END AS locks,
          CASE WHEN $7 THEN ${passesJson(inSchema, 'fenced.id')} END AS passes
        FROM fenced`,
    },

    /**
     * $1 run id, $2 epoch, $3 status, $4 parked, $5 cause, $6 steps, $7 log, $8 outbox, $9 whether the keys are kept, $10 whether it waits for
     * its children: where one has ended since they were looked at, the run is looked at again instead.
     * Whoever is next on a key that was given back is rung for, whether or not it can start yet.
     */
    end: {
      name: 'runs_end',
      text: `
        WITH fenced AS (
          UPDATE ${run} r SET status = CASE WHEN $10 AND r.child_ended THEN 'queued' ELSE $3 END, waits_for_children = $10 AND NOT r.child_ended,
            queued_at = CASE WHEN $10 AND r.child_ended THEN clock_timestamp() ELSE r.queued_at END,
            parked = $4::json, cause = $5, worker = NULL, lease_until = NULL, pause_requested_by = NULL,
            finished_at = CASE WHEN $3 = 'waiting' THEN NULL ELSE clock_timestamp() END, revision = r.revision + 1
          WHERE r.id = $1 AND r.epoch = $2 AND r.status = 'running'
          RETURNING r.id
        ), ${writeDelta('$6', '$7', '$8')},
        released AS (
          DELETE FROM ${runKey} k USING fenced WHERE k.run_id = fenced.id AND NOT $9 RETURNING k.key
        ), ${nextInLine}
        SELECT (SELECT count(*) FROM fenced) AS fenced,
          ${rungForNext}`,
    },

    /** $1 run id, $2 epoch, $3 id of the lock, $4 reason. Once per run. */
    hold: {
      name: 'runs_hold',
      text: `
        WITH mine AS (
          SELECT id, entity_ref, environment, requested_by FROM ${run}
          WHERE id = $1 AND epoch = $2 AND status = 'running'),
        held AS (
          INSERT INTO ${inSchema(
            'lock',
          )} (id, entity_ref, environment, reason, created_by, run_id)
          SELECT $3, entity_ref, environment, $4, requested_by, id FROM mine
          ON CONFLICT (run_id) WHERE run_id IS NOT NULL DO NOTHING)
        SELECT count(*) AS fenced FROM mine`,
    },
    /** $1 run id, $2 epoch, $3 lease in ms: extends the lease, and holds the row, so that nobody takes the run over before the commit. */
    fence: {
      name: 'runs_fence',
      text: `
        UPDATE ${run} SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
        WHERE id = $1 AND epoch = $2 AND status = 'running' AND lease_until > clock_timestamp()`,
    },
    /** $1 run ids, $2 their epochs, $3 lease in ms. Answers with those whose lease still ran. */
    renew: {
      name: 'runs_renew',
      text: `
        UPDATE ${run} r SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
        FROM unnest($1::uuid[], $2::integer[]) AS mine(id, epoch)
        WHERE r.id = mine.id AND r.epoch = mine.epoch AND r.status = 'running' AND r.lease_until > clock_timestamp()
        RETURNING r.id, r.cancel_requested_by, r.pause_requested_by, r.revision`,
    },

    /** $1 run ids, $2 their epochs: ends their leases and rings, so that another worker goes on at once. */
    release: {
      name: 'runs_release',
      text: `
        WITH released AS (
          UPDATE ${run} r SET lease_until = clock_timestamp(), worker = NULL
          FROM unnest($1::uuid[], $2::integer[]) AS mine(id, epoch)
          WHERE r.id = mine.id AND r.epoch = mine.epoch AND r.status = 'running'
          RETURNING r.id, r.kind, r.plan_version
        )
        SELECT count(${ring('released')}) AS rung FROM released`,
    },

    /** Workers that hold a lease. */
    holders: {
      name: 'runs_holders',
      text: `SELECT DISTINCT worker FROM ${run} WHERE status = 'running' AND worker IS NOT NULL AND lease_until > clock_timestamp()`,
    },

    /** $1 workers that are known to be dead: ends their leases. */
    expire: {
      name: 'runs_expire',
      text: `UPDATE ${run} SET lease_until = clock_timestamp(), worker = NULL WHERE status = 'running' AND worker = ANY ($1::text[])`,
    },

    /** $1 kinds, $2 limit: what nobody carries out although it could go on. Rings can be lost with the worker that heard them. */
    sweep: {
      name: 'runs_sweep',
      text: `
        SELECT r.id FROM ${run} r
        WHERE r.kind || ':' || r.plan_version = ANY ($1::text[])
          AND ((r.status = 'running' AND (r.lease_until IS NULL OR r.lease_until < clock_timestamp()))
            OR (r.status = 'queued' AND r.queued_at < clock_timestamp() - interval '1 second' AND NOT EXISTS (
              SELECT FROM ${runKey} mine JOIN ${runKey} other ON other.key = mine.key AND other.run_id <> mine.run_id
              WHERE mine.run_id = r.id AND NOT mine.active AND (other.active OR other.seq < mine.seq))))
        ORDER BY r.number LIMIT $2`,
    },
  };
}

export type Statements = ReturnType<typeof createStatements>;

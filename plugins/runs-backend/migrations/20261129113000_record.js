// @ts-check

/**
 * The record: one narrow row per run that has ended, for numbers over years. It is written by the database when a run ends, taken back when the
 * run goes on, and stays when the run is cleaned up.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    CREATE TABLE run_record (
      run_id uuid PRIMARY KEY,
      number bigint NOT NULL,
      kind text NOT NULL,
      entity_ref text NOT NULL,
      environment text NOT NULL,
      title text NOT NULL,
      requested_by text NOT NULL,
      outcome text NOT NULL CHECK (outcome IN ('succeeded', 'failed', 'cancelled')),
      requested_at timestamptz NOT NULL,
      started_at timestamptz,
      finished_at timestamptz NOT NULL,
      committed_at timestamptz
    )`);
  await knex.raw(`
    CREATE FUNCTION run_record_committed(plan json) RETURNS timestamptz LANGUAGE plpgsql AS $$
    BEGIN
      RETURN (plan ->> 'committedAt')::timestamptz;
    EXCEPTION WHEN OTHERS THEN
      -- What is no time is no reason to keep a run from ending.
      RETURN NULL;
    END $$`);
  /** @param {string} row */
  const outcome = row => `CASE
      WHEN ${row}.status = 'succeeded' THEN 'succeeded'
      WHEN ${row}.status = 'cancelled' AND ${row}.discarded IS NULL THEN 'cancelled'
      ELSE 'failed' END`;
  await knex.raw(`
    CREATE FUNCTION run_record_write() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.status IN ('queued', 'waiting', 'running') THEN
        EXECUTE format('DELETE FROM %I.run_record WHERE run_id = $1', TG_TABLE_SCHEMA) USING NEW.id;
      ELSE
        EXECUTE format('INSERT INTO %1$I.run_record (run_id, number, kind, entity_ref, environment, title, requested_by, outcome, requested_at,
            started_at, finished_at, committed_at)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, %1$I.run_record_committed($12))
          ON CONFLICT (run_id) DO UPDATE SET outcome = excluded.outcome, started_at = excluded.started_at, finished_at = excluded.finished_at',
          TG_TABLE_SCHEMA)
          USING NEW.id, NEW.number, NEW.kind, NEW.entity_ref, NEW.environment, NEW.title, NEW.requested_by, ${outcome(
            'NEW',
          )},
            NEW.requested_at, NEW.started_at, coalesce(NEW.finished_at, clock_timestamp()), NEW.plan;
      END IF;
      RETURN NULL;
    END $$`);
  await knex.raw(`
    CREATE TRIGGER run_record_update AFTER UPDATE OF status ON run
    FOR EACH ROW WHEN (OLD.status <> NEW.status
      AND (NEW.status NOT IN ('queued', 'waiting', 'running') OR OLD.status NOT IN ('queued', 'waiting', 'running')))
    EXECUTE FUNCTION run_record_write()`);
  await knex.raw(`
    INSERT INTO run_record (run_id, number, kind, entity_ref, environment, title, requested_by, outcome, requested_at, started_at, finished_at,
      committed_at)
    SELECT id, number, kind, entity_ref, environment, title, requested_by, ${outcome(
      'run',
    )}, requested_at, started_at, finished_at, run_record_committed(plan)
    FROM run WHERE finished_at IS NOT NULL AND status NOT IN ('queued', 'waiting', 'running')`);
  // A period is read from the index alone; the second one finds the components that there are, and those of one.
  await knex.raw(`
    CREATE INDEX run_record_by_end ON run_record (finished_at)
      INCLUDE (number, entity_ref, environment, kind, outcome, started_at, committed_at)`);
  await knex.raw(
    `CREATE INDEX run_record_of_entity ON run_record (entity_ref, finished_at)`,
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`DROP TRIGGER run_record_update ON run`);
  await knex.raw(`DROP TABLE run_record`);
  await knex.raw(`DROP FUNCTION run_record_write()`);
  await knex.raw(`DROP FUNCTION run_record_committed(json)`);
};
